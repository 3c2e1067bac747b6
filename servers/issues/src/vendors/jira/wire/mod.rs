//! What we read of Jira's answers and write into its requests; nothing that is not mapped.
//!
//! Source: developer.atlassian.com/cloud/jira/platform/rest/v3, .../cloud/jira/software/rest, and for Data Center
//! docs.atlassian.com/software/jira/docs/api/REST.

mod agile;
mod issue;
mod meta;
mod write;

use std::borrow::Cow;
use std::ops::Deref;

use jiff::Timestamp;
use serde::Deserialize;

pub(super) use agile::{Board, Offset, Sprint};
pub(super) use issue::{
    Changelog, Comment, Comments, Fields, Issue, LinkedIssue, Links, OffsetPage, RemoteLink, Status,
    TokenPage,
};
pub(super) use meta::{
    Count, CreateField, CreateFields, CreateTypes, Field, LinkTypes, Priorities, Project, ProjectPage,
    ServerInfo, TenantInfo, TransitionTo, Transitions, Values, Version,
};
pub(super) use write::{
    CommentDraft, CountBody, Created, Draft, EntityProperty, OffsetSearch, Taken, TokenSearch, TransitionId,
    VisibleTo,
};

/// A text, borrowed from the body where it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// An account: Cloud names it by `accountId`, Data Center by `name`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow, rename = "accountId")]
    account_id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    /// Their name as shown.
    #[serde(borrow, rename = "displayName")]
    pub(super) display_name: Option<Text<'a>>,
    /// Absent where the account hides it.
    #[serde(borrow, rename = "emailAddress")]
    pub(super) email: Option<Text<'a>>,
    /// Cloud: `atlassian`, `app`, or `customer` of a service desk.
    #[serde(borrow, rename = "accountType")]
    pub(super) kind: Option<Text<'a>>,
    /// Former colleagues are not active.
    #[serde(default = "yes")]
    pub(super) active: bool,
}

impl User<'_> {
    /// The id that issues are assigned by.
    pub(super) fn id(&self) -> &str {
        self.account_id.as_deref().or(self.name.as_deref()).unwrap_or_default()
    }

    /// Their name, else their id.
    pub(super) fn shown(&self) -> &str {
        self.display_name.as_deref().unwrap_or_else(|| self.id())
    }
}

fn yes() -> bool {
    true
}

/// Reads Jira's times: `2026-11-21T05:53:16.000+0000`, and with `Z` in the agile API.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

#[cfg(test)]
mod tests;
