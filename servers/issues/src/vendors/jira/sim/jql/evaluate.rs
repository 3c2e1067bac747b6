//! What a query means on the site's records.

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::super::state::{self, Issue, LINK_TYPES, PRIORITIES, Site, TYPES};
use super::super::words::{self, Words};
use super::{Clause, Operand, Operator, Query, Term};

/// Who asks, and when.
pub(crate) struct Asker<'a> {
    pub(crate) account: &'a str,
    pub(crate) now: Timestamp,
}

/// How the values of a field are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One of a known list; unknown values are refused.
    Named,
    /// Whatever; unknown values match nothing.
    Open,
    /// Words.
    Text,
    /// A point in time.
    Time,
    /// A day.
    Day,
    /// An issue.
    Key,
}

fn kind(field: &str) -> Option<Kind> {
    Some(match field {
        "project" | "status" | "statuscategory" | "priority" | "assignee" | "reporter" | "issuetype" | "type"
        | "fixversion" | "sprint" | "cf[10020]" | "flagged" | "cf[10021]" | "issuelinktype" | "resolution" => {
            Kind::Named
        }
        "labels" => Kind::Open,
        "summary" | "description" | "text" | "comment" | "severity note" | "cf[10050]" => Kind::Text,
        "created" | "createddate" | "updated" | "updateddate" | "resolved" | "resolutiondate" => Kind::Time,
        "duedate" | "due" => Kind::Day,
        "key" | "issuekey" | "issue" | "id" => Kind::Key,
        _ => return None,
    })
}

/// Refuses what Jira refuses: fields, operators and values that do not exist. Errors: Jira's messages.
pub(crate) fn validate(site: &Site, query: &Query, asker: &Asker<'_>) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    if let Some(clause) = &query.clause {
        check(site, clause, asker, &mut faults);
    }
    for order in &query.order {
        if kind(&order.field).is_none_or(|k| k == Kind::Text && order.field != "summary") {
            faults.push(format!("Field '{}' does not exist or you do not have permission to view it.", order.field));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check(site: &Site, clause: &Clause, asker: &Asker<'_>, faults: &mut Vec<String>) {
    match clause {
        Clause::And(parts) | Clause::Or(parts) => parts.iter().for_each(|part| check(site, part, asker, faults)),
        Clause::Not(part) => check(site, part, asker, faults),
        Clause::Term(term) => check_term(site, term, asker, faults),
    }
}

fn check_term(site: &Site, term: &Term, asker: &Asker<'_>, faults: &mut Vec<String>) {
    let field = &term.field;
    let Some(kind) = kind(field) else {
        faults.push(format!("Field '{field}' does not exist or you do not have permission to view it."));
        return;
    };
    if !takes(kind, field, term.operator) {
        faults.push(format!("The operator '{}' is not supported by the '{field}' field.", term.operator.as_str()));
        return;
    }
    for value in values(&term.operand) {
        if let Err(fault) = known(site, kind, field, value, asker) {
            faults.push(fault);
        }
    }
}

fn takes(kind: Kind, field: &str, operator: Operator) -> bool {
    use Operator::{Contains, Equals, Greater, GreaterOrEqual, In, Is, IsNot, Less, LessOrEqual, NotContains, NotEquals, NotIn};
    match operator {
        Equals | NotEquals | In | NotIn => kind != Kind::Text,
        Contains | NotContains => kind == Kind::Text,
        Less | LessOrEqual | Greater | GreaterOrEqual => {
            matches!(kind, Kind::Time | Kind::Day | Kind::Key) || matches!(field, "priority" | "fixversion")
        }
        Is | IsNot => !matches!(field, "text" | "issuelinktype"),
    }
}

fn values(operand: &Operand) -> Vec<&Operand> {
    match operand {
        Operand::List(list) => list.iter().collect(),
        other => vec![other],
    }
}

fn known(site: &Site, kind: Kind, field: &str, value: &Operand, asker: &Asker<'_>) -> Result<(), String> {
    let text = match value {
        Operand::Empty => return Ok(()),
        Operand::Function(name, _) => {
            return if functions(site, field, name, asker).is_some() || instant(value, asker.now).is_some() {
                Ok(())
            } else {
                Err(format!("Unable to find JQL function '{name}()'."))
            };
        }
        Operand::List(_) => return Err(format!("Field '{field}' does not take a list of lists.")),
        Operand::Text(text) => text,
    };
    let missing = || format!("The value '{text}' does not exist for the field '{field}'.");
    match kind {
        Kind::Open => Ok(()),
        Kind::Text => words::read(text).map(drop).map_err(|why| match why {
            words::Fault::Wildcard(c) => format!(
                "The text query '{text}' for field '{field}' is not allowed to start with character '{c}'."
            ),
            words::Fault::Syntax => format!("Unable to parse the text '{text}' for field '{field}'."),
        }),
        Kind::Time | Kind::Day => instant(value, asker.now).map(drop).ok_or_else(|| {
            format!(
                "Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', \
                 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
            )
        }),
        Kind::Key => site
            .issue(text)
            .map(drop)
            .ok_or_else(|| format!("An issue with key '{text}' does not exist for field '{field}'.")),
        Kind::Named => exists(site, field, text).then_some(()).ok_or_else(missing),
    }
}

fn exists(site: &Site, field: &str, text: &str) -> bool {
    match field {
        "project" => site.project(text).is_some() || site.projects.iter().any(|p| p.name.eq_ignore_ascii_case(text)),
        "status" => state::STATUSES.iter().any(|s| s.id == text || s.name.eq_ignore_ascii_case(text)),
        "statuscategory" => categories(text).is_some(),
        "priority" => state::named(&PRIORITIES, text).is_some(),
        "issuetype" | "type" => state::named(&TYPES, text).is_some(),
        "assignee" | "reporter" => account(site, text).is_some(),
        "fixversion" => site.versions.iter().any(|v| v.id.to_string() == text || v.name.eq_ignore_ascii_case(text)),
        "sprint" | "cf[10020]" => {
            site.sprints.iter().any(|s| s.id.to_string() == text || s.name.eq_ignore_ascii_case(text))
        }
        "flagged" | "cf[10021]" => text.eq_ignore_ascii_case("Impediment"),
        "issuelinktype" => LINK_TYPES.iter().any(|l| [l.0, l.1, l.2, l.3].iter().any(|n| n.eq_ignore_ascii_case(text))),
        "resolution" => matches!(text.to_lowercase().as_str(), "done" | "unresolved"),
        _ => false,
    }
}

fn categories(text: &str) -> Option<u8> {
    [2, 3, 4].into_iter().find(|id| {
        let (key, name) = state::category(*id);
        id.to_string() == text || key.eq_ignore_ascii_case(text) || name.eq_ignore_ascii_case(text)
    })
}

fn account<'a>(site: &'a Site, text: &str) -> Option<&'a str> {
    let by_name = |u: &&state::User| u.display_name.eq_ignore_ascii_case(text) || u.email == text;
    site.user(text).or_else(|| site.users.iter().find(by_name)).map(|u| u.account_id.as_str())
}

