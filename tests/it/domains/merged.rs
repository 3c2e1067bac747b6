//! Two vendors behind one server: merged, no id twice, in a stable order, with cursors that continue in both; and
//! what is said of a vendor that is dead, or not able to.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use it::{Client, Server};
use serde_json::{Value, json};

use super::script::{List, Order, Script};

const LIMIT: usize = 20;
const PAGES: usize = 8;

/// Class deadline of the slowest reads, and what the machine may take on top.
const DEADLINE: Duration = Duration::from_secs(15);

/// What is wrong with a list of all vendors.
pub(crate) async fn merges(server: &Server, list: &List) -> Vec<String> {
    let client = server.client();
    let mut problems = Vec::new();
    let (merged, ended) = read(&client, list, None).await;
    let ids: Vec<&str> = merged.iter().map(id).collect();
    if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
        problems.push("an id stands there twice".to_owned());
    }
    let (again, _) = read(&client, list, None).await;
    if ids != again.iter().map(id).collect::<Vec<_>>() {
        problems.push("the order is another when asked again".to_owned());
    }
    problems.extend(merged.windows(2).filter_map(|pair| disorder(list, &pair[0], &pair[1])));
    let mut whole = 0;
    for vendor in server.vendors() {
        let (alone, _) = read(&client, list, Some(&vendor)).await;
        let of_it: Vec<&str> = ids.iter().copied().filter(|id| is_of(id, &vendor)).collect();
        let own: Vec<&str> = alone.iter().map(id).collect();
        if of_it.is_empty() || !own.starts_with(&of_it) {
            problems.push(format!("of {vendor} alone come {own:?}, merged {of_it:?}"));
        }
        whole += own.len();
    }
    if ended && ids.len() != whole {
        problems.push(format!("{} rows to the end, {whole} from the vendors one by one", ids.len()));
    }
    problems.into_iter().map(|problem| format!("{}: {problem}", list.tool)).collect()
}

/// Some pages of a list; whether that was all.
async fn read(client: &Client, list: &List, source: Option<&str>) -> (Vec<Value>, bool) {
    let (mut rows, mut cursor) = (Vec::new(), Value::Null);
    for _ in 0..PAGES {
        let page = client.ok(list.tool, asked(list, source, LIMIT, cursor)).await;
        rows.extend(page["items"].as_array().unwrap().iter().cloned());
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            return (rows, true);
        }
    }
    (rows, false)
}

fn asked(list: &List, source: Option<&str>, limit: usize, cursor: Value) -> Value {
    let mut arguments: Value = serde_json::from_str(list.arguments).unwrap();
    arguments["limit"] = limit.into();
    for (name, value) in [("source", json!(source)), ("cursor", cursor)] {
        if !value.is_null() {
            arguments[name] = value;
        }
    }
    arguments
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

fn is_of(id: &str, vendor: &str) -> bool {
    id.split_once(':').is_some_and(|(source, _)| source == vendor)
}

/// Why the second row must not follow the first. Rows without the key stand wherever their vendor puts them.
fn disorder(list: &List, first: &Value, second: &Value) -> Option<String> {
    let key = |row: &Value| row.pointer(list.key).cloned();
    let (a, b) = (key(first)?, key(second)?);
    let ascends = match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a <= b,
        _ => a.to_string().to_lowercase() <= b.to_string().to_lowercase(),
    };
    let fine = a == b || ascends == (list.order == Order::Ascending);
    (!fine).then(|| format!("{} {a} stands before {} {b}", id(first), id(second)))
}

