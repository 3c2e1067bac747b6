//! What is written: activities that bear their mark, and stages of deals.

use std::borrow::Cow;
use std::collections::BTreeMap;

use call::Cx;
use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tool::Mark;

use super::HubSpot;
use super::api::Object;
use super::hub::Hunt;
use super::lists::deal_properties;
use super::map::{self, Lens};
use super::query::{Conditions, Filter, Sort};
use super::relations::newest;
use super::wire::{Draft, Found, Input, Record, Tie, TieType};
use super::{activities, html, mark};
use crate::book::{Changed, NewActivity, NewFollowUp, Stage, StageChange};
use crate::model::{Activity, ActivityKind, Linked, Opportunity};

/// The newest activities of a record that are looked through for a mark that the index may not know yet.
const NOT_YET_INDEXED: usize = 100;

/// A meeting whose length nobody told.
const MEETING_MINUTES: u32 = 30;

type Properties<'a> = BTreeMap<&'static str, Cow<'a, str>>;

impl HubSpot {
    pub(super) async fn log(&self, cx: &Cx, new: &NewActivity, mark: &Mark) -> Result<Activity> {
        let object = Object::of_activity(new.kind);
        let mut properties = Properties::new();
        properties.insert("hs_timestamp", new.at.to_string().into());
        let text = new.text.as_deref().unwrap_or_default();
        match map::subject(object) {
            Some(subject) => {
                properties.insert(subject, new.subject.as_str().into());
                properties.insert(map::body(object), body(&[text], mark).into());
            }
            // A note has no subject: its first line stands for one.
            None => drop(properties.insert(map::body(object), body(&[&new.subject, text], mark).into())),
        }
        match new.kind {
            ActivityKind::Call => {
                properties.insert("hs_call_status", "COMPLETED".into());
                if let Some(minutes) = new.minutes {
                    properties.insert("hs_call_duration", (u64::from(minutes) * 60_000).to_string().into());
                }
            }
            ActivityKind::Meeting => {
                let minutes = i64::from(new.minutes.unwrap_or(MEETING_MINUTES));
                properties.insert("hs_meeting_start_time", new.at.to_string().into());
                properties.insert(
                    "hs_meeting_end_time",
                    (new.at + SignedDuration::from_mins(minutes)).to_string().into(),
                );
                properties.insert("hs_meeting_outcome", "COMPLETED".into());
            }
            _ => {}
        }
        self.create(cx, object, properties, &new.about).await
    }

    pub(super) async fn task(&self, cx: &Cx, new: &NewFollowUp, mark: &Mark) -> Result<Activity> {
        let mut properties = Properties::new();
        properties.insert("hs_timestamp", noon(new.due)?.to_string().into());
        properties.insert("hs_task_subject", new.subject.as_str().into());
        properties.insert("hs_task_body", body(&[new.text.as_deref().unwrap_or_default()], mark).into());
        properties.insert("hs_task_status", "NOT_STARTED".into());
        properties.insert("hs_task_type", "TODO".into());
        if let Some(owner) = &new.owner {
            properties.insert("hubspot_owner_id", owner.as_str().into());
        }
        self.create(cx, Object::Task, properties, &new.about).await
    }

    /// Creates an activity about a record, and about its company, so that it is seen there too.
    async fn create(
        &self,
        cx: &Cx,
        object: Object,
        properties: Properties<'_>,
        about: &str,
    ) -> Result<Activity> {
        let lens = Lens::new(&self.hub, cx).await?;
        let linked = self.about_whom(cx, &lens, about).await?;
        let draft = Draft { properties, associations: ties(object, &linked)? };
        let reply = self.hub.send(cx, self.hub.api.create(object).json(&draft)).await?;
        let created: Record<'_> = reply.json()?;
        Ok(lens.activity(object, &created, linked))
    }

    /// The record by name, and its company if it is none itself.
    async fn about_whom(&self, cx: &Cx, lens: &Lens<'_>, native: &str) -> Result<Vec<Linked>> {
        let (object, id) = super::parsed(native)?;
        let record = self.named(cx, lens, native);
        if object == Object::Company {
            return record.await.map(|linked| vec![linked]);
        }
        let ids = [id.to_owned()];
        let (linked, companies) =
            futures::future::try_join(record, self.companies_of(cx, object, &ids)).await?;
        let company = companies.get(id).map(|named| lens.linked(Object::Company, named));
        Ok(std::iter::once(linked).chain(company).collect())
    }

    /// Looks in the index, which lags behind by seconds, and among the record's newest activities, which do not.
    pub(super) async fn marked(
        &self,
        cx: &Cx,
        kind: ActivityKind,
        about: &str,
        mark: &Mark,
    ) -> Result<Option<Activity>> {
        let (object, token) = (Object::of_activity(kind), mark::token(mark));
        let lens = Lens::new(&self.hub, cx).await?;
        match self.indexed(cx, &lens, object, about, &token).await? {
            None => self.not_yet_indexed(cx, &lens, object, about, &token).await,
            found => Ok(found),
        }
    }

    async fn indexed(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        object: Object,
        about: &str,
        token: &str,
    ) -> Result<Option<Activity>> {
        let (to, id) = super::parsed(about)?;
        let mut conditions = Conditions::none();
        conditions.and(Filter::associated(to.singular(), id));
        conditions.and(Filter::has_token(map::body(object), token));
        let properties = activities::properties(object);
        let sort = Sort::descending("hs_timestamp");
        let hunt =
            Hunt { object, conditions: &conditions, sort, properties: &properties, limit: 10, offset: 0 };
        let reply = self.hub.search(cx, &hunt).await?;
        self.bearing(cx, lens, object, about, token, &reply.json()?).await
    }

