#![doc = include_str!("README.md")]

mod billing;
mod bills;
mod budget;
mod connection;
mod installments;
mod judge;
mod launchpad;
mod lens;
mod odata;
mod orders;
mod paging;
mod partners;
mod payments;
mod question;
mod requisition;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
mod suppliers;
mod wire;

use std::sync::{Arc, LazyLock};

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use outbound::{Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Place, Rows};

use connection::Connection;
use launchpad::Launchpad;
use lens::Lens;
use settings::{Keys, Mapping};

use crate::caps::Caps;
use crate::ledger::{
    Able, BudgetQuery, ContractQuery, CustomerInvoiceQuery, CustomerName, FinanceLedger, FoundCustomer,
    Ledger, NewRefund, NewRequisition, Noun, OrderQuery, PaymentQuery, ReceivableQuery, SupplierInvoiceQuery,
    SupplierQuery, Sweep, Unit,
};
use crate::model::{
    Budget, Contract, CustomerInvoice, Emptiable, Party, Payment, PaymentBlock, PurchaseOrder, Receivable,
    Refund, Requisition, Supplier, SupplierInvoice,
};

/// SAP S/4HANA, Cloud and on-premise.
pub const VENDOR: Vendor<Ledger> = Vendor {
    name: "sap",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulator,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What SAP's documents say of every S/4HANA.
const PROFILE: Profile =
    Profile { request_id_headers: &["x-correlationid", "x-request-id"], ..Profile::new("sap") };

/// Nothing may be drafted or refunded.
static NOTHING: LazyLock<Caps> = LazyLock::new(Caps::default);

/// One S/4HANA system.
pub(crate) struct Sap {
    source: String,
    connection: Connection,
    launchpad: Launchpad,
    keys: Keys,
    mapping: Mapping,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Ledger>> {
    let (keys, mapping) = settings::read(settings)?;
    let client = kit.client(settings, PROFILE)?;
    let launchpad = Launchpad::at(keys.launchpad_url.as_ref(), client.base_url());
    let connection = Connection::new(client, keys.sap_client.clone(), keys.language.clone());
    Ok(Arc::new(Sap { source: settings.name.clone(), connection, launchpad, keys, mapping }))
}

impl Sap {
    fn lens(&self, cx: &Cx) -> Lens<'_> {
        Lens::new(&self.source, &self.launchpad, cx)
    }
}

impl FinanceLedger for Sap {
    fn able(&self) -> Able {
        Able {
            suppliers: true,
            spend: self.keys.views.spend.is_some(),
            lateness: self.keys.views.deliveries.is_some(),
            orders: true,
            empty: &Emptiable::ALL,
            supplier_invoices: true,
            blocks: &PaymentBlock::ALL,
            contracts: true,
            customer_invoices: billing::STATUSES,
            receivables: true,
            budgets: self.keys.views.budget.is_some(),
            payments: payments::STATUSES,
            requisitions: self.keys.requisition.is_some(),
            refunds: false,
        }
    }

    fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        launchpad::number(noun, reference).or_else(|| self.launchpad.native(noun, reference))
    }

    fn places<'a>(&'a self, cx: &'a Cx, unit: Unit) -> BoxFuture<'a, Result<Vec<Place>>> {
        Box::pin(self.units(cx, unit))
    }

    fn find_suppliers<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Party>>> {
        Box::pin(self.suppliers_called(cx, text))
    }

    fn find_customers<'a>(
        &'a self,
        cx: &'a Cx,
        name: &'a CustomerName,
    ) -> BoxFuture<'a, Result<Vec<FoundCustomer>>> {
        Box::pin(self.customers_called(cx, name))
    }

    fn open_orders<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a OrderQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<PurchaseOrder>>> {
        Box::pin(async move { self.find_orders(cx, query, &page).await })
    }

    fn suppliers<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a SupplierQuery,
    ) -> BoxFuture<'a, Result<Sweep<Supplier>>> {
        Box::pin(self.ranked(cx, query))
    }

    fn supplier_invoices<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a SupplierInvoiceQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<SupplierInvoice>>> {
        Box::pin(async move { self.find_supplier_invoices(cx, query, &page).await })
    }

    fn contracts<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ContractQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Contract>>> {
        Box::pin(async move { self.find_contracts(cx, query, &page).await })
    }

    fn customer_invoices<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a CustomerInvoiceQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerInvoice>>> {
        Box::pin(async move { self.find_customer_invoices(cx, query, &page).await })
    }

    fn receivables<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ReceivableQuery,
    ) -> BoxFuture<'a, Result<Sweep<Receivable>>> {
        Box::pin(self.overdue(cx, query))
    }

    fn budgets<'a>(&'a self, cx: &'a Cx, query: &'a BudgetQuery) -> BoxFuture<'a, Result<Vec<Budget>>> {
        Box::pin(self.budgets_of(cx, query))
    }

    fn payments<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a PaymentQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Payment>>> {
        Box::pin(async move { self.find_payments(cx, query, &page).await })
    }

    fn requisition_caps(&self) -> &Caps {
        self.keys.requisition.as_ref().map_or(&NOTHING, |configured| &configured.caps)
    }

    fn find_requisition<'a>(
        &'a self,
        cx: &'a Cx,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Requisition>>> {
        Box::pin(self.marked_requisition(cx, mark))
    }

    fn draft_requisition<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewRequisition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Requisition>> {
        Box::pin(self.draft(cx, new, mark))
    }

    fn refund_caps(&self) -> &Caps {
        &NOTHING
    }

    fn find_refund<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a str,
        _: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Refund>>> {
        Box::pin(async { Err(no_refunds()) })
    }

    fn refund<'a>(&'a self, _: &'a Cx, _: &'a NewRefund, _: &'a Mark) -> BoxFuture<'a, Result<Refund>> {
        Box::pin(async { Err(no_refunds()) })
    }
}

/// A credit memo is another process, with another approval.
fn no_refunds() -> Error {
    Error::new(Code::Unsupported, "SAP gives money back by credit memos, which are not drafted here")
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
