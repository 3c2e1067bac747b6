//! The records of the domain, as they leave.

use content::{FreeText, Label};
use error::{Code, Error, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use tool::{Currency, CustomerKeys, Day, Moment, Money, RecordId};

use super::{ActivityKind, CaseState, Severity, Standing};

/// Another record, by id and name. Rows name it, and give the id only where no name was at hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Linked {
    /// Its id; of rows, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// Its name, where it was at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
}

impl Linked {
    /// The record of this id, and its name if it is at hand.
    #[must_use]
    pub fn new(id: RecordId, name: Option<Label>) -> Self {
        Self { id: Some(id), name }
    }

    /// The same, where the record is a person.
    #[must_use]
    pub fn of_person(self) -> Self {
        Self { name: self.name.map(Label::of_person), ..self }
    }

    /// Whether it is the record of this native id.
    #[must_use]
    pub fn is(&self, native: &str) -> bool {
        self.id.as_ref().is_some_and(|id| id.native() == native)
    }

    fn brief(self) -> Self {
        Self { id: self.id.filter(|_| self.name.is_none()), ..self }
    }
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
    #[schemars(extend("x-class" = "personal"))]
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
    /// When it changed last, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Moment>,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// Its description, with `detail: full` and in briefs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
}

impl Account {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        Self { updated: None, as_of: None, ..self }
    }
}

/// A person at a customer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Contact {
    /// Its id.
    pub id: RecordId,
    /// Full name.
    #[schemars(extend("x-class" = "personal"))]
    pub name: Label,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Label>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub email: Option<Label>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub phone: Option<Label>,
    /// When something was last done with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<Moment>,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
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
    /// How it stands; absent while it is open.
    #[serde(skip_serializing_if = "Standing::is_open")]
    pub standing: Standing,
    /// What it is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// What an amount of it is in, also while it has none; not shown.
    #[serde(skip)]
    pub currency: Option<Currency>,
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
    #[schemars(extend("x-class" = "personal"))]
    pub owner: Option<Label>,
    /// What comes next, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<Label>,
    /// When something was last done about it: with `stale_for_days` and `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<Moment>,
    /// Why it was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_reason: Option<Label>,
    /// The same word for word, for labels are cut; not shown.
    #[serde(skip)]
    pub whole_reason: Option<String>,
    /// When it changed last, with `detail: full`; give it back as `expected_updated_at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Moment>,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// Its description, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
}

impl Opportunity {
    /// Whether it changed after somebody read it at `seen`, to the second, as vendors keep time.
    #[must_use]
    pub fn changed_after(&self, seen: Timestamp) -> bool {
        self.updated.is_some_and(|at| at.0.as_second() > seen.as_second())
    }

    /// Whether it may be worth this: a number is written without its currency, and in another one it is another sum.
    ///
    /// # Errors
    /// `invalid_argument` for a sum below zero or in another currency, `unsupported` where its own is not known.
    pub fn takes(&self, amount: Money) -> Result<()> {
        let problem = match self.currency {
            _ if amount.amount.is_sign_negative() => "must not be negative".to_owned(),
            Some(own) if own == amount.currency => return Ok(()),
            Some(own) => format!("the opportunity is in {own}"),
            None => {
                let message = "the currency of this opportunity is not known, so no amount can be set";
                return Err(Error::new(Code::Unsupported, message)
                    .hint("leave the amount out, or have the operator configure the source's currency"));
            }
        };
        Err(Error::invalid("amount", problem))
    }

    /// What a list needs of it. `quiet` lists are about when something was last done.
    #[must_use]
    pub fn brief(self, quiet: bool) -> Self {
        Self {
            account: self.account.map(Linked::brief),
            last_activity: self.last_activity.filter(|_| quiet),
            updated: None,
            as_of: None,
            ..self
        }
    }
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
    #[schemars(extend("x-class" = "personal"))]
    pub owner: Option<Label>,
    /// The records it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Linked>,
    /// When a task is due; of rows, where `at` does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// Whether a task is done; of rows, only that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// Where a person can look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the vendor was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// What was said, with `detail: full` and in briefs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<FreeText>,
}

impl Activity {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        let on = self.at.0.to_zoned(TimeZone::UTC).date();
        Self {
            due: self.due.filter(|due| due.0 != on),
            done: self.done.filter(|done| *done),
            as_of: None,
            text: None,
            ..self
        }
    }
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
    #[schemars(extend("x-class" = "personal"))]
    pub owner: Option<Label>,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
}

impl Renewal {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        Self { account: self.account.map(Linked::brief), as_of: None, ..self }
    }
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
    /// The vendor's own word for it, with `detail: full` and in briefs.
    #[serde(skip_serializing_if = "says_nothing")]
    pub status: Label,
    /// How bad it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// The customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Linked>,
    /// Who is responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub owner: Option<Label>,
    /// When it was opened.
    pub opened: Moment,
    /// When it changed last, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<Moment>,
    /// Where a person can look at it.
    pub url: String,
    /// When the vendor was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// What the customer wrote, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<FreeText>,
    /// The newest comments, newest first, with `detail: full`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<CaseComment>,
}

impl CustomerCase {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        Self {
            status: Label::default(),
            account: self.account.map(Linked::brief),
            updated: None,
            as_of: None,
            ..self
        }
    }
}

fn says_nothing(label: &Label) -> bool {
    label.as_str().is_empty()
}

/// Something said on a case.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CaseComment {
    /// Who said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// When.
    pub at: Moment,
    /// Whether the customer sees it; absent where the vendor does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// What.
    pub text: FreeText,
}
