//! Lists of version 2: pages by cursor.

use sandbox::page::cut;
use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face;
use super::state::Site;

/// The page of `rows` that was asked for, with the address of the next one in the body and in the header `Link`.
pub(super) fn answer<T>(site: &Site, ask: &Ask, rows: Vec<T>, show: impl Fn(&T) -> Value) -> Reply {
    let limit = match ask.query("limit").map(str::parse::<usize>) {
        None => 25,
        Some(Ok(limit @ 1..=250)) => limit,
        Some(_) => return Err(face::error(ask, 400, "Provided value for 'limit' must be between 1 and 250")),
    };
    let others = ask.query.iter().filter(|(name, _)| name != "cursor");
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
    let start = match ask.query("cursor") {
        Some(cursor) => site
            .cursors
            .open(cursor, &query, ask.now)
            .map_err(|_| face::error(ask, 400, "Provided cursor is not valid"))?,
        None => 0,
    };
    let page = cut(rows, start, limit);
    let results: Vec<Value> = page.items.iter().map(show).collect();
    let mut links = json!({ "base": face::wiki(ask) });
    let mut next = None;
    if let Some(offset) = page.next {
        let cursor = site.cursors.seal(&query, offset, ask.now);
        let cursor =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("cursor", &cursor).finish();
        let path = ask.path.find("/wiki/").map_or("", |at| &ask.path[at..]);
        let to = format!("{path}?{query}&{cursor}");
        links["next"] = json!(to);
        next = Some(to);
    }
    let answer = Answer::json(200, json!({ "results": results, "_links": links }));
    Ok(match next {
        Some(to) => {
            answer.header("link", format!("<{to}>; rel=\"next\", <{}>; rel=\"base\"", face::wiki(ask)))
        }
        None => answer,
    })
}
