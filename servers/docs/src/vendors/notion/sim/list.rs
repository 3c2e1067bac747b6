//! Search, data sources and their pages.

use sandbox::{Answer, Ask, Reply, Timestamp};
use serde_json::{Map, Value, json};

use super::state::{Page, Parent, Workspace};
use super::{body, filter, invalid, missing, path_id, show, spelled};

/// Rows of a page of a list.
const LARGEST: usize = 100;

/// `POST /v1/search`: titles only.
pub(super) fn search(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body = body(ask, &["query", "sort", "filter", "start_cursor", "page_size"])?;
    let wanted = wanted(ask, body.get("filter"))?;
    let ascending = searched_order(ask, body.get("sort"))?;
    let text = body.get("query").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let says = |title: &str| {
        let title = title.to_lowercase();
        text.split_whitespace().all(|word| title.contains(word))
    };
    let mut rows: Vec<(Timestamp, String, Value)> = Vec::new();
    if wanted != Some("data_source") {
        let found =
            workspace.pages.values().filter(|p| p.shared && !p.trashed && !p.template && says(&p.title()));
        rows.extend(found.map(|p| (p.edited_minute(), p.id.clone(), show::page(workspace, p, ask))));
    }
    if wanted != Some("page") {
        let found = workspace.sources.iter().filter(|s| says(&s.title));
        rows.extend(found.map(|s| (s.created, s.id.clone(), show::data_source(workspace, s, ask))));
    }
    sort(&mut rows, ascending);
    page(ask, &body, rows, "page_or_data_source")
}

/// `POST /v1/data_sources/{id}/query`.
pub(super) fn query(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let body =
        body(ask, &["filter", "sorts", "start_cursor", "page_size", "archived", "in_trash", "result_type"])?;
    let id = path_id(ask)?;
    let source = workspace.source(&id).ok_or_else(|| missing(ask, "data source", &id))?;
    let filter = match body.get("filter") {
        Some(filter) => Some(filter::parse(filter, &source.columns).map_err(|why| invalid(ask, why))?),
        None => None,
    };
    let trashed = ["in_trash", "archived"].iter().any(|name| body.get(*name) == Some(&json!(true)));
    let within = |page: &&Page| {
        page.shared
            && !page.template
            && page.trashed == trashed
            && page.parent == Parent::DataSource(id.clone())
            && filter.as_ref().is_none_or(|filter| filter.lets(page))
    };
    let found: Vec<&Page> = workspace.pages.values().filter(within).collect();
    let mut rows: Vec<(Value, String, Value)> = found
        .into_iter()
        .map(|p| (key(workspace, p, body.get("sorts")), p.id.clone(), show::page(workspace, p, ask)))
        .collect();
    let ascending = queried_order(ask, workspace, &id, body.get("sorts"))?;
    rows.sort_by(|a, b| {
        let order = a.0.as_str().cmp(&b.0.as_str());
        let order = if ascending { order } else { order.reverse() };
        // Notion promises no order among equals; this one is not the order of ids.
        order.then_with(|| b.1.cmp(&a.1))
    });
    page(ask, &body, rows, "page_or_data_source")
}

/// `GET /v1/data_sources/{id}`.
pub(super) fn data_source(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let source = workspace.source(&id).ok_or_else(|| missing(ask, "data source", &id))?;
    Ok(Answer::json(200, show::data_source(workspace, source, ask)))
}

/// `GET /v1/databases/{id}`.
pub(super) fn database(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    let source = workspace.sources.iter().find(|s| s.database == id);
    source.map(|s| Answer::json(200, show::database(s))).ok_or_else(|| missing(ask, "database", &id))
}

/// `GET /v1/data_sources/{id}/templates`.
pub(super) fn templates(workspace: &mut Workspace, ask: &Ask) -> Reply {
    let id = path_id(ask)?;
    workspace.source(&id).ok_or_else(|| missing(ask, "data source", &id))?;
    // Templates of the company's notes are offered for drafts, too: that is where new pages begin.
    let all = workspace.pages.values().filter(|page| page.template && page.shared);
    let show = |page: &Page| {
        let name = page.title();
        json!({ "id": page.id, "name": name.strip_prefix("Template: ").unwrap_or(&name), "is_default": false })
    };
    let rows: Vec<((), String, Value)> = all.map(|page| ((), page.id.clone(), show(page))).collect();
    let (shown, next) =
        cut(ask, rows, ask.query("start_cursor"), size(ask, ask.query_as::<i64>("page_size")?)?)?;
    Ok(Answer::json(200, json!({ "templates": shown, "has_more": next.is_some(), "next_cursor": next })))
}

/// One page of rows in Notion's frame.
pub(super) fn page<K>(
    ask: &Ask,
    body: &Map<String, Value>,
    rows: Vec<(K, String, Value)>,
    kind: &str,
) -> Reply {
    let given = body.get("page_size").and_then(Value::as_i64);
    let cursor = body.get("start_cursor").and_then(Value::as_str);
    framed(ask, rows, cursor, given, kind)
}

/// The same for parameters in the query.
pub(super) fn page_of_query<K>(ask: &Ask, rows: Vec<(K, String, Value)>, kind: &str) -> Reply {
    framed(ask, rows, ask.query("start_cursor"), ask.query_as::<i64>("page_size")?, kind)
}

