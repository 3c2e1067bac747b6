//! Records as lines of JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::Result;

/// One record a line, its fields by name; what the loader takes for granted is left out.
pub(super) fn lines<T: Serialize>(records: &[T]) -> Result<String> {
    let mut text = String::new();
    for record in records {
        text += &serde_json::to_string(&slim(serde_json::to_value(record)?))?;
        text.push('\n');
    }
    Ok(text)
}

/// Sorted by hand: the order of `Value` depends on a feature that another crate may switch on.
fn slim(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, v)| !is_default(v)).map(|(k, v)| (k, slim(v)));
            Value::Object(fields.collect::<BTreeMap<_, _>>().into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(slim).collect()),
        other => other,
    }
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
