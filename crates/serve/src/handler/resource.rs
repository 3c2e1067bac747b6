//! Resource URIs: `chancery://<domain>/<source>/<kind>/<id>`, read by the tool that serves the kind.

use std::fmt::Write as _;

use error::{Code, Error, Result};
use serde_json::Map;
use tool::{Call, Link};

use crate::catalogue::Catalogue;

/// What a resource is: the structured answer of its tool.
pub(super) const MIME: &str = "application/json";

/// The URI of a record.
pub(super) fn uri(domain: &str, link: &Link) -> String {
    format!("chancery://{domain}/{}/{}/{}", link.id.source(), link.kind, encode(link.id.native()))
}

/// The call that reads a resource, or `not_found`.
pub(super) fn call(catalogue: &Catalogue, uri: &str) -> Result<Call> {
    let absent = || {
        let shape = format!("chancery://{}/<source>/<kind>/<id>", catalogue.name);
        Error::new(Code::NotFound, "there is no such resource").hint(format!("resources are named {shape}"))
    };
    let path = uri.strip_prefix("chancery://").and_then(|rest| rest.strip_prefix(catalogue.name));
    let mut parts = path.and_then(|p| p.strip_prefix('/')).ok_or_else(absent)?.splitn(3, '/');
    let (Some(source), Some(kind), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(absent());
    };
    let kind = catalogue.kind(kind).ok_or_else(absent)?;
    let native = decode(id).filter(|id| !id.is_empty()).ok_or_else(absent)?;
    let mut arguments = Map::new();
    arguments.insert(kind.argument.to_owned(), format!("{source}:{native}").into());
    Ok(Call { tool: kind.tool.to_owned(), arguments })
}

/// Percent-encodes all but unreserved characters (RFC 3986, section 2.3).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Undoes percent-encoding; `None` if it is broken or hides bytes that are no text.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit =
            |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        out.push(digit(bytes.next())? * 16 + digit(bytes.next())?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_round_trips_and_keeps_slashes_out() {
        for id in ["PAY-12", "acme/web#12", "ü 100%", "a:b?c=d&e"] {
            let encoded = encode(id);
            assert!(!encoded.contains(['/', '#', '?', ' ']), "{encoded}");
            assert_eq!(decode(&encoded).as_deref(), Some(id));
        }
        for broken in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }
}
