#![doc = include_str!("README.md")]

mod connection;
mod customers;
mod invoices;
mod judge;
mod map;
mod money;
mod payments;
mod query;
mod refunds;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod trace;
mod wire;

use std::sync::Arc;

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use outbound::{Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Place, Rows};

use self::connection::Account;
use self::map::Mapper;
use self::settings::Refunds;
use crate::caps::Caps;
use crate::ledger::{
    Able, BudgetQuery, ContractQuery, CustomerInvoiceQuery, CustomerName, FinanceLedger, FoundCustomer,
    Ledger, NewRefund, NewRequisition, Noun, OrderQuery, PaymentQuery, ReceivableQuery, SupplierInvoiceQuery,
    SupplierQuery, Sweep, Unit,
};
use crate::model::{
    Budget, Contract, CustomerInvoice, InvoiceStatus, Party, Payment, PaymentStatus, PurchaseOrder,
    Receivable, Refund, Requisition, Supplier, SupplierInvoice,
};

/// Stripe as the domain lists it.
pub const VENDOR: Vendor<Ledger> = Vendor {
    name: "stripe",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulate,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What holds for all of Stripe (docs.stripe.com/api).
const PROFILE: Profile = Profile {
    default_base_url: Some("https://api.stripe.com"),
    request_id_headers: &["request-id"],
    ..Profile::new("stripe")
};

/// A Stripe account.
struct Stripe {
    account: Account,
    mapper: Mapper,
    refunds: Refunds,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Ledger>> {
    let (keys, mapping) = settings::read(settings)?;
    let client = kit.client(settings, PROFILE)?;
    Ok(Arc::new(Stripe {
        account: Account::new(client, keys.api_version, keys.account),
        mapper: Mapper::new(settings.name.clone(), mapping, keys.dashboard_url.as_ref()),
        refunds: keys.refunds,
    }))
}

/// What Stripe has no notion of: it knows who pays the company, not whom the company pays.
fn no<'a, T: Send + 'a>(what: &'static str) -> BoxFuture<'a, Result<T>> {
    Box::pin(async move { Err(Error::new(Code::Unsupported, format!("Stripe has no {what}"))) })
}

impl FinanceLedger for Stripe {
    fn able(&self) -> Able {
        Able {
            customer_invoices: &InvoiceStatus::ALL,
            receivables: true,
            payments: &PaymentStatus::ALL,
            refunds: self.refunds.enabled,
            ..Able::NOTHING
        }
    }

    fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        self.mapper.recognize(noun, reference)
    }

    fn places<'a>(&'a self, _: &'a Cx, unit: Unit) -> BoxFuture<'a, Result<Vec<Place>>> {
        no(match unit {
            Unit::Company => "company codes",
            Unit::Plant => "plants",
            Unit::CostCenter => "cost centers",
        })
    }

    fn find_suppliers<'a>(&'a self, _: &'a Cx, _: &'a str) -> BoxFuture<'a, Result<Vec<Party>>> {
        no("suppliers")
    }

    fn find_customers<'a>(
        &'a self,
        cx: &'a Cx,
        name: &'a CustomerName,
    ) -> BoxFuture<'a, Result<Vec<FoundCustomer>>> {
        Box::pin(customers::find(self, cx, name))
    }

    fn open_orders<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a OrderQuery,
        _: Fetch,
    ) -> BoxFuture<'a, Result<Rows<PurchaseOrder>>> {
        no("purchase orders")
    }

    fn suppliers<'a>(&'a self, _: &'a Cx, _: &'a SupplierQuery) -> BoxFuture<'a, Result<Sweep<Supplier>>> {
        no("suppliers")
    }

    fn supplier_invoices<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a SupplierInvoiceQuery,
        _: Fetch,
    ) -> BoxFuture<'a, Result<Rows<SupplierInvoice>>> {
        no("invoices of suppliers")
    }

    fn contracts<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a ContractQuery,
        _: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Contract>>> {
        no("contracts with suppliers")
    }

    fn customer_invoices<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a CustomerInvoiceQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerInvoice>>> {
        Box::pin(async move { invoices::list(self, cx, query, &page).await })
    }

    fn receivables<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a ReceivableQuery,
    ) -> BoxFuture<'a, Result<Sweep<Receivable>>> {
        Box::pin(invoices::overdue(self, cx, query))
    }

    fn budgets<'a>(&'a self, _: &'a Cx, _: &'a BudgetQuery) -> BoxFuture<'a, Result<Vec<Budget>>> {
        no("budgets")
    }

    fn payments<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a PaymentQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Payment>>> {
        Box::pin(async move { payments::list(self, cx, query, &page).await })
    }

    fn requisition_caps(&self) -> &Caps {
        Caps::none()
    }

    fn find_requisition<'a>(&'a self, _: &'a Cx, _: &'a Mark) -> BoxFuture<'a, Result<Option<Requisition>>> {
        no("requisitions")
    }

    fn draft_requisition<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a NewRequisition,
        _: &'a Mark,
    ) -> BoxFuture<'a, Result<Requisition>> {
        no("requisitions")
    }

    fn refund_caps(&self) -> &Caps {
        &self.refunds.caps
    }

    fn find_refund<'a>(
        &'a self,
        cx: &'a Cx,
        payment: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Refund>>> {
        Box::pin(refunds::find(self, cx, payment, mark))
    }

    fn refund<'a>(&'a self, cx: &'a Cx, new: &'a NewRefund, mark: &'a Mark) -> BoxFuture<'a, Result<Refund>> {
        Box::pin(refunds::issue(self, cx, new, mark))
    }
}
