//! `GET /search/issues`.

use std::cmp::Ordering;

use jiff::Timestamp;
use sandbox::{Ask, Reply};
use serde_json::{Value, json};

use super::parse::{Expr, parse};
use super::state::{Hub, Issue, Repository};
use super::{fault, page, refusal, show};

/// Results that can be paged to.
const MOST: usize = 1_000;

/// The endpoint.
pub(super) fn search(hub: &mut Hub, ask: &Ask) -> Reply {
    let failed = |errors: &[Value]| refusal(ask, 422, "Validation Failed", errors);
    let query = ask.query("q").unwrap_or_default();
    if query.trim().is_empty() {
        return Err(failed(&[fault("Search", "q", "missing")]));
    }
    let expr = parse(query).map_err(|why| refusal(ask, 422, &why, &[]))?;
    if !names_a_kind(&expr) {
        return Err(refusal(ask, 422, "Query must include 'is:issue' or 'is:pull-request'", &[]));
    }
    let scope = scope(hub, ask, &expr)?;
    let mut found: Vec<(&Repository, &Issue)> = scope
        .iter()
        .flat_map(|repository| repository.issues.values().map(move |issue| (*repository, issue)))
        .filter(|(repository, issue)| holds(repository, issue, &expr))
        .collect();
    sort(ask, &mut found);
    let total = found.len();
    let (number, size) = page::asked(ask);
    if (number - 1) * size >= MOST {
        return Err(refusal(ask, 422, "Only the first 1000 search results are available", &[]));
    }
    found.truncate(MOST);
    let (rows, link) = page::cut(ask, found);
    let items = rows.into_iter().map(|(repository, issue)| {
        show::merged(show::issue(ask, hub, repository, issue), json!({ "score": 1.0 }))
    });
    let items: Vec<Value> = items.collect();
    let body = json!({ "total_count": total, "incomplete_results": false, "items": items, "search_type": "lexical" });
    Ok(page::linked(sandbox::Answer::json(200, body), link))
}

/// The repositories searched: those named, or all the caller sees. Several are "any of", as they have been for most
/// of this endpoint's life, which is also the reading that would give away most.
fn scope<'h>(hub: &'h Hub, ask: &Ask, expr: &Expr) -> Result<Vec<&'h Repository>, sandbox::Answer> {
    let visible = || hub.repositories.iter().filter(|one| one.visible_to(ask) && one.has_issues);
    let mut named = Vec::new();
    positive(expr, &mut |name, value| {
        if matches!(name, "repo" | "org" | "user") {
            named.push((name.to_owned(), value.to_lowercase()));
        }
    });
    if named.is_empty() {
        return Ok(visible().collect());
    }
    let is = |one: &Repository, (name, value): &(String, String)| match name.as_str() {
        "repo" => one.full_name().to_lowercase() == *value,
        _ => one.owner.to_lowercase() == *value,
    };
    if named.iter().any(|asked| !hub.repositories.iter().any(|one| one.visible_to(ask) && is(one, asked))) {
        let message = "The listed users and repositories cannot be searched either because the resources do not \
                       exist or you do not have permission to view them.";
        let error = json!({ "message": message, "resource": "Search", "field": "q", "code": "invalid" });
        return Err(refusal(ask, 422, "Validation Failed", &[error]));
    }
    Ok(visible().filter(|one| named.iter().any(|asked| is(one, asked))).collect())
}

fn names_a_kind(expr: &Expr) -> bool {
    let mut found = false;
    positive(expr, &mut |name, value| {
        found |= matches!((name, value), ("is" | "type", "issue" | "pr" | "pull-request"));
    });
    found
}

/// Every qualifier that is not negated.
fn positive(expr: &Expr, see: &mut impl FnMut(&str, &str)) {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| positive(part, see)),
        Expr::Qualifier { name, values } => values.iter().for_each(|value| see(name, value)),
        Expr::Not(_) | Expr::Text(_) => {}
    }
}

