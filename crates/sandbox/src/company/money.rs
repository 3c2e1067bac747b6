//! Money in and out. Amounts are decimal texts: `1200.00`, `98000` for yen.

use serde::{Deserialize, Serialize};

/// Who is bought from.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Supplier {
    /// The business partner's number: `10300042`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Internet domain.
    pub domain: Option<String>,
    /// ISO 3166 code.
    pub country: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `0001` (at once), `NT30`, `NT60`: a payment terms key.
    pub terms: String,
    /// Nothing may be ordered.
    #[serde(default)]
    pub purchasing_block: bool,
    /// Nothing may be paid.
    #[serde(default)]
    pub payment_block: bool,
    /// Name and address of who to talk to.
    pub contact: Option<(String, String)>,
    /// Decimal, the last twelve months, in its currency.
    pub spend: String,
    /// Deliveries of the last twelve months.
    pub deliveries: u32,
    /// Late ones among them.
    pub late: u32,
    /// When it was created.
    pub created_days: i64,
}

/// What was ordered.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PurchaseOrder {
    /// Its number: `4500001234`.
    pub key: String,
    /// The supplier's number.
    pub supplier: String,
    /// `1010`.
    pub company_code: String,
    /// `1710`.
    pub plant: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `released`, `in_release` (approval missing) or `rejected`.
    pub approval: String,
    /// Handle of who asked; missing where nobody did.
    pub requester: Option<String>,
    /// The frame contract it calls from.
    pub contract: Option<String>,
    /// When it was made.
    pub created_days: i64,
    /// What.
    pub items: Vec<OrderItem>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OrderItem {
    /// What.
    pub text: String,
    /// How many.
    pub quantity: u32,
    /// `EA`.
    pub unit: String,
    /// Decimal, each.
    pub price: String,
    /// When it is needed.
    pub need_days: i64,
    /// How many came.
    #[serde(default)]
    pub delivered: u32,
    /// Nothing more is expected.
    #[serde(default)]
    pub completed: bool,
    /// Cost center: `CC-OPS`.
    pub cost_center: Option<String>,
}

/// A frame contract with a supplier.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Its number: `4600000017`.
    pub key: String,
    /// The supplier's number.
    pub supplier: String,
    /// What it is about.
    pub text: String,
    /// Decimal: target value.
    pub value: String,
    /// Decimal: called so far.
    pub called: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `1010`.
    pub company_code: String,
    /// Since.
    pub start_days: i64,
    /// Until; absent if it never ends.
    pub end_days: Option<i64>,
    /// The key of the paper in the library.
    pub document: Option<String>,
    /// Handle of the buyer.
    pub owner: Option<String>,
}

/// What a supplier wants to be paid.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SupplierInvoice {
    /// Its number: `5105600123`.
    pub key: String,
    /// The supplier's number.
    pub supplier: String,
    /// The supplier's own number.
    pub reference: String,
    /// The order's number.
    pub order: Option<String>,
    /// Decimal.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `posted`, `paid` or `blocked`.
    pub status: String,
    /// `price`, `quantity` or `manual`.
    pub block: Option<String>,
    /// When it was posted.
    pub posted_days: i64,
    /// When it is due.
    pub due_days: i64,
    /// When it was paid.
    pub paid_days: Option<i64>,
}

/// What a customer has to pay.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerInvoice {
    /// Its number: `90000123` in the ERP, `in_...` in billing.
    pub key: String,
    /// `sap` or `stripe`.
    pub home: String,
    /// The account's key.
    pub account: String,
    /// Decimal.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `draft`, `open`, `paid`, `void` or `uncollectible`.
    pub status: String,
    /// When it was issued.
    pub issued_days: i64,
    /// When it is due; absent where a card is charged by itself.
    pub due_days: Option<i64>,
    /// When it was paid.
    pub paid_days: Option<i64>,
    /// What for.
    pub text: String,
}

/// What a customer paid, or tried to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The key: `ch_...` in billing, an accounting document in the ERP.
    pub key: String,
    /// `sap` or `stripe`.
    pub home: String,
    /// The account's key.
    pub account: String,
    /// The invoice's key.
    pub invoice: Option<String>,
    /// Decimal.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `paid`, `failed`, `disputed` or `refunded`.
    pub status: String,
    /// Why it failed: `card_declined`.
    pub failure: Option<String>,
    /// The last four digits.
    pub card: Option<String>,
    /// The payout it is in: `po_...`.
    pub payout: Option<String>,
    /// When.
    pub hours: i64,
}

/// What a cost center may spend in a year.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The cost center: `CC-OPS`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Years from now: 0 is this one, -1 the last.
    pub year: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// Decimal: what it may spend.
    pub budget: String,
    /// Decimal: what is ordered.
    pub committed: String,
    /// Decimal: what is spent.
    pub actual: String,
    /// Handle.
    pub owner: Option<String>,
}

/// How much a customer uses a product, by week.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// The account's key.
    pub account: String,
    /// `payments`, `payouts` or `reports`.
    pub product: String,
    /// Calls a week, the newest first; 26 weeks.
    pub weeks: Vec<u64>,
    /// What somebody noted about it.
    pub note: Option<String>,
}
