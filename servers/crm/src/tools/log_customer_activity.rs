//! `log_customer_activity`.

use call::Cx;
use content::Label;
use error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{FieldChange, Mark, Meta, Sources, Tool, Undo, When, WriteKind, Written, require};

use crate::book::{Book, NewActivity};
use crate::model::{Activity, ActivityKind, Noun};
use crate::{reference, writing};

/// Writes down in the CRM a call, meeting or note that took place (log, record), on an account, contact, opportunity or
/// case. For what is still to be done use schedule_follow_up.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogCustomerActivity {
    /// Account, contact, opportunity or case: id, URL, name, domain, e-mail or number
    #[schemars(length(max = 512))]
    record: String,
    kind: Logged,
    #[schemars(length(max = 250))]
    subject: String,
    /// What was said, plain text
    #[schemars(length(max = 20000))]
    text: Option<String>,
    /// When it began; now if absent
    at: Option<When>,
    #[schemars(range(min = 1, max = 1440))]
    minutes: Option<u32>,
    /// Your own key: a second one with it is never logged
    #[schemars(length(min = 1, max = 100))]
    external_key: Option<String>,
}

/// What can be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Logged {
    Call,
    Meeting,
    Note,
}

impl Logged {
    fn kind(self) -> ActivityKind {
        match self {
            Self::Call => ActivityKind::Call,
            Self::Meeting => ActivityKind::Meeting,
            Self::Note => ActivityKind::Note,
        }
    }
}

impl Tool for LogCustomerActivity {
    type Port = Book;
    type Out = Written<Activity>;
    const META: Meta =
        Meta::write("log_customer_activity", "Log a customer activity", "crm:write", WriteKind::Additive);

    async fn run(self, cx: &Cx, sources: &Sources<Book>) -> Result<Written<Activity>> {
        let mark = Mark::new(cx, self.external_key.as_deref())?;
        let meant = reference::record(cx, sources, "record", Noun::ALL, &self.record).await?;
        let (port, kind) = (&meant.source.port, self.kind.kind());
        require(port.able().logs.contains(&kind), meant.source, "log activities of this kind")?;
        let look = port.find_marked(cx, kind, &meant.native, &mark);
        if let Some(found) = mark.found(cx, "activity", look).await? {
            return Ok(logged(&meant, found).replayed("it was logged before; nothing was logged now"));
        }
        let new = self.plan(cx, meant.native.clone())?;
        if cx.is_preview() {
            return Ok(writing::proposed(&meant, fields(new.kind, Label::new(&new.subject))));
        }
        Ok(logged(&meant, port.log_activity(cx, &new, &mark).await?))
    }
}

impl LogCustomerActivity {
    fn plan(self, cx: &Cx, about: String) -> Result<NewActivity> {
        if content::is_blank(&self.subject) {
            return Err(Error::invalid("subject", "must not be blank"));
        }
        let at = self.at.map_or(Ok(cx.now()), |when| when.resolve(cx.now(), "at"))?;
        if at > cx.now() {
            return Err(Error::invalid("at", "lies ahead; schedule what is still to be done"));
        }
        Ok(NewActivity {
            about,
            kind: self.kind.kind(),
            subject: self.subject,
            text: self.text.filter(|t| !content::is_blank(t)),
            at,
            minutes: self.minutes,
        })
    }
}

fn logged(meant: &reference::Meant<'_>, activity: Activity) -> Written<Activity> {
    let fields = fields(activity.kind, activity.subject.clone());
    let undo = Undo::Manual("a person can delete the activity at the vendor".into());
    writing::activity(meant, activity, fields, undo)
}

fn fields(kind: ActivityKind, subject: Label) -> Vec<FieldChange> {
    vec![FieldChange::new("kind", Label::new(kind.word())), FieldChange::new("subject", subject)]
}
