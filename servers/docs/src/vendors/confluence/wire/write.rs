//! What we write into requests.

use serde::Serialize;

/// `POST /pages`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct NewPage<'a> {
    pub(in super::super) space_id: &'a str,
    pub(in super::super) status: &'static str,
    pub(in super::super) title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) parent_id: Option<&'a str>,
    pub(in super::super) body: Written<'a>,
}

/// `PUT /pages/{id}`.
#[derive(Debug, Serialize)]
pub(in super::super) struct ChangedPage<'a> {
    pub(in super::super) id: &'a str,
    pub(in super::super) status: &'a str,
    pub(in super::super) title: &'a str,
    pub(in super::super) body: Written<'a>,
    pub(in super::super) version: NewVersion<'a>,
}

/// The version to be.
#[derive(Debug, Serialize)]
pub(in super::super) struct NewVersion<'a> {
    pub(in super::super) number: u64,
    pub(in super::super) message: &'a str,
}

/// A text to be.
#[derive(Debug, Serialize)]
pub(in super::super) struct Written<'a> {
    representation: &'static str,
    value: &'a str,
}

impl<'a> Written<'a> {
    /// In storage format.
    pub(in super::super) fn storage(value: &'a str) -> Self {
        Self { representation: "storage", value }
    }
}

/// `POST /footer-comments` and `POST /inline-comments`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct NewComment<'a> {
    pub(in super::super) page_id: &'a str,
    pub(in super::super) body: Written<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) inline_comment_properties: Option<Selection<'a>>,
}

/// What an inline comment is hung on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct Selection<'a> {
    pub(in super::super) text_selection: &'a str,
    pub(in super::super) text_selection_match_count: usize,
    pub(in super::super) text_selection_match_index: usize,
}

/// `POST /content/{id}/label` (v1).
#[derive(Debug, Serialize)]
pub(in super::super) struct NewLabel<'a> {
    pub(in super::super) prefix: &'static str,
    pub(in super::super) name: &'a str,
}

/// `POST /users-bulk`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct AccountIds<'a> {
    pub(in super::super) account_ids: &'a [&'a str],
}
