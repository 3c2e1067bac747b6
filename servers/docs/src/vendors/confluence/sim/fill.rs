//! The demo company as a Confluence site.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use sandbox::company::{self, Document};
use serde_json::json;

use super::state::{Comment, Group, Page, Property, Site, Space, Status, Template, User, Version};
use super::text;

/// The site at `now`.
pub(super) fn fill(now: Timestamp) -> Site {
    let people = company::people();
    let mut site = Site::new();
    site.users = people
        .iter()
        .map(|p| User {
            id: p.account_id.clone(),
            name: p.name.clone(),
            email: p.email.clone(),
            hides_email: p.handle == "chidi",
            active: !p.left,
        })
        .collect();
    let mut teams: Vec<&str> = people.iter().map(|p| p.team.as_str()).collect();
    teams.sort_unstable();
    teams.dedup();
    site.groups = teams.iter().map(|team| Group { id: group_id(team), name: (*team).to_owned() }).collect();
    let homed = company::spaces().into_iter().filter(|s| s.home == "confluence");
    site.spaces = homed
        .map(|s| Space {
            id: number(&s.key) % 1_000_000 + 32_000,
            description: s.text,
            created: now - SignedDuration::from_hours(24 * 1_500),
            readers: match s.readers.is_empty() {
                true => teams.iter().map(|team| group_id(team)).collect(),
                false => s.readers.iter().map(|team| group_id(team)).collect(),
            },
            key: s.key,
            name: s.name,
        })
        .collect();
    let account = |handle: &str| {
        company::person(&people, handle).map_or_else(|| handle.to_owned(), |p| p.account_id.clone())
    };
    for document in company::documents().into_iter().filter(|d| d.home == "confluence") {
        let Some(space) = site.space_called(&document.space).map(|s| s.id) else { continue };
        match document.kind.as_str() {
            "template" => site.templates.push(template(space, &document)),
            _ => add(&mut site, space, &document, now, &account),
        }
    }
    site
}

fn template(space: u64, document: &Document) -> Template {
    let name = document.title.trim_start_matches("Template: ").to_owned();
    Template { id: number(&document.key), space, name, storage: text::stored(&document.text) }
}

fn add(site: &mut Site, space: u64, document: &Document, now: Timestamp, account: &dyn Fn(&str) -> String) {
    let id = number(&document.key);
    let created = now + SignedDuration::from_hours(24 * document.created_days);
    let mut storage = text::stored(&document.text.repeat(document.repeat.unwrap_or(1)));
    if document.kind == "runbook" {
        storage.insert_str(0, "<ac:structured-macro ac:name=\"toc\" ac:schema-version=\"1\" />");
    }
    let storage = text::kept(&storage, id).unwrap_or(storage);
    let versions: Vec<Version> = document
        .edits
        .iter()
        .enumerate()
        .map(|(nth, edit)| Version {
            number: nth as u64 + 1,
            // No two pages change in the same millisecond.
            at: now
                + SignedDuration::from_hours(edit.hours)
                + SignedDuration::from_millis((id % 86_400).cast_signed()),
            author: account(&edit.author),
            message: edit.message.clone(),
            minor: false,
            storage: storage.clone(),
        })
        .collect();
    let first = Version {
        number: 1,
        at: created,
        author: account(document.owner.as_deref().unwrap_or("sandbox")),
        message: String::new(),
        minor: false,
        storage,
    };
    let versions = if versions.is_empty() { vec![first] } else { versions };
    let handles = |handles: &[String]| handles.iter().map(|h| account(h)).collect();
    let page = Page {
        id,
        space,
        parent: document.parent.as_deref().map(number),
        title: document.title.clone(),
        status: match document.status.as_str() {
            "draft" => Status::Draft,
            "archived" => Status::Archived,
            _ => Status::Current,
        },
        owner: document.owner.as_deref().map(account),
        author: versions[0].author.clone(),
        created: created.min(versions[0].at),
        labels: document.labels.clone(),
        properties: properties(site, document, now),
        readers: handles(&document.readers),
        editors: handles(&document.editors),
        versions,
    };
    site.pages.insert(id, page);
    for remark in &document.comments {
        let comment = Comment {
            id: site.next_id(),
            page: id,
            author: account(&remark.author),
            at: now + SignedDuration::from_hours(remark.hours),
            storage: text::stored(&remark.text),
            selection: None,
        };
        site.comments.insert(comment.id, comment);
    }
}

/// What an app of the company keeps with its pages.
fn properties(site: &mut Site, document: &Document, now: Timestamp) -> Vec<Property> {
    let day = |days: Option<i64>| {
        let today: Date = now.to_zoned(TimeZone::UTC).date();
        days.and_then(|days| today.checked_add(days.days()).ok()).map(|day| json!(day.to_string()))
    };
    let shared = (document.status == "draft").then_some(json!(true));
    let given = [
        ("service", document.service.as_ref().map(|service| json!(service))),
        ("effective-date", day(document.effective_days)),
        ("review-date", day(document.review_days)),
        ("shared-draft", shared),
    ];
    let given = given.into_iter().filter_map(|(key, value)| Some((key, value?)));
    given.map(|(key, value)| Property { id: site.next_id(), key: key.into(), value, version: 1 }).collect()
}

/// A number that only depends on the record's key.
fn number(key: &str) -> u64 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % 8_000_000 + 65_537
}

fn group_id(team: &str) -> String {
    let (a, b) = (number(team), number(&format!("group {team}")));
    format!("{a:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", b % 65_536, a % 4_096, b % 4_096, a * 7_919 + b)
}
