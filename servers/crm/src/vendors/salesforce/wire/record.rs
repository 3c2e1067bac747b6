//! A record of a query's result.

use std::borrow::Cow;
use std::fmt;

use error::{Code, Error, Result};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::soql::Field;

/// The fields of a record, those of related records below the relation's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Record<'a>(Vec<(Cow<'a, str>, Cell<'a>)>);

#[derive(Clone, Debug, PartialEq)]
enum Cell<'a> {
    Null,
    Flag(bool),
    Number(f64),
    Text(Cow<'a, str>),
    Record(Record<'a>),
}

impl<'a> Record<'a> {
    /// A text; `None` if it is null, empty or no text.
    pub(in super::super) fn text(&self, name: &str) -> Option<&str> {
        match self.cell(name)? {
            Cell::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// A configured field as text, whatever its type.
    pub(in super::super) fn shown(&self, field: Option<&Field>) -> Option<Cow<'_, str>> {
        match self.cell(field?.name())? {
            Cell::Text(text) if !text.trim().is_empty() => Some(Cow::Borrowed(text)),
            Cell::Number(number) => Some(Cow::Owned(number.to_string())),
            Cell::Flag(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            _ => None,
        }
    }

    /// A text that every record has. `upstream_garbled` if this one has not.
    pub(in super::super) fn need(&self, name: &str) -> Result<&str> {
        self.text(name).ok_or_else(|| {
            Error::new(Code::UpstreamGarbled, "the vendor's answer has another shape than documented")
                .detail(format!("a record without {name}"))
        })
    }

    /// A flag; absent is no.
    pub(in super::super) fn flag(&self, name: &str) -> bool {
        matches!(self.cell(name), Some(Cell::Flag(true)))
    }

    /// A flag, if it is there.
    pub(in super::super) fn maybe(&self, name: &str) -> Option<bool> {
        match self.cell(name)? {
            Cell::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A number as the shortest decimal that stands for it: amounts are doubles on this wire.
    pub(in super::super) fn number(&self, name: &str) -> Option<Decimal> {
        match self.cell(name)? {
            Cell::Number(number) => Decimal::from_str_exact(&number.to_string()).ok(),
            _ => None,
        }
    }

    /// `2026-11-21T08:00:00.000+0000`.
    pub(in super::super) fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().ok()
    }

    /// `2026-11-21`.
    pub(in super::super) fn day(&self, name: &str) -> Option<Date> {
        self.text(name)?.parse().ok()
    }

    /// What a dotted name leads to.
    fn cell(&self, name: &str) -> Option<&Cell<'a>> {
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        let cell = self.0.iter().find(|(own, _)| own == first).map(|(_, cell)| cell)?;
        match (cell, rest) {
            (Cell::Record(record), Some(rest)) => record.cell(rest),
            (cell, None) => Some(cell),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Record<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_map(Cells)? {
            Cell::Record(record) => Ok(record),
            _ => Err(D::Error::custom("not a record")),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Cell<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Cells)
    }
}

struct Cells;

impl<'de> Visitor<'de> for Cells {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Cell::Flag(flag))
    }

    #[allow(clippy::cast_precision_loss, reason = "numbers are doubles at Salesforce")]
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number as f64))
    }

    #[allow(clippy::cast_precision_loss, reason = "numbers are doubles at Salesforce")]
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Cell::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Vec::with_capacity(16);
        while let Some(name) = map.next_key::<super::Text<'de>>()? {
            if &*name == "attributes" {
                map.next_value::<IgnoredAny>()?;
            } else {
                fields.push((name.0, map.next_value()?));
            }
        }
        Ok(Cell::Record(Record(fields)))
    }

    /// No query of ours asks for what is a list; one that comes all the same is nothing.
    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Null)
    }
}
