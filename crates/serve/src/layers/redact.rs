//! What a caller wrote, as the record keeps it and as errors repeat it.

use std::borrow::Cow;
use std::sync::LazyLock;

use content::{People, Redactor, TokenKey, Treatments};
use serde_json::{Map, Value};

/// Bytes of a text that the record keeps in full.
const LONGEST: usize = 200;

static RECORD: LazyLock<Treatments> = LazyLock::new(Treatments::of_record);
static HOUSE: LazyLock<Treatments> = LazyLock::new(Treatments::default);

/// Neither makes a token, nor knows a name for one.
static NO_TOKENS: TokenKey = TokenKey::new([0; 32]);
static NOBODY: People = People::new();

/// A copy of `arguments` with what they should not hold masked and long texts cut; a cut text says how long it was.
pub(crate) fn redact(arguments: &Map<String, Value>) -> Value {
    let entry =
        |(name, value): (&String, &Value)| (content::cut(&kept(name), 100).to_owned(), shortened(value));
    Value::Object(arguments.iter().map(entry).collect())
}

/// A text as the record keeps it.
pub(crate) fn kept(text: &str) -> Cow<'_, str> {
    Redactor { treatments: &RECORD, key: &NO_TOKENS, tenant: "", people: &NOBODY }.text(text)
}

/// A text as an error may repeat it, whoever reads it.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    Redactor { treatments: &HOUSE, key: &NO_TOKENS, tenant: "", people: &NOBODY }.text(text)
}

fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) => match kept(text) {
            // Masked before it is cut: half a card number is still a card number.
            kept if kept.len() > LONGEST => {
                format!("{}… ({} bytes)", content::cut(&kept, LONGEST), text.len()).into()
            }
            kept => kept.into(),
        },
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

    #[test]
    fn the_record_keeps_no_secret_and_no_address() {
        let secret = format!("{} password=Hunter2!", "x".repeat(195));
        let arguments =
            json!({"text": "card 4111 1111 1111 1111", "to": ["jane@acme.example"], "long": secret});
        let kept = redact(arguments.as_object().unwrap());
        assert_eq!(kept["text"], "card ****1111");
        assert_eq!(kept["to"][0], "j***@a***.example");
        assert!(!kept.to_string().contains("Hunt"), "{kept}");
    }
}
