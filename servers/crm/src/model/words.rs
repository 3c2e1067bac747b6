//! The words of the domain: what may be one of several.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a reference may refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noun {
    /// A customer.
    Account,
    /// A person at a customer.
    Contact,
    /// A sale that may come.
    Opportunity,
    /// A customer's question or complaint.
    Case,
}

impl Noun {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Account, Self::Contact, Self::Opportunity, Self::Case];

    /// As people say it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Contact => "contact",
            Self::Opportunity => "opportunity",
            Self::Case => "case",
        }
    }
}

/// How a sale stands, across vendors with their own stages for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Undecided.
    Open,
    /// Sold.
    Won,
    /// Not sold.
    Lost,
}

/// How far a case is, across vendors with their own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// With us.
    Open,
    /// With the customer or a third party.
    Waiting,
    /// Done.
    Closed,
}

/// How bad a case is, worst first, across vendors with their own words for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The customer cannot work.
    Critical,
    /// Soon.
    High,
    /// In its turn.
    Medium,
    /// Some day.
    Low,
}

/// What was done with a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// Talked on the telephone.
    Call,
    /// Met, in a room or on screens.
    Meeting,
    /// Wrote or got an e-mail.
    Email,
    /// Wrote down.
    Note,
    /// Has to be done, or was.
    Task,
}

impl ActivityKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Call, Self::Meeting, Self::Email, Self::Note, Self::Task];

    /// As people say it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Meeting => "meeting",
            Self::Email => "email",
            Self::Note => "note",
            Self::Task => "task",
        }
    }
}

/// A field of an account that may be empty, for compliance questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountGap {
    /// Nobody is responsible.
    Owner,
    /// No domain or website.
    Domain,
    /// No segment.
    Segment,
}

/// A field of an opportunity that may be empty, for compliance questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpportunityGap {
    /// Nobody is responsible.
    Owner,
    /// No amount.
    Amount,
    /// No close date.
    CloseDate,
    /// No next step.
    NextStep,
}

/// By what a pipeline is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// The vendor's stage.
    #[default]
    Stage,
    /// The person responsible.
    Owner,
    /// The forecast category.
    Forecast,
}

/// A part of an account brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// The account itself.
    Profile,
    /// Its people.
    Contacts,
    /// Its open opportunities.
    Opportunities,
    /// What was done lately.
    Activity,
    /// Its cases that are not closed.
    Cases,
    /// Its renewals to come.
    Renewals,
}

impl Section {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Profile, Self::Contacts, Self::Opportunities, Self::Activity, Self::Cases, Self::Renewals];
}
