//! Records as the domain's nouns.

use call::Cx;
use content::{Author, FreeText, Label};
use error::Result;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tool::{Currency, CustomerKeys, Day, Moment, Money, RecordId};

use super::mark;
use super::org::{CURRENCY, Org, percent, standing};
use super::settings::{Configured, Renewals, RenewalsIn};
use super::severity;
use super::soql::Field;
use super::wire::Record;
use crate::model::{
    Account, Activity, ActivityKind, CaseState, Contact, CustomerCase, Linked, Opportunity, Renewal,
};

/// What records are read with.
pub(super) struct Lens<'a> {
    pub(super) source: &'a str,
    pub(super) configured: &'a Configured,
    pub(super) org: &'a Org,
    pub(super) as_of: Timestamp,
}

impl<'a> Lens<'a> {
    pub(super) fn new(source: &'a str, configured: &'a Configured, org: &'a Org, cx: &Cx) -> Self {
        Self { source, configured, org, as_of: cx.now() }
    }

    pub(super) fn account_fields(&self, full: bool) -> Vec<Field> {
        let own = self.configured;
        let fixed = ["Id", "Name", "Owner.Name", "Owner.Username", "LastActivityDate", "LastModifiedDate"];
        let mut fields: Vec<Field> = fixed.into_iter().map(Field::new).collect();
        fields.push(own.domain.clone().unwrap_or(WEBSITE));
        fields
            .extend([&own.segment, &own.erp_customer, &own.billing_customer].into_iter().flatten().cloned());
        if full {
            fields.extend(["Industry", "BillingCity", "BillingCountry"].map(Field::new));
            fields.push(DESCRIPTION);
        }
        fields
    }

    pub(super) fn account(&self, record: &Record<'_>) -> Result<Account> {
        let own = self.configured;
        let id = record.need("Id")?;
        let place = [record.text("BillingCity"), record.text("BillingCountry")];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        Ok(Account {
            id: self.id(id),
            name: Label::new(record.need("Name")?),
            keys: self.keys(record),
            owner: self.owner(record),
            segment: record.shown(own.segment.as_ref()).map(|text| Label::new(&text)),
            industry: record.text("Industry").map(Label::new),
            location: (!place.is_empty()).then(|| Label::new(&place.join(", "))),
            open_opportunities: None,
            renewal: None,
            last_activity: record.day("LastActivityDate").map(midnight),
            updated: Some(self.updated(record)),
            url: self.url(id),
            as_of: Some(Moment(self.as_of)),
            description: record.text("Description").map(|text| FreeText::new(text, Author::Internal)),
        })
    }

    pub(super) fn keys(&self, record: &Record<'_>) -> CustomerKeys {
        let own = self.configured;
        let shown = |field: &Option<Field>| record.shown(field.as_ref()).map(|text| one_line(&text));
        let domain = match &own.domain {
            Some(field) => record.shown(Some(field)).and_then(|text| host_of(&text)),
            None => record.text("Website").and_then(host_of),
        };
        CustomerKeys {
            domain,
            erp_customer: shown(&own.erp_customer),
            billing_customer: shown(&own.billing_customer),
        }
    }

    pub(super) fn contact(&self, record: &Record<'_>) -> Result<Contact> {
        let id = record.need("Id")?;
        Ok(Contact {
            id: self.id(id),
            name: Label::new(record.need("Name")?),
            title: record.text("Title").map(Label::new),
            email: record.text("Email").map(Label::new),
            phone: record.text("Phone").map(Label::new),
            last_activity: record.day("LastActivityDate").map(midnight),
            url: self.url(id),
            as_of: Some(Moment(self.as_of)),
        })
    }

    pub(super) fn opportunity_fields(&self, full: bool) -> Vec<Field> {
        let fixed = [
            "Id",
            "Name",
            "AccountId",
            "Account.Name",
            "StageName",
            "IsClosed",
            "IsWon",
            "Amount",
            "Probability",
            "ForecastCategoryName",
            "CloseDate",
            "Owner.Name",
            "Owner.Username",
            "NextStep",
            "LastActivityDate",
            "LastModifiedDate",
        ];
        let mut fields: Vec<Field> = fixed.into_iter().map(Field::new).collect();
        fields.extend(self.org.currency());
        fields.extend(self.configured.lost_reason.clone());
        fields.extend(full.then_some(DESCRIPTION));
        fields
    }

