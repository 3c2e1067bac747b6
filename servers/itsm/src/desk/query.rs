//! What a desk is asked.

use error::{Code, Error, Result};
use jiff::Timestamp;

use super::Able;
use crate::model::{Emptiable, Priority, Risk, State};

/// Which incidents. All filters hold together; an empty query matches everything the source's account may see.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// These and no others; other filters still hold.
    pub ids: Vec<String>,
    /// Of this service or configuration item.
    pub service: Option<String>,
    /// In one of these states; in any if empty.
    pub states: Vec<State>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// Assigned to this group.
    pub group: Option<String>,
    /// Of this customer ([`Customer::key`]).
    pub customer: Option<String>,
    /// Opened at or after.
    pub opened_after: Option<Timestamp>,
    /// Opened before.
    pub opened_before: Option<Timestamp>,
    /// Containing these words in title or text.
    pub text: Option<String>,
    /// With this field empty.
    pub where_empty: Option<Emptiable>,
    /// Related to this.
    pub related: Option<Signature>,
    /// With description and custom fields.
    pub full: bool,
}

/// What makes incidents alike. Each row of an answer says in `relation` by what it is.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// The incident itself, if it is of this very desk; it is not in the answer.
    pub incident: Option<String>,
    /// Its service at this very desk, by key.
    pub service: Option<String>,
    /// What to look for in titles and texts: the error code that the record names, else its title.
    pub words: String,
}

impl Query {
    /// `unsupported_filter` unless a desk of these abilities can honor every filter. Every desk asks this first.
    pub fn within(&self, able: &Able) -> Result<()> {
        let no_such_state = !self.states.is_empty() && !self.states.iter().any(|s| able.states.contains(s));
        refuse_first([
            (self.text.is_some() && !able.text, "text"),
            (self.priority.is_some() && !able.priority, "priority"),
            (self.customer.is_some() && !able.customer, "customer"),
            (self.where_empty.is_some_and(|field| !able.empty.contains(&field)), "where_empty"),
            (no_such_state, "state"),
        ])
    }
}

/// Which alerts, newest first.
#[derive(Clone, Debug, Default)]
pub struct AlertQuery {
    /// Of this incident.
    pub incident: Option<String>,
    /// Of this service. One of both is given.
    pub service: Option<String>,
    /// Raised at or after.
    pub after: Option<Timestamp>,
    /// Raised before.
    pub before: Option<Timestamp>,
}

/// Which changes, newest start first.
#[derive(Clone, Debug, Default)]
pub struct ChangeQuery {
    /// Those that may have caused this incident, in the desk's opinion.
    pub incident: Option<String>,
    /// Of this service.
    pub service: Option<String>,
    /// Started at or after.
    pub after: Option<Timestamp>,
    /// Started before.
    pub before: Option<Timestamp>,
    /// This risky.
    pub risk: Option<Risk>,
}

impl ChangeQuery {
    /// `unsupported_filter` unless a desk of these abilities can honor every filter. Every desk asks this first.
    pub fn within(&self, able: &Able) -> Result<()> {
        refuse_first([(self.risk.is_some() && !able.change_risk, "risk")])
    }
}

/// Who is on call for what and when.
#[derive(Clone, Debug)]
pub struct OnCallQuery {
    /// For this service.
    pub service: Option<String>,
    /// In this group or team. With neither: everybody on call.
    pub group: Option<String>,
    /// At this time.
    pub at: Timestamp,
}

/// Which clocks, the one due first first. With `incident`, all of that incident; else those of open incidents that are
/// breached or are due before `due_before`; a paused one is due at no time that is known.
#[derive(Clone, Debug, Default)]
pub struct SlaQuery {
    /// Of this incident.
    pub incident: Option<String>,
    /// Of incidents of this group.
    pub group: Option<String>,
    /// Due before this time, breached ones included.
    pub due_before: Option<Timestamp>,
}

fn refuse_first<const N: usize>(cannot: [(bool, &str); N]) -> Result<()> {
    match cannot.iter().find(|(cannot, _)| *cannot) {
        Some((_, filter)) => {
            Err(Error::new(Code::UnsupportedFilter, format!("this desk cannot filter by `{filter}`")))
        }
        None => Ok(()),
    }
}
