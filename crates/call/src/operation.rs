//! The identity of a write.

use sha2::{Digest, Sha256};

/// One write, identified so that it happens once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// 26 characters, derived from the idempotency key and its scope: the same write has the same id on every
    /// attempt and on every replica.
    pub id: String,
    /// What a vendor is marked with, as many characters: the id, unless the same may be meant anew one day
    /// ([`Operation::begun_in`]).
    pub mark: String,
    /// A former attempt was sent and its fate is unknown: look for the effect and do not send it again.
    pub resumed: bool,
    /// Nothing is to be changed: the call shows what it would do.
    pub preview: bool,
}

impl Operation {
    /// The operation of `key` within `scope` (caller, tool).
    #[must_use]
    pub fn derive(scope: &[&str], key: &str) -> Self {
        let mut hash = Sha256::new();
        for part in scope.iter().copied().chain([key]) {
            // Length first, so that no two different lists hash the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self::known(base32(&hash.finalize()))
    }

    /// The operation of this id.
    #[must_use]
    pub fn known(id: String) -> Self {
        Self { mark: id.clone(), id, resumed: false, preview: false }
    }

    /// The same operation, marked as one that began in this period. Its id comes back when the same is asked for long
    /// after it was done, which is another write; what the first one left at the vendor must not pass for its effect.
    #[must_use]
    pub fn begun_in(self, period: i64) -> Self {
        Self { mark: Self::derive(&[&self.id], &period.to_string()).id, ..self }
    }

    /// The same operation, to be looked for at the vendor and not sent again.
    #[must_use]
    pub fn resume(self) -> Self {
        Self { resumed: true, ..self }
    }

    /// The same operation, to be shown and not done.
    #[must_use]
    pub fn preview(self) -> Self {
        Self { preview: true, ..self }
    }
}

/// The first 26 base-32 digits (RFC 4648 alphabet in lower case): 130 bits, safe in labels and URLs.
fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bit = |i: usize| bytes.get(i / 8).map_or(0, |b| (b >> (7 - i % 8)) & 1);
    (0..26)
        .map(|digit| {
            let value = (0..5).fold(0usize, |acc, k| (acc << 1) | usize::from(bit(digit * 5 + k)));
            char::from(DIGITS[value])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_and_scopes_do_not_run_together() {
        let id = |scope: &[&str], key| Operation::derive(scope, key).id;
        assert_eq!(id(&["a", "b"], "k"), id(&["a", "b"], "k"));
        assert_ne!(id(&["a", "b"], "k"), id(&["ab", ""], "k"));
        assert_ne!(id(&["a"], "k"), id(&["a"], "l"));
        assert_eq!(id(&["a"], "k").len(), 26);
        let (first, later) =
            (Operation::known("a".into()).begun_in(7), Operation::known("a".into()).begun_in(8));
        assert_eq!((&first.id, first.mark.len()), (&later.id, 26));
        assert_ne!(first.mark, later.mark);
    }
}
