//! Percent-encoding (RFC 3986, section 2.1).

use std::fmt::Write as _;

/// Appends `text` with all but the unreserved characters (section 2.3) encoded: safe as one path segment and as a
/// name or value of a query, whatever it holds.
pub(crate) fn percent_encode(into: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// `a=b&c=d`, encoded.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        percent_encode(&mut body, name);
        body.push('=');
        percent_encode(&mut body, value);
    }
    body
}
