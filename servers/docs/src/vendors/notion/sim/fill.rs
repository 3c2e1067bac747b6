//! The demo company's pages.

use jiff::{SignedDuration, tz::TimeZone};
use sandbox::Timestamp;
use sandbox::company::{self, Document};
use serde_json::{Value, json};

use super::property::{self, options};
use super::state::{Column, Comment, DataSource, Page, Parent, User, Workspace, id_of};
use super::{inline, markdown};

/// The data source for drafts, which no document of the company is in.
const DRAFTS: &str = "Drafts";

/// The workspace as it is at `now`.
pub(super) fn workspace(now: Timestamp) -> Workspace {
    let people = company::people();
    let mut workspace = Workspace::new();
    let employed = people.iter().filter(|p| !p.left && p.handle != "sandbox");
    workspace.users = employed
        .map(|p| User { id: user_id(&p.handle), name: p.name.clone(), email: Some(p.email.clone()) })
        .collect();
    workspace.users.push(User { id: user_id("sandbox"), name: "Chancery".into(), email: None });
    let spaces = company::spaces().into_iter().filter(|s| s.home == "notion");
    let names = spaces.map(|s| (s.key, s.name)).chain([("drafts".to_owned(), DRAFTS.to_owned())]);
    workspace.sources = names.map(|(key, name)| source(&key, name, now)).collect();
    for document in company::documents().iter().filter(|d| d.home == "notion") {
        let page = page(&mut workspace, document, now);
        comments(&mut workspace, document, &page.id, now);
        workspace.pages.insert(page.id.clone(), page);
    }
    workspace
}

fn user_id(handle: &str) -> String {
    id_of(&format!("user {handle}"))
}

fn page_id(key: &str) -> String {
    id_of(&format!("page {key}"))
}

fn source_id(space: &str) -> String {
    id_of(&format!("data source {space}"))
}

fn source(key: &str, title: String, now: Timestamp) -> DataSource {
    let column = |name: &str, kind: &'static str, choices: &[&str]| Column {
        id: property_id(name, kind),
        name: name.to_owned(),
        kind,
        options: options(choices),
    };
    DataSource {
        id: source_id(key),
        database: id_of(&format!("database {key}")),
        title,
        columns: vec![
            column("Name", "title", &[]),
            column("Owner", "people", &[]),
            column("Tags", "multi_select", &["internal", "confidential", "public"]),
            column("Status", "status", &["Draft", "Published", "Archived"]),
            column("Type", "select", &["Page", "Runbook", "Policy", "Contract", "Meeting"]),
            column("Service", "rich_text", &[]),
            column("Alert", "rich_text", &[]),
            column("Effective", "date", &[]),
            column("Review by", "date", &[]),
            column("Reference", "rich_text", &[]),
            column("Last edited", "last_edited_time", &[]),
        ],
        created: now - SignedDuration::from_hours(24 * 900),
    }
}

/// Four characters, as Notion makes them; the title's is `title`.
fn property_id(name: &str, kind: &str) -> String {
    if kind == "title" {
        return "title".into();
    }
    id_of(&format!("property {name}"))[..4].to_owned()
}

fn page(workspace: &mut Workspace, document: &Document, now: Timestamp) -> Page {
    let at = |hours: i64| now + SignedDuration::from_hours(hours);
    let day = |days: i64| at(24 * days).to_zoned(TimeZone::UTC).date().to_string();
    let created = document.edits.first().map_or(at(24 * document.created_days), |e| at(e.hours));
    let (first, last) = (document.edits.first(), document.edits.last());
    let author = |edit: Option<&company::Edit>| user_id(edit.map_or("sandbox", |e| &e.author));
    let text = |text: Option<&String>| text.map_or(json!([]), |t| json!([{ "text": { "content": t } }]));
    let date = |days: Option<i64>| days.map_or(Value::Null, |d| json!({ "start": day(d) }));
    let status = match document.status.as_str() {
        "draft" => "Draft",
        "archived" => "Archived",
        _ => "Published",
    };
    let kind = match document.kind.as_str() {
        "runbook" => "Runbook",
        "policy" => "Policy",
        "contract" => "Contract",
        "meeting" => "Meeting",
        _ => "Page",
    };
    let owner = document.owner.as_ref().filter(|h| workspace.user(&user_id(h)).is_some());
    let given = [
        ("Name", json!({ "title": text(Some(&document.title)) })),
        (
            "Owner",
            json!({ "people": owner.map(|h| json!({ "id": user_id(h) })).into_iter().collect::<Vec<_>>() }),
        ),
        (
            "Tags",
            json!({ "multi_select": document.labels.iter().map(|l| json!({ "name": l })).collect::<Vec<_>>() }),
        ),
        ("Status", json!({ "status": { "name": status } })),
        ("Type", json!({ "select": { "name": kind } })),
        ("Service", json!({ "rich_text": text(document.service.as_ref()) })),
        ("Alert", json!({ "rich_text": text(document.alert.as_ref()) })),
        ("Effective", json!({ "date": date(document.effective_days) })),
        ("Review by", json!({ "date": date(document.review_days) })),
    ];
    let id = page_id(&document.key);
    let source = source_id(&document.space);
    let properties = given
        .into_iter()
        .filter_map(|(name, value)| {
            Some((name.to_owned(), property::take(workspace, &source, name, &value).ok()?))
        })
        .collect();
    let written = document.text.repeat(document.repeat.unwrap_or(1));
    Page {
        blocks: markdown::parse(workspace, &written),
        parent: match &document.parent {
            Some(parent) => Parent::Page(page_id(parent)),
            None => Parent::DataSource(source),
        },
        properties,
        created,
        edited: last.map_or(created, |e| at(e.hours)),
        creator: author(first),
        editor: author(last),
        trashed: false,
        public: document.public,
        template: document.kind == "template",
        shared: document.readers.is_empty(),
        icon: Value::Null,
        id,
    }
}

fn comments(workspace: &mut Workspace, document: &Document, page: &str, now: Timestamp) {
    for remark in &document.comments {
        let comment = Comment {
            id: workspace.new_id(),
            page: page.to_owned(),
            author: user_id(&remark.author),
            created: now + SignedDuration::from_hours(remark.hours),
            rich_text: json!([inline::piece(&remark.text, &inline::Style::default())]),
        };
        workspace.comments.push(comment);
    }
}