    pub(super) fn opportunity(&self, record: &Record<'_>) -> Result<Opportunity> {
        let id = record.need("Id")?;
        let reason = record.shown(self.configured.lost_reason.as_ref());
        Ok(Opportunity {
            id: self.id(id),
            name: Label::new(record.need("Name")?),
            account: self.linked(record, "AccountId", "Account.Name"),
            stage: Label::new(record.need("StageName")?),
            standing: standing(record),
            amount: self.money(record, "Amount")?,
            currency: self.currency(record)?,
            probability: percent(record, "Probability"),
            forecast: record.text("ForecastCategoryName").map(Label::new),
            close: record.day("CloseDate").map(Day),
            owner: self.owner(record),
            next_step: record.text("NextStep").map(Label::new),
            last_activity: record.day("LastActivityDate").map(midnight),
            lost_reason: reason.as_deref().map(Label::new),
            whole_reason: reason.map(String::from),
            updated: Some(self.updated(record)),
            url: self.url(id),
            as_of: Some(Moment(self.as_of)),
            description: record.text("Description").map(|text| FreeText::new(text, Author::Internal)),
        })
    }

    pub(super) fn task(&self, record: &Record<'_>) -> Result<Activity> {
        let kind = match (record.text("TaskSubtype"), record.text("Type")) {
            (Some("Call"), _) => ActivityKind::Call,
            (Some("Email" | "ListEmail"), _) => ActivityKind::Email,
            (_, Some(kind)) if kind == self.configured.note_type => ActivityKind::Note,
            _ => ActivityKind::Task,
        };
        let day = record.day("ActivityDate");
        let author = if kind == ActivityKind::Email { Author::Anonymous } else { Author::Internal };
        let is_task = kind == ActivityKind::Task;
        let seconds = record.number("CallDurationInSeconds").and_then(|n| u32::try_from(n).ok());
        let at = day.map(midnight).or(record.time("CreatedDate").map(Moment));
        Ok(Activity {
            id: self.id(record.need("Id")?),
            kind,
            subject: Label::new(record.text("Subject").unwrap_or("(no subject)")),
            at: at.unwrap_or(Moment(self.as_of)),
            owner: record.text("Owner.Name").map(Label::new),
            about: self.about(record),
            due: day.map(Day).filter(|_| is_task),
            done: is_task.then(|| record.flag("IsClosed")),
            minutes: seconds.filter(|s| *s > 0 && kind == ActivityKind::Call).map(|s| s.div_ceil(60)),
            url: Some(self.url(record.need("Id")?)),
            as_of: Some(Moment(self.as_of)),
            text: said(record, author),
        })
    }

    pub(super) fn event(&self, record: &Record<'_>) -> Result<Activity> {
        let at = record.time("StartDateTime").or(record.time("CreatedDate")).unwrap_or(self.as_of);
        let minutes = record.number("DurationInMinutes").and_then(|n| u32::try_from(n).ok());
        Ok(Activity {
            id: self.id(record.need("Id")?),
            kind: ActivityKind::Meeting,
            subject: Label::new(record.text("Subject").unwrap_or("(no subject)")),
            at: Moment(at),
            owner: record.text("Owner.Name").map(Label::new),
            about: self.about(record),
            due: None,
            done: None,
            minutes: minutes.filter(|m| *m > 0),
            url: Some(self.url(record.need("Id")?)),
            as_of: Some(Moment(self.as_of)),
            text: said(record, Author::Internal),
        })
    }

    fn about(&self, record: &Record<'_>) -> Vec<Linked> {
        // Whoever `WhoId` names is a contact or a lead.
        let whom = self.linked(record, "WhoId", "Who.Name").map(Linked::of_person);
        let ways = [
            self.linked(record, "WhatId", "What.Name"),
            whom,
            self.linked(record, "AccountId", "Account.Name"),
        ];
        let mut about: Vec<Linked> = Vec::new();
        for linked in ways.into_iter().flatten() {
            if about.iter().all(|known| known.id != linked.id) {
                about.push(linked);
            }
        }
        about
    }

    pub(super) fn case_fields(full: bool) -> Vec<Field> {
        let fixed = [
            "Id",
            "CaseNumber",
            "Subject",
            "Status",
            "IsClosed",
            "Priority",
            "AccountId",
            "Account.Name",
            "Owner.Name",
            "CreatedDate",
            "LastModifiedDate",
        ];
        fixed.into_iter().map(Field::new).chain(full.then_some(DESCRIPTION)).collect()
    }

    pub(super) fn case(&self, record: &Record<'_>) -> Result<CustomerCase> {
        let id = record.need("Id")?;
        let status = record.need("Status")?;
        let waiting = self.configured.waiting.iter().any(|own| own.eq_ignore_ascii_case(status));
        let state = match record.flag("IsClosed") {
            true => CaseState::Closed,
            false if waiting => CaseState::Waiting,
            false => CaseState::Open,
        };
        Ok(CustomerCase {
            id: self.id(id),
            number: record.text("CaseNumber").map(Label::new),
            subject: Label::new(record.text("Subject").unwrap_or("(no subject)")),
            state,
            status: Label::new(status),
            severity: record.text("Priority").and_then(|p| severity::of(self.configured, p)),
            account: self.linked(record, "AccountId", "Account.Name"),
            owner: record.text("Owner.Name").map(Label::new),
            opened: Moment(record.time("CreatedDate").unwrap_or(self.as_of)),
            updated: Some(self.updated(record)),
            url: self.url(id),
            as_of: Some(Moment(self.as_of)),
            description: record.text("Description").map(|text| FreeText::new(text, Author::Customer)),
            comments: Vec::new(),
        })
    }

