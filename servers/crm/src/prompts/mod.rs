//! The playbooks. One file each, like tools.

mod prepare_account_meeting;
mod review_pipeline;

use call::{BoxFuture, Cx};
use error::Result;
use tool::{Fetch, Prompt, Sources};

use crate::book::{AccountQuery, Book};

/// Account names that a completion offers, at most.
const NAMES: u32 = 20;

/// Every playbook of the domain.
#[must_use]
pub fn all() -> [Prompt<Book>; 2] {
    [prepare_account_meeting::PROMPT, review_pipeline::PROMPT]
}

/// Names of accounts of all sources that contain `typed`.
fn accounts<'a>(
    cx: &'a Cx,
    sources: &'a Sources<Book>,
    argument: &'a str,
    typed: &'a str,
) -> BoxFuture<'a, Result<Vec<String>>> {
    Box::pin(async move {
        if argument != "account" || typed.trim().is_empty() {
            return Ok(Vec::new());
        }
        let query = AccountQuery { name: Some(typed.to_owned()), ..AccountQuery::default() };
        let page = Fetch { token: None, limit: NAMES };
        let answers = sources.each(cx, |source| source.port.accounts(cx, &query, page.clone())).await;
        let known = answers.into_iter().filter_map(|(_, rows)| rows.ok()).flat_map(|rows| rows.rows);
        let mut names: Vec<String> = known.map(|account| account.name.to_string()).collect();
        names.sort();
        names.dedup();
        Ok(names)
    })
}

/// Nothing to offer.
fn nothing<'a>(
    _: &'a Cx,
    _: &'a Sources<Book>,
    _: &'a str,
    _: &'a str,
) -> BoxFuture<'a, Result<Vec<String>>> {
    Box::pin(async { Ok(Vec::new()) })
}
