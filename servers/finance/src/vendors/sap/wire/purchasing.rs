//! Orders and contracts.

use serde::Deserialize;

use super::{Amount, Day, Text};

/// `PurchaseOrder` with its items.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Order<'a> {
    #[serde(borrow)]
    pub(in super::super) purchase_order: Text<'a>,
    pub(in super::super) purchase_order_date: Day,
    #[serde(borrow)]
    pub(in super::super) supplier: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) company_code: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) document_currency: Text<'a>,
    pub(in super::super) release_is_not_completed: bool,
    #[serde(borrow)]
    pub(in super::super) purchasing_processing_status: Text<'a>,
    #[serde(borrow, rename = "_PurchaseOrderItem")]
    pub(in super::super) items: Vec<OrderItem<'a>>,
}

/// `PurchaseOrderItem` with its schedule lines.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct OrderItem<'a> {
    #[serde(borrow)]
    pub(in super::super) purchasing_document_deletion_code: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) purchase_order_item_text: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) plant: Text<'a>,
    pub(in super::super) order_quantity: Amount,
    #[serde(borrow)]
    pub(in super::super) purchase_order_quantity_unit: Text<'a>,
    pub(in super::super) net_amount: Amount,
    pub(in super::super) is_completely_delivered: bool,
    #[serde(borrow)]
    pub(in super::super) purchase_contract: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) requisitioner_name: Text<'a>,
    #[serde(rename = "_PurchaseOrderScheduleLineTP")]
    pub(in super::super) lines: Vec<ScheduleLine>,
}

impl OrderItem<'_> {
    /// Deleted items stay, flagged.
    pub(in super::super) fn is_there(&self) -> bool {
        self.purchasing_document_deletion_code.is_empty()
    }

    /// Something is still to come.
    pub(in super::super) fn is_open(&self) -> bool {
        self.is_there() && !self.is_completely_delivered
    }
}

/// `PurchaseOrderScheduleLine`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct ScheduleLine {
    pub(in super::super) schedule_line_delivery_date: Day,
    pub(in super::super) open_purchase_order_quantity: Amount,
}

/// `A_PurchaseContract`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Contract<'a> {
    #[serde(borrow)]
    pub(in super::super) purchase_contract: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) company_code: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) supplier: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) document_currency: Text<'a>,
    pub(in super::super) purchase_contract_target_amount: Amount,
    pub(in super::super) validity_start_date: Day,
    pub(in super::super) validity_end_date: Day,
    #[serde(borrow, default)]
    pub(in super::super) purchasing_document_name: Text<'a>,
}

/// `A_PurchaseContractItem`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct ContractItem<'a> {
    #[serde(borrow)]
    pub(in super::super) purchase_contract_item: Text<'a>,
}
