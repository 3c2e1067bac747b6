//! What our drafts and comments are marked with.
//!
//! The mark stands in the text, as an anchor, which nobody sees: text and mark are written by one request. Drafts bear
//! labels besides, because labels can be searched for.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use tool::Mark;

use super::storage::escaped;

/// How our labels begin.
const OPERATION: &str = "chancery-op-";
const KEY: &str = "chancery-key-";

/// Whether a label is one of ours.
pub(super) fn is_label(label: &str) -> bool {
    label.starts_with(OPERATION) || label.starts_with(KEY)
}

/// What a mark is looked up by: the external key if there is one, else the operation.
pub(super) fn sought(mark: &Mark) -> String {
    match &mark.external_key {
        Some(key) => keyed(key),
        None => format!("{OPERATION}{}", mark.operation),
    }
}

/// Every name of a mark.
pub(super) fn names(mark: &Mark) -> Vec<String> {
    let key = mark.external_key.as_deref().map(keyed);
    std::iter::once(format!("{OPERATION}{}", mark.operation)).chain(key).collect()
}

/// The mark as it stands in a text.
pub(super) fn anchors(mark: &Mark) -> String {
    let anchors: String = names(mark).iter().map(|name| anchor(name)).collect();
    format!("<p>{anchors}</p>")
}

/// Whether a text bears the mark.
pub(super) fn is_in(storage: &str, mark: &Mark) -> bool {
    // Confluence gives macros ids and may sort their attributes, but the parameter stays.
    storage.contains(&format!(">{}</ac:parameter>", escaped(&sought(mark))))
}

fn anchor(name: &str) -> String {
    format!(
        "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{}</ac:parameter></ac:structured-macro>",
        escaped(name)
    )
}

/// Labels are short and lower case; a caller's key may be neither.
fn keyed(key: &str) -> String {
    let mut out = KEY.to_owned();
    for byte in &Sha256::digest(key.as_bytes())[..12] {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}
