//! Writing activities down.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use futures::future::join;
use jiff::Timestamp;
use outbound::Request;
use serde_json::{Map, Value, json};
use tool::{Day, Mark, Moment, RecordId};

use super::Salesforce;
use super::accounts::ID;
use super::map::{ACTIVITY_FIELDS, Lens, day, midnight};
use super::mark::Marked;
use super::soql::{Clause, Direction, Field, Soql};
use super::wire::{Created, Page, Record};
use super::{ids, mark};
use crate::book::{NewActivity, NewFollowUp};
use crate::model::{Activity, ActivityKind, Linked};

/// How long a meeting is whose length nobody told: an event must have one.
const USUAL_MINUTES: u32 = 30;

/// Activities of a record that are looked through for a mark, the newest ones.
const LOOKED_THROUGH: u32 = 200;

/// The object of a kind of activity.
fn object(kind: ActivityKind) -> &'static str {
    if kind == ActivityKind::Meeting { "Event" } else { "Task" }
}

impl Salesforce {
    pub(super) async fn logged(&self, cx: &Cx, new: &NewActivity, mark: &Mark) -> Result<Activity> {
        let about = record(&new.about)?;
        let marked = Marked { kind: new.kind, about: &about, mark };
        let mut body = self.body(&marked, &new.subject, new.text.as_deref());
        match new.kind {
            ActivityKind::Meeting => {
                body.insert("StartDateTime".into(), json!(instant(new.at)));
                body.insert("DurationInMinutes".into(), json!(new.minutes.unwrap_or(USUAL_MINUTES)));
            }
            ActivityKind::Call => {
                body.insert("TaskSubtype".into(), json!("Call"));
                if let Some(minutes) = new.minutes {
                    body.insert("CallDurationInSeconds".into(), json!(minutes.saturating_mul(60)));
                }
            }
            ActivityKind::Note => {
                body.insert("TaskSubtype".into(), json!("Task"));
                body.insert("Type".into(), json!(self.configured.note_type));
            }
            ActivityKind::Email | ActivityKind::Task => {
                return Err(Error::new(Code::Unsupported, "calls, meetings and notes can be logged"));
            }
        }
        if new.kind != ActivityKind::Meeting {
            body.insert("Status".into(), json!(self.configured.task_done));
            body.insert("ActivityDate".into(), json!(day(new.at)));
        }
        self.created(cx, &marked, body).await
    }

    pub(super) async fn scheduled(&self, cx: &Cx, new: &NewFollowUp, mark: &Mark) -> Result<Activity> {
        let about = record(&new.about)?;
        let marked = Marked { kind: ActivityKind::Task, about: &about, mark };
        let mut body = self.body(&marked, &new.subject, new.text.as_deref());
        body.insert("ActivityDate".into(), json!(new.due));
        body.insert("TaskSubtype".into(), json!("Task"));
        if let Some(owner) = &new.owner {
            body.insert("OwnerId".into(), json!(owner));
        }
        self.created(cx, &marked, body).await
    }

    fn body(&self, marked: &Marked<'_>, subject: &str, text: Option<&str>) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("Subject".into(), json!(subject));
        body.insert(relation(marked.about).into(), json!(marked.about));
        if let Some(text) = marked.written(text, self.configured.external_id.is_some()) {
            body.insert("Description".into(), json!(text));
        }
        body
    }

    /// By upsert where an external id holds the mark: then Salesforce itself makes it once.
    async fn created(&self, cx: &Cx, marked: &Marked<'_>, body: Map<String, Value>) -> Result<Activity> {
        let (version, object) = (self.connection.version(), object(marked.kind));
        let request = match &self.configured.external_id {
            Some(field) => Request::patch(
                "/services/data/v{version}/sobjects/{object}/{field}/{value}",
                &[version, object, field.name(), &marked.external_id()],
            )
            .idempotent(),
            None => Request::post("/services/data/v{version}/sobjects/{object}", &[version, object]),
        };
        let reply = match self.connection.send(cx, request.json(&body)).await {
            Ok(reply) => reply,
            // A task takes some fields at its birth only, so that a repeat of what was done already is refused.
            Err(error) => return self.held(cx, marked, &error).await?.ok_or(error),
        };
        let created: Created<'_> = reply.json()?;
        let own = Clause::Is(ID, (&*created.id).into());
        match self.activity_where(cx, marked.kind, own, |_| true).await {
            Ok(Some(activity)) => Ok(activity),
            // It exists: what is known of it is better than an error that says it may not.
            Ok(None) | Err(_) => Ok(self.as_sent(cx, &created.id, marked, &body)),
        }
    }

