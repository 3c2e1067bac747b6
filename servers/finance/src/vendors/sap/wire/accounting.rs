//! Invoices and items of accounts.

use serde::Deserialize;

use super::{Amount, Day, Results, Text};

/// `A_SupplierInvoice` with the orders it is for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct SupplierInvoice<'a> {
    #[serde(borrow)]
    pub(in super::super) supplier_invoice: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) fiscal_year: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) company_code: Text<'a>,
    pub(in super::super) posting_date: Day,
    #[serde(borrow, rename = "SupplierInvoiceIDByInvcgParty")]
    pub(in super::super) reference: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) invoicing_party: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) document_currency: Text<'a>,
    pub(in super::super) invoice_gross_amount: Amount,
    #[serde(borrow)]
    pub(in super::super) supplier_invoice_is_credit_memo: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) payment_blocking_reason: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) supplier_invoice_status: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) reverse_document: Text<'a>,
    #[serde(borrow, default, rename = "to_SuplrInvcItemPurOrdRef")]
    pub(in super::super) orders: Results<OrderReference<'a>>,
}

/// `A_SuplrInvcItemPurOrdRef`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct OrderReference<'a> {
    #[serde(borrow)]
    pub(in super::super) purchase_order: Text<'a>,
}

/// `A_BillingDocument` with items and texts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct BillingDocument<'a> {
    #[serde(borrow)]
    pub(in super::super) billing_document: Text<'a>,
    pub(in super::super) billing_document_date: Day,
    pub(in super::super) billing_document_is_cancelled: Option<bool>,
    pub(in super::super) total_gross_amount: Amount,
    #[serde(borrow)]
    pub(in super::super) transaction_currency: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) sold_to_party: Text<'a>,
    #[serde(borrow, rename = "DocumentReferenceID")]
    pub(in super::super) document_reference_id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) invoice_clearing_status: Text<'a>,
    #[serde(borrow, default, rename = "to_Item")]
    pub(in super::super) items: Results<BillingItem<'a>>,
    #[serde(borrow, default, rename = "to_Text")]
    pub(in super::super) texts: Results<BillingText<'a>>,
}

/// `A_BillingDocumentItem`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct BillingItem<'a> {
    #[serde(borrow)]
    pub(in super::super) billing_document_item_text: Text<'a>,
    pub(in super::super) net_amount: Amount,
}

/// `A_BillingDocumentText`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct BillingText<'a> {
    #[serde(borrow)]
    pub(in super::super) long_text: Text<'a>,
}

/// `A_OperationalAcctgDocItemCube`, as much of it as was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(in super::super) struct AccountItem<'a> {
    #[serde(borrow)]
    pub(in super::super) company_code: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) fiscal_year: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) accounting_document: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) accounting_document_item: Text<'a>,
    #[serde(borrow, rename = "SpecialGLCode")]
    pub(in super::super) special_gl_code: Text<'a>,
    pub(in super::super) clearing_date: Day,
    #[serde(borrow)]
    pub(in super::super) clearing_accounting_document: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) clearing_doc_fiscal_year: Text<'a>,
    pub(in super::super) is_cleared: Option<bool>,
    #[serde(borrow)]
    pub(in super::super) billing_document: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) customer: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) customer_name: Text<'a>,
    pub(in super::super) posting_date: Day,
    pub(in super::super) net_due_date: Day,
    #[serde(borrow)]
    pub(in super::super) payment_method: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) dunning_level: Text<'a>,
    #[serde(borrow, rename = "DocumentReferenceID")]
    pub(in super::super) document_reference_id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) original_reference_document: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) transaction_currency: Text<'a>,
    pub(in super::super) amount_in_transaction_currency: Amount,
}

impl AccountItem<'_> {
    /// Whether nothing of it is owed any more.
    pub(in super::super) fn is_settled(&self) -> bool {
        self.is_cleared.unwrap_or_else(|| !self.clearing_accounting_document.is_empty())
    }

    /// Its key as one id: `1010-2026-1400000098-001`.
    pub(in super::super) fn id(&self) -> String {
        format!("{}-{}", self.document(), &*self.accounting_document_item)
    }

    /// The document that it is in: `1010-2026-1400000098`. Each company begins its numbers anew, and may each year.
    pub(in super::super) fn document(&self) -> String {
        let Self { company_code, fiscal_year, accounting_document, .. } = self;
        format!("{}-{}-{}", &**company_code, &**fiscal_year, &**accounting_document)
    }

    /// The document that settled it, the same way.
    pub(in super::super) fn settled_by(&self) -> String {
        let Self { company_code, clearing_doc_fiscal_year, clearing_accounting_document, .. } = self;
        format!("{}-{}-{}", &**company_code, &**clearing_doc_fiscal_year, &**clearing_accounting_document)
    }
}
