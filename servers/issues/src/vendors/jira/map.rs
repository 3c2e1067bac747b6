//! From Jira's records to ours.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tool::{Moment, RecordId};

use super::Jira;
use super::connection::Server;
use super::lexicon::Lexicon;
use super::settings::Mapping;
use super::text::{adf, markdown, wiki};
use super::wire::{self, Fields};
use crate::model::{Comment, CustomField, HistoryEntry, Issue, IssueLink, State, Visibility};
use crate::tracker::Former;

/// Labels that begin so are ours and are not shown.
const MARKERS: [&str; 2] = ["chancery-op-", "chancery-key-"];

/// What a record is seen with.
pub(super) struct Lens<'a> {
    pub(super) jira: &'a Jira,
    pub(super) server: &'a Server,
    pub(super) lexicon: &'a Lexicon,
    pub(super) now: Timestamp,
}

impl<'a> Lens<'a> {
    pub(super) fn new(jira: &'a Jira, server: &'a Server, lexicon: &'a Lexicon, cx: &Cx) -> Self {
        Self { jira, server, lexicon, now: cx.now() }
    }

    /// The fields that a row is made of.
    pub(super) fn row_fields(&self) -> Vec<&'a str> {
        let mut fields = vec![
            "summary",
            "status",
            "issuetype",
            "priority",
            "assignee",
            "labels",
            "duedate",
            "updated",
            "issuelinks",
        ];
        fields.extend(self.lexicon.flagged.as_deref());
        fields
    }

    /// The fields that a full record is made of.
    pub(super) fn full_fields(&self) -> Vec<&'a str> {
        let mut fields = self.row_fields();
        fields.extend(["description", "creator"]);
        fields.extend(self.lexicon.custom.iter().map(|(id, _)| id.as_str()));
        fields
    }

    /// An issue. `upstream_garbled` if it lacks what every issue has.
    pub(super) fn issue(&self, issue: &wire::Issue<'_>, full: bool) -> Result<Issue> {
        let fields = &issue.fields;
        let status = fields.status.as_ref().ok_or_else(|| lacks("status"))?;
        let updated = fields.updated.as_deref().and_then(wire::time).ok_or_else(|| lacks("updated"))?;
        Ok(Issue {
            id: RecordId::new(&*self.jira.source, &*issue.key),
            title: Label::new(fields.summary.as_deref().unwrap_or_default()),
            state: state(status),
            status: Label::new(&status.name),
            kind: fields.kind.as_ref().map(|k| Label::new(&k.name)),
            priority: fields.priority.as_ref().and_then(|p| self.lexicon.priority(&p.name)),
            assignee: fields.assignee.as_ref().map(|a| Label::new(a.shown())),
            labels: fields.labels.iter().filter(|l| !is_marker(l)).map(|l| Label::new(l)).collect(),
            due: fields.due.as_deref().map(str::to_owned),
            blocked: state(status) != State::Done && self.obstacle(fields).is_some(),
            updated: Moment(updated),
            url: format!("{}/browse/{}", self.server.site, &*issue.key),
            as_of: full.then_some(Moment(self.now)),
            description: full
                .then(|| self.description(fields))
                .flatten()
                .map(|t| FreeText::new(&t, author(fields.creator.as_ref()))),
            custom_fields: if full { self.custom(fields) } else { Vec::new() },
        })
    }

    /// What stands in an issue's way: a flag, or an open issue that blocks it.
    pub(super) fn obstacle(&self, fields: &Fields<'_>) -> Option<String> {
        let is_flag = |id: &str| self.lexicon.flagged.as_deref() == Some(id);
        let flag =
            fields.custom.iter().find(|(id, _)| is_flag(id)).map(|(_, value)| text_of(&decoded(value)));
        match flag.filter(|shown| !shown.is_empty()) {
            Some(shown) => Some(format!("flagged: {shown}")),
            None => self.blocking_link(fields),
        }
    }

    /// The description as Markdown, uncut and uncleaned.
    fn description(&self, fields: &Fields<'_>) -> Option<String> {
        fields.description.map(|raw| to_markdown(&decoded(raw))).filter(|text| !text.is_empty())
    }

    /// What an undo has to give back.
    pub(super) fn former(&self, fields: &Fields<'_>, map: &Mapping) -> Former {
        let description =
            fields.description.map(decoded).is_none_or(|body| body.is_null() || comes_back(&body));
        let priority = fields.priority.as_ref().is_none_or(|p| self.lexicon.comes_back(&p.name, map));
        let lost = [("description", description), ("priority", priority)];
        Former {
            title: fields.summary.as_deref().unwrap_or_default().to_owned(),
            description: self.description(fields),
            assignees: fields.assignee.iter().map(|person| person.id().to_owned()).collect(),
            lost: lost.into_iter().filter(|(_, back)| !back).map(|(field, _)| field).collect(),
        }
    }

    fn custom(&self, fields: &Fields<'_>) -> Vec<CustomField> {
        let named = |(id, value): &(wire::Text<'_>, &RawValue)| {
            let (_, name) = self.lexicon.custom.iter().find(|(known, _)| *known == **id)?;
            let text = text_of(&decoded(value));
            (!text.is_empty()).then(|| CustomField { name: Label::new(name), value: Label::new(&text) })
        };
        fields.custom.iter().filter_map(named).collect()
    }

    /// The first open issue that blocks this one, as a reason; of one that is out of reach, that there is one.
    fn blocking_link(&self, fields: &Fields<'_>) -> Option<String> {
        let open =
            |other: &&wire::LinkedIssue<'_>| other.fields.status.as_ref().map(state) != Some(State::Done);
        let blocker = fields.links.iter().filter_map(wire::Links::blocker).find(open)?;
        if self.jira.within_reach(&blocker.key).is_err() {
            return Some("is blocked by an issue of another project".to_owned());
        }
        let status = blocker.fields.status.as_ref().map(|s| format!(" ({})", &*s.name)).unwrap_or_default();
        Some(format!("is blocked by {}{status}", &*blocker.key))
    }

    /// The issues that this one is linked with; those out of reach are left out.
    pub(super) fn links(&self, fields: &Fields<'_>) -> Vec<IssueLink> {
        fields
            .links
            .iter()
            .filter_map(wire::Links::seen)
            .filter(|(_, other)| self.jira.within_reach(&other.key).is_ok())
            .map(|(relation, other)| IssueLink {
                relation: Label::new(relation),
                id: RecordId::new(&*self.jira.source, &*other.key),
                title: Label::new(other.fields.summary.as_deref().unwrap_or_default()),
                state: other.fields.status.as_ref().map(state),
            })
            .collect()
    }
}

