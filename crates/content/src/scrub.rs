//! The last look at an answer before it leaves.

use error::{Code, Error, Result};
use serde_json::Value;

use crate::clean;

/// Bytes an answer may have, whatever the tool thought: 256 KiB (security, section 2.8).
pub const HARD_CAP: usize = 256 * 1024;

/// Cleans every string of `value` in place: a text that slipped past its type still leaves without hidden
/// characters. Returns how many strings changed, which should be none.
pub fn scrub(value: &mut Value) -> usize {
    match value {
        Value::String(text) => {
            let cleaned = clean(text);
            // Comments alone may stay; `hidden` does not tell of line ends.
            let changed = cleaned.hidden || (!cleaned.comments && cleaned.text != *text);
            if !changed {
                return 0;
            }
            *text = cleaned.text.into_owned();
            1
        }
        Value::Array(items) => items.iter_mut().map(scrub).sum(),
        Value::Object(members) => members.values_mut().map(scrub).sum(),
        _ => 0,
    }
}

/// `too_broad` if `text` is beyond the hard cap.
pub fn bounded(text: &str) -> Result<()> {
    if text.len() <= HARD_CAP {
        return Ok(());
    }
    Err(Error::new(Code::TooBroad, format!("the answer has {} bytes, and {HARD_CAP} may leave", text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_is_reached() {
        let mut value = serde_json::json!({"a": ["x\u{200B}", {"b": "y\u{202E}"}], "c": 1, "d": "<!-- kept -->", "e": "1\r\n2"});
        assert_eq!(scrub(&mut value), 3);
        assert_eq!(
            value,
            serde_json::json!({"a": ["x", {"b": "y"}], "c": 1, "d": "<!-- kept -->", "e": "1\n2"})
        );
    }

    #[test]
    fn the_cap_is_hard() {
        assert!(bounded(&"x".repeat(HARD_CAP)).is_ok());
        assert_eq!(bounded(&"x".repeat(HARD_CAP + 1)).unwrap_err().code(), Code::TooBroad);
    }
}
