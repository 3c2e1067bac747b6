//! Rows of the company's own views, whose columns the configuration names.

use std::collections::BTreeMap;

use error::Result;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::lens::lacks;
use super::super::odata::Property;
use super::{Amount, Text};

/// A row: its values as they stand in the body.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(in super::super) struct ViewRow<'a>(#[serde(borrow)] BTreeMap<Text<'a>, &'a RawValue>);

impl<'a> ViewRow<'a> {
    /// A column's text. `upstream_garbled` if it has none.
    pub(in super::super) fn text(&self, column: &Property) -> Result<Text<'a>> {
        serde_json::from_str(self.raw(column)?).map_err(|_| lacks("a text in a column of a view"))
    }

    /// A column's number. `upstream_garbled` if it has none.
    pub(in super::super) fn number(&self, column: &Property) -> Result<Decimal> {
        let amount: Result<Amount, _> = serde_json::from_str(self.raw(column)?);
        amount.map(|amount| amount.0).map_err(|_| lacks("a number in a column of a view"))
    }

    fn raw(&self, column: &Property) -> Result<&'a str> {
        let own = self.0.iter().find(|(name, _)| &***name == column.name());
        own.map(|(_, value)| value.get()).ok_or_else(|| lacks("a column of a view"))
    }
}
