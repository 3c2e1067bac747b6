//! The playbooks. One file each, like tools.

mod chase_overdue_receivables;
mod review_suppliers;

use call::{BoxFuture, Cx};
use error::Result;
use tool::{Prompt, Sources};

use crate::ledger::{CustomerName, Ledger};

/// Every playbook of the domain.
#[must_use]
pub fn all() -> [Prompt<Ledger>; 2] {
    [review_suppliers::PROMPT, chase_overdue_receivables::PROMPT]
}

/// Names of suppliers or customers of all sources that contain `typed`.
fn parties<'a>(
    cx: &'a Cx,
    sources: &'a Sources<Ledger>,
    argument: &'a str,
    typed: &'a str,
) -> BoxFuture<'a, Result<Vec<String>>> {
    Box::pin(async move {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        let mut names = match argument {
            "supplier" => suppliers(cx, sources, typed).await,
            "customer" => customers(cx, sources, typed).await,
            _ => Vec::new(),
        };
        names.sort();
        names.dedup();
        Ok(names)
    })
}

async fn suppliers(cx: &Cx, sources: &Sources<Ledger>, typed: &str) -> Vec<String> {
    let answers = sources.each(cx, |source| source.port.find_suppliers(cx, typed)).await;
    let found = answers.into_iter().filter_map(|(_, parties)| parties.ok()).flatten();
    found.map(|party| party.name.to_string()).collect()
}

async fn customers(cx: &Cx, sources: &Sources<Ledger>, typed: &str) -> Vec<String> {
    let name = CustomerName::Text(typed.to_owned());
    let answers = sources.each(cx, |source| source.port.find_customers(cx, &name)).await;
    let found = answers.into_iter().filter_map(|(_, customers)| customers.ok()).flatten();
    found.map(|found| found.customer.name.to_string()).collect()
}
