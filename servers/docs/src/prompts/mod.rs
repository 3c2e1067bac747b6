//! The playbooks. One file each, like tools.

mod answer_from_documents;
mod review_stale_documents;

use call::{BoxFuture, Cx};
use error::Result;
use tool::{Prompt, Sources};

use crate::library::Library;

/// Every playbook of the domain.
#[must_use]
pub fn all() -> [Prompt<Library>; 2] {
    [answer_from_documents::PROMPT, review_stale_documents::PROMPT]
}

/// Names of spaces of all sources that begin like `typed`.
fn spaces<'a>(
    cx: &'a Cx,
    sources: &'a Sources<Library>,
    argument: &'a str,
    typed: &'a str,
) -> BoxFuture<'a, Result<Vec<String>>> {
    Box::pin(async move {
        if argument != "space" {
            return Ok(Vec::new());
        }
        let typed = typed.to_lowercase();
        let answers = sources.each(cx, |source| source.port.spaces(cx)).await;
        let known = answers.into_iter().filter_map(|(_, spaces)| spaces.ok()).flatten();
        let mut names: Vec<String> = known
            .map(|space| space.name.to_string())
            .filter(|name| name.to_lowercase().starts_with(&typed))
            .collect();
        names.sort();
        names.dedup();
        names.truncate(100);
        Ok(names)
    })
}
