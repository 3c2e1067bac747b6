//! `update_issue_fields`.

use call::Cx;
use content::Label;
use error::{Error, Result};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tool::{FieldChange, Meant, Meta, Repeat, Sources, Tool, Undo, When, WriteKind, Written};

use crate::model::{Issue, Priority};
use crate::reference;
use crate::tracker::{Changed, Edit, Former, Surroundings, Tracker};
use crate::writing;

/// Why an edit that was resumed cannot be undone.
const LOST: &str = "the values before the earlier attempt are not known";

/// Characters of a title that this tool sets.
const LONGEST_TITLE: usize = 250;

/// Characters of a description that this tool sets.
const LONGEST_TEXT: usize = 30_000;

/// Changes fields of an issue: make it critical, give it to somebody, label it, push its due date. With
/// `expected_updated_at` it refuses if somebody changed it since. The reply's undo restores the old values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateIssueFields {
    /// Id, key (PAY-12), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    issue: String,
    /// The `updated` you read
    #[schemars(length(max = 40))]
    expected_updated_at: Option<String>,
    #[schemars(length(min = 1, max = LONGEST_TITLE))]
    title: Option<String>,
    /// Markdown; replaces the text
    #[schemars(length(max = LONGEST_TEXT))]
    description: Option<String>,
    #[schemars(length(max = 10), inner(length(min = 1, max = 50)))]
    add_labels: Option<Vec<String>>,
    #[schemars(length(max = 10), inner(length(min = 1, max = 50)))]
    remove_labels: Option<Vec<String>>,
    priority: Option<Priority>,
    /// E-mail, full name, user id or `me`
    #[schemars(length(min = 1, max = 200))]
    assignee: Option<String>,
    due: Option<When>,
    /// Fields to empty
    clear: Option<Vec<Clearable>>,
}

/// A field that can be emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Clearable {
    Assignee,
    Due,
}

impl Tool for UpdateIssueFields {
    type Port = Tracker;
    type Out = Written<Issue>;
    const META: Meta =
        Meta::write("update_issue_fields", "Update issue fields", "issues:write", WriteKind::StateChange)
            .repeat(Repeat::Reconcile)
            .placed();

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::OfRecord, ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Written<Issue>> {
        let resumed = cx.require_operation()?.resumed;
        let expected = self.expected()?;
        let meant = reference::issue(cx, sources, &self.issue).await?;
        let edit = self.edit(cx, &meant).await?;
        self.spares_the_unseen(cx, &meant).await?;
        if cx.is_preview() {
            let now = meant.source.port.get(cx, &meant.native, Surroundings::NONE).await?.issue;
            return Ok(updated(&edit, self.applied(&edit, now), false).as_preview());
        }
        if resumed {
            let now = meant.source.port.get(cx, &meant.native, Surroundings::NONE).await?.issue;
            if holds(&now, &edit) {
                let note = "an earlier attempt had worked; nothing was changed now";
                let change = writing::change(&now, Vec::new());
                let undo = Undo::None(LOST.into());
                let version = writing::version(&now);
                return Ok(Written::committed("issue", now, change, undo).version(version).replayed(note));
            }
        }
        // Values are set, not added to: sending them again after an attempt that did not work is the same one write.
        let changed = meant.source.port.update(cx, &meant.native, &edit, expected).await?;
        Ok(updated(&edit, changed, resumed))
    }
}

impl UpdateIssueFields {
    fn expected(&self) -> Result<Option<Timestamp>> {
        let parse = |text: &String| {
            text.parse().map_err(|_| {
                Error::invalid("expected_updated_at", "must be the `updated` of the issue as it was read")
            })
        };
        self.expected_updated_at.as_ref().map(parse).transpose()
    }

