//! What the account holds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::schema::{self, Property};

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Kind {
    Contact,
    Company,
    Deal,
    Ticket,
    Note,
    Meeting,
    Call,
    Email,
    Task,
}

/// Kinds by plural, singular and object type id.
const KINDS: [(Kind, &str, &str, &str); 9] = [
    (Kind::Contact, "contacts", "contact", "0-1"),
    (Kind::Company, "companies", "company", "0-2"),
    (Kind::Deal, "deals", "deal", "0-3"),
    (Kind::Ticket, "tickets", "ticket", "0-5"),
    (Kind::Note, "notes", "note", "0-46"),
    (Kind::Meeting, "meetings", "meeting_event", "0-47"),
    (Kind::Call, "calls", "call", "0-48"),
    (Kind::Email, "emails", "email", "0-49"),
    (Kind::Task, "tasks", "task", "0-27"),
];

impl Kind {
    /// By any of its names.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let is = |(_, plural, singular, number): &(Self, &str, &str, &str)| {
            [plural, singular, number].iter().any(|known| **known == name)
        };
        KINDS
            .iter()
            .find(|one| is(one))
            .map(|(kind, ..)| *kind)
            .or((name == "meeting").then_some(Self::Meeting))
    }

    fn row(self) -> (&'static str, &'static str) {
        KINDS
            .iter()
            .find(|(kind, ..)| *kind == self)
            .map_or(("", ""), |(_, plural, _, number)| (plural, number))
    }

    pub(super) fn plural(self) -> &'static str {
        self.row().0
    }

    pub(super) fn singular(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, _, singular, _)| singular)
    }

    fn number(self) -> &'static str {
        self.row().1
    }

    /// Whether it is something that was done, not somebody or something.
    pub(super) fn is_activity(self) -> bool {
        matches!(self, Self::Note | Self::Meeting | Self::Call | Self::Email | Self::Task)
    }

    /// The property that says when it changed.
    pub(super) fn modified(self) -> &'static str {
        if self == Self::Contact { "lastmodifieddate" } else { "hs_lastmodifieddate" }
    }
}

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) values: BTreeMap<String, String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) archived: bool,
    /// When the index of the search learns of it.
    pub(super) indexed: Timestamp,
}

/// Somebody who uses the account.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: u64,
    pub(super) user_id: u64,
    pub(super) email: String,
    pub(super) first: String,
    pub(super) last: String,
}

/// A way that deals or tickets go.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    pub(super) stages: Vec<Stage>,
}

/// A step on it.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) id: &'static str,
    pub(super) label: &'static str,
    /// The chance to win a deal, and whether the record is done in it.
    pub(super) probability: &'static str,
    pub(super) closed: bool,
}

/// The account.
#[derive(Debug)]
pub(in super::super) struct Portal {
    pub(super) records: BTreeMap<(Kind, u64), Record>,
    /// Both directions; the label of the primary company is `Primary`.
    ties: BTreeMap<(Kind, u64), BTreeMap<(Kind, u64), bool>>,
    pub(super) users: Vec<User>,
    pub(super) deal_pipelines: Vec<Pipeline>,
    pub(super) ticket_pipelines: Vec<Pipeline>,
    next: u64,
}

impl Portal {
    /// The account's number, currency and zone.
    pub(super) const ID: u64 = 62_515_001;
    pub(super) const CURRENCY: &'static str = "EUR";

    pub(super) fn new(users: Vec<User>, deals: Vec<Pipeline>, tickets: Vec<Pipeline>) -> Self {
        Self {
            records: BTreeMap::new(),
            ties: BTreeMap::new(),
            users,
            deal_pipelines: deals,
            ticket_pipelines: tickets,
            next: 61_000_000_000,
        }
    }

