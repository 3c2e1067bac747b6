//! Values as a report shows them.

use serde_json::Value;

use crate::agent::text;

/// `1200.00 EUR`, or a dash.
pub(crate) fn money(value: &Value) -> String {
    match value["amount"].as_str() {
        Some(amount) => format!("{amount} {}", text(&value["currency"])),
        None => "-".to_owned(),
    }
}

/// Several amounts, one a currency.
pub(crate) fn sums(value: &Value) -> String {
    let all: Vec<String> = value.as_array().into_iter().flatten().map(money).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(" + ") }
}

/// A text, or `otherwise` where there is none.
pub(crate) fn or(value: &Value, otherwise: &str) -> String {
    match text(value) {
        "" => otherwise.to_owned(),
        known => known.to_owned(),
    }
}

/// Texts of a list, joined.
pub(crate) fn joined(value: &Value) -> String {
    value.as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(", ")
}

/// Somebody else's words: quoted, on one line, and never more than a line.
pub(crate) fn quoted(value: &Value) -> String {
    let words = text(value).split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = words.chars().take(100).collect();
    let more = if cut.len() < words.len() { " ..." } else { "" };
    format!("\"{cut}{more}\"")
}