/// How far a status is, by its category: names are each site's own.
pub(super) fn state(status: &wire::Status<'_>) -> State {
    match status.category.as_ref().map(|c| &*c.key) {
        Some("done") => State::Done,
        Some("indeterminate") => State::Doing,
        _ => State::Todo,
    }
}

/// Whether a label is one of our markers.
pub(super) fn is_marker(label: &str) -> bool {
    MARKERS.iter().any(|prefix| label.starts_with(prefix))
}

/// A comment. `upstream_garbled` if it has no time.
pub(super) fn comment(source: &str, comment: &wire::Comment<'_>) -> Result<Comment> {
    let created = wire::time(&comment.created).ok_or_else(|| lacks("created"))?;
    let internal = comment.visibility.is_some() || comment.public == Some(false);
    Ok(Comment {
        id: RecordId::new(source, &*comment.id),
        author: comment.author.as_ref().map(|a| Label::new(a.shown())),
        created: Moment(created),
        visibility: Some(if internal { Visibility::Internal } else { Visibility::Public }),
        text: FreeText::new(&to_markdown(&comment.body), author(comment.author.as_ref())),
    })
}

/// Customers write through a service desk's portal. Data Center does not tell them from colleagues.
fn author(user: Option<&wire::User<'_>>) -> Author {
    match user.map(|user| user.kind.as_deref()) {
        None => Author::Anonymous,
        Some(Some("customer")) => Author::Customer,
        Some(Some("app")) => Author::Machine,
        Some(_) => Author::Internal,
    }
}

/// The newest changes, newest first.
pub(super) fn history(changelog: &wire::Changelog<'_>, most: usize) -> Vec<HistoryEntry> {
    let mut entries = Vec::new();
    for change in &changelog.histories {
        let Some(at) = wire::time(&change.created) else { continue };
        for item in &change.items {
            // The change of our own labels would show them.
            let text = |t: &Option<wire::Text<'_>>| {
                let text = t.as_deref().filter(|t| !t.is_empty())?;
                let shown = if &*item.field == "labels" { without_markers(text) } else { text.to_owned() };
                Some(Label::new(&shown))
            };
            entries.push(HistoryEntry {
                at: Moment(at),
                author: change.author.as_ref().map(|a| Label::new(a.shown())),
                field: Label::new(&item.field),
                before: text(&item.before),
                after: text(&item.after),
            });
        }
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries.truncate(most);
    entries
}

fn without_markers(labels: &str) -> String {
    labels.split(' ').filter(|label| !is_marker(label)).collect::<Vec<_>>().join(" ")
}

/// A rich text, of either product, as Markdown.
pub(super) fn to_markdown(body: &Value) -> String {
    match body {
        Value::String(text) => markdown::write(&wiki::read(text)),
        document => markdown::write(&adf::read(document)),
    }
}

/// Markdown as the product wants it.
pub(super) fn from_markdown(text: &str, cloud: bool) -> Value {
    let blocks = markdown::read(text);
    if cloud { adf::write(&blocks) } else { Value::String(wiki::write(&blocks)) }
}

/// Whether a rich text is the same after its way through Markdown and back.
fn comes_back(body: &Value) -> bool {
    let there = from_markdown(&to_markdown(body), !body.is_string());
    bare(there) == bare(body.clone())
}

/// A rich text without what means nothing: the ids that Jira's editor gives to nodes, the order of marks, the kind of
/// line ends.
fn bare(body: Value) -> Value {
    match body {
        Value::String(text) => text.replace("\r\n", "\n").trim().into(),
        Value::Array(items) => items.into_iter().map(bare).collect(),
        Value::Object(mut members) => {
            if let Some(Value::Object(attrs)) = members.get_mut("attrs") {
                attrs.remove("localId");
            }
            if let Some(Value::Array(marks)) = members.get_mut("marks") {
                marks.sort_by_key(|mark| mark["type"].to_string());
            }
            members.retain(|_, value| *value != json!({}));
            members.into_iter().map(|(name, value)| (name, bare(value))).collect()
        }
        other => other,
    }
}

/// A custom field's value in words.
fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Array(list) => {
            list.iter().map(text_of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Value::Object(map) if map.get("type").is_some_and(|t| t == "doc") => to_markdown(value),
        Value::Object(map) => {
            let named =
                ["value", "displayName", "name", "key"].iter().find_map(|key| map.get(*key)?.as_str());
            named.unwrap_or_default().to_owned()
        }
    }
}

fn lacks(field: &str) -> Error {
    Error::new(Code::UpstreamGarbled, "Jira's answer lacks a field that every record has")
        .detail(field.to_owned())
}
/// A value that was kept as it came. It was scanned with the reply it is part of.
fn decoded(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_default()
}
