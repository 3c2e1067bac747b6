//! What a query may not say on this site.

use super::super::state::{self, LINK_TYPES, PRIORITIES, Site, TYPES};
use super::super::words;
use super::dates::instant;
use super::names::{account, categories, functions};
use super::{Asker, Clause, Operand, Operator, Query, Term, values};

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
        "project" | "status" | "statuscategory" | "priority" | "assignee" | "reporter" | "issuetype"
        | "type" | "fixversion" | "sprint" | "cf[10020]" | "flagged" | "cf[10021]" | "issuelinktype"
        | "resolution" => Kind::Named,
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
            faults.push(format!(
                "Field '{}' does not exist or you do not have permission to view it.",
                order.field
            ));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check(site: &Site, clause: &Clause, asker: &Asker<'_>, faults: &mut Vec<String>) {
    match clause {
        Clause::And(parts) | Clause::Or(parts) => {
            parts.iter().for_each(|part| check(site, part, asker, faults))
        }
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
        faults.push(format!(
            "The operator '{}' is not supported by the '{field}' field.",
            term.operator.as_str()
        ));
        return;
    }
    for value in values(&term.operand) {
        if let Err(fault) = known(site, kind, field, value, asker) {
            faults.push(fault);
        }
    }
}

fn takes(kind: Kind, field: &str, operator: Operator) -> bool {
    use Operator::{
        Contains, Equals, Greater, GreaterOrEqual, In, Is, IsNot, Less, LessOrEqual, NotContains, NotEquals,
        NotIn,
    };
    match operator {
        Equals | NotEquals | In | NotIn => kind != Kind::Text,
        Contains | NotContains => kind == Kind::Text,
        Less | LessOrEqual | Greater | GreaterOrEqual => {
            matches!(kind, Kind::Time | Kind::Day | Kind::Key) || matches!(field, "priority" | "fixversion")
        }
        Is | IsNot => !matches!(field, "text" | "issuelinktype"),
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
        "project" => {
            site.project(text).is_some() || site.projects.iter().any(|p| p.name.eq_ignore_ascii_case(text))
        }
        "status" => state::STATUSES.iter().any(|s| s.id == text || s.name.eq_ignore_ascii_case(text)),
        "statuscategory" => categories(text).is_some(),
        "priority" => state::named(&PRIORITIES, text).is_some(),
        "issuetype" | "type" => state::named(&TYPES, text).is_some(),
        "assignee" | "reporter" => account(site, text).is_some(),
        "fixversion" => {
            site.versions.iter().any(|v| v.id.to_string() == text || v.name.eq_ignore_ascii_case(text))
        }
        "sprint" | "cf[10020]" => {
            site.sprints.iter().any(|s| s.id.to_string() == text || s.name.eq_ignore_ascii_case(text))
        }
        "flagged" | "cf[10021]" => text.eq_ignore_ascii_case("Impediment"),
        "issuelinktype" => {
            LINK_TYPES.iter().any(|l| [l.0, l.1, l.2, l.3].iter().any(|n| n.eq_ignore_ascii_case(text)))
        }
        "resolution" => matches!(text.to_lowercase().as_str(), "done" | "unresolved"),
        _ => false,
    }
}
