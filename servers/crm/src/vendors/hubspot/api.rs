//! Where HubSpot's endpoints are: dated paths (`/crm/objects/2026-09/deals`) and the older numbered ones
//! (`/crm/v3/objects/deals`), which differ in order and nothing else.
//!
//! Source: developers.hubspot.com, "API versioning"; numbered paths end in September 2027.

use outbound::Request;

use crate::model::{ActivityKind, Noun};

/// A generation of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Api {
    /// By date: `2026-09`.
    Dated(String),
    /// `v3`, and `v4` for associations.
    Numbered,
}

/// A kind of record, as paths name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Object {
    Company,
    Contact,
    Deal,
    Ticket,
    Call,
    Meeting,
    Email,
    Note,
    Task,
}

impl Object {
    /// The kinds that are activities, newest first when listed.
    pub(super) const ACTIVITIES: [Self; 5] = [Self::Call, Self::Meeting, Self::Email, Self::Note, Self::Task];

    /// `companies`.
    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Company => "companies",
            Self::Contact => "contacts",
            Self::Deal => "deals",
            Self::Ticket => "tickets",
            Self::Call => "calls",
            Self::Meeting => "meetings",
            Self::Email => "emails",
            Self::Note => "notes",
            Self::Task => "tasks",
        }
    }

    /// `company`, which is also how our ids begin.
    pub(super) const fn singular(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Contact => "contact",
            Self::Deal => "deal",
            Self::Ticket => "ticket",
            Self::Call => "call",
            Self::Meeting => "meeting",
            Self::Email => "email",
            Self::Note => "note",
            Self::Task => "task",
        }
    }

    /// The number in a record's URL (HubSpot, "Object type IDs").
    pub(super) const fn type_id(self) -> &'static str {
        match self {
            Self::Contact => "0-1",
            Self::Company => "0-2",
            Self::Deal => "0-3",
            Self::Ticket => "0-5",
            Self::Note => "0-46",
            Self::Meeting => "0-47",
            Self::Call => "0-48",
            Self::Email => "0-49",
            Self::Task => "0-27",
        }
    }

    /// What the domain calls it.
    pub(super) const fn of_noun(noun: Noun) -> Self {
        match noun {
            Noun::Account => Self::Company,
            Noun::Contact => Self::Contact,
            Noun::Opportunity => Self::Deal,
            Noun::Case => Self::Ticket,
        }
    }

    pub(super) const fn of_activity(kind: ActivityKind) -> Self {
        match kind {
            ActivityKind::Call => Self::Call,
            ActivityKind::Meeting => Self::Meeting,
            ActivityKind::Email => Self::Email,
            ActivityKind::Note => Self::Note,
            ActivityKind::Task => Self::Task,
        }
    }

    /// The number of the association from this activity to a record (HubSpot, "Association type IDs").
    pub(super) const fn association_to(self, to: Self) -> Option<u32> {
        Some(match (self, to) {
            (Self::Call, Self::Contact) => 194,
            (Self::Call, Self::Company) => 182,
            (Self::Call, Self::Deal) => 206,
            (Self::Call, Self::Ticket) => 220,
            (Self::Meeting, Self::Contact) => 200,
            (Self::Meeting, Self::Company) => 188,
            (Self::Meeting, Self::Deal) => 212,
            (Self::Meeting, Self::Ticket) => 226,
            (Self::Note, Self::Contact) => 202,
            (Self::Note, Self::Company) => 190,
            (Self::Note, Self::Deal) => 214,
            (Self::Note, Self::Ticket) => 228,
            (Self::Task, Self::Contact) => 204,
            (Self::Task, Self::Company) => 192,
            (Self::Task, Self::Deal) => 216,
            (Self::Task, Self::Ticket) => 230,
            _ => return None,
        })
    }
}

impl Api {
    /// `2026-09`, `v3`.
    pub(super) fn named(name: &str) -> Option<Self> {
        let dated = |name: &str| {
            let digits = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
            name.split_once('-').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
        };
        match name {
            "v3" => Some(Self::Numbered),
            _ => dated(name).then(|| Self::Dated(name.to_owned())),
        }
    }

    /// How many alternatives a search may have: five in `v3`, six since 2026-09; five do everywhere.
    pub(super) const MOST_GROUPS: usize = 5;

    pub(super) fn search(&self, object: Object) -> Request {
        let request = match self {
            Self::Dated(v) => Request::post("/crm/objects/{version}/{type}/search", &[v, object.plural()]),
            Self::Numbered => Request::post("/crm/v3/objects/{type}/search", &[object.plural()]),
        };
        request.reads().bucket("search")
    }

    pub(super) fn record(&self, object: Object, id: &str) -> Request {
        match self {
            Self::Dated(v) => Request::get("/crm/objects/{version}/{type}/{id}", &[v, object.plural(), id]),
            Self::Numbered => Request::get("/crm/v3/objects/{type}/{id}", &[object.plural(), id]),
        }
    }

    pub(super) fn create(&self, object: Object) -> Request {
        match self {
            Self::Dated(v) => Request::post("/crm/objects/{version}/{type}", &[v, object.plural()]),
            Self::Numbered => Request::post("/crm/v3/objects/{type}", &[object.plural()]),
        }
    }

    pub(super) fn change(&self, object: Object, id: &str) -> Request {
        match self {
            Self::Dated(v) => Request::patch("/crm/objects/{version}/{type}/{id}", &[v, object.plural(), id]),
            Self::Numbered => Request::patch("/crm/v3/objects/{type}/{id}", &[object.plural(), id]),
        }
    }

    pub(super) fn batch_read(&self, object: Object) -> Request {
        let request = match self {
            Self::Dated(v) => {
                Request::post("/crm/objects/{version}/{type}/batch/read", &[v, object.plural()])
            }
            Self::Numbered => Request::post("/crm/v3/objects/{type}/batch/read", &[object.plural()]),
        };
        request.reads()
    }

    pub(super) fn associations(&self, from: Object, to: Object) -> Request {
        let (from, to) = (from.plural(), to.plural());
        let request = match self {
            Self::Dated(v) => {
                Request::post("/crm/associations/{version}/{from}/{to}/batch/read", &[v, from, to])
            }
            Self::Numbered => Request::post("/crm/v4/associations/{from}/{to}/batch/read", &[from, to]),
        };
        request.reads()
    }

    pub(super) fn owners(&self) -> Request {
        match self {
            Self::Dated(v) => Request::get("/crm/owners/{version}", &[v]),
            Self::Numbered => Request::get("/crm/v3/owners", &[]),
        }
    }

    pub(super) fn pipelines(&self, object: Object) -> Request {
        match self {
            Self::Dated(v) => Request::get("/crm/pipelines/{version}/{type}", &[v, object.plural()]),
            Self::Numbered => Request::get("/crm/v3/pipelines/{type}", &[object.plural()]),
        }
    }

    pub(super) fn property(&self, object: Object, name: &str) -> Request {
        match self {
            Self::Dated(v) => {
                Request::get("/crm/properties/{version}/{type}/{name}", &[v, object.plural(), name])
            }
            Self::Numbered => Request::get("/crm/v3/properties/{type}/{name}", &[object.plural(), name]),
        }
    }

    pub(super) fn account(&self) -> Request {
        match self {
            Self::Dated(v) => Request::get("/account-info/{version}/details", &[v]),
            Self::Numbered => Request::get("/account-info/v3/details", &[]),
        }
    }
}
