//! The port: what a finance system must be able to do for the tools.
//!
//! Tools decide what is asked and how it is answered; vendors decide how the question is put to the vendor. Neither
//! names the other. Ids here are native: `4500001234`, `ch_3Ab`.

use call::{BoxFuture, Cx};
use error::{Error, Result};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Currency, Fetch, Mark, MatchedBy, Money, Place, Rows, When, Window};

use crate::caps::Caps;
use crate::model::{
    Approval, Budget, Contract, Customer, CustomerInvoice, Emptiable, InvoiceStatus, Party, Payment,
    PaymentBlock, PaymentStatus, PurchaseOrder, Receivable, Refund, Requisition, Supplier, SupplierInvoice,
    SupplierInvoiceStatus,
};

/// The port's type, as tools name it.
pub type Ledger = dyn FinanceLedger;

/// Rows that a report looks at, at most.
pub const SWEEP: usize = 2000;

/// What a finance system can do. What it cannot is said in the answer, never faked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a table of abilities")]
pub struct Able {
    /// Knows suppliers.
    pub suppliers: bool,
    /// Knows what was spent with a supplier.
    pub spend: bool,
    /// Knows how late a supplier delivers.
    pub lateness: bool,
    /// Knows purchase orders.
    pub orders: bool,
    /// Finds orders by a field that is empty.
    pub empty: &'static [Emptiable],
    /// Knows suppliers' invoices.
    pub supplier_invoices: bool,
    /// Reasons for blocking an invoice that it filters by.
    pub blocks: &'static [PaymentBlock],
    /// Knows contracts with suppliers.
    pub contracts: bool,
    /// Statuses of customers' invoices that it tells apart; none if it has no such invoices.
    pub customer_invoices: &'static [InvoiceStatus],
    /// Knows what customers owe.
    pub receivables: bool,
    /// Knows budgets.
    pub budgets: bool,
    /// Statuses of payments that it tells apart; none if it has no payments.
    pub payments: &'static [PaymentStatus],
    /// Drafts requisitions: able to, and given caps.
    pub requisitions: bool,
    /// Refunds payments: able to, enabled and given caps.
    pub refunds: bool,
}

impl Able {
    /// Nothing; a vendor adds what it can.
    pub const NOTHING: Self = Self {
        suppliers: false,
        spend: false,
        lateness: false,
        orders: false,
        empty: &[],
        supplier_invoices: false,
        blocks: &[],
        contracts: false,
        customer_invoices: &[],
        receivables: false,
        budgets: false,
        payments: &[],
        requisitions: false,
        refunds: false,
    };

    /// Everything.
    pub const ALL: Self = Self {
        suppliers: true,
        spend: true,
        lateness: true,
        orders: true,
        empty: &Emptiable::ALL,
        supplier_invoices: true,
        blocks: &PaymentBlock::ALL,
        contracts: true,
        customer_invoices: &InvoiceStatus::ALL,
        receivables: true,
        budgets: true,
        payments: &PaymentStatus::ALL,
        requisitions: true,
        refunds: true,
    };
}

/// What a reference or an id may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noun {
    /// Who is bought from.
    Supplier,
    /// Who buys.
    Customer,
    /// What was ordered.
    PurchaseOrder,
    /// What a supplier wants to be paid.
    SupplierInvoice,
    /// What is agreed with a supplier.
    Contract,
    /// What a customer has to pay.
    CustomerInvoice,
    /// What a customer paid, or tried to.
    Payment,
}

impl Noun {
    /// What people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::Customer => "customer",
            Self::PurchaseOrder => "purchase order",
            Self::SupplierInvoice | Self::CustomerInvoice => "invoice",
            Self::Contract => "contract",
            Self::Payment => "payment",
        }
    }
}

/// A part of the company that filters and cost objects name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A company code.
    Company,
    /// A plant.
    Plant,
    /// A cost center.
    CostCenter,
}

impl Unit {
    /// What people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Plant => "plant",
            Self::CostCenter => "cost center",
        }
    }
}

