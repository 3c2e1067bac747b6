//! What a client presents.

use aws_lc_rs::digest;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};
use secrecy::{ExposeSecret as _, SecretString};

use crate::Refusal;

/// The most a token may have. Tokens of real issuers have 1 to 4 kB.
pub(crate) const MAX_BYTES: usize = 16 << 10;

/// A credential as a client presented it: verified here, and nowhere else of use.
///
/// It is no token of ours to spend: an MCP server must not pass it on (MCP authorization, "Token Passthrough"). So it
/// can be neither copied nor shown, and the vendor clients have no way to take it:
///
/// ```compile_fail,E0277
/// fn shown(presented: identity::Presented) -> String { presented.to_string() }
/// ```
/// ```compile_fail,E0277
/// fn logged(presented: identity::Presented) -> String { format!("{presented:?}") }
/// ```
/// ```compile_fail,E0599
/// fn copied(presented: &identity::Presented) -> identity::Presented { identity::Presented::clone(presented) }
/// ```
/// ```compile_fail,E0277
/// fn written(presented: &identity::Presented) -> String { serde_json::to_string(presented).unwrap() }
/// ```
pub struct Presented {
    text: SecretString,
    digest: Digest,
}

/// SHA-256.
pub(crate) type Digest = [u8; 32];

impl Presented {
    /// Reads the credential of a request; `None` if it has none that we know.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a token in the query string (RFC 6750, section 2.3: it would stand in logs), for two
    /// credentials, and for what is no token by its characters (section 2.1) or its size (16 kB).
    pub fn read(uri: &Uri, headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        if uri.query().is_some_and(names_a_token) {
            return Err(Refusal::Malformed("a token does not belong into the query string"));
        }
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Refusal::Malformed("there is more than one Authorization header"));
        }
        let text = value.to_str().map_err(|_| Refusal::Malformed("the Authorization header is no text"))?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        Self::new(token.trim_matches(' ')).map(Some)
    }

    pub(crate) fn new(token: &str) -> Result<Self, Refusal> {
        if token.len() > MAX_BYTES {
            return Err(Refusal::Malformed("the token is larger than 16 kB"));
        }
        if !is_token(token) {
            return Err(Refusal::Malformed("the Authorization header holds no bearer token"));
        }
        Ok(Self { digest: sha256(token.as_bytes()), text: SecretString::from(token) })
    }

    /// The text itself, for those who verify it.
    pub(crate) fn text(&self) -> &str {
        self.text.expose_secret()
    }

    /// What it is remembered by.
    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    let mut out = Digest::default();
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

fn names_a_token(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name.eq_ignore_ascii_case("access_token"))
}

/// `b64token` of RFC 6750, section 2.1.
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}
