//! PagerDuty's two ways of paging.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::invalid;

/// `limit` (25 unless said, at most 100) and `offset`, both together at most 10,000; `total` only if asked for.
pub(super) fn classic<T>(ask: &Ask, name: &str, rows: Vec<T>, show: impl Fn(T) -> Value) -> Reply {
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, 100);
    let offset = ask.query_as::<usize>("offset")?.unwrap_or(0);
    if offset + limit > 10_000 {
        return Err(invalid(&["Offset and limit together may not exceed 10000"]));
    }
    let page = sandbox::page::cut(rows, offset, limit);
    let total = ask.query("total").is_some_and(|total| total == "true").then_some(page.total);
    Ok(Answer::json(
        200,
        json!({
            name: page.items.into_iter().map(show).collect::<Vec<_>>(),
            "limit": limit,
            "offset": offset,
            "more": page.next.is_some(),
            "total": total,
        }),
    ))
}

/// `limit` and `cursor`, with `next_cursor` in the answer.
pub(super) fn cursor<T>(ask: &Ask, name: &str, rows: Vec<T>, show: impl Fn(T) -> Value) -> Reply {
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, 100);
    let start = match ask.query("cursor").filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => {
            let at = cursor.strip_prefix("dGVzdA").and_then(|at| at.parse().ok());
            at.ok_or_else(|| invalid(&["Cursor is invalid"]))?
        }
        None => 0,
    };
    let page = sandbox::page::cut(rows, start, limit);
    let next = page.next.map(|at| format!("dGVzdA{at}"));
    let shown: Vec<Value> = page.items.into_iter().map(show).collect();
    Ok(Answer::json(200, json!({ name: shown, "limit": limit, "next_cursor": next })))
}