/// How a caller may call a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerName {
    /// An internet domain, lower case.
    Domain(String),
    /// Anything else: a name or a key of any system.
    Text(String),
}

/// A span of days, both included; open where absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Option<Date>,
    /// The last.
    pub to: Option<Date>,
}

impl Days {
    /// The days that two arguments mean: from `after` on, and up to but not including `before`. `paths` names them in
    /// errors; days that end before they begin are refused.
    pub fn resolve(
        after: Option<&When>,
        before: Option<&When>,
        now: Timestamp,
        paths: [&str; 2],
    ) -> Result<Self> {
        let from = after.map(|w| w.day(now, paths[0])).transpose()?;
        let end = before.map(|w| w.day(now, paths[1])).transpose()?;
        match (from, end) {
            (Some(from), Some(end)) if from >= end => {
                Err(Error::invalid(paths[0], format!("must lie before `{}`", paths[1])))
            }
            _ => Ok(Self { from, to: end.and_then(|day| day.yesterday().ok()) }),
        }
    }

    /// Whether `day` lies in it.
    #[must_use]
    pub fn has(&self, day: Date) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }
}

/// A span of amounts of one currency, both ends included; open where absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// The least.
    pub min: Option<Decimal>,
    /// The most.
    pub max: Option<Decimal>,
    /// The currency of both: amounts of others do not match.
    pub currency: Currency,
}

impl Amounts {
    /// The span that two arguments, `min_*` and `max_*`, mean. `paths` names them in errors.
    pub fn between(min: Option<Money>, max: Option<Money>, paths: [&str; 2]) -> Result<Option<Self>> {
        if let (Some(min), Some(max)) = (&min, &max) {
            if min.currency != max.currency {
                let problem = format!("must be of the currency of `{}`", paths[0]);
                return Err(Error::invalid(paths[1], problem));
            }
            if min.amount > max.amount {
                return Err(Error::invalid(paths[0], format!("must not be above `{}`", paths[1])));
            }
        }
        let currency = min.or(max).map(|money| money.currency);
        Ok(currency.map(|currency| Self { min: min.map(|m| m.amount), max: max.map(|m| m.amount), currency }))
    }

    /// Exactly this much.
    #[must_use]
    pub fn exactly(money: Money) -> Self {
        Self { min: Some(money.amount), max: Some(money.amount), currency: money.currency }
    }

    /// Whether `money` lies in it.
    #[must_use]
    pub fn has(&self, money: &Money) -> bool {
        money.currency == self.currency
            && self.min.is_none_or(|min| money.amount >= min)
            && self.max.is_none_or(|max| money.amount <= max)
    }
}

/// Which open purchase orders: not fully delivered, not deleted. All filters hold together.
#[derive(Clone, Debug)]
pub struct OrderQuery {
    /// These and no others (native ids); other filters still hold.
    pub ids: Vec<String>,
    /// With this supplier, by the ledger's id.
    pub supplier: Option<String>,
    /// Of this company code.
    pub company: Option<String>,
    /// With an item for this plant.
    pub plant: Option<String>,
    /// Worth at least this much in this currency.
    pub min_value: Option<Money>,
    /// Approved this far.
    pub approval: Option<Approval>,
    /// With an item that should have come before `today`, or with none.
    pub overdue: Option<bool>,
    /// With this field empty.
    pub where_empty: Option<Emptiable>,
    /// Today in UTC.
    pub today: Date,
    /// With items.
    pub full: bool,
}

/// What suppliers are ranked by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupplierOrder {
    /// The most spent first, in the currency asked for.
    #[default]
    Spend,
    /// The largest share of late deliveries first; those without deliveries last.
    Lateness,
    /// The longest time to pay first; unknown last.
    PaymentTerms,
    /// Blocked ones first.
    Blocks,
    /// By name, case aside.
    Name,
}

