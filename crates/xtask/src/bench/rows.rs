//! The ten issues that the mock vendor holds, in the shape Jira Cloud answers a search with all fields.
//!
//! The same bytes on every run and about 27 kB of them: what a real site sends for ten issues.

use serde_json::{Map, Value, json};

/// What every issue key begins with, and nothing else in an answer does.
pub(super) const KEY_PREFIX: &str = "BENCH-";
/// The key of the first row: the issue that changed last.
pub(super) const FIRST_KEY: &str = "BENCH-101";
/// The project's key.
pub(super) const PROJECT: &str = "BENCH";

const SITE: &str = "https://bench.atlassian.net";
const COUNT: u64 = 10;
/// Fields that a site's add-ons leave in every answer, mostly empty.
const EMPTY_FIELDS: u64 = 4;

const TITLES: [&str; 10] = [
    "Checkout rejects cards with a hyphenated holder name",
    "Nightly settlement export misses refunds issued after 23:00",
    "Webhook retries stop after the first timeout of the receiver",
    "Invoice PDF shows the billing address of the previous owner",
    "Currency rounding differs between the cart and the ledger",
    "Search by order number returns orders of the archived tenant",
    "Payment page blocks for two seconds on slow mobile networks",
    "Audit export cannot be opened in spreadsheet programs",
    "Rate limit of the partner API is hit during the morning batch",
    "Dispute deadline is computed in the server's time zone",
];

/// The answer of Jira Cloud's `/rest/api/3/search/jql`.
pub(super) fn cloud() -> Value {
    json!({ "issues": issues(), "isLast": true })
}

/// The answer of Jira Data Center's `/rest/api/2/search`, which pages by offset.
pub(super) fn data_center() -> Value {
    json!({ "expand": "schema,names", "startAt": 0, "maxResults": COUNT, "total": COUNT, "issues": issues() })
}

/// As much of an answer as was asked for: `fields` by name, all of them with `*all`. What is about an issue itself,
/// its id and key, always comes.
pub(super) fn only(mut answer: Value, fields: &[String]) -> Value {
    let is_asked = |name: &String| fields.iter().any(|field| field == "*all" || field == name);
    for issue in answer["issues"].as_array_mut().into_iter().flatten() {
        if let Some(own) = issue["fields"].as_object_mut() {
            own.retain(|name, _| is_asked(name));
        }
    }
    answer
}

/// The one project.
pub(super) fn project() -> Value {
    json!({
        "self": format!("{SITE}/rest/api/3/project/10001"),
        "id": "10001",
        "key": PROJECT,
        "name": "Benchmark",
        "projectTypeKey": "software",
        "simplified": false,
        "style": "classic",
        "isPrivate": false,
    })
}

/// The priorities of a fresh site, worst first.
pub(super) fn priorities() -> Value {
    let names = ["Highest", "High", "Medium", "Low", "Lowest"];
    (1..).zip(names).map(|(id, name): (u32, _)| json!({ "id": id.to_string(), "name": name })).collect()
}

/// The account that asks.
pub(super) fn myself() -> Value {
    user(0)
}

fn issues() -> Vec<Value> {
    (0..COUNT).map(issue).collect()
}

fn issue(at: u64) -> Value {
    let id = 10_101 + at;
    json!({
        "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
        "id": id.to_string(),
        "self": format!("{SITE}/rest/api/3/issue/{id}"),
        "key": format!("{KEY_PREFIX}{}", 101 + at),
        "fields": fields(at),
    })
}

fn fields(at: u64) -> Value {
    let title = TITLES.get(usize::try_from(at).unwrap_or_default()).copied().unwrap_or_default();
    let known = json!({
        "summary": title,
        "status": status(at),
        "issuetype": {
            "self": format!("{SITE}/rest/api/3/issuetype/10004"), "id": "10004", "name": "Bug", "subtask": false,
            "iconUrl": format!("{SITE}/rest/api/2/universal_avatar/view/type/issuetype/avatar/10303?size=medium"),
        },
        "priority": {
            "self": format!("{SITE}/rest/api/3/priority/2"), "id": "2", "name": "High",
            "iconUrl": format!("{SITE}/images/icons/priorities/high.svg"),
        },
        "assignee": user(at % 4),
        "reporter": user(at % 3),
        "project": project(),
        "labels": ["payments", "customer-reported"],
        "duedate": format!("2026-12-{:02}", 10 + at),
        "created": format!("2026-10-{:02}T08:15:00.000+0000", 10 + at),
        "updated": format!("2026-11-20T{:02}:30:00.000+0000", 20 - at),
        "resolution": null,
        "fixVersions": [],
        "components": [],
        "issuelinks": [],
        "subtasks": [],
        "progress": { "progress": 0, "total": 0 },
        "workratio": -1,
        "description": description(title),
    });
    let mut fields = if let Value::Object(fields) = known { fields } else { Map::new() };
    fields.extend((0..EMPTY_FIELDS).map(|n| (format!("customfield_{}", 10_030 + n), Value::Null)));
    Value::Object(fields)
}

fn status(at: u64) -> Value {
    let (id, name, category, key) = match at % 3 {
        0 => ("10001", "In Progress", 4, "indeterminate"),
        1 => ("10000", "To Do", 2, "new"),
        _ => ("10003", "In Review", 4, "indeterminate"),
    };
    json!({
        "self": format!("{SITE}/rest/api/3/status/{id}"), "id": id, "name": name,
        "description": "", "iconUrl": format!("{SITE}/images/icons/statuses/generic.png"),
        "statusCategory": {
            "self": format!("{SITE}/rest/api/3/statuscategory/{category}"), "id": category, "key": key,
            "colorName": "yellow", "name": name,
        },
    })
}

fn user(at: u64) -> Value {
    let id = format!("712020:5b10ac8d-82e0-4b22-8cc7-d4ef5000000{at}");
    let avatar = |size: u32| format!("https://avatar-management.example.net/initials/{at}-{size}.png");
    json!({
        "self": format!("{SITE}/rest/api/3/user?accountId={id}"),
        "accountId": id,
        "accountType": "atlassian",
        "name": format!("person{at}"),
        "key": format!("person{at}"),
        "emailAddress": format!("person{at}@example.com"),
        "displayName": format!("Person Number {at}"),
        "active": true,
        "timeZone": "Europe/Berlin",
        "avatarUrls": { "48x48": avatar(48), "16x16": avatar(16) },
    })
}

fn description(title: &str) -> Value {
    let paragraph =
        |text: String| json!({ "type": "paragraph", "content": [{ "type": "text", "text": text }] });
    json!({ "type": "doc", "version": 1, "content": [paragraph(format!("{title}, as three customers report."))] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_issues_weigh_what_a_site_sends_and_the_first_key_comes_first() {
        let text = cloud().to_string();
        assert!((25_000..30_000).contains(&text.len()), "{} bytes", text.len());
        let first = text.find(KEY_PREFIX).unwrap();
        assert!(text[first..].starts_with(&format!("{FIRST_KEY}\"")), "{}", &text[first..first + 20]);
        assert_eq!(text.matches(KEY_PREFIX).count(), 10);
    }

    #[test]
    fn only_what_was_asked_for_comes() {
        let asked = only(cloud(), &["summary".to_owned(), "nothing".to_owned()]);
        assert_eq!(asked["issues"][0]["key"], FIRST_KEY);
        assert_eq!(asked["issues"][9]["fields"], json!({ "summary": TITLES[9] }));
        assert_eq!(only(cloud(), &["*all".to_owned()]), cloud());
    }
}
