//! Filters of a data source (developers.notion.com/reference/filter-data-source-entries): read and applied.

use sandbox::Timestamp;
use serde_json::{Map, Value};

use super::state::{Column, Page, plain};

/// How deep compound conditions may be nested.
const DEPTH: usize = 2;

/// A filter that was understood.
pub(in super::super) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Property { name: String, kind: &'static str, operator: String, operand: Value },
    Edited { operator: String, operand: Value },
}

/// Reads a filter over these columns. Errors: why it is refused.
pub(in super::super) fn parse(filter: &Value, columns: &[Column]) -> Result<Filter, String> {
    read(filter, columns, 0)
}

fn read(filter: &Value, columns: &[Column], depth: usize) -> Result<Filter, String> {
    let map = filter.as_object().ok_or("body failed validation: body.filter should be an object.")?;
    for (name, make) in [("and", Filter::And as fn(Vec<Filter>) -> Filter), ("or", Filter::Or)] {
        let Some(parts) = map.get(name) else { continue };
        if depth == DEPTH || map.len() > 1 {
            return Err(format!(
                "body failed validation: body.filter.{name} should be not present, instead was defined."
            ));
        }
        let parts = parts.as_array().ok_or(format!("body.filter.{name} should be an array."))?;
        let parts: Result<Vec<Filter>, String> =
            parts.iter().map(|part| read(part, columns, depth + 1)).collect();
        return parts.map(make);
    }
    match map.get("timestamp").and_then(Value::as_str) {
        Some("last_edited_time") => {
            let (operator, operand) = condition(map, "last_edited_time", DATE)?;
            Ok(Filter::Edited { operator, operand })
        }
        Some(other) => Err(format!(
            "body failed validation: body.filter.timestamp should be `\"last_edited_time\"`, instead was `\"{other}\"`."
        )),
        None => on_property(map, columns),
    }
}

fn on_property(map: &Map<String, Value>, columns: &[Column]) -> Result<Filter, String> {
    let wanted = map.get("property").and_then(Value::as_str);
    let wanted = wanted
        .ok_or("body failed validation: body.filter.property should be defined, instead was `undefined`.")?;
    let column = columns.iter().find(|c| c.name == wanted || c.id == wanted);
    let column = column.ok_or(format!("Could not find property with name or id: {wanted}"))?;
    if map.keys().any(|key| key != "property" && key != "type" && key != column.kind)
        || !map.contains_key(column.kind)
    {
        return Err(format!("database property {} does not match filter {}", column.kind, keys(map)));
    }
    let known = match column.kind {
        "title" | "rich_text" => TEXT,
        "people" | "multi_select" => SET,
        "select" | "status" => CHOICE,
        _ => DATE,
    };
    let (operator, operand) = condition(map, column.kind, known)?;
    if column.kind == "people"
        && operand.is_string()
        && super::spelled(operand.as_str().unwrap_or_default()).is_none()
    {
        return Err("body failed validation: body.filter.people.contains should be a valid uuid.".into());
    }
    Ok(Filter::Property { name: column.name.clone(), kind: column.kind, operator, operand })
}

const TEXT: &[&str] = &[
    "equals",
    "does_not_equal",
    "contains",
    "does_not_contain",
    "starts_with",
    "ends_with",
    "is_empty",
    "is_not_empty",
];
const SET: &[&str] = &["contains", "does_not_contain", "is_empty", "is_not_empty"];
const CHOICE: &[&str] = &["equals", "does_not_equal", "is_empty", "is_not_empty"];
const DATE: &[&str] =
    &["equals", "before", "after", "on_or_before", "on_or_after", "is_empty", "is_not_empty"];

