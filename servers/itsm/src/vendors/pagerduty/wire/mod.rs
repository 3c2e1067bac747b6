//! PagerDuty's JSON, as far as it is asked for.

mod around;
mod incident;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::Deserialize;

pub(super) use around::*;
pub(super) use incident::*;

/// `{"error": {...}}`.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Refusal<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) error: Fault<'a>,
}

/// What is wrong.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Fault<'a> {
    #[serde(borrow, default)]
    pub(in crate::vendors::pagerduty) message: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(in crate::vendors::pagerduty) errors: Vec<Cow<'a, str>>,
}

/// A reference to another record; only its id and name are used.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Reference<'a> {
    /// Null for what PagerDuty itself did.
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) summary: Option<Cow<'a, str>>,
}

/// A service, team, policy: whatever is referred to by name.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Place<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) escalation_policy: Option<Reference<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Services<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) services: Vec<Place<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OneService<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) service: Place<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Teams<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) teams: Vec<Place<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OneTeam<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) team: Place<'a>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Policies<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) escalation_policies: Vec<Reference<'a>>,
}

/// A user.
#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct User<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) summary: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) email: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct Users<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) users: Vec<User<'a>>,
}

#[derive(Debug, Deserialize)]
pub(in crate::vendors::pagerduty) struct OneUser<'a> {
    #[serde(borrow)]
    pub(in crate::vendors::pagerduty) user: User<'a>,
}