/// What a function stands for in a field; `None` if there is no such function there.
fn functions(site: &Site, field: &str, name: &str, asker: &Asker<'_>) -> Option<Vec<String>> {
    let sprints = |state: &str| site.sprints.iter().filter(|s| s.state == state).map(|s| s.id.to_string()).collect();
    let versions =
        |released| site.versions.iter().filter(|v| v.released == released).map(|v| v.id.to_string()).collect();
    match (field, name) {
        ("assignee" | "reporter", "currentuser") => Some(vec![asker.account.to_owned()]),
        ("fixversion", "unreleasedversions") => Some(versions(false)),
        ("fixversion", "releasedversions") => Some(versions(true)),
        ("sprint" | "cf[10020]", "opensprints") => Some(sprints("active")),
        ("sprint" | "cf[10020]", "closedsprints") => Some(sprints("closed")),
        ("sprint" | "cf[10020]", "futuresprints") => Some(sprints("future")),
        _ => None,
    }
}

/// A date operand as an instant: epoch milliseconds, a date, a date-time (the site's zone is UTC), a period.
fn instant(value: &Operand, now: Timestamp) -> Option<Timestamp> {
    let midnight = |t: Timestamp| t.to_zoned(TimeZone::UTC).date().to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    let text = match value {
        Operand::Function(name, _) => {
            return match name.as_str() {
                "now" => Some(now),
                "startofday" => midnight(now),
                "endofday" => midnight(now)?.checked_add(SignedDuration::from_secs(86_399)).ok(),
                _ => None,
            };
        }
        Operand::Text(text) => text.trim(),
        _ => return None,
    };
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Timestamp::from_millisecond(text.parse().ok()?).ok();
    }
    let dashed = text.replace('/', "-");
    let utc = |t: DateTime| t.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    if let Ok(date) = Date::strptime("%Y-%m-%d", &dashed) {
        return utc(date.into());
    }
    if let Ok(time) = DateTime::strptime("%Y-%m-%d %H:%M", &dashed) {
        return utc(time);
    }
    period(text).and_then(|p| now.checked_add(p).ok())
}

/// `-5d`, `4w 2d`, `-90m`.
fn period(text: &str) -> Option<SignedDuration> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut minutes = 0i64;
    let mut parts = 0;
    for part in text.split_whitespace() {
        let unit = part.char_indices().last()?;
        let count: i64 = part.get(..unit.0)?.parse().ok()?;
        let each = match unit.1 {
            'w' => 7 * 24 * 60,
            'd' => 24 * 60,
            'h' => 60,
            'm' => 1,
            _ => return None,
        };
        minutes = minutes.checked_add(count.checked_mul(each)?)?;
        parts += 1;
    }
    (parts > 0).then(|| SignedDuration::from_mins(sign * minutes))
}

