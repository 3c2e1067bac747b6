//! HubSpot's records in the domain's words.

use std::collections::HashMap;
use std::sync::Arc;

use call::Cx;
use content::{Author, FreeText, Label};
use error::Result;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tool::{Currency, CustomerKeys, Day, Moment, Money, RecordId};

use super::api::Object;
use super::hub::{Choice, Hub, Owner, Portal, Stage};
use super::settings::Mapping;
use super::wire::Record;
use super::{html, mark};
use crate::model::{
    Account, Activity, ActivityKind, CaseComment, CaseState, Contact, CustomerCase, Linked, Opportunity,
    Renewal, Severity, Standing,
};

/// A company by id and name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

/// For each record by id its company.
pub(super) type Companies = HashMap<String, Named>;

/// What it takes to read records: everything that is referred to by id.
pub(super) struct Lens<'a> {
    source: &'a str,
    mapping: &'a Mapping,
    pub(super) portal: Arc<Portal>,
    owners: Arc<Vec<Owner>>,
    pub(super) deal_stages: Arc<Vec<Stage>>,
    /// None unless asked for.
    pub(super) ticket_stages: Arc<Vec<Stage>>,
    pub(super) segments: Option<Arc<Vec<Choice>>>,
    now: Timestamp,
}

impl<'a> Lens<'a> {
    pub(super) async fn new(hub: &'a Arc<Hub>, cx: &Cx) -> Result<Self> {
        let (portal, owners, deal_stages, segments) =
            futures::try_join!(hub.portal(cx), hub.owners(cx), hub.deal_stages(cx), hub.segments(cx))?;
        let (source, mapping, ticket_stages) = (hub.source(), &hub.mapping, Arc::default());
        Ok(Self { source, mapping, portal, owners, deal_stages, ticket_stages, segments, now: cx.now() })
    }

    /// With the stages of tickets, which take a scope of their own: a key without it reads everything else.
    pub(super) async fn for_tickets(hub: &'a Arc<Hub>, cx: &Cx) -> Result<Self> {
        let (lens, ticket_stages) = futures::try_join!(Self::new(hub, cx), hub.ticket_stages(cx))?;
        Ok(Self { ticket_stages, ..lens })
    }

    /// Our id of a record.
    pub(super) fn id(&self, object: Object, id: &str) -> RecordId {
        RecordId::new(self.source, format!("{}/{id}", object.singular()))
    }

    /// Where a person opens a record.
    pub(super) fn url(&self, object: Object, id: &str) -> String {
        format!("https://{}/contacts/{}/record/{}/{id}", self.portal.host, self.portal.id, object.type_id())
    }

    pub(super) fn linked(&self, object: Object, named: &Named) -> Linked {
        let linked = Linked::new(self.id(object, &named.id), Some(Label::new(&named.name)));
        if object == Object::Contact { linked.of_person() } else { linked }
    }

    fn owner(&self, record: &Record<'_>) -> Option<Label> {
        let id = record.get("hubspot_owner_id")?;
        self.owners.iter().find(|owner| owner.id == id).map(|owner| Label::new(&owner.name))
    }

    /// A property that the configuration names.
    fn mapped<'r>(&self, record: &'r Record<'_>, name: &Option<String>) -> Option<&'r str> {
        record.get(name.as_deref()?)
    }

    pub(super) fn account(&self, record: &Record<'_>, full: bool) -> Account {
        let own = |name: &Option<String>| self.mapped(record, name).map(|v| Label::new(v).to_string());
        let place = [record.get("city"), record.get("country")];
        let place = place.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let segment = self.mapped(record, &self.mapping.segment).map(|value| {
            let choice = self.segments.iter().flat_map(|all| all.iter()).find(|c| c.value == value);
            Label::new(choice.map_or(value, |c| &c.label))
        });
        Account {
            id: self.id(Object::Company, &record.id),
            name: Label::new(record.get("name").unwrap_or_default()),
            keys: CustomerKeys {
                domain: record.get("domain").map(|d| Label::new(d).to_string()),
                erp_customer: own(&self.mapping.erp_customer),
                billing_customer: own(&self.mapping.billing_customer),
            },
            owner: self.owner(record),
            segment,
            industry: record.get("industry").filter(|_| full).map(Label::new),
            location: Some(place).filter(|p| full && !p.is_empty()).map(|p| Label::new(&p)),
            open_opportunities: record.get("hs_num_open_deals").and_then(|n| n.parse().ok()),
            renewal: self.mapped(record, &self.mapping.renewal_date).and_then(day).map(Day),
            last_activity: record.time("notes_last_updated").map(Moment),
            updated: Some(Moment(record.updated)),
            url: self.url(Object::Company, &record.id),
            as_of: Some(Moment(self.now)),
            description: record.get("description").filter(|_| full).map(internal),
        }
    }