fn holds(repository: &Repository, issue: &Issue, expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) => {
            let fields = fields(parts);
            parts.iter().all(|part| match part {
                Expr::Text(text) => contains(issue, text, &fields),
                part => holds(repository, issue, part),
            })
        }
        Expr::Any(parts) => parts.iter().any(|part| holds(repository, issue, part)),
        Expr::Not(part) => !holds(repository, issue, part),
        Expr::Text(text) => contains(issue, text, &[]),
        Expr::Qualifier { name, values } => values.iter().any(|value| is(repository, issue, name, value)),
    }
}

/// What `in:` names.
fn fields(parts: &[Expr]) -> Vec<&str> {
    let named = parts.iter().filter_map(|part| match part {
        Expr::Qualifier { name, values } if name == "in" => Some(values.iter().map(String::as_str)),
        _ => None,
    });
    named.flatten().collect()
}

fn contains(issue: &Issue, text: &str, fields: &[&str]) -> bool {
    let text = text.to_lowercase();
    let wanted = |field: &str| fields.is_empty() || fields.contains(&field);
    let has = |hay: &str| hay.to_lowercase().contains(&text);
    (wanted("title") && has(&issue.title))
        || (wanted("body") && issue.body.as_deref().is_some_and(has))
        || (wanted("comments") && issue.comments.iter().any(|comment| has(&comment.body)))
}

fn is(repository: &Repository, issue: &Issue, name: &str, value: &str) -> bool {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    match name {
        "is" | "type" | "state" => match value.to_lowercase().as_str() {
            "issue" => issue.pull.is_none(),
            "pr" | "pull-request" => issue.pull.is_some(),
            "open" => issue.open,
            "closed" => !issue.open,
            "merged" => issue.pull.as_ref().is_some_and(|pull| pull.merged.is_some()),
            kind => name == "type" && issue.kind.as_deref().is_some_and(|one| same(one, kind)),
        },
        // Decided by the scope, "in" by the words.
        "repo" | "org" | "user" | "in" => true,
        "label" => issue.labels.iter().any(|one| same(one, value)),
        "assignee" => issue.assignees.iter().any(|one| same(one, value)),
        "author" => same(&issue.author, value),
        "milestone" => {
            issue.milestone.and_then(|n| repository.milestone(n)).is_some_and(|one| same(&one.title, value))
        }
        "reason" => issue.reason.as_deref().is_some_and(|one| same(one, &value.replace(' ', "_"))),
        "no" => match value {
            "label" => issue.labels.is_empty(),
            "assignee" => issue.assignees.is_empty(),
            "milestone" => issue.milestone.is_none(),
            _ => false,
        },
        "updated" => in_range(issue.updated, value),
        "created" => in_range(issue.created, value),
        "closed" => issue.closed.is_some_and(|at| in_range(at, value)),
        _ => false,
    }
}

/// `>=2026-01-01`, `<2026-01-01T10:00:00Z`, `A..B`, a day.
fn in_range(at: Timestamp, range: &str) -> bool {
    let read = |text: &str| {
        text.parse::<Timestamp>().ok().or_else(|| format!("{text}T00:00:00Z").parse::<Timestamp>().ok())
    };
    let against = |lead: &str| range.strip_prefix(lead).and_then(read);
    if let Some((from, to)) = range.split_once("..") {
        return read(from).is_none_or(|from| at >= from) && read(to).is_none_or(|to| at <= to);
    }
    // The longer signs first: `>` would also match `>=`.
    for (sign, holds) in [
        (">=", Ordering::is_ge as fn(Ordering) -> bool),
        ("<=", Ordering::is_le),
        (">", Ordering::is_gt),
        ("<", Ordering::is_lt),
    ] {
        if let Some(bound) = against(sign) {
            return holds(at.cmp(&bound));
        }
    }
    show::time(at).starts_with(range)
}

fn sort(ask: &Ask, found: &mut [(&Repository, &Issue)]) {
    match ask.query("sort") {
        Some("created") => found.sort_by_key(|(_, issue)| issue.created),
        Some("comments") => found.sort_by_key(|(_, issue)| issue.comments.len()),
        _ => found.sort_by_key(|(_, issue)| issue.updated),
    }
    if ask.query("order") != Some("asc") {
        found.reverse();
    }
}