/// The one operator below `kind`, and its operand.
fn condition(map: &Map<String, Value>, kind: &str, known: &[&str]) -> Result<(String, Value), String> {
    let inner = map.get(kind).and_then(Value::as_object);
    let inner = inner.ok_or(format!("body failed validation: body.filter.{kind} should be an object."))?;
    let mut conditions = inner.iter();
    let (Some((operator, operand)), None) = (conditions.next(), conditions.next()) else {
        return Err(format!("body failed validation: body.filter.{kind} should have exactly one condition."));
    };
    let typed = match operator.as_str() {
        "is_empty" | "is_not_empty" => *operand == Value::Bool(true),
        _ if known == DATE => operand.as_str().is_some_and(|text| instant(text).is_some()),
        _ => operand.is_string(),
    };
    match known.contains(&operator.as_str()) && typed {
        true => Ok((operator.clone(), operand.clone())),
        false => Err(format!("body failed validation: body.filter.{kind}.{operator} is not valid.")),
    }
}

fn keys(map: &Map<String, Value>) -> String {
    map.keys().filter(|key| *key != "property").cloned().collect::<Vec<_>>().join(", ")
}

impl Filter {
    /// Whether a page is let through.
    pub(in super::super) fn lets(&self, page: &Page) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.lets(page)),
            Self::Or(parts) => parts.iter().any(|part| part.lets(page)),
            Self::Edited { operator, operand } => {
                dated(Some(page.edited_minute()), operator, operand.as_str().unwrap_or_default(), false)
            }
            Self::Property { name, kind, operator, operand } => {
                let value = page.properties.get(name).map_or(&Value::Null, |value| &value[*kind]);
                let operand = operand.as_str().unwrap_or_default();
                match *kind {
                    "title" | "rich_text" => text(&plain(value), operator, operand),
                    "people" => set(members(value, "id"), operator, operand),
                    "multi_select" => set(members(value, "name"), operator, operand),
                    "select" | "status" => chosen(value["name"].as_str(), operator, operand),
                    "last_edited_time" => dated(Some(page.edited_minute()), operator, operand, false),
                    _ => {
                        let start = value["start"].as_str();
                        let whole_day = operand.len() == 10;
                        dated(start.and_then(instant), operator, operand, whole_day)
                    }
                }
            }
        }
    }
}

/// Texts are compared without regard to case.
fn text(value: &str, operator: &str, operand: &str) -> bool {
    let (value, operand) = (value.to_lowercase(), operand.to_lowercase());
    match operator {
        "equals" => value == operand,
        "does_not_equal" => value != operand,
        "contains" => value.contains(&operand),
        "does_not_contain" => !value.contains(&operand),
        "starts_with" => value.starts_with(&operand),
        "ends_with" => value.ends_with(&operand),
        "is_empty" => value.is_empty(),
        _ => !value.is_empty(),
    }
}

fn members<'v>(value: &'v Value, name: &str) -> Vec<&'v str> {
    value.as_array().into_iter().flatten().filter_map(|member| member[name].as_str()).collect()
}

fn set(members: Vec<&str>, operator: &str, operand: &str) -> bool {
    match operator {
        "contains" => members.contains(&operand),
        "does_not_contain" => !members.contains(&operand),
        "is_empty" => members.is_empty(),
        _ => !members.is_empty(),
    }
}

fn chosen(value: Option<&str>, operator: &str, operand: &str) -> bool {
    match operator {
        "equals" => value == Some(operand),
        "does_not_equal" => value != Some(operand),
        "is_empty" => value.is_none(),
        _ => value.is_some(),
    }
}

fn dated(value: Option<Timestamp>, operator: &str, operand: &str, whole_day: bool) -> bool {
    match (operator, value, instant(operand)) {
        ("is_empty", value, _) => value.is_none(),
        ("is_not_empty", value, _) => value.is_some(),
        (_, Some(value), Some(operand)) => {
            let day = jiff::SignedDuration::from_hours(if whole_day { 24 } else { 0 });
            match operator {
                "before" => value < operand,
                "on_or_after" => value >= operand,
                "after" => value > operand && value >= operand + day,
                "on_or_before" => value <= operand || value < operand + day,
                _ => value == operand || (value > operand && value < operand + day),
            }
        }
        _ => false,
    }
}

/// A date, which begins at midnight UTC, or a date-time.
fn instant(text: &str) -> Option<Timestamp> {
    let day = (text.len() == 10).then(|| text.parse::<jiff::civil::Date>().ok()).flatten();
    match day {
        Some(day) => day.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        None => text.parse().ok(),
    }
}
