//! Request bodies, and the short answers to them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::settings::AudienceKind;
use super::Text;

/// Cloud's `POST /search/jql`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct TokenSearch<'a> {
    pub(in super::super) jql: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) next_page_token: Option<&'a str>,
    pub(in super::super) max_results: u32,
    pub(in super::super) fields: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) expand: Option<&'a str>,
    /// Issues that must be read from the store and not from the index, which lags behind.
    #[serde(skip_serializing_if = "<[u64]>::is_empty")]
    pub(in super::super) reconcile_issues: &'a [u64],
}

/// Data Center's `POST /search`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct OffsetSearch<'a> {
    pub(in super::super) jql: &'a str,
    pub(in super::super) start_at: u64,
    pub(in super::super) max_results: u32,
    pub(in super::super) fields: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) expand: Option<[&'a str; 1]>,
}

/// `POST /search/approximate-count`.
#[derive(Serialize)]
pub(in super::super) struct CountBody<'a> {
    pub(in super::super) jql: &'a str,
}

/// `POST /issue` and `PUT /issue/{key}`.
#[derive(Default, Serialize)]
pub(in super::super) struct Draft {
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(in super::super) fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(in super::super) update: Map<String, Value>,
}

/// `POST /issue/{key}/transitions`.
#[derive(Serialize)]
pub(in super::super) struct Taken<'a> {
    pub(in super::super) transition: TransitionId<'a>,
}

/// A transition by its id, which is a string.
#[derive(Serialize)]
pub(in super::super) struct TransitionId<'a> {
    pub(in super::super) id: &'a str,
}

/// `POST /issue/{key}/comment`.
#[derive(Serialize)]
pub(in super::super) struct CommentDraft<'a> {
    pub(in super::super) body: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) visibility: Option<VisibleTo<'a>>,
    pub(in super::super) properties: [EntityProperty<'a>; 1],
}

/// Who may read a comment.
#[derive(Serialize)]
pub(in super::super) struct VisibleTo<'a> {
    #[serde(rename = "type")]
    pub(in super::super) kind: AudienceKind,
    pub(in super::super) value: &'a str,
}

/// A comment's mark.
#[derive(Serialize)]
pub(in super::super) struct EntityProperty<'a> {
    pub(in super::super) key: &'a str,
    pub(in super::super) value: Value,
}

/// The answer to `POST /issue`.
#[derive(Deserialize)]
pub(in super::super) struct Created<'a> {
    #[serde(borrow)]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) key: Text<'a>,
}
