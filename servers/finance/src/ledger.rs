//! The port: what a finance system must be able to do for the tools.
//!
//! Tools decide what is asked and how it is answered; vendors decide how the question is put to the vendor. Neither
//! names the other. Ids here are native: `4500001234`, `ch_3Ab`.

mod draft;
mod query;

pub use draft::{NewLine, NewRefund, NewRequisition, RefundReason};
pub use query::{
    Amounts, BudgetQuery, ContractQuery, CustomerInvoiceQuery, CustomerName, Days, OrderQuery, PaymentQuery,
    Period, ReceivableQuery, SupplierInvoiceQuery, SupplierOrder, SupplierQuery,
};

use call::{BoxFuture, Cx};
use error::Result;
use jiff::Timestamp;
use tool::{Fetch, Mark, MatchedBy, Place, Rows};

use crate::caps::Caps;
use crate::model::{
    Budget, Contract, Customer, CustomerInvoice, Emptiable, InvoiceStatus, Party, Payment, PaymentBlock,
    PaymentStatus, PurchaseOrder, Receivable, Refund, Requisition, Supplier, SupplierInvoice,
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
    /// What costs are booked to.
    CostCenter,
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
            Self::CostCenter => "cost center",
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

    /// Customers with this name, domain or key, or something near the name (then [`MatchedBy::Name`]), which may be left
    /// out where there are exact ones; at most ten, exact matches first.
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
