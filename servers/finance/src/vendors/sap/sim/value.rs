//! Values of properties, as they are kept, shown and read in both protocols.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::schema::{Edm, Property, Version};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// A flag.
    Flag(bool),
    /// A number.
    Number(Decimal),
    /// A day.
    Date(Date),
    /// A point in time.
    Moment(Timestamp),
}

/// An entity: what is not in it has its type's initial value, as in an ABAP table.
pub(crate) type Row = BTreeMap<&'static str, Value>;

/// The property of a row.
pub(crate) fn get(row: &Row, property: &Property) -> Value {
    row.get(property.name).cloned().unwrap_or_else(|| initial(property.edm))
}

/// What a property is before anybody sets it.
fn initial(edm: Edm) -> Value {
    match edm {
        Edm::Text(_) => Value::Text(String::new()),
        Edm::Flag => Value::Flag(false),
        Edm::Decimal(..) => Value::Number(Decimal::ZERO),
        Edm::Date | Edm::Moment => Value::Null,
    }
}

impl Value {
    /// The order of two values of one type; `None` if they are of two, or one is nothing.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Flag(a), Self::Flag(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Moment(a), Self::Moment(b)) => Some(a.cmp(b)),
            // Version 2 has one literal for days and times of day.
            (Self::Moment(a), Self::Date(b)) => Some(a.cmp(&midnight(*b))),
            (Self::Date(a), Self::Moment(b)) => Some(midnight(*a).cmp(b)),
            _ => None,
        }
    }

    /// The text of a text, as keys are kept.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.normalize().to_string(),
            Self::Date(date) => date.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Null | Self::Moment(_) => String::new(),
        }
    }
}

/// How values are to be shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// The protocol.
    pub(crate) version: Version,
    /// Whether the client asked for decimals as strings (OData 4.0 JSON, section 3.2).
    pub(crate) ieee754: bool,
}

/// A value in a JSON body.
pub(crate) fn show(value: &Value, edm: Edm, style: Style) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => text.clone().into(),
        Value::Flag(flag) => (*flag).into(),
        Value::Number(number) => shown_number(*number, edm, style),
        Value::Date(date) if style.version == Version::V2 => {
            let days = date.since(EPOCH).map_or(0, |span| i64::from(span.get_days()));
            format!("/Date({})/", days * DAY_MILLIS).into()
        }
        Value::Date(date) => date.to_string().into(),
        Value::Moment(moment) if style.version == Version::V2 => {
            format!("/Date({}+0000)/", moment.as_millisecond()).into()
        }
        Value::Moment(moment) => format!("{moment:.0}").into(),
    }
}

fn shown_number(number: Decimal, edm: Edm, style: Style) -> Json {
    let scale = if let Edm::Decimal(_, scale) = edm { scale } else { 0 };
    let text = format!("{number:.*}", scale as usize);
    if style.version == Version::V2 || style.ieee754 {
        return text.into();
    }
    // A JSON number; a client that cares asks for a string.
    number.normalize().to_string().parse::<serde_json::Number>().map_or(Json::Null, Json::Number)
}

/// A property out of a body. Errors: why it is not one.
pub(crate) fn read(json: &Json, property: &Property, style: Style) -> Result<Value, String> {
    let wrong = || format!("Property '{}' has invalid value", property.name);
    match (property.edm, json) {
        (_, Json::Null) => Ok(initial(property.edm)),
        (Edm::Text(length), Json::String(text)) if text.chars().count() <= length => {
            Ok(Value::Text(text.clone()))
        }
        (Edm::Text(length), Json::String(_)) => {
            Err(format!("Property '{}' is longer than {length} characters", property.name))
        }
        (Edm::Flag, Json::Bool(flag)) => Ok(Value::Flag(*flag)),
        (Edm::Decimal(precision, scale), Json::String(text))
            if style.version == Version::V2 || style.ieee754 =>
        {
            decimal(text, precision, scale).ok_or_else(wrong)
        }
        (Edm::Decimal(precision, scale), Json::Number(number))
            if style.version == Version::V4 && !style.ieee754 =>
        {
            decimal(&number.to_string(), precision, scale).ok_or_else(wrong)
        }
        (Edm::Date, Json::String(text)) if style.version == Version::V4 => {
            text.parse().map(Value::Date).map_err(|_| wrong())
        }
        (Edm::Date, Json::String(text)) => day_of_version_2(text).map(Value::Date).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

fn decimal(text: &str, precision: u32, scale: u32) -> Option<Value> {
    let number = Decimal::from_str_exact(text).ok()?;
    let whole = number.trunc().abs().to_string().trim_start_matches('0').len();
    let fits = number.normalize().scale() <= scale && whole <= (precision - scale) as usize;
    fits.then_some(Value::Number(number))
}

/// `/Date(1795219200000)/`, or the ISO form that SAP Gateway takes too.
fn day_of_version_2(text: &str) -> Option<Date> {
    if let Some(millis) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        let millis = millis.split(['+', '-']).next().filter(|m| !m.is_empty()).unwrap_or(millis);
        let days = millis.parse::<i64>().ok()?.div_euclid(DAY_MILLIS);
        return EPOCH.checked_add(Span::new().try_days(days).ok()?).ok();
    }
    text.split('T').next()?.parse().ok()
}

/// The day that version 2 counts from, and a day in its unit. The last day there is, which SAP writes for "never ends",
/// is beyond the last moment that Jiff knows.
const EPOCH: Date = jiff::civil::date(1970, 1, 1);
const DAY_MILLIS: i64 = 86_400_000;

/// The day's first moment, in UTC as SAP shows days.
pub(crate) fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// The day `days` after `date`.
pub(crate) fn days_after(date: Date, days: i64) -> Date {
    date.checked_add(days.days()).unwrap_or(date)
}
