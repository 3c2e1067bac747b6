//! Stands for a value without telling it: the same value gives the same token within a tenant, and only whoever has
//! the key could make it.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::find::is_secret;

/// Letters of a token: 48 bits, so that two values of a tenant hardly ever share one. Letters alone, lest a token
/// look like a number.
pub(crate) const LETTERS: usize = 12;

/// The key of tokens. Whoever has it can try values until one fits: it is kept like the seal's.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl TokenKey {
    /// A key of 32 bytes that serve nothing else.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What stands for `value`, a `name` (`email`), with the tenant called `tenant`: `<email:jfkdpoabcmne>`.
    #[must_use]
    pub fn token(&self, tenant: &str, name: &str, value: &str) -> String {
        let mut token = String::with_capacity(name.len() + LETTERS + 3);
        token.push('<');
        token.push_str(name);
        token.push(':');
        let digest = self.digest(tenant, name, value);
        let halves = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        token.extend(halves.take(LETTERS).map(|half| char::from(b'a' + half)));
        token.push('>');
        token
    }

    fn digest(&self, tenant: &str, name: &str, value: &str) -> [u8; 32] {
        // HMAC takes keys of every length; the zero key would only stand for an error that cannot be.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return [0; 32] };
        for part in [tenant, name, value] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

/// Whether something of a token's shape could be one of these: it has a name that they are given, and half a byte in
/// each letter.
pub(crate) fn is_made(token: &str) -> bool {
    let Some((name, letters)) = token.trim_matches(['<', '>']).split_once(':') else { return false };
    let known =
        matches!(name, "person" | "value" | "email" | "phone" | "card" | "iban" | "ssn") || is_secret(name);
    known && letters.bytes().all(|b| (b'a'..=b'p').contains(&b))
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_same_for_the_same_value_and_tenant_alone() {
        let key = TokenKey::new([7; 32]);
        let token = key.token("acme", "email", "jane@acme.example");
        assert_eq!(token, key.token("acme", "email", "jane@acme.example"));
        assert_eq!(token.len(), "<email:>".len() + LETTERS);
        for other in [
            key.token("other", "email", "jane@acme.example"),
            key.token("acme", "phone", "jane@acme.example"),
            key.token("acme", "email", "joe@acme.example"),
            TokenKey::new([8; 32]).token("acme", "email", "jane@acme.example"),
        ] {
            assert_ne!(token, other);
        }
    }
}
