//! Money in: customers, their invoices and payments.

use content::{FreeText, Label};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{CustomerKeys, Day, Moment, Money, RecordId};

use super::Party;

/// Who buys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Customer {
    /// `stripe:cus_NffrFeUfNV2Hib`.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
    /// What joins it to other systems.
    pub keys: CustomerKeys,
}

/// How far an invoice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Not issued.
    Draft,
    /// Issued and not paid.
    Open,
    /// Paid.
    Paid,
    /// Canceled.
    Void,
    /// Given up.
    Uncollectible,
}

impl InvoiceStatus {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Open, Self::Paid, Self::Void, Self::Uncollectible];
}

/// What a customer has to pay.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CustomerInvoice {
    /// `stripe:in_1MtHbELkdIwHu7ixl4OzzPMv`, `sap:90000123`.
    pub id: RecordId,
    /// The number on the paper; of rows, where the id does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Label>,
    /// Who has to pay.
    pub customer: Party,
    /// The total.
    pub total: Money,
    /// What is still to be paid; absent where unknown, and of rows where it is all (`open`) or nothing (`paid`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<Money>,
    /// How far it is; absent where unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<InvoiceStatus>,
    /// When it was issued, or created if it is a draft.
    pub issued: Day,
    /// When it is due; absent where the customer's card is charged by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked; of rows, `sources` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// The note on it, with `detail: full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<FreeText>,
    /// What for, with `detail: full`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<InvoiceLine>,
}

impl CustomerInvoice {
    /// What a list needs of it.
    #[must_use]
    pub fn brief(self) -> Self {
        let said = match self.status {
            Some(InvoiceStatus::Open) => self.open == Some(self.total),
            Some(InvoiceStatus::Paid) => self.open.is_some_and(|open| open.amount.is_zero()),
            _ => false,
        };
        Self {
            number: self.number.filter(|number| number.as_str() != self.id.native()),
            open: self.open.filter(|_| !said),
            as_of: None,
            ..self
        }
    }
}

/// A line of an invoice.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InvoiceLine {
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Label>,
    /// How much.
    pub amount: Money,
}

/// An unpaid invoice that is past due.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Receivable {
    /// The invoice: `stripe:in_1MtHbELkdIwHu7ixl4OzzPMv`.
    pub id: RecordId,
    /// The number on the paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Label>,
    /// Who has to pay.
    pub customer: Party,
    /// What is still to be paid.
    pub open: Money,
    /// When it was due.
    pub due: Day,
    /// How many days ago that was.
    pub days_overdue: u32,
    /// Reminders sent so far; absent where unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dunning_level: Option<u32>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The money came.
    Paid,
    /// It is on its way.
    Pending,
    /// It did not come.
    Failed,
    /// The customer's bank wants it back.
    Disputed,
    /// It was given back, wholly or in part.
    Refunded,
}

impl PaymentStatus {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Paid, Self::Pending, Self::Failed, Self::Disputed, Self::Refunded];
}

/// What a customer paid, or tried to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Payment {
    /// `stripe:ch_3MmlLrLkdIwHu7ix0snN0B15`; `issue_refund` takes it where the source can refund.
    pub id: RecordId,
    /// Who paid; absent where nobody was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Party>,
    /// How much.
    pub amount: Money,
    /// What of it was collected, where that is not all; not shown.
    #[serde(skip)]
    pub collected: Option<Money>,
    /// What was given back of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Money>,
    /// What became of it.
    pub status: PaymentStatus,
    /// Why it failed or is disputed, in the ledger's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Label>,
    /// How: `visa ending in 4242`, `bank transfer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Label>,
    /// When; the start of the day where only that is known.
    pub at: Moment,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice: Option<RecordId>,
    /// How it reached the company's bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout: Option<Payout>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// A transfer of collected payments to the company's bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Payout {
    /// `stripe:po_1OaFDbEcg9tTZuTgNYmX0PKB`.
    pub id: RecordId,
    /// The day it arrives or arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrives: Option<Day>,
    /// The ledger's word for its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Label>,
}

/// Money given back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Refund {
    /// `stripe:re_1Nispe2eZvKYlo2Cd31jOCgZ`.
    pub id: RecordId,
    /// Of which payment.
    pub payment: RecordId,
    /// How much.
    pub amount: Money,
    /// How far it is.
    pub status: RefundStatus,
    /// When it was ordered.
    pub at: Moment,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// Done as far as the ledger knows.
    Succeeded,
    /// It did not work; the money is back with the company.
    Failed,
    /// Somebody stopped it.
    Canceled,
}
