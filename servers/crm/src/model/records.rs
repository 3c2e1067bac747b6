//! The records of the domain, as they leave.

use content::{FreeText, Label};
use schemars::JsonSchema;
use serde::Serialize;
use tool::{CustomerKeys, Day, Moment, Money, RecordId};

use super::{ActivityKind, CaseState, Severity, Standing};

/// Another record, by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Linked {
    /// Its id.
    pub id: RecordId,
    /// Its name, where it was at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
}

/// A customer: a row of a list, or more of it where `detail` asks for more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Account {
    /// `salesforce:001...`, `hubspot:company/512`.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
    /// What other systems know it by.
    pub keys: CustomerKeys,
    /// Who is responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Label>,
    /// Its segment, in the vendor's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<Label>,
    /// Its industry, in the vendor's words, with `detail: full` and in briefs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<Label>,
    /// Where it is: city and country, with `detail: full` and in briefs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Label>,
    /// Open opportunities, where the vendor counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_opportunities: Option<u32>,
    /// The next renewal, where it is kept on the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Day>,
    /// When something was last done with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<Moment>,
    /// When it changed last.
    pub updated: Moment,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked.
    pub as_of: Moment,
    /// Its description, with `detail: full` and in briefs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
}

/// A person at a customer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Contact {
    /// Its id.
    pub id: RecordId,
    /// Full name.
    pub name: Label,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Label>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Label>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Label>,
    /// When something was last done with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<Moment>,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked.
    pub as_of: Moment,
}

/// A sale that may come (a HubSpot deal): a row of a list, or more of it where `detail` asks for more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Opportunity {
    /// Its id.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
    /// The customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Linked>,
    /// The vendor's stage.
    pub stage: Label,
    /// How it stands.
    pub standing: Standing,
    /// What it is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Percent, as the vendor has it, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u32>")]
    pub probability: Option<u8>,
    /// The vendor's forecast category, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Label>,
    /// When it is expected to close, or closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<Day>,
    /// Who is responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Label>,
    /// What comes next, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<Label>,
    /// When something was last done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<Moment>,
    /// Why it was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_reason: Option<Label>,
    /// When it changed last; give it back as `expected_updated_at`.
    pub updated: Moment,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked.
    pub as_of: Moment,
    /// Its description, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
}

/// Something done with a customer, or to be done (kind `task`).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Activity {
    /// Its id.
    pub id: RecordId,
    /// What it was.
    pub kind: ActivityKind,
    /// Its subject.
    pub subject: Label,
    /// When it was; for a task when it is due or was done.
    pub at: Moment,
    /// Who did it, or has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Label>,
    /// The records it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Linked>,
    /// When a task is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// Whether a task is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the vendor was asked.
    pub as_of: Moment,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<FreeText>,
}

/// A contract or subscription that ends unless it is renewed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Renewal {
    /// The id of the contract or renewal opportunity that says so.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
    /// The customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Linked>,
    /// The last day before it ends.
    pub due: Day,
    /// What it is worth; absent where the vendor does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// The vendor's state or stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Label>,
    /// Who is responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Label>,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked.
    pub as_of: Moment,
}

/// A customer's question or complaint (a HubSpot ticket): a row of a list, or more of it where `detail` asks for more.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CustomerCase {
    /// Its id.
    pub id: RecordId,
    /// The number people call it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Label>,
    /// Its subject.
    pub subject: Label,
    /// How far it is.
    pub state: CaseState,
    /// The vendor's own word for it.
    pub status: Label,
    /// How bad it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Linked>,
    /// Who is responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Label>,
    /// When it was opened.
    pub opened: Moment,
    /// When it changed last.
    pub updated: Moment,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked.
    pub as_of: Moment,
    /// What the customer wrote, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
    /// The newest comments, newest first, with `detail: full`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<CaseComment>,
}

/// Something said on a case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CaseComment {
    /// Who said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Label>,
    /// When.
    pub at: Moment,
    /// Whether the customer sees it; absent where the vendor does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// What.
    pub text: FreeText,
}
