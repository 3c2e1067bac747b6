//! What we read of ServiceNow's answers.
//!
//! A row is a map: fields that the account may not read are missing, and a site's own fields have names of its own.
//! Rows are asked for with `sysparm_display_value=all`, so that a field is what is stored and what a person sees
//! (ServiceNow, "Table API"; "Service Catalog API"; "On-Call Scheduling API").

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `{"result": ...}`.
#[derive(Debug, Deserialize)]
pub(super) struct Answered<T> {
    pub(super) result: T,
}

/// A text, borrowed from the body where it has no escapes.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// One record.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Row<'a>(#[serde(borrow)] BTreeMap<Field<'a>, Cell<'a>>);

/// A field's name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
struct Field<'a>(#[serde(borrow)] Cow<'a, str>);

/// Lets a row be asked by any text.
impl Borrow<str> for Field<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One field of a record.
#[derive(Debug, Default, Deserialize)]
struct Cell<'a> {
    /// As it is stored; times in UTC.
    #[serde(borrow, default)]
    value: Option<Text<'a>>,
    /// As a person sees it, in the language and zone of the account.
    #[serde(borrow, default)]
    display_value: Option<Text<'a>>,
}

impl Row<'_> {
    /// What is stored; empty if there is nothing, or nothing the account may read.
    pub(super) fn value(&self, field: &str) -> &str {
        self.cell(field).and_then(|cell| cell.value.as_ref()).map(|text| &*text.0).unwrap_or_default()
    }

    /// What is stored, if there is something.
    pub(super) fn filled(&self, field: &str) -> Option<&str> {
        Some(self.value(field)).filter(|value| !value.is_empty())
    }

    /// What a person sees.
    pub(super) fn shown(&self, field: &str) -> &str {
        let cell = self.cell(field);
        let shown = cell.and_then(|cell| cell.display_value.as_ref()).map(|text| &*text.0);
        shown.filter(|text| !text.is_empty()).unwrap_or_else(|| self.value(field))
    }

    /// A time.
    pub(super) fn time(&self, field: &str) -> Option<Timestamp> {
        time(self.value(field))
    }

    /// Whether the answer has the field at all, be it empty.
    pub(super) fn has(&self, field: &str) -> bool {
        self.cell(field).is_some()
    }

    fn cell(&self, field: &str) -> Option<&Cell<'_>> {
        self.0.get(field)
    }
}

/// Reads a stored time: `2026-11-21 05:00:00`, UTC.
fn time(text: &str) -> Option<Timestamp> {
    let (day, hour) = text.split_once(' ')?;
    format!("{day}T{hour}Z").parse().ok()
}

/// An error body.
#[derive(Debug, Deserialize)]
pub(super) struct Failure<'a> {
    #[serde(borrow)]
    pub(super) error: Fault<'a>,
}

/// What went wrong, in the vendor's words.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Fault<'a> {
    #[serde(borrow, default)]
    pub(super) message: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) detail: Option<Text<'a>>,
}

/// Somebody on call. The names of the fields differ between releases.
#[derive(Debug, Deserialize)]
pub(super) struct OnDuty<'a> {
    /// Absent where a device is on call.
    #[serde(borrow, default, rename = "userId")]
    pub(super) user: Option<Text<'a>>,
    #[serde(borrow, default, alias = "groupId")]
    pub(super) group: Option<Text<'a>>,
    #[serde(borrow, default, alias = "rotaId")]
    pub(super) rota: Option<Text<'a>>,
    #[serde(default)]
    pub(super) order: Option<u32>,
}

/// An order of a catalog item.
#[derive(Debug, Serialize)]
pub(super) struct Order<'a> {
    #[serde(rename = "sysparm_quantity")]
    pub(super) quantity: &'static str,
    pub(super) variables: BTreeMap<&'a str, &'a str>,
}

/// What came of an order.
#[derive(Debug, Deserialize)]
pub(super) struct Ordered<'a> {
    #[serde(borrow)]
    pub(super) request_number: Text<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_stored_and_as_shown() {
        let body = include_str!("fixtures/incidents.json");
        let read: Answered<Vec<Row<'_>>> = serde_json::from_str(body).unwrap();
        let row = &read.result[0];
        assert_eq!((row.value("state"), row.shown("state")), ("2", "In Progress"));
        assert_eq!(row.shown("assignment_group"), "Payments Operations");
        assert_eq!(row.time("opened_at").unwrap().to_string(), "2026-11-21T05:00:00Z");
        assert_eq!((row.filled("resolved_at"), row.has("resolved_at")), (None, true));
        assert!(!row.has("company"), "what the account may not read is missing");
        assert_eq!(row.value("short_description"), "Checkout answers \"504\" – über 30 %");
    }

    #[test]
    fn errors_orders_and_turns_are_read() {
        let failure: Failure<'_> = serde_json::from_str(include_str!("fixtures/no_record.json")).unwrap();
        assert_eq!(failure.error.message.unwrap().0, "No Record found");
        let ordered: Answered<Ordered<'_>> =
            serde_json::from_str(include_str!("fixtures/order_now.json")).unwrap();
        assert_eq!(ordered.result.request_number.0, "REQ0010042");
        let duty: Answered<Vec<OnDuty<'_>>> =
            serde_json::from_str(include_str!("fixtures/whoisoncall.json")).unwrap();
        assert_eq!(duty.result[0].order, Some(1));
        assert!(duty.result[0].rota.is_some() && duty.result[0].group.is_some());
    }
}