    async fn not_yet_indexed(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        object: Object,
        about: &str,
        token: &str,
    ) -> Result<Option<Activity>> {
        let (from, id) = super::parsed(about)?;
        let related = self.related(cx, from, object, &[id.to_owned()]).await?;
        let ids: Vec<String> = related.values().flat_map(|to| newest(to, NOT_YET_INDEXED)).collect();
        for reply in self.hub.batch(cx, object, &ids, &activities::properties(object)).await? {
            if let Some(found) = self.bearing(cx, lens, object, about, token, &reply.json()?).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The first of these records that bears the token in its mark.
    async fn bearing(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        object: Object,
        about: &str,
        token: &str,
        found: &Found<'_>,
    ) -> Result<Option<Activity>> {
        let text = |record: &Record<'_>| html::read(record.get(map::body(object)).unwrap_or_default());
        match found.results.iter().find(|record| mark::bears(&text(record), token)) {
            Some(record) => {
                let about = vec![self.named(cx, lens, about).await?];
                Ok(Some(lens.activity(object, record, about)))
            }
            None => Ok(None),
        }
    }

    pub(super) async fn deal(&self, cx: &Cx, native: &str) -> Result<Opportunity> {
        let id = super::id_of(Object::Deal, native)?;
        let lens = Lens::new(&self.hub, cx).await?;
        let request =
            self.hub.api.record(Object::Deal, id).query("properties", deal_properties(true).join(","));
        let ids = [id.to_owned()];
        let (reply, companies) =
            futures::future::try_join(self.hub.send(cx, request), self.companies_of(cx, Object::Deal, &ids))
                .await?;
        Ok(lens.opportunity(&reply.json()?, companies.get(id), true))
    }

    /// The stages of the deal's pipeline.
    pub(super) async fn stages_of(&self, cx: &Cx, native: &str) -> Result<Vec<Stage>> {
        let id = super::id_of(Object::Deal, native)?;
        let stages = self.hub.deal_stages(cx).await?;
        let request = self.hub.api.record(Object::Deal, id).query("properties", "pipeline");
        let reply = self.hub.send(cx, request).await?;
        let deal: Record<'_> = reply.json()?;
        let pipeline = deal.get("pipeline").unwrap_or_default();
        let own = stages.iter().filter(|stage| stage.pipeline == pipeline);
        let stage = |s: &super::hub::Stage| Stage {
            id: s.id.clone(),
            name: s.label.clone(),
            standing: s.standing,
            probability: None,
            forecast: None,
        };
        Ok(own.map(stage).collect())
    }

    /// HubSpot has no precondition: what is expected is held against the deal just before it is changed.
    pub(super) async fn move_deal(
        &self,
        cx: &Cx,
        native: &str,
        change: &StageChange,
        expected: Option<Timestamp>,
    ) -> Result<Changed> {
        let id = super::id_of(Object::Deal, native)?;
        let before = self.deal(cx, native).await?;
        if expected.is_some_and(|at| before.changed_after(at)) {
            return Err(Error::new(Code::Conflict, "the opportunity changed since it was read")
                .hint("read it again and decide anew"));
        }
        change.amount.map_or(Ok(()), |amount| before.takes(amount))?;
        let mut properties = Properties::new();
        properties.insert("dealstage", change.stage.id.as_str().into());
        if let Some(amount) = change.amount {
            properties.insert("amount", amount.amount.to_string().into());
        }
        if let Some(reason) = &change.lost_reason {
            properties.insert("closed_lost_reason", reason.as_str().into());
        }
        let draft = Draft { properties, associations: Vec::new() };
        // The same values twice are the same values.
        let request = self.hub.api.change(Object::Deal, id).json(&draft).idempotent();
        self.hub.send(cx, request).await?;
        // What was done is told even if it cannot be read back.
        let after = self.deal(cx, native).await.unwrap_or_else(|_| change.applied(&before));
        Ok(Changed { before, after })
    }
}

/// Paragraphs of a body, the mark last.
fn body(texts: &[&str], mark: &Mark) -> String {
    let said = texts.iter().filter(|text| !text.is_empty()).map(|text| html::written(text));
    said.chain([html::written(&mark::line(mark))]).collect()
}

fn ties<'l>(object: Object, about: &'l [Linked]) -> Result<Vec<Tie<'l>>> {
    let tie = |linked: &'l Linked| {
        let id =
            linked.id.as_ref().ok_or_else(|| Error::internal("an activity about a record without an id"))?;
        let (to, id) = super::parsed(id.native())?;
        let association_type_id = object.association_to(to).ok_or_else(|| {
            Error::internal(format!("no association from {} to {}", object.plural(), to.plural()))
        })?;
        let types = [TieType { association_category: "HUBSPOT_DEFINED", association_type_id }];
        Ok(Tie { to: Input { id }, types })
    };
    about.iter().map(tie).collect()
}

/// The middle of a day in UTC: the same day for most of the world.
fn noon(day: Date) -> Result<Timestamp> {
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC);
    noon.map(|z| z.timestamp()).map_err(|_| Error::invalid("due", "too far away"))
}