fn framed<K>(
    ask: &Ask,
    rows: Vec<(K, String, Value)>,
    cursor: Option<&str>,
    given: Option<i64>,
    kind: &str,
) -> Reply {
    let (shown, next) = cut(ask, rows, cursor, size(ask, given)?)?;
    let mut frame = json!({
        "object": "list", "results": shown, "next_cursor": next, "has_more": next.is_some(), "type": kind,
        "request_id": super::request_id(ask),
    });
    frame[kind] = json!({});
    Ok(Answer::json(200, frame))
}

fn size(ask: &Ask, given: Option<i64>) -> Result<usize, Answer> {
    let size = given.unwrap_or(100);
    match usize::try_from(size) {
        Ok(size) if (1..=LARGEST).contains(&size) => Ok(size),
        _ => Err(invalid(
            ask,
            format!("body failed validation: body.page_size should be ≤ `100`, instead was `{size}`."),
        )),
    }
}

/// The rows from the one whose id is the cursor, and the id of the row after them.
#[allow(clippy::type_complexity, reason = "a pair, taken apart at once")]
fn cut<K>(
    ask: &Ask,
    rows: Vec<(K, String, Value)>,
    cursor: Option<&str>,
    size: usize,
) -> Result<(Vec<Value>, Option<String>), Answer> {
    let start = match cursor {
        None => 0,
        Some(cursor) => {
            let id = spelled(cursor);
            let at = rows.iter().position(|row| id.as_ref() == Some(&row.1));
            at.ok_or_else(|| invalid(ask, format!("The start_cursor provided is invalid: {cursor}")))?
        }
    };
    let next = rows.get(start + size).map(|row| row.1.clone());
    Ok((rows.into_iter().skip(start).take(size).map(|row| row.2).collect(), next))
}

fn sort(rows: &mut [(Timestamp, String, Value)], ascending: bool) {
    rows.sort_by(|a, b| {
        let order = if ascending { a.0.cmp(&b.0) } else { b.0.cmp(&a.0) };
        order.then_with(|| b.1.cmp(&a.1))
    });
}

/// `page` or `data_source`, if the search is limited to one.
fn wanted<'v>(ask: &Ask, filter: Option<&'v Value>) -> Result<Option<&'v str>, Answer> {
    let Some(filter) = filter else { return Ok(None) };
    match (filter["property"].as_str(), filter["value"].as_str()) {
        (Some("object"), Some(value @ ("page" | "data_source"))) => Ok(Some(value)),
        _ => Err(invalid(
            ask,
            "body failed validation: body.filter.value should be `\"page\"` or `\"data_source\"`.",
        )),
    }
}

fn searched_order(ask: &Ask, sort: Option<&Value>) -> Result<bool, Answer> {
    let Some(sort) = sort else { return Ok(false) };
    match (sort["timestamp"].as_str(), direction(sort)) {
        (Some("last_edited_time"), Some(ascending)) => Ok(ascending),
        _ => {
            Err(invalid(ask, "body failed validation: body.sort.timestamp should be `\"last_edited_time\"`."))
        }
    }
}

/// Whether the first sort of a query is ascending; the others are not needed by anybody here.
fn queried_order(
    ask: &Ask,
    workspace: &Workspace,
    source: &str,
    sorts: Option<&Value>,
) -> Result<bool, Answer> {
    let Some(sort) = sorts.and_then(|sorts| sorts.get(0)) else { return Ok(false) };
    let columns = workspace.source(source).map(|s| s.columns.as_slice()).unwrap_or_default();
    let known = match (sort["property"].as_str(), sort["timestamp"].as_str()) {
        (Some(name), None) => columns.iter().any(|c| c.name == name || c.id == name),
        (None, Some(name)) => matches!(name, "last_edited_time" | "created_time"),
        _ => false,
    };
    match direction(sort).filter(|_| known) {
        Some(ascending) => Ok(ascending),
        None => Err(invalid(
            ask,
            "body failed validation: body.sorts[0] is not a sort over a known property or timestamp.",
        )),
    }
}

fn direction(sort: &Value) -> Option<bool> {
    match sort["direction"].as_str() {
        Some("ascending") => Some(true),
        Some("descending") => Some(false),
        _ => None,
    }
}

/// What a page is sorted by: moments and texts compare as text.
fn key(workspace: &Workspace, page: &Page, sorts: Option<&Value>) -> Value {
    let edited = json!(show::moment(page.edited_minute()));
    let Some(sort) = sorts.and_then(|sorts| sorts.get(0)) else { return edited };
    match (sort["property"].as_str(), sort["timestamp"].as_str()) {
        (_, Some("created_time")) => json!(show::moment(page.created)),
        (Some(name), None) => {
            let properties = show::properties(workspace, page);
            let by = |(own, value): &(&String, &Value)| *own == name || value["id"] == name;
            match properties.iter().find(by) {
                Some((_, value)) if value["type"] == "last_edited_time" => edited,
                Some((_, value)) => {
                    let kind = value["type"].as_str().unwrap_or_default();
                    let inner = &value[kind];
                    let word = inner["name"].as_str().or(inner["start"].as_str()).map(str::to_owned);
                    json!(word.unwrap_or_else(|| super::state::plain(inner).to_lowercase()))
                }
                None => edited,
            }
        }
        _ => edited,
    }
}
