//! The search: reads HubSpot's filter language, refuses what HubSpot refuses, and finds.
//!
//! Source: developers.hubspot.com, "Search the CRM".

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::schema::Type;
use super::state::{Kind, Portal, Record};
use super::{allow, face, kind};

/// Matches that can be paged through.
const MOST_MATCHES: usize = 10_000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in super::super) struct Search {
    #[serde(default)]
    filter_groups: Vec<Group>,
    /// One group by itself.
    #[serde(default)]
    filters: Vec<Filter>,
    #[serde(default)]
    sorts: Vec<Value>,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    properties: Vec<String>,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default)]
    after: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Group {
    filters: Vec<Filter>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    property_name: String,
    operator: String,
    #[serde(default)]
    value: Option<Value>,
    #[serde(default)]
    high_value: Option<Value>,
    #[serde(default)]
    values: Option<Vec<Value>>,
}

/// How a filter's property is compared.
enum Subject {
    Property(String, Type),
    /// Associated records of a kind.
    Tied(Kind),
}

/// A filter that makes sense.
struct Test {
    subject: Subject,
    operator: Operator,
}

enum Operator {
    Eq(String),
    Neq(String),
    Compare(Ordering, bool, String),
    Between(String, String),
    In(Vec<String>),
    NotIn(Vec<String>),
    Has,
    HasNot,
    Contains(String),
    ContainsNot(String),
}

fn bad(message: &str) -> Answer {
    face::error(400, "VALIDATION_ERROR", message)
}

/// `POST /{type}/search`.
pub(super) fn search(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, false)?;
    let body: Search = ask.json()?;
    let limit = body.limit.unwrap_or(10);
    if limit > 200 {
        return Err(bad("The limit must be no larger than 200"));
    }
    let after = match &body.after {
        None | Some(Value::Null) => 0,
        Some(after) => super::objects::number(after)
            .and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| bad("The after parameter must be a number"))?,
    };
    if after + limit > MOST_MATCHES {
        return Err(bad("The maximum number of results that can be paged through is 10000"));
    }
    let found = matches(portal, kind, &body, ask.now)?;
    let total = found.len();
    let shown: Vec<Value> =
        found.into_iter().skip(after).take(limit).map(|r| portal.show(kind, r, &body.properties)).collect();
    let end = after + shown.len();
    let mut answer = json!({ "total": total, "results": shown });
    if end < total {
        answer["paging"] =
            json!({ "next": { "after": end.to_string(), "link": "?after=".to_owned() + &end.to_string() } });
    }
    Ok(Answer::json(200, answer))
}

/// What a search finds, in its order. Errors: HubSpot's 400.
fn matches<'p>(
    portal: &'p Portal,
    kind: Kind,
    search: &Search,
    now: Timestamp,
) -> Result<Vec<&'p Record>, Answer> {
    let groups = groups(portal, kind, search)?;
    let order = search.sorts.first().map(|sort| order(portal, kind, sort)).transpose()?;
    let query = search.query.as_deref().map(str::to_lowercase).unwrap_or_default();
    if query.len() > 3000 {
        return Err(bad("The query must be no longer than 3000 characters"));
    }
    let fits = |record: &&Record| {
        record.indexed <= now
            && (groups.is_empty() || groups.iter().any(|g| g.iter().all(|t| t.holds(portal, kind, record))))
            && queried(portal, kind, record, &query)
    };
    let mut found: Vec<&Record> = portal.of(kind).filter(fits).collect();
    if let Some((name, of, descending)) = order {
        found.sort_by(|a, b| {
            let sorted = compare_values(of, portal.value(kind, a, &name), portal.value(kind, b, &name));
            if descending { sorted.reverse() } else { sorted }.then(a.id.cmp(&b.id))
        });
    }
    Ok(found)
}

/// The ids that a search body finds, for tests of query builders: none if HubSpot would refuse it.
#[cfg(test)]
pub(in super::super) fn ids(portal: &Portal, kind: Kind, body: &[u8]) -> Option<Vec<u64>> {
    let search: Search = serde_json::from_slice(body).ok()?;
    let found = matches(portal, kind, &search, Timestamp::now()).ok()?;
    Some(found.into_iter().map(|record| record.id).collect())
}

