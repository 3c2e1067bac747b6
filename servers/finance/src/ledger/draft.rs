//! What is to be written into a ledger.

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::Money;

/// A requisition to be. Nothing of it is released: the release strategy of the company applies.
#[derive(Clone, Debug)]
pub struct NewRequisition {
    /// What it is for, one line.
    pub title: String,
    /// What is wanted.
    pub lines: Vec<NewLine>,
    /// Who bears the cost, by key.
    pub cost_center: String,
    /// The plant it is for, by key; the configured one if absent.
    pub plant: Option<String>,
    /// When it is needed.
    pub need: Date,
}

/// A line of a requisition to be.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// What, in words.
    pub text: String,
    /// How many.
    pub quantity: Decimal,
    /// ISO or the ledger's unit; pieces if absent.
    pub unit: Option<String>,
    /// The price of one.
    pub price: Money,
    /// The supplier wished for, by the ledger's id.
    pub supplier: Option<String>,
    /// The contract it calls from, by the ledger's id.
    pub contract: Option<String>,
}

/// Why money is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// Paid twice.
    Duplicate,
    /// Not paid by whom it seemed.
    Fraudulent,
    /// The customer asked for it.
    RequestedByCustomer,
}

/// A refund to be.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// The payment, by the ledger's id.
    pub payment: String,
    /// How much of it.
    pub amount: Money,
    /// Why.
    pub reason: Option<RefundReason>,
    /// A note for the company's own people, one line.
    pub note: Option<String>,
}
