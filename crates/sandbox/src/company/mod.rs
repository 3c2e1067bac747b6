//! Halden Pay, a fictional payments company: what the simulators are filled with.
//!
//! `shared/company/<section>.toml` is written by hand and carries the stories; `shared/company/bulk/<section>.jsonl`
//! is made by `cargo xtask company` from a fixed seed. Days and hours are relative to the moment a simulator starts
//! (negative is the past), so that no result ever rots. A record says which vendors hold it; each simulator derives
//! its vendor's own id from `key`.

pub mod backlog;
mod customers;
mod desk;
mod library;
mod money;
mod people;

pub use customers::{Account, Activity, Case, CaseComment, Contact, Opportunity, Renewal};
pub use desk::{Alert, ChangeRequest, Incident, Note, OnCall, Remediation, Service, Sla};
pub use library::{Document, Edit, Remark, Space};
pub use money::{
    Budget, Contract, CustomerInvoice, OrderItem, Payment, PurchaseOrder, Supplier, SupplierInvoice, Usage,
};
pub use people::Person;

#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The records of one section: the written ones, then the bulk.
macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident: $record:ty;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name() -> Vec<$record> {
                read(
                    include_str!(concat!("../../../../shared/company/", stringify!($name), ".toml")),
                    include_str!(concat!("../../../../shared/company/bulk/", stringify!($name), ".jsonl")),
                )
                .unwrap_or_default()
            }
        )*

        /// Each section's name and, where it does not read, why.
        #[cfg(test)]
        fn all_sections() -> Vec<(&'static str, Result<usize, String>)> {
            vec![$((
                stringify!($name),
                read::<$record>(
                    include_str!(concat!("../../../../shared/company/", stringify!($name), ".toml")),
                    include_str!(concat!("../../../../shared/company/bulk/", stringify!($name), ".jsonl")),
                )
                .map(|records| records.len()),
            ),)*]
        }
    };
}

sections! {
    /// Everybody who works there, and the agent's own user (`sandbox`).
    people: Person;
    /// Customers.
    accounts: Account;
    /// People at customers.
    contacts: Contact;
    /// Business that may come.
    opportunities: Opportunity;
    /// Calls, meetings, mails, notes and tasks with customers.
    activities: Activity;
    /// Contracts with customers that run out.
    renewals: Renewal;
    /// What customers ask and complain about.
    cases: Case;
    /// What is kept running.
    services: Service;
    /// What broke.
    incidents: Incident;
    /// What monitoring saw.
    alerts: Alert;
    /// What was changed.
    changes: ChangeRequest;
    /// Who is called.
    on_call: OnCall;
    /// Where documents live.
    spaces: Space;
    /// What is written.
    documents: Document;
    /// Who is bought from.
    suppliers: Supplier;
    /// What was ordered.
    purchase_orders: PurchaseOrder;
    /// Frame contracts with suppliers.
    contracts: Contract;
    /// What suppliers want to be paid.
    supplier_invoices: SupplierInvoice;
    /// What customers have to pay.
    customer_invoices: CustomerInvoice;
    /// What customers paid, or tried to.
    payments: Payment;
    /// What cost centers may spend.
    budgets: Budget;
    /// How much customers use the product, by week.
    usage: Usage;
}

/// A file written by hand.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Written<T> {
    #[serde(default = "Vec::new")]
    record: Vec<T>,
}

fn read<T: DeserializeOwned>(written: &str, bulk: &str) -> Result<Vec<T>, String> {
    let mut records = toml::from_str::<Written<T>>(written).map_err(|e| e.to_string())?.record;
    for line in bulk.lines().filter(|l| !l.is_empty()) {
        records.push(serde_json::from_str(line).map_err(|e| format!("{e} in {line}"))?);
    }
    Ok(records)
}

/// The person with this handle.
#[must_use]
pub fn person<'a>(people: &'a [Person], handle: &str) -> Option<&'a Person> {
    people.iter().find(|p| p.handle == handle)
}
