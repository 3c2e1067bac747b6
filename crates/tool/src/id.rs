//! Ids as they stand on the wire.

use std::borrow::Cow;
use std::fmt;

use error::{Error, Result};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `source:native`: a record of one configured source under the vendor's own id. Ids out are ids in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId {
    source: String,
    native: String,
}

impl RecordId {
    /// Bytes an id may have.
    pub const LIMIT: usize = 512;

    /// The record `native` of `source`.
    #[must_use]
    pub fn new(source: impl Into<String>, native: impl Into<String>) -> Self {
        Self { source: source.into(), native: native.into() }
    }

    /// Reads `source:native`, split at the first colon; the source is `[a-z][a-z0-9-]{0,30}`.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed =
            |why: &str| Err(Error::invalid("id", format!("{why}; an id looks like `source:native`")));
        if text.len() > Self::LIMIT {
            return malformed("longer than 512 bytes");
        }
        match text.split_once(':') {
            Some((source, native)) if is_source_name(source) => {
                if native.is_empty() || native.chars().any(char::is_control) {
                    return malformed("nothing readable stands after the colon");
                }
                Ok(Self::new(source, native))
            }
            Some(_) => malformed("what stands before the colon is not a source name"),
            None => malformed("there is no colon"),
        }
    }

    /// The configured source.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The vendor's own id.
    #[must_use]
    pub fn native(&self) -> &str {
        &self.native
    }
}

/// Whether `name` may name a source: `[a-z][a-z0-9-]{0,30}`.
#[must_use]
pub(crate) fn is_source_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() <= 31
        && bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.native)
    }
}

impl Serialize for RecordId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        Self::parse(&text).map_err(|e| de::Error::custom(e.message()))
    }
}

impl JsonSchema for RecordId {
    fn schema_name() -> Cow<'static, str> {
        "RecordId".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_split_at_the_first_colon() {
        let id = RecordId::parse("gh:acme/web#12:x").unwrap();
        assert_eq!((id.source(), id.native()), ("gh", "acme/web#12:x"));
        assert_eq!(RecordId::parse(&id.to_string()).unwrap(), id);
        for bad in
            ["", "PAY-12", ":x", "Jira:x", "jira:", "1a:x", "a:\u{7}", &format!("a:{}", "x".repeat(600))]
        {
            assert!(RecordId::parse(bad).is_err(), "{bad}");
        }
    }
}
