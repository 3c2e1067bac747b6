//! Requisitions, both ways (version 4).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Amount, Day, Text};

/// A requisition to be, `POST PurchaseReqn` with its items (deep insert). Decimals are texts, which the content type
/// announces (`IEEE754Compatible`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct RequisitionDraft<'a> {
    pub(in super::super) purchase_requisition_type: &'a str,
    pub(in super::super) pur_reqn_description: &'a str,
    #[serde(rename = "_PurchaseRequisitionItem")]
    pub(in super::super) items: Vec<Item<'a>>,
}

/// An item to be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Item<'a> {
    pub(in super::super) purchase_requisition_item_text: &'a str,
    /// `K`: a cost center.
    pub(in super::super) account_assignment_category: &'static str,
    pub(in super::super) material_group: &'a str,
    pub(in super::super) requested_quantity: String,
    pub(in super::super) base_unit: &'a str,
    pub(in super::super) purchase_requisition_price: String,
    pub(in super::super) pur_reqn_price_quantity: &'static str,
    pub(in super::super) pur_reqn_item_currency: &'a str,
    pub(in super::super) purchasing_group: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) purchasing_organization: Option<&'a str>,
    pub(in super::super) plant: &'a str,
    pub(in super::super) delivery_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) supplier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) purchase_contract: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) purchase_contract_item: Option<String>,
    /// Our mark.
    pub(in super::super) pur_reqn_external_reference: &'a str,
    #[serde(rename = "_PurchaseReqnAcctAssgmt")]
    pub(in super::super) assignments: [Assignment<'a>; 1],
}

/// Who bears the cost.
#[derive(Debug, Serialize)]
pub(in super::super) struct Assignment<'a> {
    #[serde(rename = "CostCenter")]
    pub(in super::super) cost_center: &'a str,
    #[serde(rename = "GLAccount")]
    pub(in super::super) gl_account: &'a str,
}

/// `PurchaseReqn` with its items.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Requisition<'a> {
    #[serde(borrow)]
    pub(in super::super) purchase_requisition: Text<'a>,
    #[serde(borrow, default)]
    pub(in super::super) pur_reqn_description: Text<'a>,
    #[serde(borrow, rename = "@odata.etag")]
    pub(in super::super) etag: Option<Text<'a>>,
    #[serde(borrow, default, rename = "_PurchaseRequisitionItem")]
    pub(in super::super) items: Vec<ItemRow<'a>>,
}

/// `PurchaseReqnItem`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct ItemRow<'a> {
    #[serde(borrow)]
    pub(in super::super) purchase_requisition: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) purchase_requisition_item: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) purchase_requisition_item_text: Text<'a>,
    pub(in super::super) requested_quantity: Amount,
    #[serde(borrow)]
    pub(in super::super) base_unit: Text<'a>,
    pub(in super::super) item_net_amount: Amount,
    #[serde(borrow)]
    pub(in super::super) pur_reqn_item_currency: Text<'a>,
    pub(in super::super) delivery_date: Day,
    #[serde(borrow, default)]
    pub(in super::super) supplier: Text<'a>,
    pub(in super::super) release_is_not_completed: bool,
    #[serde(default)]
    pub(in super::super) is_deleted: bool,
}
