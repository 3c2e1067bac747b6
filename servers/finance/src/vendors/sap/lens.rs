//! What records are seen with.

use std::collections::HashMap;

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::Timestamp;
use rust_decimal::Decimal;
use tool::{Money, RecordId};

use super::launchpad::Launchpad;
use super::wire::Day;
use crate::ledger::Noun;
use crate::model::Party;

/// Where records come from and when they were asked for.
pub(super) struct Lens<'a> {
    pub(super) source: &'a str,
    pub(super) launchpad: &'a Launchpad,
    pub(super) now: Timestamp,
    /// Names of suppliers or customers by number.
    pub(super) names: HashMap<String, String>,
}

impl<'a> Lens<'a> {
    pub(super) fn new(source: &'a str, launchpad: &'a Launchpad, cx: &Cx) -> Self {
        Self { source, launchpad, now: cx.now(), names: HashMap::new() }
    }

    /// A record's id.
    pub(super) fn id(&self, native: &str) -> RecordId {
        RecordId::new(self.source, native)
    }

    /// Where a person can look at a record.
    pub(super) fn url(&self, noun: Noun, native: &str) -> String {
        self.launchpad.url(noun, native)
    }

    /// Who stands on the other side; the number where the name is not known.
    pub(super) fn party(&self, number: &str) -> Party {
        let name = self.names.get(number).map_or(number, String::as_str);
        Party { id: self.id(number), name: Label::new(name) }
    }
}

/// An amount. `upstream_garbled` for a currency that is none.
pub(super) fn money(amount: Decimal, currency: &str) -> Result<Money> {
    let currency = tool::Currency::parse(currency).map_err(|_| lacks("a currency"))?;
    Ok(Money::new(amount, currency))
}

/// A day that every such record has.
pub(super) fn day(day: Day, field: &'static str) -> Result<tool::Day> {
    day.0.map(tool::Day).ok_or_else(|| lacks(field))
}

/// The error for a record without what all have.
pub(super) fn lacks(field: &'static str) -> Error {
    Error::new(Code::UpstreamGarbled, "SAP's answer lacks a field that every record has").detail(field)
}
