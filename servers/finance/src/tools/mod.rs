//! The tools. One file each; adding one is its file and its two lines here.

mod compare_suppliers;
mod draft_purchase_requisition;
mod find_payments;
mod get_budget_availability;
mod get_open_purchase_orders;
mod get_supplier_invoice_history;
mod issue_refund;
mod list_overdue_receivables;
mod search_contracts_by_value_range;
mod search_customer_invoices;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;

use tool::{Catalog, Kind};

use crate::ledger::Ledger;

/// Every tool of the domain, in the order clients see them.
#[must_use]
pub fn catalog() -> Catalog<Ledger> {
    Catalog::new()
        .with::<get_open_purchase_orders::GetOpenPurchaseOrders>()
        .with::<compare_suppliers::CompareSuppliers>()
        .with::<get_supplier_invoice_history::GetSupplierInvoiceHistory>()
        .with::<search_contracts_by_value_range::SearchContractsByValueRange>()
        .with::<search_customer_invoices::SearchCustomerInvoices>()
        .with::<list_overdue_receivables::ListOverdueReceivables>()
        .with::<get_budget_availability::GetBudgetAvailability>()
        .with::<find_payments::FindPayments>()
        .with::<draft_purchase_requisition::DraftPurchaseRequisition>()
        .with::<issue_refund::IssueRefund>()
        .kind(Kind {
            name: "budget",
            title: "Budget of a cost center",
            tool: "get_budget_availability",
            argument: "cost_center",
        })
        .kind(Kind {
            name: "purchase_order",
            title: "Open purchase order",
            tool: "get_open_purchase_orders",
            argument: "ids",
        })
        .kind(Kind { name: "supplier", title: "Supplier", tool: "compare_suppliers", argument: "suppliers" })
        .kind(Kind {
            name: "supplier_invoice",
            title: "Invoice of a supplier",
            tool: "get_supplier_invoice_history",
            argument: "ids",
        })
        .kind(Kind {
            name: "contract",
            title: "Contract with a supplier",
            tool: "search_contracts_by_value_range",
            argument: "ids",
        })
        .kind(Kind {
            name: "customer_invoice",
            title: "Invoice to a customer",
            tool: "search_customer_invoices",
            argument: "ids",
        })
        .kind(Kind { name: "payment", title: "Payment", tool: "find_payments", argument: "ids" })
}
