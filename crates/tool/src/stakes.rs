//! What is at stake in a call: what policy weighs besides the tool's name.

use serde::Serialize;

use crate::{Consent, Money, Totals};

/// What is at stake in calls of a tool, as far as it is known before any call. [`crate::Tool::stakes`] says it of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Declared {
    /// It moves or commits money.
    pub money: bool,
    /// It works in a place: a project, repository, space, company or plant.
    pub place: bool,
    /// It moves a record to a target.
    pub targets: Targets,
}

impl Declared {
    /// Whether anything is at stake beyond the tool itself.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a tool can move a record to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// Nowhere.
    #[default]
    None,
    /// To one of these.
    Of(&'static [&'static str]),
    /// To a state or stage that the vendor names.
    States,
    /// Through an action that the vendor names and people have approved beforehand: a role may let it run unasked.
    Actions,
}

/// What is at stake in one call. From the arguments alone it is what they say; once the record is known it is
/// what will be done (policy is asked both times).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stakes {
    /// The configured sources it names; none named is any.
    pub sources: Vec<String>,
    /// The place it works in.
    pub place: Within,
    /// The money it moves or commits.
    pub money: Sum,
    /// The state, stage or action it asks for.
    pub target: Option<String>,
    /// Who may read what it writes, as far as the tool knows.
    pub audience: Option<Audience>,
    /// The consent the tool itself asks for.
    pub consent: Option<Consent>,
}

/// The place of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Within {
    /// The tool does not say.
    #[default]
    Unsaid,
    /// Wherever it finds something.
    Anywhere,
    /// Where the record is that it refers to; known once the record is read.
    OfRecord,
    /// In all of these, by key or as they were named.
    Named(Vec<String>),
}

impl Within {
    /// The places that were named; anywhere if none was.
    #[must_use]
    pub fn named<'a>(places: impl IntoIterator<Item = &'a Option<String>>) -> Self {
        let named: Vec<String> = places.into_iter().flatten().cloned().collect();
        if named.is_empty() { Self::Anywhere } else { Self::Named(named) }
    }

    /// One place.
    #[must_use]
    pub fn one(place: &str) -> Self {
        Self::Named(vec![place.to_owned()])
    }
}

/// The money of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sum {
    /// None.
    #[default]
    None,
    /// Known once the record is read: all that is left of a payment.
    Unknown,
    /// Per currency.
    Of(Totals),
}

impl Sum {
    /// An amount.
    #[must_use]
    pub fn of(money: Money) -> Self {
        Self::Of([money].into_iter().collect())
    }
}

/// Who may read a place, from few to all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Some people of the company.
    Team,
    /// Everybody in the company.
    #[default]
    Company,
    /// People outside the company too.
    Outside,
}
