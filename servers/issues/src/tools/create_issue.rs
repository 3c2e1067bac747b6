//! `create_issue`.

use call::Cx;
use content::Label;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tool::{
    Change, FieldChange, Mark, Meta, Place, Record, Source, Sources, Tool, Undo, When, WriteKind, Written,
};

use crate::model::{Issue, Priority};
use crate::reference;
use crate::tracker::{NewIssue, Tracker};
use crate::writing;

/// Files an issue (bug, task, story) for the developers, such as that something is broken, in a Jira project or GitHub
/// repository. Required custom fields that are missing are named in the error.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateIssue {
    /// Project or repository: key or name
    #[schemars(length(min = 1, max = 200))]
    project: String,
    #[schemars(length(min = 1, max = 250))]
    title: String,
    /// Markdown
    #[schemars(length(max = 30000))]
    description: Option<String>,
    /// Issue type, such as Bug
    #[serde(rename = "type")]
    #[schemars(length(max = 100))]
    kind: Option<String>,
    #[schemars(length(max = 10), inner(length(min = 1, max = 50)))]
    labels: Option<Vec<String>>,
    priority: Option<Priority>,
    /// E-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    assignee: Option<String>,
    due: Option<When>,
    /// Template to start from, by name
    #[schemars(length(max = 200))]
    template: Option<String>,
    /// Custom fields by name
    fields: Option<Map<String, Value>>,
    /// Your own key: a second issue with it is never filed
    #[schemars(length(min = 1, max = 200))]
    external_key: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for CreateIssue {
    type Port = Tracker;
    type Out = Written<Issue>;
    const META: Meta =
        Meta::write("create_issue", "Create an issue", "issues:write", WriteKind::Additive).placed();

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::one(&self.project), ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Written<Issue>> {
        let mark = Mark::new(cx, self.external_key.as_deref())?;
        let (source, place) = reference::place(cx, sources, self.source.as_deref(), &self.project).await?;
        let look = source.port.find_marked(cx, &place.key, &mark);
        if let Some(found) = mark.found(cx, "issue", look).await? {
            // The key may have been used in another project.
            reference::within_reach(cx, source, found.id.native())?;
            return Ok(created(found, Vec::new()).replayed("it was filed before; nothing was filed now"));
        }
        let new = self.plan(cx, source, place.key.clone()).await?;
        let proposed = proposed(source, place, &new);
        if cx.is_preview() {
            return Ok(Written::preview("issue", proposed));
        }
        Ok(created(source.port.create(cx, &new, &mark).await?, proposed.fields))
    }
}

impl CreateIssue {
    async fn plan(self, cx: &Cx, source: &Source<Tracker>, project: String) -> Result<NewIssue> {
        let able = source.port.able();
        tool::require(able.set_priority || self.priority.is_none(), source, "set a priority")?;
        tool::require(able.set_due || self.due.is_none(), source, "set a due date")?;
        tool::require(able.templates || self.template.is_none(), source, "start from a template")?;
        let assignee = match &self.assignee {
            Some(person) => Some(reference::person(cx, source, person).await?),
            None => None,
        };
        Ok(NewIssue {
            project,
            kind: self.kind,
            title: self.title,
            description: self.description,
            labels: self.labels.unwrap_or_default(),
            priority: self.priority,
            assignee,
            due: self.due.map(|w| w.day_to_come(cx.now(), "due")).transpose()?,
            template: self.template,
            fields: self.fields.unwrap_or_default(),
        })
    }
}

/// The issue has no id yet: what is changed is the project. Everything that will be written is named, for a person may
/// have to agree to it.
fn proposed(source: &Source<Tracker>, place: Place, new: &NewIssue) -> Change {
    let record = Record { id: source.id(&*place.key), label: place.name, url: None };
    let texts = [
        ("title", Some(new.title.clone())),
        ("type", new.kind.clone()),
        ("description", new.description.clone()),
        ("template", new.template.clone()),
        ("labels", (!new.labels.is_empty()).then(|| new.labels.join(", "))),
        ("priority", new.priority.map(|priority| word(&json!(priority)))),
        ("assignee", new.assignee.clone()),
        ("due", new.due.map(|due| due.to_string())),
    ];
    let given = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?)));
    let own = new.fields.iter().map(|(name, value)| (format!("fields/{name}"), word(value)));
    let change = |(name, text): (String, String)| FieldChange::new(&name, Label::new(&text));
    Change { record, fields: given.chain(own).map(change).collect() }
}

/// A value as a person reads it.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn created(issue: Issue, fields: Vec<FieldChange>) -> Written<Issue> {
    let change = writing::change(&issue, fields);
    let undo = Undo::Manual("trackers keep what was filed; close it with transition_issue".into());
    let version = writing::version(&issue);
    Written::committed("issue", issue, change, undo).version(version)
}