    /// The number of the next record: they count upwards.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn insert(&mut self, kind: Kind, record: Record) {
        self.records.insert((kind, record.id), record);
    }

    /// A record that is not archived.
    pub(super) fn get(&self, kind: Kind, id: u64) -> Option<&Record> {
        self.records.get(&(kind, id)).filter(|record| !record.archived)
    }

    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.range((kind, 0)..=(kind, u64::MAX)).map(|(_, record)| record).filter(|r| !r.archived)
    }

    /// Associates two records, as the primary one where `primary`.
    pub(super) fn tie(&mut self, from: (Kind, u64), to: (Kind, u64), primary: bool) {
        *self.ties.entry(from).or_default().entry(to).or_default() |= primary;
        *self.ties.entry(to).or_default().entry(from).or_default() |= primary;
    }

    pub(super) fn untie(&mut self, from: (Kind, u64), to: (Kind, u64)) {
        for (a, b) in [(from, to), (to, from)] {
            if let Some(ties) = self.ties.get_mut(&a) {
                ties.remove(&b);
            }
        }
    }

    /// What a record is associated with, of one kind: number and whether it is primary.
    pub(super) fn tied(&self, from: (Kind, u64), to: Kind) -> Vec<(u64, bool)> {
        let ties = self.ties.get(&from);
        let of_kind =
            ties.into_iter().flatten().filter(|((kind, id), _)| *kind == to && self.get(to, *id).is_some());
        of_kind.map(|((_, id), primary)| (*id, *primary)).collect()
    }

    pub(super) fn is_tied(&self, from: (Kind, u64), to: (Kind, u64)) -> bool {
        self.ties.get(&from).is_some_and(|ties| ties.contains_key(&to))
    }

    pub(super) fn pipelines(&self, kind: Kind) -> &[Pipeline] {
        match kind {
            Kind::Deal => &self.deal_pipelines,
            Kind::Ticket => &self.ticket_pipelines,
            _ => &[],
        }
    }

    fn stage(&self, kind: Kind, id: Option<&String>) -> Option<&Stage> {
        self.pipelines(kind)
            .iter()
            .flat_map(|p| &p.stages)
            .find(|stage| Some(stage.id) == id.map(String::as_str))
    }

    /// A property's value, the calculated ones included; `None` where there is none.
    pub(super) fn value(&self, kind: Kind, record: &Record, name: &str) -> Option<String> {
        match name {
            "hs_object_id" => Some(record.id.to_string()),
            "createdate" | "hs_createdate" => Some(at(record.created)),
            "hs_lastmodifieddate" | "lastmodifieddate" => Some(at(record.updated)),
            "hs_num_open_deals" if kind == Kind::Company => {
                Some(self.open_deals(record.id).len().to_string())
            }
            "next_renewal_date" if kind == Kind::Company => self.next_renewal(record.id),
            "hs_is_closed" if kind == Kind::Deal => {
                Some(self.stage(kind, record.values.get("dealstage"))?.closed.to_string())
            }
            "hs_deal_stage_probability" if kind == Kind::Deal => {
                Some(self.stage(kind, record.values.get("dealstage"))?.probability.to_owned())
            }
            _ => record.values.get(name).filter(|value| !value.is_empty()).cloned(),
        }
    }

    fn open_deals(&self, company: u64) -> Vec<&Record> {
        let deals = self
            .tied((Kind::Company, company), Kind::Deal)
            .into_iter()
            .filter_map(|(id, _)| self.get(Kind::Deal, id));
        deals
            .filter(|deal| self.stage(Kind::Deal, deal.values.get("dealstage")).is_some_and(|s| !s.closed))
            .collect()
    }

    /// The account's own calculated property: the earliest close date of open deals in its renewal pipeline.
    fn next_renewal(&self, company: u64) -> Option<String> {
        let renewals = self.open_deals(company).into_iter();
        let renewals = renewals.filter(|deal| deal.values.get("pipeline").is_some_and(|p| p == "renewals"));
        renewals.filter_map(|deal| deal.values.get("closedate")).map(|at| at.chars().take(10).collect()).min()
    }

    /// A record as it is shown: the properties asked for, those always there, `null` where there is no value.
    pub(super) fn show(&self, kind: Kind, record: &Record, wanted: &[String]) -> Value {
        let mut names: BTreeSet<&str> = ["hs_object_id", "createdate", kind.modified()].into();
        if kind.is_activity() {
            names = ["hs_object_id", "hs_createdate", kind.modified()].into();
        }
        match wanted.is_empty() {
            true => names.extend(schema::defaults(kind)),
            // A property that does not exist is left out without a word.
            false => names.extend(wanted.iter().map(String::as_str).filter(|name| self.knows(kind, name))),
        }
        let properties: serde_json::Map<String, Value> =
            names.into_iter().map(|name| (name.to_owned(), self.value(kind, record, name).into())).collect();
        json!({
            "id": record.id.to_string(),
            "properties": properties,
            "createdAt": at(record.created),
            "updatedAt": at(record.updated),
            "archived": record.archived,
            "url": format!("https://app-eu1.hubspot.com/contacts/{}/record/{}/{}", Self::ID, kind.number(), record.id),
        })
    }

    pub(super) fn property(&self, kind: Kind, name: &str) -> Option<Property> {
        schema::properties(kind).into_iter().find(|property| property.name == name)
    }

    /// A company's value as it stands, for tests.
    #[cfg(test)]
    pub(in super::super) fn text(&self, kind: Kind, id: u64, name: &str) -> String {
        self.get(kind, id).and_then(|record| self.value(kind, record, name)).unwrap_or_default()
    }

    fn knows(&self, kind: Kind, name: &str) -> bool {
        self.property(kind, name).is_some()
    }
}

/// A moment as HubSpot writes it.
pub(super) fn at(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