    pub(super) fn contact(&self, record: &Record<'_>) -> Contact {
        Contact {
            id: self.id(Object::Contact, &record.id),
            name: Label::new(&full_name(record)),
            title: record.get("jobtitle").map(Label::new),
            email: record.get("email").map(Label::new),
            phone: record.get("phone").map(Label::new),
            last_activity: record.time("notes_last_updated").map(Moment),
            url: self.url(Object::Contact, &record.id),
            as_of: Some(Moment(self.now)),
        }
    }

    /// The stage of a deal.
    pub(super) fn deal_stage(&self, record: &Record<'_>) -> Option<&Stage> {
        let id = record.get("dealstage")?;
        self.deal_stages.iter().find(|stage| stage.id == id)
    }

    /// What a deal is worth; without a currency of its own, in the account's.
    pub(super) fn amount(&self, record: &Record<'_>) -> Option<Money> {
        Money::parse(record.get("amount")?, self.currency(record)?.code()).ok()
    }

    /// What a deal's amount is in, also while it has none.
    fn currency(&self, record: &Record<'_>) -> Option<Currency> {
        match record.get("deal_currency_code") {
            Some(own) => Currency::parse(own).ok(),
            None => self.portal.currency,
        }
    }

    pub(super) fn opportunity(
        &self,
        record: &Record<'_>,
        account: Option<&Named>,
        full: bool,
    ) -> Opportunity {
        let stage = self.deal_stage(record);
        let probability = record.get("hs_deal_stage_probability").and_then(|p| p.parse::<f64>().ok());
        // Between 0 and 100 by then: the cast loses nothing that is shown.
        let percent = |p: f64| (p * 100.0).round().clamp(0.0, 100.0) as u8;
        Opportunity {
            id: self.id(Object::Deal, &record.id),
            name: Label::new(record.get("dealname").unwrap_or_default()),
            account: account.map(|named| self.linked(Object::Company, named)),
            stage: Label::new(stage.map_or(record.get("dealstage").unwrap_or_default(), |s| &s.label)),
            standing: stage.map_or(Standing::Open, |s| s.standing),
            amount: self.amount(record),
            currency: self.currency(record),
            probability: probability.filter(|_| full).map(percent),
            forecast: record.get("hs_manual_forecast_category").filter(|_| full).map(Label::new),
            close: record.time("closedate").map(|at| Day(date(at))),
            owner: self.owner(record),
            next_step: record.get("hs_next_step").filter(|_| full).map(Label::new),
            last_activity: record.time("notes_last_updated").map(Moment),
            lost_reason: record.get("closed_lost_reason").map(Label::new),
            whole_reason: record.get("closed_lost_reason").map(str::to_owned),
            updated: Some(Moment(record.updated)),
            url: self.url(Object::Deal, &record.id),
            as_of: Some(Moment(self.now)),
            description: record.get("description").filter(|_| full).map(internal),
        }
    }

    /// A deal as a renewal; one without a close date is none yet.
    pub(super) fn renewal(&self, record: &Record<'_>, account: Option<&Named>) -> Option<Renewal> {
        Some(Renewal {
            id: self.id(Object::Deal, &record.id),
            name: Label::new(record.get("dealname").unwrap_or_default()),
            account: account.map(|named| self.linked(Object::Company, named)),
            due: Day(date(record.time("closedate")?)),
            value: self.amount(record),
            status: self.deal_stage(record).map(|stage| Label::new(&stage.label)),
            owner: self.owner(record),
            url: self.url(Object::Deal, &record.id),
            as_of: Some(Moment(self.now)),
        })
    }

    /// How far a ticket is.
    pub(super) fn case_state(&self, record: &Record<'_>) -> (CaseState, Label) {
        let id = record.get("hs_pipeline_stage").unwrap_or_default();
        let Some(stage) = self.ticket_stages.iter().find(|stage| stage.id == id) else {
            return (CaseState::Open, Label::new(id));
        };
        let state = match stage.closed {
            true => CaseState::Closed,
            false if self.mapping.is_waiting(&stage.label) => CaseState::Waiting,
            false => CaseState::Open,
        };
        (state, Label::new(&stage.label))
    }

    pub(super) fn case(&self, record: &Record<'_>, account: Option<&Named>, full: bool) -> CustomerCase {
        let (state, status) = self.case_state(record);
        let text = |text: &str| FreeText::new(&html::read(text), Author::Customer);
        CustomerCase {
            id: self.id(Object::Ticket, &record.id),
            number: Some(Label::new(&record.id)),
            subject: Label::new(record.get("subject").unwrap_or_default()),
            state,
            status,
            severity: record.get("hs_ticket_priority").and_then(severity),
            account: account.map(|named| self.linked(Object::Company, named)),
            owner: self.owner(record),
            opened: Moment(record.time("createdate").unwrap_or(record.created)),
            updated: Some(Moment(record.updated)),
            url: self.url(Object::Ticket, &record.id),
            as_of: Some(Moment(self.now)),
            description: record.get("content").filter(|_| full).map(text),
            comments: Vec::new(),
        }
    }

