//! What we read of Salesforce's answers and write into its requests.
//!
//! A query names the fields it wants, those of the configuration among them, so that its records are read as what they
//! are on the wire: fields by name, with texts borrowed from the body.
//!
//! Source: REST API Developer Guide ("Query", "Composite", "sObject Rows"), User Interface API Developer Guide
//! ("Get Values for a Picklist Field").

mod record;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub(super) use record::Record;

/// A text, borrowed from the body where it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A page of a query's result.
#[derive(Debug, Deserialize)]
pub(super) struct Page<'a> {
    /// Records of all pages, as far as the query's own limit goes.
    #[serde(rename = "totalSize")]
    pub(super) total: u64,
    /// The path of the next page.
    #[serde(borrow, default, rename = "nextRecordsUrl")]
    pub(super) next: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) records: Vec<Record<'a>>,
}

/// `POST /composite`.
#[derive(Serialize)]
pub(super) struct Composite {
    #[serde(rename = "allOrNone")]
    pub(super) all_or_none: bool,
    #[serde(rename = "compositeRequest")]
    pub(super) parts: Vec<Part>,
}

/// One request of several.
#[derive(Serialize)]
pub(super) struct Part {
    pub(super) method: &'static str,
    pub(super) url: String,
    #[serde(rename = "referenceId")]
    pub(super) reference: String,
}

/// The answers to several requests, in their order.
#[derive(Deserialize)]
pub(super) struct Answers<'a> {
    #[serde(borrow, rename = "compositeResponse")]
    pub(super) answers: Vec<PartAnswer<'a>>,
}

/// The answer to one of several.
#[derive(Deserialize)]
pub(super) struct PartAnswer<'a> {
    #[serde(borrow)]
    pub(super) body: &'a RawValue,
    #[serde(rename = "httpStatusCode")]
    pub(super) status: u16,
}

/// What `describe` says of an object, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Description<'a> {
    #[serde(borrow)]
    pub(super) fields: Vec<Described<'a>>,
}

/// A field of an object.
#[derive(Deserialize)]
pub(super) struct Described<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// The values a record type admits for `StageName`.
#[derive(Deserialize)]
pub(super) struct PicklistValues<'a> {
    #[serde(borrow)]
    pub(super) values: Vec<PicklistValue<'a>>,
}

/// One of them.
#[derive(Deserialize)]
pub(super) struct PicklistValue<'a> {
    #[serde(borrow)]
    pub(super) value: Text<'a>,
}

/// The answer to a create or upsert.
#[derive(Deserialize)]
pub(super) struct Created<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

#[cfg(test)]
mod tests;
