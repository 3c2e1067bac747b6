//! `schedule_follow_up`.

use call::Cx;
use content::Label;
use error::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{FieldChange, Mark, Meta, Sources, Tool, Undo, When, WriteKind, Written};

use crate::book::{Book, NewFollowUp};
use crate::model::{Activity, ActivityKind, Noun};
use crate::{reference, writing};

/// Reminds somebody to follow up with a customer: creates a task (to-do, reminder) to call back, email or send
/// something, with due date and owner, on an account, contact, opportunity or case.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleFollowUp {
    /// Account, contact, opportunity or case: id, URL, name, domain, e-mail or number
    #[schemars(length(max = 512))]
    record: String,
    #[schemars(length(max = 250))]
    subject: String,
    /// Due date, today or later
    due: When,
    /// E-mail, full name, user id or `me`
    #[schemars(length(max = 200))]
    owner: Option<String>,
    /// Plain text
    #[schemars(length(max = 20000))]
    text: Option<String>,
    /// Your own key: a second task with it is never created
    #[schemars(length(min = 1, max = 100))]
    external_key: Option<String>,
}

impl Tool for ScheduleFollowUp {
    type Port = Book;
    type Out = Written<Activity>;
    const META: Meta =
        Meta::write("schedule_follow_up", "Schedule a follow-up", "crm:write", WriteKind::Additive);

    async fn run(self, cx: &Cx, sources: &Sources<Book>) -> Result<Written<Activity>> {
        let mark = Mark::new(cx, self.external_key.as_deref())?;
        let meant = reference::record(cx, sources, "record", Noun::ALL, &self.record).await?;
        let port = &meant.source.port;
        let look = port.find_marked(cx, ActivityKind::Task, &meant.native, &mark);
        if let Some(found) = mark.found(cx, "task", look).await? {
            return Ok(scheduled(&meant, found).replayed("it was scheduled before; nothing was created now"));
        }
        let new = self.plan(cx, &meant).await?;
        if cx.is_preview() {
            return Ok(writing::proposed(&meant, proposed(&new)));
        }
        Ok(scheduled(&meant, port.schedule(cx, &new, &mark).await?))
    }
}

impl ScheduleFollowUp {
    async fn plan(self, cx: &Cx, meant: &reference::Meant<'_>) -> Result<NewFollowUp> {
        if content::is_blank(&self.subject) {
            return Err(Error::invalid("subject", "must not be blank"));
        }
        let due = self.due.day_to_come(cx.now(), "due")?;
        let owner = match &self.owner {
            Some(person) => Some(reference::person(cx, meant.source, person).await?),
            None => None,
        };
        Ok(NewFollowUp {
            about: meant.native.clone(),
            subject: self.subject,
            text: self.text.filter(|t| !content::is_blank(t)),
            due,
            owner,
        })
    }
}

fn proposed(new: &NewFollowUp) -> Vec<FieldChange> {
    let mut fields = vec![
        FieldChange::new("subject", Label::new(&new.subject)),
        FieldChange::new("due", Label::new(&new.due.to_string())),
    ];
    fields.extend(new.owner.as_deref().map(|owner| FieldChange::new("owner", Label::new(owner))));
    fields
}

fn scheduled(meant: &reference::Meant<'_>, task: Activity) -> Written<Activity> {
    let due = task.due.map(|day| Label::new(&day.0.to_string()));
    let fields = vec![
        FieldChange { field: "subject".into(), before: None, after: Some(task.subject.clone()) },
        FieldChange { field: "due".into(), before: None, after: due },
        FieldChange { field: "owner".into(), before: None, after: task.owner.clone().map(Label::of_person) },
    ];
    let undo = Undo::Manual("a person can delete the task at the vendor".into());
    writing::activity(meant, task, fields, undo)
}