    /// Nobody may write what stood for a value in its place: a reader who was not shown the value would destroy it. The
    /// issue is read only for a text that holds something of the kind.
    async fn spares_the_unseen(&self, cx: &Cx, meant: &Meant<'_, Tracker>) -> Result<()> {
        let texts = [("title", &self.title), ("description", &self.description)];
        let texts = texts.into_iter().filter_map(|(field, text)| Some((field, text.as_deref()?)));
        let suspect: Vec<_> = texts.filter(|(_, text)| content::stand_in(text).is_some()).collect();
        if suspect.is_empty() {
            return Ok(());
        }
        let now = meant.source.port.get(cx, &meant.native, Surroundings::NONE).await?.issue;
        for (field, text) in suspect {
            let before = match field {
                "title" => now.title.as_str(),
                _ => now.description.as_ref().map_or("", |text| text.as_str()),
            };
            if let Some(word) = content::lost_to(before, text) {
                let problem =
                    format!("`{word}` stands for a value that was not shown, and would take its place");
                return Err(Error::invalid(field, problem)
                    .hint("leave the field out, or let a person who sees the value change it"));
            }
        }
        Ok(())
    }

    /// The issue as the edit would make it.
    fn applied(&self, edit: &Edit, before: Issue) -> Changed {
        let mut after = before.clone();
        after.title = edit.title.as_deref().map_or(after.title, Label::new);
        after.labels.retain(|label| !edit.remove_labels.iter().any(|gone| *label == Label::new(gone)));
        let added = edit.add_labels.iter().map(|label| Label::new(label));
        after.labels.extend(added.filter(|label| !before.labels.contains(label)));
        after.priority = edit.priority.or(after.priority);
        if edit.assignee.is_some() {
            after.assignee = self.assignee.as_deref().map(Label::new);
        }
        if let Some(due) = edit.due {
            after.due = due.map(|day| day.to_string());
        }
        let description = before.description.as_ref().map(|text| text.as_str().to_owned());
        // A preview shows what was there and has no undo.
        Changed { before, former: Former { description, ..Former::default() }, after }
    }

    async fn edit(&self, cx: &Cx, meant: &Meant<'_, Tracker>) -> Result<Edit> {
        let clear = |field| self.clear.iter().flatten().any(|c| *c == field);
        let both = |given: bool, field, name: &str| match given && clear(field) {
            true => Err(Error::invalid("clear", format!("`{name}` is set and emptied at once"))),
            false => Ok(()),
        };
        both(self.assignee.is_some(), Clearable::Assignee, "assignee")?;
        both(self.due.is_some(), Clearable::Due, "due")?;
        let able = meant.source.port.able();
        tool::require(able.set_priority || self.priority.is_none(), meant.source, "set a priority")?;
        let sets_due = self.due.is_some() || clear(Clearable::Due);
        tool::require(able.set_due || !sets_due, meant.source, "set a due date")?;
        let assignee = match &self.assignee {
            Some(person) => Some(Some(reference::person(cx, meant.source, person).await?)),
            None => clear(Clearable::Assignee).then_some(None),
        };
        let due = match &self.due {
            Some(when) => Some(Some(when.day(cx.now(), "due")?)),
            None => clear(Clearable::Due).then_some(None),
        };
        let edit = Edit {
            title: self.title.clone(),
            description: self.description.clone(),
            add_labels: self.add_labels.clone().unwrap_or_default(),
            remove_labels: self.remove_labels.clone().unwrap_or_default(),
            priority: self.priority,
            assignee,
            due,
        };
        if edit == Edit::default() {
            return Err(Error::invalid("arguments", "name at least one field to change"));
        }
        Ok(edit)
    }
}

/// Whether the issue already is what the edit makes of it, as far as a reader can tell.
fn holds(issue: &Issue, edit: &Edit) -> bool {
    let has = |label: &String| issue.labels.iter().any(|l| *l == Label::new(label));
    edit.title.as_ref().is_none_or(|t| issue.title == Label::new(t))
        && edit.add_labels.iter().all(has)
        && !edit.remove_labels.iter().any(has)
        && edit.priority.is_none_or(|p| issue.priority == Some(p))
        && edit.due.is_none_or(|due| issue.due == due.map(|d| d.to_string()))
        // Neither text nor people can be compared after cleaning: they are set again.
        && edit.description.is_none()
        && edit.assignee.is_none()
}