fn groups(portal: &Portal, kind: Kind, search: &Search) -> Result<Vec<Vec<Test>>, Answer> {
    let alone = (!search.filters.is_empty()).then_some(&search.filters);
    let groups: Vec<&Vec<Filter>> =
        search.filter_groups.iter().map(|group| &group.filters).chain(alone).collect();
    let in_all: usize = groups.iter().map(|filters| filters.len()).sum();
    if groups.len() > 6 || in_all > 18 || groups.iter().any(|filters| filters.len() > 6) {
        return Err(bad("There may be at most 6 filter groups, 6 filters in each and 18 filters in all"));
    }
    groups.into_iter().map(|filters| filters.iter().map(|f| test(portal, kind, f)).collect()).collect()
}

fn test(portal: &Portal, kind: Kind, filter: &Filter) -> Result<Test, Answer> {
    let subject = match filter.property_name.strip_prefix("associations.") {
        Some(other) => Subject::Tied(Kind::named(other).ok_or_else(|| bad("No such association"))?),
        None => {
            let property = portal.property(kind, &filter.property_name).ok_or_else(|| {
                bad(&format!(
                    "There was a problem with the request. Property {} does not exist",
                    filter.property_name
                ))
            })?;
            Subject::Property(filter.property_name.clone(), property.kind)
        }
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let needed = |value: &Option<Value>, what: &str| {
        value
            .as_ref()
            .filter(|v| !v.is_null())
            .map(text)
            .ok_or_else(|| bad(&format!("The operator {} needs {what}", filter.operator)))
    };
    let value = || needed(&filter.value, "a value");
    let values = || {
        let given = filter.values.as_ref().filter(|values| !values.is_empty());
        let texts: Option<Vec<String>> = given.map(|values| values.iter().map(text).collect());
        texts.ok_or_else(|| bad(&format!("The operator {} needs values", filter.operator)))
    };
    let operator = match filter.operator.as_str() {
        "EQ" => Operator::Eq(value()?),
        "NEQ" => Operator::Neq(value()?),
        "LT" => Operator::Compare(Ordering::Less, false, value()?),
        "LTE" => Operator::Compare(Ordering::Less, true, value()?),
        "GT" => Operator::Compare(Ordering::Greater, false, value()?),
        "GTE" => Operator::Compare(Ordering::Greater, true, value()?),
        "BETWEEN" => Operator::Between(value()?, needed(&filter.high_value, "a high value")?),
        "IN" => Operator::In(values()?),
        "NOT_IN" => Operator::NotIn(values()?),
        "HAS_PROPERTY" => Operator::Has,
        "NOT_HAS_PROPERTY" => Operator::HasNot,
        "CONTAINS_TOKEN" => Operator::Contains(value()?),
        "NOT_CONTAINS_TOKEN" => Operator::ContainsNot(value()?),
        other => return Err(bad(&format!("Invalid input JSON: no such operator {other}"))),
    };
    Ok(Test { subject, operator })
}

impl Test {
    fn holds(&self, portal: &Portal, kind: Kind, record: &Record) -> bool {
        match &self.subject {
            Subject::Tied(other) => {
                let tied =
                    |id: &String| id.parse().is_ok_and(|id| portal.is_tied((kind, record.id), (*other, id)));
                match &self.operator {
                    Operator::Eq(id) => tied(id),
                    Operator::In(ids) => ids.iter().any(tied),
                    Operator::Has => !portal.tied((kind, record.id), *other).is_empty(),
                    Operator::HasNot => portal.tied((kind, record.id), *other).is_empty(),
                    _ => false,
                }
            }
            Subject::Property(name, of) => self.operator.holds(*of, portal.value(kind, record, name)),
        }
    }
}

impl Operator {
    /// Only "is empty" and "is not" hold of a property without a value.
    fn holds(&self, of: Type, value: Option<String>) -> bool {
        let Some(value) = value else { return matches!(self, Self::HasNot) };
        let against = |other: &String| compare(of, &value, other);
        match self {
            Self::Has => true,
            Self::HasNot => false,
            Self::Eq(other) => against(other) == Some(Ordering::Equal),
            Self::Neq(other) => against(other) != Some(Ordering::Equal),
            Self::Compare(wanted, or_equal, other) => {
                let is = against(other);
                is == Some(*wanted) || (*or_equal && is == Some(Ordering::Equal))
            }
            Self::Between(low, high) => {
                against(low).is_some_and(Ordering::is_ge) && against(high).is_some_and(Ordering::is_le)
            }
            Self::In(values) => values.iter().any(|other| listed(of, &value, other)),
            Self::NotIn(values) => !values.iter().any(|other| listed(of, &value, other)),
            Self::Contains(pattern) => contains(&value, pattern),
            Self::ContainsNot(pattern) => !contains(&value, pattern),
        }
    }
}

/// "When using IN and NOT_IN with string properties, searched values must be lowercase."
fn listed(of: Type, value: &str, other: &str) -> bool {
    match of {
        Type::Text => value.to_lowercase() == other,
        _ => compare(of, value, other) == Some(Ordering::Equal),
    }
}

/// Texts case aside, choices not; what cannot be read equals nothing.
fn compare(of: Type, a: &str, b: &str) -> Option<Ordering> {
    match of {
        Type::Text => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        Type::Choice => Some(a.cmp(b)),
        Type::Number => a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?),
        Type::DateTime | Type::Date => Some(moment(a)?.cmp(&moment(b)?)),
    }
}