    /// A note or e-mail on a ticket. Notes stay in the house; e-mails reach the customer or come from them.
    pub(super) fn comment(&self, object: Object, record: &Record<'_>) -> CaseComment {
        let incoming = record.get("hs_email_direction") == Some("INCOMING_EMAIL");
        let (_, text) = self.said(object, record);
        CaseComment {
            author: self.owner(record).filter(|_| !incoming),
            at: Moment(record.time("hs_timestamp").unwrap_or(record.created)),
            public: Some(object == Object::Email),
            text: FreeText::new(&text, if incoming { Author::Customer } else { Author::Internal }),
        }
    }

    pub(super) fn activity(&self, object: Object, record: &Record<'_>, about: Vec<Linked>) -> Activity {
        let kind = kind(object);
        let at = record.time("hs_timestamp").unwrap_or(record.created);
        let incoming = record.get("hs_email_direction") == Some("INCOMING_EMAIL");
        let (subject, text) = self.said(object, record);
        let author = if incoming { Author::Customer } else { Author::Internal };
        let task = kind == ActivityKind::Task;
        Activity {
            id: self.id(object, &record.id),
            kind,
            subject: Label::new(&subject),
            at: Moment(at),
            owner: self.owner(record),
            about,
            due: task.then(|| Day(date(at))),
            done: task.then(|| record.get("hs_task_status") == Some("COMPLETED")),
            minutes: minutes(object, record),
            // People open activities at the record they are about.
            url: None,
            as_of: Some(Moment(self.now)),
            text: Some(text).filter(|t| !t.is_empty()).map(|text| FreeText::new(&text, author)),
        }
    }

    /// Subject and text of an activity; our mark is no part of it. A note has no subject: its first line stands for
    /// one.
    fn said(&self, object: Object, record: &Record<'_>) -> (String, String) {
        let body = mark::without(&html::read(record.get(body(object)).unwrap_or_default()));
        match subject(object) {
            Some(name) => (record.get(name).unwrap_or_default().to_owned(), body),
            None => match body.split_once('\n') {
                Some((first, rest)) => (first.to_owned(), rest.trim().to_owned()),
                None => (body, String::new()),
            },
        }
    }
}

/// The property that holds an activity's subject.
pub(super) const fn subject(object: Object) -> Option<&'static str> {
    match object {
        Object::Call => Some("hs_call_title"),
        Object::Meeting => Some("hs_meeting_title"),
        Object::Email => Some("hs_email_subject"),
        Object::Task => Some("hs_task_subject"),
        _ => None,
    }
}

/// The property that holds an activity's text.
pub(super) const fn body(object: Object) -> &'static str {
    match object {
        Object::Call => "hs_call_body",
        Object::Meeting => "hs_meeting_body",
        Object::Email => "hs_email_text",
        Object::Task => "hs_task_body",
        _ => "hs_note_body",
    }
}

const fn kind(object: Object) -> ActivityKind {
    match object {
        Object::Call => ActivityKind::Call,
        Object::Meeting => ActivityKind::Meeting,
        Object::Email => ActivityKind::Email,
        Object::Task => ActivityKind::Task,
        _ => ActivityKind::Note,
    }
}

fn minutes(object: Object, record: &Record<'_>) -> Option<u32> {
    let milliseconds = match object {
        Object::Call => record.get("hs_call_duration")?.parse().ok()?,
        Object::Meeting => {
            let (start, end) = (record.time("hs_meeting_start_time")?, record.time("hs_meeting_end_time")?);
            u64::try_from(end.duration_since(start).as_millis()).ok()?
        }
        _ => return None,
    };
    u32::try_from(milliseconds / 60_000).ok().filter(|minutes| *minutes > 0)
}

/// First and last name, else the e-mail address.
pub(super) fn full_name(record: &Record<'_>) -> String {
    let names = [record.get("firstname"), record.get("lastname")];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    if name.is_empty() { record.get("email").unwrap_or_default().to_owned() } else { name }
}

/// HubSpot's own priorities.
fn severity(priority: &str) -> Option<Severity> {
    Some(match priority {
        "URGENT" => Severity::Critical,
        "HIGH" => Severity::High,
        "MEDIUM" => Severity::Medium,
        "LOW" => Severity::Low,
        _ => return None,
    })
}

/// The priority that HubSpot calls it.
pub(super) const fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "URGENT",
        Severity::High => "HIGH",
        Severity::Medium => "MEDIUM",
        Severity::Low => "LOW",
    }
}

/// The day of a moment, in UTC: HubSpot keeps dates as midnight there.
pub(super) fn date(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// A `date` property: a day, or midnight in UTC as milliseconds.
fn day(text: &str) -> Option<Date> {
    text.parse().ok().or_else(|| Timestamp::from_millisecond(text.parse().ok()?).ok().map(date))
}

fn internal(text: &str) -> FreeText {
    FreeText::new(text, Author::Internal)
}
