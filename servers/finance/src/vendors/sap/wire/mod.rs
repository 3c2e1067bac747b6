//! What we read of SAP's answers and write into its requests; nothing that is not mapped.
//!
//! Source: the metadata of the services at api.sap.com (S/4HANA Cloud); OData 2.0 JSON Format, OData 4.0 JSON Format.

mod accounting;
mod partner;
mod purchasing;
mod requisition;
mod view;

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use jiff::Span;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use serde::de::{self, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub(super) use accounting::{AccountItem, BillingDocument, BillingItem, SupplierInvoice};
pub(super) use partner::{
    Address, CompanyCode, CostCenter, Identification, Named, Partner, Plant, Supplier, SupplierOrganization,
    Website,
};
pub(super) use purchasing::{Contract, ContractItem, Order, OrderItem};
pub(super) use requisition::{Assignment, Item, ItemRow, Requisition, RequisitionDraft};
pub(super) use view::ViewRow;

/// A text, borrowed from the body where it has no escapes. SAP writes empty texts for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// The text, if there is one.
    pub(super) fn some(&self) -> Option<&str> {
        Some(&*self.0).filter(|text| !text.is_empty())
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Borrowed;

        impl<'de> Visitor<'de> for Borrowed {
            type Value = Text<'de>;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a text or null")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
        }

        from.deserialize_any(Borrowed)
    }
}

/// An exact number: a text in version 2, and in version 4 where it was asked for; else read from the number's digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount(pub(super) Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?.get();
        let digits = raw.trim_matches('"');
        if raw == "null" || digits.is_empty() {
            return Ok(Self::default());
        }
        let exact = Decimal::from_str_exact(digits).or_else(|_| Decimal::from_scientific(digits));
        exact.map(Self).map_err(|_| de::Error::custom("not a decimal number"))
    }
}

/// A day: `/Date(1795219200000)/` in version 2, `2026-11-21` in version 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Day(pub(super) Option<Date>);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(from)?;
        match text.some() {
            None => Ok(Self(None)),
            Some(text) => day(text).map(|day| Self(Some(day))).ok_or_else(|| de::Error::custom("not a date")),
        }
    }
}

fn day(text: &str) -> Option<Date> {
    let Some(millis) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) else {
        return text.get(..10)?.parse().ok();
    };
    // An offset may follow, and a first sign belongs to days before 1970.
    let end = millis.get(1..)?.find(['+', '-']).map_or(millis.len(), |at| at + 1);
    // Counted in days, as the last day there is, which stands for "never ends", is beyond what a `Timestamp` holds.
    let days = millis[..end].parse::<i64>().ok()?.div_euclid(86_400_000);
    date(1970, 1, 1).checked_add(Span::new().try_days(days).ok()?).ok()
}

/// A list of either version.
#[derive(Deserialize)]
pub(super) struct List<T> {
    value: Option<Vec<T>>,
    d: Option<Results<T>>,
}

impl<T> List<T> {
    /// Its rows.
    pub(super) fn rows(self) -> Vec<T> {
        self.value.or(self.d.map(|d| d.results)).unwrap_or_default()
    }
}

/// Neighbors in version 2; none where SAP only tells where they are (`__deferred`).
#[derive(Debug, Deserialize)]
pub(super) struct Results<T> {
    #[serde(default = "Vec::new")]
    results: Vec<T>,
}

impl<T> Results<T> {
    /// The neighbors.
    pub(super) fn rows(&self) -> &[T] {
        &self.results
    }
}

impl<T> Default for Results<T> {
    fn default() -> Self {
        Self { results: Vec::new() }
    }
}

/// What stands around the rows of a list.
#[derive(Deserialize)]
pub(super) struct Tail<'a> {
    value: Option<Vec<IgnoredAny>>,
    #[serde(rename = "@odata.count")]
    count: Option<u64>,
    #[serde(borrow, rename = "@odata.nextLink")]
    next: Option<Text<'a>>,
    #[serde(borrow)]
    d: Option<OldTail<'a>>,
}

#[derive(Deserialize)]
struct OldTail<'a> {
    results: Vec<IgnoredAny>,
    #[serde(borrow, rename = "__count")]
    count: Option<Text<'a>>,
    #[serde(borrow, rename = "__next")]
    next: Option<Text<'a>>,
}

impl Tail<'_> {
    /// How many rows the answer holds.
    pub(super) fn rows(&self) -> usize {
        self.value.as_ref().map_or(0, Vec::len) + self.d.as_ref().map_or(0, |d| d.results.len())
    }

    /// How many there are in all; a text in version 2.
    pub(super) fn count(&self) -> Option<u64> {
        self.count.or_else(|| self.d.as_ref()?.count.as_ref()?.parse().ok())
    }

    /// Where the list goes on, if SAP cut it.
    pub(super) fn next(&self) -> Option<&str> {
        let link = self.next.as_ref().or_else(|| self.d.as_ref()?.next.as_ref());
        link.and_then(Text::some)
    }
}

#[cfg(test)]
mod tests;