/// What is wrong while each vendor in turn is dead, and after.
pub(crate) async fn survives(script: &Script, server: &Server) -> Vec<String> {
    let client = server.client();
    let mut problems = Vec::new();
    for list in script.lists {
        read(&client, list, None).await;
    }
    for dead in server.vendors() {
        let simulator = server.simulator(&dead);
        simulator.fault("/", json!({"kind": "status", "status": 503}), None).await;
        let mut cursors = Vec::new();
        for list in script.lists {
            let begun = Instant::now();
            let page = client.ok(list.tool, asked(list, None, 3, Value::Null)).await;
            let rows = page["items"].as_array().unwrap();
            let state = state_of(&page, &dead);
            let told = state["status"] == "error" && state["error"]["message"].is_string();
            if begun.elapsed() > DEADLINE || rows.is_empty() || !told {
                problems.push(format!("{} without {dead} after {:?}: {page}", list.tool, begun.elapsed()));
            }
            if rows.iter().any(|row| is_of(id(row), &dead)) {
                problems.push(format!("{} has rows of {dead}, which is dead: {page}", list.tool));
            }
            cursors.push((list, page["next_cursor"].clone()));
        }
        simulator.heal().await;
        for (list, cursor) in cursors {
            problems.extend(resumes(&client, list, &dead, cursor).await);
        }
    }
    problems
}

/// A vendor that is back goes on where it was: at its first row.
async fn resumes(client: &Client, list: &List, vendor: &str, cursor: Value) -> Option<String> {
    if cursor.is_null() {
        return Some(format!("{}: no cursor, although {vendor} has not answered", list.tool));
    }
    let back = tokio::time::timeout(Duration::from_secs(60), async {
        loop {
            let page = client.ok(list.tool, asked(list, None, 3, cursor.clone())).await;
            if state_of(&page, vendor)["status"] == "ok" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    if back.await.is_err() {
        return Some(format!("{}: {vendor} has not come back", list.tool));
    }
    let (alone, _) = read(client, list, Some(vendor)).await;
    let mut next = cursor;
    for _ in 0..4 * PAGES {
        let page = client.ok(list.tool, asked(list, None, 3, next)).await;
        let rows = page["items"].as_array().unwrap();
        if let Some(first) = rows.iter().find(|row| is_of(id(row), vendor)) {
            let lost = id(first) != id(&alone[0]);
            return lost.then(|| format!("{}: {vendor} resumed at {}", list.tool, id(first)));
        }
        next = page["next_cursor"].clone();
        if next.is_null() {
            return Some(format!("{}: {vendor} never resumed", list.tool));
        }
    }
    // Its rows come later than we read.
    None
}

/// What `sources` says of a vendor.
fn state_of<'a>(page: &'a Value, vendor: &str) -> &'a Value {
    let sources = page["sources"].as_array().unwrap_or_else(|| panic!("no sources: {page}"));
    sources.iter().find(|s| s["source"] == vendor).unwrap_or(&Value::Null)
}

/// What is wrong with what vendors say that are not able to, while others are.
pub(crate) async fn owns_up(script: &Script, server: &Server) -> Vec<String> {
    let client = server.client();
    let list = client.request("tools/list", json!({})).await;
    let tools = list.message["result"]["tools"].as_array().unwrap();
    let merges = |name: &str| {
        let tool = tools.iter().find(|t| t["name"] == name).unwrap();
        tool["outputSchema"]["properties"]["sources"].is_object()
    };
    let mut problems = Vec::new();
    for step in script.steps.iter().filter(|s| !s.unable.is_empty() && merges(s.tool)) {
        let mut arguments: Value = serde_json::from_str(step.arguments).unwrap();
        arguments.as_object_mut().unwrap().remove("source");
        if arguments.to_string().contains('$') {
            continue;
        }
        let page = match client.call(step.tool, arguments.clone()).await {
            Ok(page) => page,
            Err(error) => {
                problems.push(format!("{} {arguments}: {error}", step.tool));
                continue;
            }
        };
        for vendor in step.unable {
            let state = &state_of(&page, vendor)["status"];
            let honest = state == "unsupported" || state == "unsupported_filter";
            // A source that a reference excludes is not asked at all.
            let unasked = state.is_null();
            let faked = page.to_string().contains(&format!("\"{vendor}:"));
            if faked || !(honest || unasked) {
                problems.push(format!("{} {arguments}: {vendor} is {state}: {page}", step.tool));
            }
        }
    }
    problems
}