    pub(super) fn renewal_fields(&self, renewals: &Renewals) -> Vec<Field> {
        let fixed =
            ["Id", "Name", "AccountId", "Account.Name", "Owner.Name", "Owner.Username"].map(Field::new);
        let own = match renewals.kept_in {
            RenewalsIn::Contract => ["ContractNumber", "EndDate", "Status"],
            RenewalsIn::Opportunity => ["StageName", "CloseDate", "Type"],
        };
        let mut fields: Vec<Field> = fixed.into_iter().chain(own.map(Field::new)).collect();
        fields.extend(renewals.value.clone());
        fields.extend(self.org.currency());
        fields
    }

    pub(super) fn renewal(&self, renewals: &Renewals, record: &Record<'_>) -> Result<Renewal> {
        let id = record.need("Id")?;
        let (due, status) = match renewals.kept_in {
            RenewalsIn::Contract => ("EndDate", "Status"),
            RenewalsIn::Opportunity => ("CloseDate", "StageName"),
        };
        let name = record.text("Name").or(record.text("ContractNumber")).unwrap_or(id);
        record.need(due)?;
        let due = record.day(due).unwrap_or_else(|| day(self.as_of));
        Ok(Renewal {
            id: self.id(id),
            name: Label::new(name),
            account: self.linked(record, "AccountId", "Account.Name"),
            due: Day(due),
            value: match &renewals.value {
                Some(field) => self.money(record, field.name())?,
                None => None,
            },
            status: record.text(status).map(Label::new),
            owner: self.owner(record),
            url: self.url(id),
            as_of: Some(Moment(self.as_of)),
        })
    }

    pub(super) fn id(&self, native: &str) -> RecordId {
        RecordId::new(self.source, native)
    }

    pub(super) fn url(&self, id: &str) -> String {
        format!("{}/{id}", self.configured.site)
    }

    /// An amount with its currency; without one it says nothing and is left out.
    pub(super) fn money(&self, record: &Record<'_>, field: &str) -> Result<Option<Money>> {
        let Some(amount) = record.number(field) else { return Ok(None) };
        Ok(self.currency(record)?.map(|currency| Money::new(amount, currency)))
    }

    /// What a record's amounts are in; not known in an org of one currency where configuration does not say.
    fn currency(&self, record: &Record<'_>) -> Result<Option<Currency>> {
        match self.org.currencies {
            true => record.text(CURRENCY.name()).map(Currency::parse).transpose(),
            false => Ok(self.configured.currency),
        }
    }

    /// Whose it is; nobody's if it is somebody's who stands for nobody.
    fn owner(&self, record: &Record<'_>) -> Option<Label> {
        let user = record.text("Owner.Username").unwrap_or_default();
        let stands = self.configured.nobody.iter().any(|nobody| nobody.eq_ignore_ascii_case(user));
        record.text("Owner.Name").filter(|_| !stands).map(Label::new)
    }

    fn linked(&self, record: &Record<'_>, id: &str, name: &str) -> Option<Linked> {
        Some(Linked::new(self.id(record.text(id)?), record.text(name).map(Label::new)))
    }

    fn updated(&self, record: &Record<'_>) -> Moment {
        Moment(record.time("LastModifiedDate").unwrap_or(self.as_of))
    }
}

/// The field of the account's site.
pub(super) const WEBSITE: Field = Field::new("Website");
const DESCRIPTION: Field = Field::new("Description");

/// What is asked for of an activity, besides what only one kind has.
pub(super) const ACTIVITY_FIELDS: [&str; 10] = [
    "Id",
    "Subject",
    "Description",
    "WhatId",
    "What.Name",
    "WhoId",
    "Who.Name",
    "AccountId",
    "Account.Name",
    "Owner.Name",
];

/// What was said, without our marks.
fn said(record: &Record<'_>, author: Author) -> Option<FreeText> {
    let text = mark::without(record.text("Description")?);
    (!text.is_empty()).then(|| FreeText::new(text, author))
}

/// The host of a site as people write it, without `www.`.
pub(super) fn host_of(site: &str) -> Option<String> {
    let site = site.trim();
    let rest = site.split_once("://").map_or(site, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

fn one_line(text: &str) -> String {
    Label::new(text).to_string()
}

/// A day as the moment it begins.
pub(super) fn midnight(day: Date) -> Moment {
    Moment(day.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp()))
}

/// The day of a moment, in UTC.
pub(super) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
