//! The playbooks. One file each, like tools.

mod plan_iteration;
mod triage_backlog;

use call::{BoxFuture, Cx};
use error::Result;
use tool::{Prompt, Sources};

use crate::tracker::Tracker;

/// Every playbook of the domain.
#[must_use]
pub fn all() -> [Prompt<Tracker>; 2] {
    [triage_backlog::PROMPT, plan_iteration::PROMPT]
}

/// Project keys of all sources that begin like `typed`.
fn projects<'a>(
    cx: &'a Cx,
    sources: &'a Sources<Tracker>,
    argument: &'a str,
    typed: &'a str,
) -> BoxFuture<'a, Result<Vec<String>>> {
    Box::pin(async move {
        if argument != "project" {
            return Ok(Vec::new());
        }
        let typed = typed.to_lowercase();
        let answers = sources.each(cx, |source| source.port.projects(cx)).await;
        let known = answers.into_iter().filter_map(|(_, projects)| projects.ok()).flatten();
        let mut keys: Vec<String> =
            known.map(|p| p.key).filter(|k| k.to_lowercase().starts_with(&typed)).collect();
        keys.sort();
        keys.dedup();
        keys.truncate(100);
        Ok(keys)
    })
}
