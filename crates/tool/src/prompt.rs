//! Playbooks: prompts that a person starts.

use std::collections::BTreeMap;

use call::{BoxFuture, Cx};
use error::Result;

use crate::Sources;

/// A playbook of a domain. Its text is ours; what the person gives is quoted into it.
pub struct Prompt<P: ?Sized> {
    /// `triage_backlog`.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it asks for.
    pub arguments: &'static [Argument],
    /// The message to the model, from the given arguments (unknown and missing ones are refused before).
    pub render: fn(&BTreeMap<String, String>) -> String,
    /// Values that begin like `typed` for one argument.
    pub complete: Complete<P>,
}

/// Proposes values for an argument: context, sources, the argument's name, what was typed so far.
pub type Complete<P> =
    for<'a> fn(&'a Cx, &'a Sources<P>, &'a str, &'a str) -> BoxFuture<'a, Result<Vec<String>>>;

/// One argument of a playbook.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What to give.
    pub description: &'static str,
    /// Whether it must be given.
    pub required: bool,
}