/// After an attempt of unknown fate `resumed` is true: what was there before it is lost.
fn updated(edit: &Edit, changed: Changed, resumed: bool) -> Written<Issue> {
    let mut fields = Vec::new();
    let mut undo = Map::new();
    undo.insert("issue".into(), json!(changed.after.id));
    let mut note = |name: &str, before: Option<Label>, after: Option<Label>| {
        fields.push(FieldChange { field: name.into(), before, after });
    };
    let (before, after) = (&changed.before, &changed.after);
    let mut clear = Vec::new();
    let former = &changed.former;
    if edit.title.is_some() {
        note("title", Some(before.title.clone()), Some(after.title.clone()));
        undo.insert("title".into(), json!(former.title));
    }
    if let Some(text) = &edit.description {
        let old = former.description.as_deref().unwrap_or_default();
        note("description", Some(Label::new(old)), Some(Label::new(text)));
        undo.insert("description".into(), json!(old));
    }
    if !edit.add_labels.is_empty() || !edit.remove_labels.is_empty() {
        let joined =
            |labels: &[Label]| Label::new(&labels.iter().map(Label::as_str).collect::<Vec<_>>().join(", "));
        note("labels", Some(joined(&before.labels)), Some(joined(&after.labels)));
        // What this edit named and no more: a label that somebody else set at the same moment stays.
        let missing = |from: &[Label], of: &[Label], named: &[String]| -> Vec<Label> {
            let is_named =
                |label: &Label| named.iter().any(|name| name.to_lowercase() == label.as_str().to_lowercase());
            of.iter().filter(|label| is_named(label) && !from.contains(label)).cloned().collect()
        };
        insert_list(&mut undo, "add_labels", missing(&after.labels, &before.labels, &edit.remove_labels));
        insert_list(&mut undo, "remove_labels", missing(&before.labels, &after.labels, &edit.add_labels));
    }
    if edit.priority.is_some() {
        let word = |p: Option<Priority>| p.map(|p| Label::new(json!(p).as_str().unwrap_or_default()));
        note("priority", word(before.priority), word(after.priority));
        if let Some(priority) = before.priority {
            undo.insert("priority".into(), json!(priority));
        }
    }
    if edit.assignee.is_some() {
        note("assignee", before.assignee.clone(), after.assignee.clone());
        match former.assignees.first() {
            Some(person) => drop(undo.insert("assignee".into(), json!(person))),
            None => clear.push(Clearable::Assignee),
        }
    }
    if edit.due.is_some() {
        let label = |due: &Option<String>| due.as_deref().map(Label::new);
        note("due", label(&before.due), label(&after.due));
        match &before.due {
            Some(due) => drop(undo.insert("due".into(), json!(due))),
            None => clear.push(Clearable::Due),
        }
    }
    if !clear.is_empty() {
        undo.insert("clear".into(), json!(clear));
    }
    let beyond = beyond(edit, &changed);
    let undo = match undo.len() {
        _ if resumed => Undo::None(LOST.into()),
        _ if !beyond.is_empty() => {
            let fields = beyond.join(", ");
            Undo::Manual(format!("give back in the tracker what this tool cannot set: {fields}").into())
        }
        1 => Undo::None("the fields had no value that could be restored".into()),
        _ => Undo::Call { tool: "update_issue_fields", args: undo },
    };
    let (change, version) = (writing::change(after, fields), writing::version(after));
    Written::committed("issue", changed.after, change, undo).version(version)
}

/// Fields that were changed and whose former value a call of this tool cannot set again as it was.
fn beyond(edit: &Edit, changed: &Changed) -> Vec<&'static str> {
    let Changed { before, former, .. } = changed;
    let lost = |field: &&str| former.lost.contains(field);
    let description = former.description.as_deref().unwrap_or_default().chars().count() > LONGEST_TEXT;
    let title = !(1..=LONGEST_TITLE).contains(&former.title.chars().count());
    let fields = [
        ("title", edit.title.is_some() && title),
        ("description", edit.description.is_some() && (description || lost(&"description"))),
        ("priority", edit.priority.is_some() && (before.priority.is_none() || lost(&"priority"))),
        ("assignee", edit.assignee.is_some() && former.assignees.len() > 1),
    ];
    fields.into_iter().filter(|(_, beyond)| *beyond).map(|(field, _)| field).collect()
}

fn insert_list(undo: &mut Map<String, Value>, name: &str, labels: Vec<Label>) {
    if !labels.is_empty() {
        undo.insert(name.into(), json!(labels));
    }
}
