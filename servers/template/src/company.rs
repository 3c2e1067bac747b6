//! What the demo company's warehouse holds: usage, joined with the customers it is of.

use sandbox::company::{self, Account};

/// The calls of one customer to one product.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// Who calls.
    pub(crate) account: Account,
    /// What is called.
    pub(crate) product: String,
    /// Calls a week, the newest first.
    pub(crate) weeks: Vec<u64>,
    /// What somebody noted.
    pub(crate) note: Option<String>,
}

/// Everything the warehouse holds.
pub(crate) fn series() -> Vec<Series> {
    let accounts = company::accounts();
    let account = |key: &str| accounts.iter().find(|a| a.key == key).cloned();
    let joined = |usage: company::Usage| {
        let (product, weeks, note) = (usage.product, usage.weeks, usage.note);
        Some(Series { account: account(&usage.account)?, product, weeks, note })
    };
    company::usage().into_iter().filter_map(joined).collect()
}