/// Whether an issue is meant. The query must have been validated.
pub(crate) fn matches(site: &Site, clause: &Clause, issue: &Issue, asker: &Asker<'_>) -> bool {
    match clause {
        Clause::And(parts) => parts.iter().all(|part| matches(site, part, issue, asker)),
        Clause::Or(parts) => parts.iter().any(|part| matches(site, part, issue, asker)),
        Clause::Not(part) => !matches(site, part, issue, asker),
        Clause::Term(term) => matches_term(site, term, issue, asker),
    }
}

fn matches_term(site: &Site, term: &Term, issue: &Issue, asker: &Asker<'_>) -> bool {
    let has = held(site, &term.field, issue);
    let any = |operand: &Operand| values(operand).into_iter().any(|v| equal(site, &term.field, &has, v, issue, asker));
    match term.operator {
        Operator::Is => has.is_empty(),
        Operator::IsNot => !has.is_empty(),
        Operator::Equals | Operator::In => any(&term.operand),
        // An empty field is neither equal nor unequal (Atlassian, "NOT EQUALS": issues with no value are left out).
        Operator::NotEquals | Operator::NotIn => !has.is_empty() && !any(&term.operand),
        Operator::Contains => contains(site, term, issue),
        Operator::NotContains => !contains(site, term, issue),
        Operator::Less => ranked(site, term, issue, asker).is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => ranked(site, term, issue, asker).is_some_and(Ordering::is_le),
        Operator::Greater => ranked(site, term, issue, asker).is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => ranked(site, term, issue, asker).is_some_and(Ordering::is_ge),
    }
}

/// The values a field has, as ids.
fn held(site: &Site, field: &str, issue: &Issue) -> Vec<String> {
    let text = |t: &Option<String>| t.iter().cloned().collect::<Vec<_>>();
    match field {
        "project" => vec![issue.project.clone()],
        "status" => vec![issue.status.to_owned()],
        "statuscategory" => vec![state::status(issue.status).category.to_string()],
        "priority" => issue.priority.iter().map(|p| (*p).to_owned()).collect(),
        "assignee" => text(&issue.assignee),
        "reporter" => vec![issue.reporter.clone()],
        "issuetype" | "type" => vec![issue.kind.to_owned()],
        "fixversion" => issue.versions.iter().map(ToString::to_string).collect(),
        "sprint" | "cf[10020]" => issue.sprints.iter().map(ToString::to_string).collect(),
        "flagged" | "cf[10021]" => issue.flagged.then(|| "Impediment".to_owned()).into_iter().collect(),
        "issuelinktype" => linked(site, issue),
        "resolution" => issue.is_done().then(|| "done".to_owned()).into_iter().collect(),
        "labels" => issue.labels.clone(),
        "duedate" | "due" => issue.due.iter().map(ToString::to_string).collect(),
        "resolved" | "resolutiondate" => issue.resolved.iter().map(ToString::to_string).collect(),
        "created" | "createddate" => vec![issue.created.to_string()],
        "updated" | "updateddate" => vec![issue.updated.to_string()],
        "key" | "issuekey" | "issue" | "id" => vec![issue.id.to_string()],
        "severity note" | "cf[10050]" => text(&issue.severity),
        "description" => issue.description.iter().map(super::super::text::Body::plain).collect(),
        "comment" => issue.comments.iter().map(|c| c.body.plain()).collect(),
        "summary" => vec![issue.summary.clone()],
        _ => Vec::new(),
    }
}

/// The relations an issue has: type name and the description of its side.
fn linked(site: &Site, issue: &Issue) -> Vec<String> {
    let mut relations = Vec::new();
    for link in &site.links {
        let Some(kind) = LINK_TYPES.iter().find(|k| k.0 == link.kind) else { continue };
        let side = match (link.from == issue.id, link.to == issue.id) {
            (true, _) => kind.3,
            (_, true) => kind.2,
            _ => continue,
        };
        relations.extend([kind.1.to_lowercase(), side.to_owned()]);
    }
    relations
}