/// No value comes last.
fn compare_values(of: Type, a: Option<String>, b: Option<String>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare(of, &a, &b).unwrap_or(Ordering::Equal),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// A moment: milliseconds, ISO 8601, or a day.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(milliseconds) = text.parse::<i64>() {
        return Timestamp::from_millisecond(milliseconds).ok();
    }
    let day = || Some(text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(day)
}

/// Whether the tokens of `value` match all words of `pattern`, in which `*` stands for anything.
fn contains(value: &str, pattern: &str) -> bool {
    let tokens: Vec<String> = tokens(value, false);
    let wanted: Vec<String> = self::tokens(pattern, true);
    !wanted.is_empty() && wanted.iter().all(|word| tokens.iter().any(|token| like(token, word)))
}

fn tokens(text: &str, stars: bool) -> Vec<String> {
    let kept = |c: char| c.is_alphanumeric() || (stars && c == '*');
    let words =
        text.split(|c| !kept(c)).filter(|word| word.chars().any(char::is_alphanumeric) || *word == "*");
    words.map(str::to_lowercase).collect()
}

fn like(token: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => token == pattern,
        Some((head, rest)) => token.strip_prefix(head).is_some_and(|tail| {
            let starts = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
            rest.is_empty() || starts.into_iter().any(|at| like(&tail[at..], rest))
        }),
    }
}

/// Whether each word of a query begins a token of the properties that are searched by default.
fn queried(portal: &Portal, kind: Kind, record: &Record, query: &str) -> bool {
    let searched: &[&str] = match kind {
        Kind::Contact => &["firstname", "lastname", "email", "phone", "company"],
        Kind::Company => &["name", "domain", "website", "phone"],
        Kind::Deal => &["dealname", "pipeline", "dealstage", "description", "dealtype"],
        Kind::Ticket => &["subject", "content"],
        Kind::Note => &["hs_note_body"],
        Kind::Call => &["hs_call_title", "hs_call_body"],
        Kind::Meeting => &["hs_meeting_title", "hs_meeting_body"],
        Kind::Email => &["hs_email_subject", "hs_email_text"],
        Kind::Task => &["hs_task_subject", "hs_task_body"],
    };
    let text =
        searched.iter().filter_map(|name| portal.value(kind, record, name)).collect::<Vec<_>>().join(" ");
    let known = tokens(&text, false);
    tokens(query, false).iter().all(|word| known.iter().any(|token| token.starts_with(word.as_str())))
}

/// The property sorted by, and whether downwards. A sort is an object, or a name with `-` before it.
fn order(portal: &Portal, kind: Kind, sort: &Value) -> Result<(String, Type, bool), Answer> {
    let (name, descending) = match sort {
        Value::String(text) => (text.trim_start_matches('-').to_owned(), text.starts_with('-')),
        other => (
            other["propertyName"].as_str().unwrap_or_default().to_owned(),
            other["direction"].as_str() == Some("DESCENDING"),
        ),
    };
    let property =
        portal.property(kind, &name).ok_or_else(|| bad(&format!("Property {name} does not exist")))?;
    Ok((name, property.kind, descending))
}
