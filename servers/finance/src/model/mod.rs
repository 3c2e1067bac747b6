//! The nouns of the domain, as they leave.

mod purchasing;
mod receiving;

pub use purchasing::{
    Approval, Block, BlockKind, Budget, Contact, Contract, Emptiable, Lateness, OrderItem, PaymentBlock,
    PurchaseOrder, Requisition, RequisitionLine, Supplier, SupplierInvoice, SupplierInvoiceStatus,
};
pub use receiving::{
    Customer, CustomerInvoice, InvoiceLine, InvoiceStatus, Payment, PaymentStatus, Payout, Receivable,
    Refund, RefundStatus,
};

use content::Label;
use schemars::JsonSchema;
use serde::Serialize;
use tool::RecordId;

/// Who stands on the other side of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Party {
    /// `sap:10300042`.
    pub id: RecordId,
    /// Its name; the number where the name is not known.
    pub name: Label,
}
