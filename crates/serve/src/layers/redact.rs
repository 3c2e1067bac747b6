//! Arguments as the record keeps them.

use serde_json::{Map, Value};

/// Bytes of a text that the record keeps in full.
const LONGEST: usize = 200;

/// A copy of `arguments` with long texts cut; a cut text says how long it was.
pub(crate) fn redact(arguments: &Map<String, Value>) -> Value {
    Value::Object(
        arguments
            .iter()
            .map(|(name, value)| (content::cut(name, 100).to_owned(), shortened(value)))
            .collect(),
    )
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > LONGEST => {
            format!("{}… ({} bytes)", content::cut(text, LONGEST), text.len()).into()
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(members) => redact(members),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_texts_are_cut_wherever_they_stand() {
        let long = "ü".repeat(300);
        let arguments = json!({"a": "short", "b": [{"c": long}], "n": 3});
        let redacted = redact(arguments.as_object().unwrap());
        assert_eq!(redacted["a"], "short");
        assert_eq!(redacted["n"], 3);
        let cut = redacted["b"][0]["c"].as_str().unwrap();
        assert!(cut.len() < 450 && cut.ends_with("… (600 bytes)"), "{cut}");
    }
}
