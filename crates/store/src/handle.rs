//! Names that cannot be guessed.

use call::Operation;
use uuid::Uuid;

/// 26 lower-case base-32 characters, 130 bits, out of 244 random ones.
pub(crate) fn fresh() -> String {
    Operation::derive(&["handle"], &format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())).id
}

/// Whether a text may be a handle. What may not is never looked for.
pub(crate) fn is_one(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
}
