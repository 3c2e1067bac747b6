//! What a query means on the site's records.

use std::cmp::Ordering;

use jiff::{Timestamp, tz::TimeZone};

use super::super::state::{self, Issue, LINK_TYPES, PRIORITIES, Site, TYPES};
use super::super::words::{self, Words};
use super::dates::instant;
use super::names::{account, categories, functions};
use super::{Asker, Clause, Operand, Operator, Query, Term, values};

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
    let any = |operand: &Operand| {
        values(operand).into_iter().any(|v| equal(site, &term.field, &has, v, issue, asker))
    };
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

fn equal(
    site: &Site,
    field: &str,
    has: &[String],
    value: &Operand,
    issue: &Issue,
    asker: &Asker<'_>,
) -> bool {
    let ids = match value {
        Operand::Empty => return has.is_empty(),
        Operand::Function(name, _) => functions(site, field, name, asker).unwrap_or_default(),
        Operand::List(_) => return false,
        Operand::Text(text) => match field {
            "project" => site
                .projects
                .iter()
                .filter(|p| {
                    p.key.eq_ignore_ascii_case(text)
                        || p.name.eq_ignore_ascii_case(text)
                        || p.id.to_string() == *text
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
            "key" | "issuekey" | "issue" | "id" => {
                site.issue(text).iter().map(|i| i.id.to_string()).collect()
            }
            "resolution" => {
                return if text.eq_ignore_ascii_case("unresolved") {
                    has.is_empty()
                } else {
                    !has.is_empty()
                };
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
