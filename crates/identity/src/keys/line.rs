//! One line of the file.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use error::{Error, Result};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// A key as the file has it: everything but the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The part of the key that is no secret; `token_id` in the record.
    pub id: String,
    /// HMAC-SHA256 of the whole key under the pepper, in hexadecimal.
    hash: String,
    /// Whose it is.
    pub subject: String,
    /// The tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What is granted.
    pub scopes: BTreeSet<String>,
    /// The roles, as an issuer's `roles` claim would say.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
}

impl Key {
    /// The key with that secret text.
    pub(super) fn new(
        id: String,
        text: &str,
        pepper: &SecretString,
        from: &super::NewKey,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            hash: call::hex(hmac::sign(&mac(pepper), text.as_bytes()).as_ref()),
            subject: from.subject.clone(),
            tenant: from.tenant.clone(),
            scopes: from.scopes.clone(),
            roles: from.roles.clone(),
            created: now,
            expires: now.saturating_add(from.life).unwrap_or(now),
            revoked: None,
        }
    }

    /// Whether `text` is this key; takes the same time whatever it is.
    pub(super) fn is_of(&self, text: &str, pepper: &SecretString) -> bool {
        let Some(hash) = unhex(&self.hash) else { return false };
        hmac::verify(&mac(pepper), text.as_bytes(), &hash).is_ok()
    }

    /// Whether it still opens anything.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires
    }

    /// The line, without its end.
    pub(super) fn line(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|e| Error::internal("a key cannot be written").source(e))
    }

    /// Whether the line could be written by us.
    pub(super) fn is_sound(&self) -> bool {
        unhex(&self.hash).is_some_and(|hash| hash.len() == 32)
            && !self.id.is_empty()
            && !self.subject.is_empty()
    }
}

fn mac(pepper: &SecretString) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, pepper.expose_secret().as_bytes())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let halves: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = halves.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok());
    if rest.is_empty() { bytes.collect() } else { None }
}