fn equal(site: &Site, field: &str, has: &[String], value: &Operand, issue: &Issue, asker: &Asker<'_>) -> bool {
    let ids = match value {
        Operand::Empty => return has.is_empty(),
        Operand::Function(name, _) => functions(site, field, name, asker).unwrap_or_default(),
        Operand::List(_) => return false,
        Operand::Text(text) => match field {
            "project" => site
                .projects
                .iter()
                .filter(|p| {
                    p.key.eq_ignore_ascii_case(text) || p.name.eq_ignore_ascii_case(text) || p.id.to_string() == *text
                })
                .map(|p| p.key.clone())
                .collect(),
            "status" => state::STATUSES
                .iter()
                .filter(|s| s.id == text || s.name.eq_ignore_ascii_case(text))
                .map(|s| s.id.to_owned())
                .collect(),
            "statuscategory" => categories(text).iter().map(ToString::to_string).collect(),
            "priority" => state::named(&PRIORITIES, text).iter().map(|p| p.0.to_owned()).collect(),
            "issuetype" | "type" => state::named(&TYPES, text).iter().map(|t| t.0.to_owned()).collect(),
            "assignee" | "reporter" => account(site, text).iter().map(|a| (*a).to_owned()).collect(),
            "fixversion" => site
                .versions
                .iter()
                .filter(|v| v.id.to_string() == *text || v.name.eq_ignore_ascii_case(text))
                .map(|v| v.id.to_string())
                .collect(),
            "sprint" | "cf[10020]" => site
                .sprints
                .iter()
                .filter(|s| s.id.to_string() == *text || s.name.eq_ignore_ascii_case(text))
                .map(|s| s.id.to_string())
                .collect(),
            "issuelinktype" => vec![text.to_lowercase()],
            "flagged" | "cf[10021]" => vec!["Impediment".to_owned()],
            "key" | "issuekey" | "issue" | "id" => site.issue(text).iter().map(|i| i.id.to_string()).collect(),
            "resolution" => {
                return if text.eq_ignore_ascii_case("unresolved") { has.is_empty() } else { !has.is_empty() };
            }
            "duedate" | "due" | "created" | "createddate" | "updated" | "updateddate" => {
                return instant(value, asker.now) == moment(field, issue);
            }
            // Labels are compared case-sensitively on the whole value.
            _ => vec![text.clone()],
        },
    };
    ids.iter().any(|id| has.contains(id))
}

/// To the millisecond, as Jira keeps times.
fn moment(field: &str, issue: &Issue) -> Option<Timestamp> {
    let at = match field {
        "created" | "createddate" => Some(issue.created),
        "updated" | "updateddate" => Some(issue.updated),
        "resolved" | "resolutiondate" => issue.resolved,
        "duedate" | "due" => issue.due?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp()),
        _ => None,
    };
    Timestamp::from_millisecond(at?.as_millisecond()).ok()
}

/// How the issue's value stands to the operand; `None` if it has none.
fn ranked(site: &Site, term: &Term, issue: &Issue, asker: &Asker<'_>) -> Option<Ordering> {
    match term.field.as_str() {
        "priority" => {
            let Operand::Text(text) = &term.operand else { return None };
            let rank = |id: &str| PRIORITIES.iter().position(|p| p.0 == id);
            // A higher priority is greater and stands earlier in the list.
            Some(rank(state::named(&PRIORITIES, text)?.0)?.cmp(&rank(issue.priority?)?))
        }
        "key" | "issuekey" | "issue" | "id" => {
            let Operand::Text(text) = &term.operand else { return None };
            Some(issue.number.cmp(&site.issue(text)?.number))
        }
        field => Some(moment(field, issue)?.cmp(&instant(&term.operand, asker.now)?)),
    }
}

fn contains(site: &Site, term: &Term, issue: &Issue) -> bool {
    let Operand::Text(text) = &term.operand else { return false };
    let Ok(asked) = words::read(text) else { return false };
    let fields: &[&str] =
        if term.field == "text" { &["summary", "description", "comment"] } else { &[term.field.as_str()] };
    let texts: Vec<String> = fields.iter().flat_map(|field| held(site, field, issue)).collect();
    Words::of(&texts).satisfy(&asked)
}

/// The order of two issues under the query's ORDER BY, with Jira's default last.
pub(crate) fn compare(query: &Query, a: &Issue, b: &Issue) -> Ordering {
    for order in &query.order {
        let by = match order.field.as_str() {
            "updated" | "updateddate" => a.updated.cmp(&b.updated),
            "created" | "createddate" => a.created.cmp(&b.created),
            "duedate" | "due" => a.due.cmp(&b.due),
            "priority" => b.priority.cmp(&a.priority),
            "key" | "issuekey" | "issue" | "id" => (&a.project, a.number).cmp(&(&b.project, b.number)),
            "summary" => a.summary.cmp(&b.summary),
            "status" => a.status.cmp(b.status),
            "assignee" => a.assignee.cmp(&b.assignee),
            "project" => a.project.cmp(&b.project),
            _ => Ordering::Equal,
        };
        let by = if order.descending { by.reverse() } else { by };
        if by.is_ne() {
            return by;
        }
    }
    b.id.cmp(&a.id)
}
