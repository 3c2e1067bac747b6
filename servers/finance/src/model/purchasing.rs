//! Money out: suppliers, orders, contracts, invoices to pay, budgets.

use content::Label;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Day, Moment, Money, RecordId};

use super::Party;

/// How far the approval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Nobody has to approve it any more.
    Approved,
    /// Somebody still has to.
    Waiting,
    /// Somebody refused.
    Rejected,
}

/// A field of an order that may be empty, for compliance questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Emptiable {
    /// An item names nobody who asked for it.
    Requester,
    /// An item calls from no contract.
    Contract,
    /// An item has no delivery date.
    Due,
}

impl Emptiable {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Requester, Self::Contract, Self::Due];
}

/// An order to a supplier.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PurchaseOrder {
    /// `sap:4500001234`.
    pub id: RecordId,
    /// Who delivers.
    pub supplier: Party,
    /// Company code.
    pub company: String,
    /// Plants of its items.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plants: Vec<String>,
    /// The net value of all its items.
    pub value: Money,
    /// How far its approval is; absent where unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// The ledger's own word for its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Label>,
    /// When it was ordered.
    pub ordered: Day,
    /// The earliest delivery still missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// That delivery is late.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub overdue: bool,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub requester: Option<Label>,
    /// The contracts it calls from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contracts: Vec<RecordId>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
    /// What was ordered, with `detail: full`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<OrderItem>,
}

/// A line of an order.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OrderItem {
    /// What.
    pub text: Label,
    /// How many, in its unit.
    #[schemars(with = "String")]
    pub quantity: Decimal,
    /// The unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Label>,
    /// Its net value.
    pub value: Money,
    /// The earliest delivery still missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
}

/// Who is bought from, with what a comparison needs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Supplier {
    /// `sap:10300042`.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
    /// ISO 3166 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The ledger's payment terms: `NT30 30 days net`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<Label>,
    /// Days until the net amount is due, where the terms tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_days: Option<u32>,
    /// What must not be done with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// People to talk to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// What was spent with it, per currency; absent where unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend: Option<Vec<Money>>,
    /// How late it delivers; absent where unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lateness: Option<Lateness>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// Something that must not be done with a supplier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Block {
    /// What.
    pub kind: BlockKind,
    /// Where and why, in the ledger's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Label>,
}

/// What must not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Ordering.
    Purchasing,
    /// Posting invoices.
    Posting,
    /// Paying.
    Payment,
}

/// Somebody to talk to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Contact {
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub name: Option<Label>,
    /// Their e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub email: Option<Label>,
    /// Their telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub phone: Option<Label>,
}

/// How late a supplier delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Lateness {
    /// Deliveries in the time asked for.
    pub deliveries: u32,
    /// Late ones among them.
    pub late: u32,
}

/// How far an invoice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupplierInvoiceStatus {
    /// Entered, not posted.
    Parked,
    /// Posted and to be paid.
    Open,
    /// Posted and not to be paid until somebody releases it.
    Blocked,
    /// Paid.
    Paid,
    /// Reversed.
    Canceled,
}

/// Why it is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentBlock {
    /// It asks more than was ordered for.
    Price,
    /// It asks for more than came.
    Quantity,
    /// It asks before its time.
    Date,
    /// What came was not as it should be.
    Quality,
    /// Somebody stopped it.
    Manual,
    /// Something else.
    Other,
}

impl PaymentBlock {
    /// Each of them.
    pub const ALL: [Self; 6] =
        [Self::Price, Self::Quantity, Self::Date, Self::Quality, Self::Manual, Self::Other];
}

/// What a supplier wants to be paid.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SupplierInvoice {
    /// `sap:5105600123-2026`.
    pub id: RecordId,
    /// The supplier's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Label>,
    /// Who wants to be paid.
    pub supplier: Party,
    /// Company code.
    pub company: String,
    /// The gross amount.
    pub amount: Money,
    /// How far it is.
    pub status: SupplierInvoiceStatus,
    /// Why it must not be paid, where the ledger tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_because: Vec<PaymentBlock>,
    /// The same in the ledger's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<Label>,
    /// When it was posted.
    pub posted: Day,
    /// When it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Day>,
    /// When it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid: Option<Day>,
    /// The order it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<RecordId>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// What is agreed with a supplier.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Contract {
    /// `sap:4600000017`.
    pub id: RecordId,
    /// Who delivers.
    pub supplier: Party,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Label>,
    /// Company code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The value agreed; absent in contracts over quantities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Money>,
    /// What was called from it so far; absent where unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called: Option<Money>,
    /// Its first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<Day>,
    /// Its last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<Day>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// What a cost center may spend and has spent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Budget {
    /// `sap:CC-OPS`.
    pub id: RecordId,
    /// The cost center's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
    /// The first day of the time covered.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// What it may spend.
    pub budget: Money,
    /// What is ordered and not yet paid.
    pub committed: Money,
    /// What is spent.
    pub actual: Money,
    /// What is left.
    pub available: Money,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// A wish to buy something, not yet released.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Requisition {
    /// `sap:10000123`.
    pub id: RecordId,
    /// What it is for.
    pub title: Label,
    /// What is wanted.
    pub lines: Vec<RequisitionLine>,
    /// The value of all lines.
    pub total: Money,
    /// Somebody has released it since.
    pub released: bool,
    /// What the ledger remarked when it took it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Label>,
    /// The vendor's version of it, if it has one.
    #[serde(skip)]
    pub version: Option<String>,
    /// Where a person can look at it.
    pub url: String,
    /// When the ledger was asked.
    pub as_of: Moment,
}

/// A line of a requisition.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RequisitionLine {
    /// The ledger's number of it.
    pub number: String,
    /// What.
    pub text: Label,
    /// How many, in its unit.
    #[schemars(with = "String")]
    pub quantity: Decimal,
    /// The unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Label>,
    /// Its value.
    pub value: Money,
    /// When it is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<Day>,
    /// The supplier wished for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<RecordId>,
}
