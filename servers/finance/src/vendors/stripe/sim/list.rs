//! Lists and searches (docs.stripe.com/api/pagination, docs.stripe.com/api/pagination/search).

use sandbox::{Answer, Ask};
use serde_json::{Value, json};

use super::books::Books;
use super::expand::expand;
use super::form;
use super::refusal::{Fault, integer, missing, number, shown, unknown};
use super::resource::Resource;
use super::search::{evaluate, parse};

/// `GET /v1/<path>`.
pub(super) fn list(books: &mut Books, ask: &Ask, resource: &Resource) -> sandbox::Reply {
    ask.require_scope(resource.reads)?;
    let mut known = vec!["limit", "starting_after", "ending_before", "expand"];
    known.extend(resource.texts.iter().map(|name| name.split('.').next().unwrap_or(name)));
    known.extend(resource.ranges);
    form::known(&ask.query, &known).map_err(|name| unknown(ask, &name))?;
    let filters = filters(books, ask, resource)?;
    let rows: Vec<&Value> = books
        .newest(resource)
        .into_iter()
        .filter(|row| filters.iter().all(|filter| filter.holds(books, row)))
        .collect();
    let (rows, has_more) = window(ask, resource.kind, rows)?;
    let path = format!("/v1/{}", resource.path);
    expand(books, ask, json!({ "object": "list", "data": rows, "has_more": has_more, "url": path }))
        .map(shown)
}

/// `GET /v1/<path>/search`.
pub(super) fn search(books: &mut Books, ask: &Ask, resource: &Resource) -> sandbox::Reply {
    ask.require_scope(resource.reads)?;
    form::known(&ask.query, &["query", "limit", "page", "expand"]).map_err(|name| unknown(ask, &name))?;
    let text = ask.query("query").ok_or_else(|| {
        Fault::of("query", "Missing required param: query.").coded("parameter_missing").answer(ask)
    })?;
    let query = parse(text, resource.search).map_err(|why| Fault::of("query", why).answer(ask))?;
    let found: Vec<&Value> = books.newest(resource).into_iter().filter(|row| evaluate(&query, row)).collect();
    let limit = limit(ask)?;
    let start = match ask.query("page") {
        None => 0,
        Some(page) => offset(page).ok_or_else(|| {
            Fault::of("page", "Invalid page. Use the next_page of a search with the same query.").answer(ask)
        })?,
    };
    let (count, end) = (found.len(), (start + limit).min(found.len()));
    let rows: Vec<&Value> = found.into_iter().skip(start).take(limit).collect();
    let mut shape = json!({
        "object": "search_result", "data": rows, "has_more": end < count, "url": format!("/v1/{}/search", resource.path),
        "next_page": (end < count).then(|| format!("{PAGE}{end}")),
    });
    if ask.query.iter().any(|(name, value)| form::parts(name).0 == "expand" && value == "total_count") {
        shape["total_count"] = json!(count);
    }
    expand(books, ask, shape).map(shown)
}

/// What a page token begins with; the rest is Stripe's own affair.
const PAGE: &str = "WzEsMTYx";

fn offset(page: &str) -> Option<usize> {
    page.strip_prefix(PAGE)?.parse().ok()
}

/// 10 unless said, 1 to 100. Errors: 400.
fn limit(ask: &Ask) -> Result<usize, Answer> {
    let Some(text) = ask.query("limit") else { return Ok(10) };
    match text.parse::<usize>() {
        Ok(limit @ 1..=100) => Ok(limit),
        Ok(0) => Err(Fault::of("limit", "This value must be greater than or equal to 1.")
            .coded("parameter_invalid_integer")
            .answer(ask)),
        Ok(_) => Err(Fault::of("limit", "This value must be less than or equal to 100.")
            .coded("parameter_invalid_integer")
            .answer(ask)),
        Err(_) => Err(integer(ask, "limit", text)),
    }
}

/// The rows between the cursors.
pub(super) fn window<'a>(
    ask: &Ask,
    kind: &str,
    rows: Vec<&'a Value>,
) -> Result<(Vec<&'a Value>, bool), Answer> {
    let limit = limit(ask)?;
    let place = |name: &str| match ask.query(name) {
        None => Ok(None),
        Some(id) => match rows.iter().position(|row| row["id"] == id) {
            Some(at) => Ok(Some(at)),
            None => Err(missing(ask, kind, id, name)),
        },
    };
    let (after, before) = (place("starting_after")?, place("ending_before")?);
    let (start, end) = match (after, before) {
        (Some(_), Some(_)) => {
            let message = "Only one of starting_after and ending_before can be set.";
            return Err(Fault::of("ending_before", message).answer(ask));
        }
        (Some(after), None) => (after + 1, rows.len()),
        (None, Some(before)) => (before.saturating_sub(limit), before),
        (None, None) => (0, rows.len()),
    };
    let last = end.min(start + limit);
    let has_more = if before.is_some() { start > 0 } else { last < end };
    Ok((rows.into_iter().skip(start).take(last - start).collect(), has_more))
}

/// One filter of a list.
enum Filter {
    Is(String, String),
    Payout(String),
    Compares(String, String, i64),
}

impl Filter {
    fn holds(&self, books: &Books, row: &Value) -> bool {
        match self {
            Self::Is(field, wanted) => {
                field.split('.').fold(row, |at, part| &at[part]).as_str() == Some(wanted)
            }
            Self::Payout(wanted) => row["id"].as_str().and_then(|id| books.payout_of.get(id)) == Some(wanted),
            Self::Compares(field, how, number) => {
                row[field].as_i64().is_some_and(|value| match how.as_str() {
                    "gt" => value > *number,
                    "gte" => value >= *number,
                    "lt" => value < *number,
                    "lte" => value <= *number,
                    _ => value == *number,
                })
            }
        }
    }
}

/// Errors: 400 for a comparison that is none, for a number that is none, for what is in a payout made by hand.
fn filters(books: &Books, ask: &Ask, resource: &Resource) -> Result<Vec<Filter>, Answer> {
    let mut filters = Vec::new();
    for (name, value) in &ask.query {
        let (base, inner) = form::parts(name);
        if resource.ranges.contains(&base) {
            let how = inner.first().copied().unwrap_or("is");
            if !["is", "gt", "gte", "lt", "lte"].contains(&how) {
                return Err(unknown(ask, &format!("{base}[{how}]")));
            }
            filters.push(Filter::Compares(base.to_owned(), how.to_owned(), number(ask, base, value)?));
        } else if base == "payout" {
            if books.get("payout", value).is_some_and(|payout| payout["automatic"] != true) {
                let message =
                    "Balance transaction history can only be filtered on automatic transfers, not manual.";
                return Err(Fault::of("payout", message).answer(ask));
            }
            filters.push(Filter::Payout(value.clone()));
        } else if !["limit", "starting_after", "ending_before", "expand"].contains(&base) {
            let field = std::iter::once(base).chain(inner).collect::<Vec<_>>().join(".");
            if !resource.texts.contains(&&*field) {
                return Err(unknown(ask, name));
            }
            filters.push(Filter::Is(field, value.clone()));
        }
    }
    Ok(filters)
}
