//! Jira's wiki markup, for Data Center.
//!
//! Source: Jira, "Text Formatting Notation Help" (`/secure/WikiRendererHelpAction.jspa?section=all`).

mod blocks;
mod inline;
mod write;

pub(in super::super) use blocks::read;
pub(in super::super) use write::write;
