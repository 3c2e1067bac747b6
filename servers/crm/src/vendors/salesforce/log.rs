//! Writing activities down.

use call::Cx;
use error::{Code, Error, Result};
use futures::future::join;
use jiff::Timestamp;
use outbound::Request;
use serde_json::{Map, Value, json};
use tool::Mark;

use super::Salesforce;
use super::accounts::ID;
use super::map::{ACTIVITY_FIELDS, Lens, day};
use super::soql::{Clause, Direction, Field, Soql};
use super::wire::{Created, Page, Record};
use super::{ids, mark};
use crate::book::{NewActivity, NewFollowUp};
use crate::model::{Activity, ActivityKind};

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
        let mut body = self.body(&new.about, &new.subject, new.text.as_deref(), mark)?;
        let date = day(new.at);
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
            body.insert("ActivityDate".into(), json!(date));
        }
        self.created(cx, new.kind, body, mark).await
    }

    pub(super) async fn scheduled(&self, cx: &Cx, new: &NewFollowUp, mark: &Mark) -> Result<Activity> {
        let mut body = self.body(&new.about, &new.subject, new.text.as_deref(), mark)?;
        body.insert("ActivityDate".into(), json!(new.due));
        body.insert("TaskSubtype".into(), json!("Task"));
        if let Some(owner) = &new.owner {
            body.insert("OwnerId".into(), json!(owner));
        }
        self.created(cx, ActivityKind::Task, body, mark).await
    }

    fn body(
        &self,
        about: &str,
        subject: &str,
        text: Option<&str>,
        mark: &Mark,
    ) -> Result<Map<String, Value>> {
        let id = ids::id(about).filter(|id| ids::object(id).is_some()).ok_or_else(|| {
            Error::new(Code::NotFound, "that is no account, contact, opportunity or case of Salesforce")
        })?;
        let relation = if ids::object(&id) == Some("Contact") { "WhoId" } else { "WhatId" };
        let mut body = Map::new();
        body.insert("Subject".into(), json!(subject));
        body.insert(relation.into(), json!(id));
        if let Some(text) = mark::written(text, mark, self.configured.external_id.is_some()) {
            body.insert("Description".into(), json!(text));
        }
        Ok(body)
    }

    /// By upsert where an external id holds the mark: then Salesforce itself makes it once.
    async fn created(
        &self,
        cx: &Cx,
        kind: ActivityKind,
        body: Map<String, Value>,
        mark: &Mark,
    ) -> Result<Activity> {
        let (version, object) = (self.connection.version(), object(kind));
        let request = match &self.configured.external_id {
            Some(field) => Request::patch(
                "/services/data/v{version}/sobjects/{object}/{field}/{value}",
                &[version, object, field.name(), &mark::external_id(mark)],
            )
            .idempotent(),
            None => Request::post("/services/data/v{version}/sobjects/{object}", &[version, object]),
        };
        let own = match self.connection.send(cx, request.json(&body)).await {
            Ok(reply) => {
                let created: Created<'_> = reply.json()?;
                Clause::Is(ID, (&*created.id).into())
            }
            // A task takes some fields at its birth only, so that a repeat of what was done already is refused.
            Err(error) => {
                let made = self.held(cx, kind, mark, &error).await;
                return made.transpose().unwrap_or(Err(error));
            }
        };
        let found = self.activity_where(cx, kind, own, |_| true).await?;
        found.ok_or_else(|| {
            Error::new(
                Code::OutcomeUnknown,
                "Salesforce made the activity and does not show it to this account",
            )
        })
    }

    /// What an external id holds already, where Salesforce refused to write it.
    async fn held(
        &self,
        cx: &Cx,
        kind: ActivityKind,
        mark: &Mark,
        error: &Error,
    ) -> Result<Option<Activity>> {
        let refused = matches!(error.code(), Code::Permission | Code::InvalidArgument | Code::Conflict);
        match self.configured.external_id.as_ref().filter(|_| refused) {
            Some(field) => self.activity_where(cx, kind, marked(field, mark), |_| true).await,
            None => Ok(None),
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
        let relation = if ids::object(&id) == Some("Contact") { "WhoId" } else { "WhatId" };
        let related = Clause::Is(Field::new(relation), id.as_str().into());
        let bears =
            |record: &Record<'_>| record.text("Description").is_some_and(|text| mark::bears(text, mark));
        let by_text = self.activity_where(cx, kind, related, bears);
        match &self.configured.external_id {
            None => by_text.await,
            Some(field) => {
                let by_id = self.activity_where(cx, kind, marked(field, mark), |_| true);
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

fn marked(field: &Field, mark: &Mark) -> Clause {
    Clause::Is(field.clone(), mark::external_id(mark).as_str().into())
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