    /// What an external id holds already, where Salesforce refused to write it.
    async fn held(&self, cx: &Cx, marked: &Marked<'_>, error: &Error) -> Result<Option<Activity>> {
        let refused = matches!(error.code(), Code::Permission | Code::InvalidArgument | Code::Conflict);
        match self.configured.external_id.as_ref().filter(|_| refused) {
            Some(field) => self.activity_where(cx, marked.kind, holding(field, marked), |_| true).await,
            None => Ok(None),
        }
    }

    fn as_sent(&self, cx: &Cx, id: &str, marked: &Marked<'_>, body: &Map<String, Value>) -> Activity {
        let text = |field: &str| body.get(field).and_then(Value::as_str);
        let day = text("ActivityDate").and_then(|day| day.parse().ok());
        let began = text("StartDateTime").and_then(|at| at.parse().ok()).map(Moment);
        let is_task = marked.kind == ActivityKind::Task;
        let said = text("Description").map(mark::without).filter(|text| !text.is_empty());
        Activity {
            id: RecordId::new(&*self.source, id),
            kind: marked.kind,
            subject: Label::new(text("Subject").unwrap_or_default()),
            at: began.or(day.map(midnight)).unwrap_or(Moment(cx.now())),
            owner: None,
            about: vec![Linked { id: RecordId::new(&*self.source, marked.about), name: None }],
            due: day.map(Day).filter(|_| is_task),
            done: is_task.then_some(false),
            minutes: None,
            url: None,
            as_of: Moment(cx.now()),
            text: said.map(|text| FreeText::new(text, Author::Internal)),
        }
    }

    pub(super) async fn bearing(
        &self,
        cx: &Cx,
        kind: ActivityKind,
        about: &str,
        mark: &Mark,
    ) -> Result<Option<Activity>> {
        let Some(id) = ids::id(about) else { return Ok(None) };
        let marked = Marked { kind, about: &id, mark };
        let related = Clause::Is(Field::new(relation(&id)), id.as_str().into());
        let bears = |record: &Record<'_>| record.text("Description").is_some_and(|text| marked.is_in(text));
        let by_text = self.activity_where(cx, kind, related, bears);
        match &self.configured.external_id {
            None => by_text.await,
            Some(field) => {
                let by_id = self.activity_where(cx, kind, holding(field, &marked), |_| true);
                let (by_id, by_text) = join(by_id, by_text).await;
                Ok(by_id?.or(by_text?))
            }
        }
    }

    /// The newest activity of a kind that meets the condition and, on a second look, `wanted`.
    async fn activity_where(
        &self,
        cx: &Cx,
        kind: ActivityKind,
        condition: Clause,
        wanted: impl Fn(&Record<'_>) -> bool,
    ) -> Result<Option<Activity>> {
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let own: &[&str] = match object(kind) {
            "Event" => &["StartDateTime", "DurationInMinutes", "CreatedDate"],
            _ => &["TaskSubtype", "Type", "ActivityDate", "IsClosed", "CallDurationInSeconds", "CreatedDate"],
        };
        let fields = ACTIVITY_FIELDS.iter().chain(own).copied().map(Field::new);
        let soql = Soql::of(object(kind), fields)
            .and(condition)
            .by(Field::new("CreatedDate"), Direction::Down)
            .by(ID, Direction::Up)
            .limit(LOOKED_THROUGH);
        let reply = self.connection.query(cx, &soql).await?;
        let page: Page<'_> = reply.json()?;
        let map = |record: &Record<'_>| {
            if kind == ActivityKind::Meeting { lens.event(record) } else { lens.task(record) }
        };
        let found = page.records.iter().filter(|record| wanted(record)).map(map);
        let mut found = found.filter(|activity| activity.as_ref().map_or(true, |a| a.kind == kind));
        found.next().transpose()
    }
}

/// The long id of a record that activities can be about.
fn record(about: &str) -> Result<String> {
    ids::id(about).filter(|id| ids::object(id).is_some()).ok_or_else(|| {
        Error::new(Code::NotFound, "that is no account, contact, opportunity or case of Salesforce")
    })
}

/// What relates an activity to a record: people are who it is with, all else is what it is about.
fn relation(about: &str) -> &'static str {
    if ids::object(about) == Some("Contact") { "WhoId" } else { "WhatId" }
}

fn holding(field: &Field, marked: &Marked<'_>) -> Clause {
    Clause::Is(field.clone(), marked.external_id().as_str().into())
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