/// Which suppliers, in which order.
#[derive(Clone, Debug)]
pub struct SupplierQuery {
    /// These and no others (native ids); empty for all that are not archived.
    pub ids: Vec<String>,
    /// What to rank by; ties by id. What the ledger does not know ranks last.
    pub order: SupplierOrder,
    /// Spend in this currency; in whatever currencies there are if absent.
    pub currency: Option<Currency>,
    /// The days that spend and lateness cover.
    pub days: Days,
    /// How many are wanted.
    pub limit: usize,
}

/// Which invoices of suppliers.
#[derive(Clone, Debug, Default)]
pub struct SupplierInvoiceQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// From this supplier, by the ledger's id.
    pub supplier: Option<String>,
    /// Posted on these days.
    pub posted: Days,
    /// In this status.
    pub status: Option<SupplierInvoiceStatus>,
    /// Blocked for this reason.
    pub block: Option<PaymentBlock>,
}

/// Which contracts with suppliers.
#[derive(Clone, Debug, Default)]
pub struct ContractQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// With this supplier, by the ledger's id.
    pub supplier: Option<String>,
    /// With a target value in this span.
    pub amounts: Option<Amounts>,
    /// Ending on these days.
    pub ends: Days,
}

/// Which invoices to customers.
#[derive(Clone, Debug, Default)]
pub struct CustomerInvoiceQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// To this customer, by the ledger's id.
    pub customer: Option<String>,
    /// Issued on these days.
    pub issued: Days,
    /// In this status.
    pub status: Option<InvoiceStatus>,
    /// With a total in this span.
    pub amounts: Option<Amounts>,
    /// With lines and notes.
    pub full: bool,
}

/// Which unpaid invoices that are past due.
#[derive(Clone, Debug)]
pub struct ReceivableQuery {
    /// Of this customer, by the ledger's id.
    pub customer: Option<String>,
    /// Due on these days; always before `today`.
    pub due: Days,
    /// In this currency.
    pub currency: Option<Currency>,
    /// Today in UTC.
    pub today: Date,
}

/// A stretch of one fiscal year that is a calendar year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The year.
    pub year: i16,
    /// Its first month, 1 to 12.
    pub first: i8,
    /// Its last month, 1 to 12, not before the first.
    pub last: i8,
}

impl Period {
    /// Reads `2026`, `2026-Q4` or `2026-11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_at_checked(4)?;
        let year: i16 = year.parse().ok()?;
        let (first, last) = match rest.strip_prefix('-') {
            None if rest.is_empty() => (1, 12),
            Some(quarter) if quarter.starts_with(['Q', 'q']) => {
                let quarter: i8 = quarter[1..].parse().ok().filter(|q| (1..=4).contains(q))?;
                (3 * quarter - 2, 3 * quarter)
            }
            Some(month) => {
                let month: i8 = month.parse().ok().filter(|m| (1..=12).contains(m))?;
                (month, month)
            }
            None => return None,
        };
        (year >= 1900).then_some(Self { year, first, last })
    }

    /// Its first day.
    #[must_use]
    pub fn from(self) -> Date {
        Date::new(self.year, self.first, 1).unwrap_or(Date::MIN)
    }

    /// Its last day.
    #[must_use]
    pub fn to(self) -> Date {
        Date::new(self.year, self.last, 1).map_or(Date::MAX, Date::last_of_month)
    }
}

/// Which budgets.
#[derive(Clone, Debug)]
pub struct BudgetQuery {
    /// Of this cost center.
    pub cost_center: String,
    /// For this stretch of time, committed and actual as of its end.
    pub period: Period,
}

/// Which payments of customers.
#[derive(Clone, Debug, Default)]
pub struct PaymentQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// By this customer, by the ledger's id.
    pub customer: Option<String>,
    /// Worth this much.
    pub amounts: Option<Amounts>,
    /// In this stretch of time.
    pub window: Window,
    /// In this status.
    pub status: Option<PaymentStatus>,
}

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

