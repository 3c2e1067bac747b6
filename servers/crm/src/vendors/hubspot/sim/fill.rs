//! The demo company as HubSpot holds it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sandbox::company;

use super::state::{Kind, Pipeline, Portal, Record, Stage, User, at};
use crate::company::Holdings;

/// Fills an account; days and hours count from `now`.
pub(in super::super) fn fill(now: Timestamp) -> Portal {
    let held = Holdings::of("hubspot");
    let users = held.people.iter().map(user).collect();
    let mut fill =
        Fill { portal: Portal::new(users, deal_pipelines(), ticket_pipelines()), now, ids: BTreeMap::new() };
    held.accounts.iter().for_each(|account| fill.account(account));
    held.contacts.iter().for_each(|contact| fill.contact(contact));
    held.opportunities.iter().for_each(|opportunity| fill.opportunity(opportunity));
    held.renewals.iter().for_each(|renewal| fill.renewal(renewal));
    held.cases.iter().for_each(|case| fill.case(case));
    held.activities.iter().for_each(|activity| fill.activity(activity));
    fill.portal
}

struct Fill {
    portal: Portal,
    now: Timestamp,
    /// Numbers by kind and key.
    ids: BTreeMap<(Kind, String), u64>,
}

type Values = Vec<(&'static str, Option<String>)>;

impl Fill {
    fn moment(&self, hours: i64) -> Timestamp {
        self.now + SignedDuration::from_hours(hours)
    }

    /// Midnight of a day.
    fn midnight(&self, days: i64) -> String {
        let day = self.moment(24 * days).to_zoned(TimeZone::UTC).date();
        format!("{day}T00:00:00.000Z")
    }

    /// Adds a record and associates it. Its number follows from its key; those of activities also from their time, for
    /// HubSpot counts upwards.
    fn add(&mut self, kind: Kind, key: &str, times: (i64, i64), values: Values) -> u64 {
        let mut id = match kind.is_activity() {
            true => {
                40_000_000_000 + times.0.saturating_add(500_000).unsigned_abs() * 10_000 + hash(key) % 10_000
            }
            false => 17_000_000_000 + hash(key) % 900_000_000,
        };
        while self.portal.records.contains_key(&(kind, id)) {
            id += 1;
        }
        let values = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let (created, updated) = (self.moment(times.0), self.moment(times.1));
        let record = Record {
            id,
            values: values.collect(),
            created,
            updated,
            archived: false,
            indexed: Timestamp::MIN,
        };
        self.portal.insert(kind, record);
        self.ids.insert((kind, key.to_owned()), id);
        id
    }

    fn tie(&mut self, from: (Kind, u64), to: Kind, key: Option<&String>, primary: bool) {
        let other = key.and_then(|key| self.ids.get(&(to, key.clone())));
        if let Some(id) = other.copied() {
            self.portal.tie(from, (to, id), primary);
        }
    }

    fn account(&mut self, a: &company::Account) {
        let hours = 24 * a.created_days;
        let values = vec![
            ("name", Some(a.name.clone())),
            ("domain", some(&a.domain)),
            ("hubspot_owner_id", owner(a.owner.as_ref())),
            ("phone", a.phone.clone()),
            ("industry", some(&a.industry)),
            ("city", some(&a.city)),
            ("country", some(&a.country)),
            ("description", a.text.clone()),
            ("numberofemployees", (a.employees > 0).then(|| a.employees.to_string())),
            ("customer_segment", some(&a.segment)),
            ("erp_customer_number", a.erp_customer.clone()),
            ("billing_customer_id", a.billing_customer.clone()),
        ];
        self.add(Kind::Company, &a.key, (hours, hours), values);
    }

    fn contact(&mut self, c: &company::Contact) {
        let values = vec![
            ("firstname", Some(c.first_name.clone())),
            ("lastname", Some(c.last_name.clone())),
            ("email", c.email.clone()),
            ("phone", c.phone.clone()),
            ("jobtitle", c.title.clone()),
        ];
        let id = self.add(Kind::Contact, &c.key, (-2400, -2400), values);
        self.tie((Kind::Contact, id), Kind::Company, Some(&c.account), true);
    }

    fn opportunity(&mut self, o: &company::Opportunity) {
        let forecast = match o.forecast.as_str() {
            "omitted" => "OMIT",
            "best_case" => "BEST_CASE",
            "commit" => "COMMIT",
            "closed" => "CLOSED",
            _ => "PIPELINE",
        };
        let values = vec![
            ("dealname", Some(o.name.clone())),
            ("pipeline", Some("default".into())),
            ("dealstage", Some(stage(&o.stage).into())),
            ("amount", o.amount.clone()),
            ("deal_currency_code", Some(o.currency.clone())),
            ("closedate", Some(self.midnight(o.close_days))),
            ("hubspot_owner_id", owner(o.owner.as_ref())),
            ("dealtype", Some(if o.kind == "new" { "newbusiness" } else { "existingbusiness" }.into())),
            ("hs_manual_forecast_category", Some(forecast.into())),
            ("hs_next_step", o.next_step.clone()),
            ("closed_lost_reason", o.lost_reason.clone()),
            ("notes_last_updated", o.active_days.map(|days| at(self.moment(24 * days)))),
        ];
        let id = self.add(Kind::Deal, &o.key, (24 * o.created_days, 24 * o.moved_days), values);
        self.tie((Kind::Deal, id), Kind::Company, Some(&o.account), true);
    }

    /// Renewals are deals in a pipeline of their own.
    fn renewal(&mut self, r: &company::Renewal) {
        let stage = match r.status.as_str() {
            "renewed" => "renewal_signed",
            "terminated" => "renewal_lost",
            _ => "renewal_upcoming",
        };
        let values = vec![
            ("dealname", Some(r.name.clone())),
            ("pipeline", Some("renewals".into())),
            ("dealstage", Some(stage.into())),
            ("amount", r.value.clone()),
            ("deal_currency_code", Some(r.currency.clone())),
            ("closedate", Some(self.midnight(r.end_days))),
            ("hubspot_owner_id", owner(r.owner.as_ref())),
        ];
        let hours = 24 * r.start_days;
        let id = self.add(Kind::Deal, &r.key, (hours, hours), values);
        self.tie((Kind::Deal, id), Kind::Company, Some(&r.account), true);
    }

    fn case(&mut self, c: &company::Case) {
        let stage = match c.status.as_str() {
            "new" => "1",
            "waiting" => "2",
            "closed" => "4",
            _ => "3",
        };
        let priority = match c.severity.as_str() {
            "critical" => "URGENT",
            "high" => "HIGH",
            "low" => "LOW",
            _ => "MEDIUM",
        };
        let values = vec![
            ("subject", Some(c.subject.clone())),
            ("content", c.text.as_deref().map(|text| text.repeat(c.repeat.unwrap_or(1)))),
            ("hs_pipeline", Some("0".into())),
            ("hs_pipeline_stage", Some(stage.into())),
            ("hs_ticket_priority", Some(priority.into())),
            ("hubspot_owner_id", owner(c.owner.as_ref())),
        ];
        let id = self.add(Kind::Ticket, &c.key, (c.created_hours, c.updated_hours), values);
        self.tie((Kind::Ticket, id), Kind::Company, Some(&c.account), true);
        self.tie((Kind::Ticket, id), Kind::Contact, c.contact.as_ref(), false);
        for (number, comment) in c.comments.iter().enumerate() {
            self.comment(c, id, number, comment);
        }
    }

    /// What customers see is mail, what they do not see is a note.
    fn comment(&mut self, case: &company::Case, ticket: u64, number: usize, comment: &company::CaseComment) {
        let (kind, mut values): (Kind, Values) = match comment.public || comment.author.is_none() {
            true => {
                let direction = if comment.author.is_none() { "INCOMING_EMAIL" } else { "EMAIL" };
                let values = vec![
                    ("hs_email_subject", Some(format!("Re: {}", case.subject))),
                    ("hs_email_text", Some(comment.text.clone())),
                    ("hs_email_direction", Some(direction.into())),
                ];
                (Kind::Email, values)
            }
            false => (Kind::Note, vec![("hs_note_body", Some(html(&comment.text)))]),
        };
        values.push(("hs_timestamp", Some(at(self.moment(comment.hours)))));
        values.push(("hubspot_owner_id", owner(comment.author.as_ref())));
        let key = format!("{}-{number}", case.key);
        let id = self.add(kind, &key, (comment.hours, comment.hours), values);
        self.portal.tie((kind, id), (Kind::Ticket, ticket), false);
        self.tie((kind, id), Kind::Company, Some(&case.account), false);
    }

    fn activity(&mut self, a: &company::Activity) {
        let (kind, mut values) = said(a);
        let when = self.moment(a.due_days.map_or(a.hours, |days| 24 * days));
        values.push(("hs_timestamp", Some(at(when))));
        values.push(("hubspot_owner_id", owner(a.owner.as_ref())));
        if kind == Kind::Meeting {
            values.push(("hs_meeting_start_time", Some(at(when))));
            values.push(("hs_meeting_end_time", Some(at(when + SignedDuration::from_hours(1)))));
        }
        let id = self.add(kind, &a.key, (a.hours.min(0), a.hours.min(0)), values);
        self.tie((kind, id), Kind::Company, Some(&a.account), false);
        self.tie((kind, id), Kind::Contact, a.contact.as_ref(), false);
        self.tie((kind, id), Kind::Deal, a.opportunity.as_ref(), false);
        let company = self.ids.get(&(Kind::Company, a.account.clone())).copied();
        if let Some(company) = company.and_then(|id| self.portal.records.get_mut(&(Kind::Company, id)))
            && when <= self.now
        {
            let last = company.values.entry("notes_last_updated".to_owned()).or_default();
            *last = at(when).max(last.clone());
        }
    }
}

fn said(a: &company::Activity) -> (Kind, Values) {
    let (subject, text) = (Some(a.subject.clone()), a.text.clone());
    match a.kind.as_str() {
        "call" => (Kind::Call, vec![("hs_call_title", subject), ("hs_call_body", text.as_deref().map(html))]),
        "meeting" => (
            Kind::Meeting,
            vec![("hs_meeting_title", subject), ("hs_meeting_body", text.as_deref().map(html))],
        ),
        "email" => {
            let direction = Some("INCOMING_EMAIL".to_owned());
            (
                Kind::Email,
                vec![
                    ("hs_email_subject", subject),
                    ("hs_email_text", text),
                    ("hs_email_direction", direction),
                ],
            )
        }
        "task" => {
            let status = Some(if a.done { "COMPLETED" } else { "NOT_STARTED" }.to_owned());
            let body = text.as_deref().map(html);
            (
                Kind::Task,
                vec![("hs_task_subject", subject), ("hs_task_body", body), ("hs_task_status", status)],
            )
        }
        _ => {
            let body = format!("{}{}", html(&a.subject), html(text.as_deref().unwrap_or_default()));
            (Kind::Note, vec![("hs_note_body", Some(body))])
        }
    }
}

/// A text as the editor keeps it.
fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match escaped.is_empty() {
        true => String::new(),
        false => format!("<p>{}</p>", escaped.replace('\n', "<br>")),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn stage(of_company: &str) -> &'static str {
    match of_company {
        "qualification" => "appointmentscheduled",
        "discovery" => "qualifiedtobuy",
        "proposal" => "presentationscheduled",
        "negotiation" => "contractsent",
        "won" => "closedwon",
        _ => "closedlost",
    }
}

fn owner(handle: Option<&String>) -> Option<String> {
    handle.map(|handle| owner_id(handle).to_string())
}

fn owner_id(handle: &str) -> u64 {
    80_000_000 + hash(handle) % 9_000_000
}

fn user(person: &company::Person) -> User {
    let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    User {
        id: owner_id(&person.handle),
        user_id: 40_000_000 + hash(&person.handle) % 9_000_000,
        email: person.email.clone(),
        first: first.to_owned(),
        last: last.to_owned(),
    }
}

/// FNV-1a: the same key has the same number for ever.
fn hash(key: &str) -> u64 {
    key.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn deal_pipelines() -> Vec<Pipeline> {
    let stage = |(id, label, probability, closed)| Stage { id, label, probability, closed };
    let sales = [
        ("appointmentscheduled", "Qualification", "0.1", false),
        ("qualifiedtobuy", "Discovery", "0.3", false),
        ("presentationscheduled", "Proposal", "0.5", false),
        ("contractsent", "Negotiation", "0.8", false),
        ("closedwon", "Closed Won", "1.0", true),
        ("closedlost", "Closed Lost", "0.0", true),
    ];
    let renewals = [
        ("renewal_upcoming", "Upcoming", "0.8", false),
        ("renewal_signed", "Renewed", "1.0", true),
        ("renewal_lost", "Not renewed", "0.0", true),
    ];
    vec![
        Pipeline { id: "default", label: "Sales Pipeline", stages: sales.into_iter().map(stage).collect() },
        Pipeline { id: "renewals", label: "Renewals", stages: renewals.into_iter().map(stage).collect() },
    ]
}

fn ticket_pipelines() -> Vec<Pipeline> {
    let stages = [
        ("1", "New", false),
        ("2", "Waiting on contact", false),
        ("3", "Waiting on us", false),
        ("4", "Closed", true),
    ];
    let stage = |(id, label, closed)| Stage { id, label, probability: "", closed };
    vec![Pipeline { id: "0", label: "Support Pipeline", stages: stages.into_iter().map(stage).collect() }]
}
