//! What each ledger is able to do: the tables in the vendors' READMEs.

use capabilities::{Ability, check, field, value, values};

use crate::ledger::{Able, Ledger};

/// With `CHANCERY_BLESS=1` the tables are written, else they are compared.
#[tokio::test]
async fn tables_say_what_vendors_are_able_to_do() {
    let (catalog, vendors) = (crate::tools::catalog(), crate::vendors::all());
    check(env!("CARGO_MANIFEST_DIR"), catalog, &vendors, abilities).unwrap();
}

fn abilities(ledger: &Ledger) -> Vec<Ability> {
    let Able {
        spend,
        lateness,
        empty,
        blocks,
        customer_invoices,
        payments,
        // Whole tools say themselves whether a ledger can.
        suppliers: _,
        orders: _,
        supplier_invoices: _,
        contracts: _,
        receivables: _,
        budgets: _,
        requisitions: _,
        refunds: _,
    } = ledger.able();
    let mut all = vec![
        value("compare_suppliers", "sort_by", "spend", spend),
        field("compare_suppliers", "spend", spend),
        value("compare_suppliers", "sort_by", "lateness", lateness),
        field("compare_suppliers", "lateness", lateness),
    ];
    let most = Able::ALL;
    all.extend(values("get_open_purchase_orders", "where_empty", most.empty, empty));
    all.extend(values("get_supplier_invoice_history", "blocked_because", most.blocks, blocks));
    all.extend(values("search_customer_invoices", "status", most.customer_invoices, customer_invoices));
    all.extend(values("find_payments", "status", most.payments, payments));
    all
}
