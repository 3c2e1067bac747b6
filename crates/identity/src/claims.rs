//! The claims of a token, read without benefit of the doubt.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::refusal::Flaw;

/// A JSON object in which no name stands twice: readers that disagree on which one counts can be played off against
/// each other (RFC 7519, section 4; RFC 8725, section 2.4).
#[derive(Debug)]
pub(crate) struct Claims(Map<String, Value>);

/// Longer names than this are no names (OpenID Connect Core, section 2, allows 255 for `sub`).
const LONGEST_NAME: usize = 255;

impl Claims {
    /// Whether there is such a claim; dots lead into objects.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.at(path).is_some()
    }

    /// A claim that is a name: text, not empty, not long.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        let text = self.at(path)?.as_str()?;
        (!text.is_empty() && text.len() <= LONGEST_NAME).then_some(text)
    }

    /// A claim that is one text or a list of them.
    pub(crate) fn texts(&self, path: &str) -> Vec<&str> {
        match self.at(path) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The words of one text, or the texts of a list: `scope` is written both ways.
    pub(crate) fn words(&self, path: &str) -> Vec<&str> {
        self.texts(path).into_iter().flat_map(str::split_ascii_whitespace).collect()
    }

    /// A `NumericDate` (RFC 7519, section 2): seconds, perhaps with a fraction, which is cut off.
    pub(crate) fn seconds(&self, name: &'static str) -> Result<Option<i64>, Flaw> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let whole = value.as_i64().or_else(|| value.as_f64().and_then(cut));
        whole.filter(|seconds| (0..=LAST_SECOND).contains(seconds)).map(Some).ok_or(Flaw::Claim(name))
    }

    /// Whether the claim is `true` and nothing that resembles it.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }

    /// The certificate the token is bound to: `x5t#S256` (RFC 8705, section 3.1). A binding that we cannot check is one
    /// that we cannot honor (RFC 7800, section 3.1).
    pub(crate) fn binding(&self) -> Result<Option<String>, Flaw> {
        if !self.has("cnf") {
            return Ok(None);
        }
        self.text("cnf.x5t#S256").map(|print| Some(print.to_owned())).ok_or(Flaw::Binding)
    }

    fn at(&self, path: &str) -> Option<&Value> {
        // A name with dots in it comes before a way into objects: claims of one's own are often URLs.
        if let Some(value) = self.0.get(path) {
            return Some(value);
        }
        let mut segments = path.split('.');
        let first = self.0.get(segments.next()?)?;
        segments.try_fold(first, |value, segment| value.get(segment))
    }
}

/// The end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

#[allow(clippy::cast_possible_truncation, reason = "the range was checked")]
fn cut(seconds: f64) -> Option<i64> {
    (0.0..1e12).contains(&seconds).then_some(seconds as i64)
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut map = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if map.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name stands twice"));
                    }
                }
                Ok(map)
            }
        }

        deserializer.deserialize_map(Object).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Claims {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        assert!(serde_json::from_str::<Claims>(r#"{"sub":"a","sub":"b"}"#).is_err());
        assert!(serde_json::from_str::<Claims>(r#"{"sub":"a","s\u0075b":"b"}"#).is_err());
        assert!(serde_json::from_str::<Claims>("[1]").is_err());
    }

    #[test]
    fn times_are_numbers_within_reason() {
        let of = |value: &str| claims(&format!(r#"{{"exp":{value}}}"#)).seconds("exp");
        assert_eq!(of("1000"), Ok(Some(1000)));
        assert_eq!(of("1000.9"), Ok(Some(1000)));
        assert_eq!(claims("{}").seconds("exp"), Ok(None));
        for bad in [r#""1000""#, "-1", "1e300", "null", "[]", "true", "18446744073709551615"] {
            assert_eq!(of(bad), Err(Flaw::Claim("exp")), "{bad}");
        }
    }

    #[test]
    fn dots_lead_into_objects_unless_the_name_has_them() {
        let claims =
            claims(r#"{"realm_access":{"roles":["a","b"]},"https://x.example/t":"t","scope":"c  d"}"#);
        assert_eq!(claims.texts("realm_access.roles"), ["a", "b"]);
        assert_eq!(claims.text("https://x.example/t"), Some("t"));
        assert_eq!(claims.words("scope"), ["c", "d"]);
        assert!(!claims.has("realm_access.groups"));
    }
}