/// Rows of a report: all that match, unless there are more than [`SWEEP`].
#[derive(Clone, Debug)]
pub struct Sweep<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// These are all.
    pub complete: bool,
    /// When the vendor was asked.
    pub as_of: Timestamp,
}

/// A customer found, and by which of its names.
#[derive(Clone, Debug)]
pub struct FoundCustomer {
    /// Who.
    pub customer: Customer,
    /// By what.
    pub matched_by: MatchedBy,
}

/// A finance system. What it is not able to do it refuses with `unsupported`, a filter that it cannot honor with
/// `unsupported_filter`; `not_found` also stands for what its account may not see.
pub trait FinanceLedger: Send + Sync {
    /// What it can do.
    fn able(&self) -> Able;

    /// The native id that `reference` (a document number or a URL of this very account) stands for; asks nobody.
    /// Numbers of which kinds overlap (ten digits) are recognized for each kind they may be.
    fn recognize(&self, noun: Noun, reference: &str) -> Option<String>;

    /// Company codes, plants or cost centers; empty where it has none.
    fn places<'a>(&'a self, cx: &'a Cx, unit: Unit) -> BoxFuture<'a, Result<Vec<Place>>>;

    /// Suppliers called `text` or something near it; at most ten, exact names first.
    fn find_suppliers<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Party>>>;

    /// Customers with this name, domain or key, or something near the name (then [`MatchedBy::Name`]); at most ten,
    /// exact matches first.
    fn find_customers<'a>(
        &'a self,
        cx: &'a Cx,
        name: &'a CustomerName,
    ) -> BoxFuture<'a, Result<Vec<FoundCustomer>>>;

    /// Open purchase orders, newest order date first, then by id.
    fn open_orders<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a OrderQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<PurchaseOrder>>>;

    /// The first `limit` suppliers in the order asked for (see [`crate::ranking`]); `unsupported_filter` for an order
    /// by what it does not know. `complete` says that no supplier was left out of the
    /// ranking, be there more than `limit` or not.
    fn suppliers<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a SupplierQuery,
    ) -> BoxFuture<'a, Result<Sweep<Supplier>>>;

    /// Invoices of suppliers, newest posting date first, then by id.
    fn supplier_invoices<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a SupplierInvoiceQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<SupplierInvoice>>>;

    /// Contracts with suppliers, the first to end first, then by id; those without an end last.
    fn contracts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ContractQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Contract>>>;

    /// Invoices to customers, newest issue date first, then by id.
    fn customer_invoices<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a CustomerInvoiceQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerInvoice>>>;

    /// Every overdue unpaid invoice, in any order.
    fn receivables<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ReceivableQuery,
    ) -> BoxFuture<'a, Result<Sweep<Receivable>>>;

    /// The budgets of a cost center in a period, one for each currency it is planned in.
    fn budgets<'a>(&'a self, cx: &'a Cx, query: &'a BudgetQuery) -> BoxFuture<'a, Result<Vec<Budget>>>;

    /// Payments of customers, newest first, then by id.
    fn payments<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a PaymentQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Payment>>>;

    /// What one requisition may cost; nothing unless configured.
    fn requisition_caps(&self) -> &Caps;

    /// The requisition that bears the mark: the external key if one is given, else the operation.
    fn find_requisition<'a>(
        &'a self,
        cx: &'a Cx,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Requisition>>>;

    /// Drafts a requisition that bears the mark; nothing is released.
    fn draft_requisition<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewRequisition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Requisition>>;

    /// What the refunds of one payment may come to; nothing unless configured.
    fn refund_caps(&self) -> &Caps;

    /// The refund of `payment` that bears the mark.
    fn find_refund<'a>(
        &'a self,
        cx: &'a Cx,
        payment: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Refund>>>;

    /// Gives money back. The operation is the vendor's idempotency key.
    fn refund<'a>(&'a self, cx: &'a Cx, new: &'a NewRefund, mark: &'a Mark) -> BoxFuture<'a, Result<Refund>>;
}
