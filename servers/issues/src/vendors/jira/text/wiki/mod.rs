//! Jira's wiki markup, for Data Center.
//!
//! Source: Jira, "Text Formatting Notation Help" (`/secure/WikiRendererHelpAction.jspa?section=all`).

mod blocks;
mod inline;
mod macros;
mod write;

pub(in super::super) use blocks::read;
pub(in super::super) use write::write;

/// Ends of marks, of links and of the heads of macros are looked for this far: further would be quadratic.
const FAR: usize = 2_000;

fn near(text: &str) -> &str {
    content::cut(text, FAR)
}
