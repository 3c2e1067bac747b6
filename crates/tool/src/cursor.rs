//! Seals, and sealed cursors: a place in a merged list that a client can keep and cannot change.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, AeadCore as _, KeyInit as _, OsRng, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How long a cursor lives. Vendors' page tokens live longer.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// 32 bytes that seal.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// Derives a key from a configured secret of any length.
    #[must_use]
    pub fn from_secret(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// A key for this process only.
    #[must_use]
    pub fn random() -> Self {
        Self(XChaCha20Poly1305::generate_key(&mut OsRng).into())
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealKey").finish_non_exhaustive()
    }
}

/// Seals and opens what leaves the process and comes back: cursors, above all (XChaCha20-Poly1305, random nonces). The
/// first key seals, all keys open: put a new key in front, drop the old one a day later.
#[derive(Clone, Debug)]
pub struct Seal {
    keys: Vec<SealKey>,
}

/// What is sealed: where each source stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Seconds since the epoch.
    at: i64,
    /// When the first page was asked for, in milliseconds from `at`: a short number. Absent in cursors of former
    /// versions.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    begun: Option<i64>,
    pub(crate) sources: Vec<SourcePlace>,
}

/// Where one source stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourcePlace {
    #[serde(rename = "s")]
    pub(crate) source: String,
    /// The vendor's page token; absent for its first page.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    /// Rows of that page already given.
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub(crate) consumed: usize,
    /// There is nothing more.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) done: bool,
}

/// A beginning as a cursor keeps it, to the millisecond: the first page asks for the very period that the others do.
pub(crate) fn kept(begun: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(begun.as_millisecond()).unwrap_or(begun)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Place {
    pub(crate) fn new(now: Timestamp, begun: Timestamp, sources: Vec<SourcePlace>) -> Self {
        Self { at: now.as_second(), begun: Some(begun.as_millisecond() - now.as_second() * 1_000), sources }
    }

    /// When the first page was asked for, if the cursor tells.
    pub(crate) fn begun(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.at * 1_000 + self.begun?).ok()
    }
}

impl Seal {
    /// Another key for another purpose, from the first key: as lasting and as secret as the seal itself.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let key = self.keys.first().map_or(&[][..], |key| &key.0[..]);
        Sha256::new()
            .chain_update("chancery ")
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(key)
            .finalize()
            .into()
    }

    /// Seals with the first of `keys`, opens with any.
    #[must_use]
    pub fn new(current: SealKey, previous: impl IntoIterator<Item = SealKey>) -> Self {
        Self { keys: std::iter::once(current).chain(previous).collect() }
    }

    /// A seal that dies with the process.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self::new(SealKey::random(), [])
    }

    /// `binding` is what the cursor belongs to: caller, tool and query.
    pub(crate) fn seal(&self, place: &Place, binding: &[u8]) -> Result<String> {
        let message =
            serde_json::to_vec(place).map_err(|e| Error::internal("a cursor is no JSON").source(e))?;
        self.close(&message, binding)
    }

    /// Seals `message`, for whoever names the same `binding`. An empty message makes the seal a signature of the
    /// binding.
    ///
    /// # Errors
    /// `internal`, which would be a defect.
    pub fn close(&self, message: &[u8], binding: &[u8]) -> Result<String> {
        let key = self.keys.first().ok_or_else(|| Error::internal("a seal without keys"))?;
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let sealed = XChaCha20Poly1305::new(&key.0.into())
            .encrypt(&nonce, Payload { msg: message, aad: binding })
            .map_err(|_| Error::internal("sealing failed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// The message that was sealed; `None` where it was altered, is bound to something else or is of another seal.
    #[must_use]
    pub fn reveal(&self, sealed: &str, binding: &[u8]) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(24)?;
        let message = |key: &SealKey| {
            XChaCha20Poly1305::new(&key.0.into())
                .decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: binding })
                .ok()
        };
        self.keys.iter().find_map(message)
    }

    /// The place behind `cursor`, or `cursor_expired`: altered, foreign, too old and unreadable look the same.
    pub(crate) fn open(&self, cursor: &str, binding: &[u8], now: Timestamp) -> Result<Place> {
        let expired = || {
            Error::new(Code::CursorExpired, "this cursor is too old, altered, or of another query or caller")
        };
        let message = self.reveal(cursor, binding).ok_or_else(expired)?;
        let place: Place = serde_json::from_slice(&message).map_err(|_| expired())?;
        let age = SignedDuration::from_secs(now.as_second().saturating_sub(place.at));
        if age > LIFE { Err(expired()) } else { Ok(place) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_where_it_belongs() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let (old, new) = (SealKey::from_secret(b"old"), SealKey::from_secret(b"new"));
        let seal = Seal::new(old.clone(), []);
        let place = Place::new(
            now,
            now,
            vec![SourcePlace { source: "jira".into(), token: Some("t".into()), consumed: 3, done: false }],
        );
        let cursor = seal.seal(&place, b"alice search").unwrap();
        assert_eq!(seal.open(&cursor, b"alice search", now).unwrap(), place);
        assert_eq!(Seal::new(new.clone(), [old]).open(&cursor, b"alice search", now).unwrap(), place);

        let refused = |seal: &Seal, cursor: &str, binding: &[u8], now| {
            seal.open(cursor, binding, now).unwrap_err().code() == Code::CursorExpired
        };
        let mut altered = cursor.clone();
        altered.replace_range(40..41, if &cursor[40..41] == "A" { "B" } else { "A" });
        assert!(refused(&seal, &altered, b"alice search", now));
        assert!(refused(&seal, &cursor, b"bob search", now));
        assert!(refused(&Seal::new(new, []), &cursor, b"alice search", now));
        assert!(refused(&seal, &cursor, b"alice search", now + SignedDuration::from_hours(25)));
        for nonsense in ["", "x", "====", "AAAA"] {
            assert!(refused(&seal, nonsense, b"alice search", now), "{nonsense}");
        }
    }
}
