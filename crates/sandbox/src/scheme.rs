//! How a client shows its credential.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};

/// A way of presenting a credential that a vendor accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer TOKEN` (RFC 6750).
    Bearer,
    /// `Authorization: Basic base64(user:secret)` (RFC 7617).
    Basic,
    /// `Authorization:` with the vendor's own lead, such as `Token token=` or `token `; empty for a bare key.
    Lead(&'static str),
    /// A header of the vendor's own, such as `private-token`. Lower case.
    Header(&'static str),
}

/// A credential as a request showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The token, or `user:secret`.
    pub value: String,
    /// Whether it came as HTTP Basic.
    pub basic: bool,
}

impl Scheme {
    /// The credential, if the headers carry one in this scheme.
    #[must_use]
    pub fn read(self, headers: &HeaderMap) -> Option<Presented> {
        let authorization = || headers.get(header::AUTHORIZATION)?.to_str().ok();
        match self {
            Self::Bearer => token(after_ignoring_case(authorization()?, "Bearer ")?),
            Self::Lead(lead) => token(after_ignoring_case(authorization()?, lead)?),
            Self::Header(name) => token(headers.get(name)?.to_str().ok()?),
            Self::Basic => {
                let decoded =
                    STANDARD.decode(after_ignoring_case(authorization()?, "Basic ")?.trim()).ok()?;
                Some(Presented { value: String::from_utf8(decoded).ok()?, basic: true })
            }
        }
    }
}

fn token(value: &str) -> Option<Presented> {
    Some(Presented { value: value.trim().to_owned(), basic: false })
}

/// The rest of `text` after `lead`. Scheme names ignore case (RFC 9110, 11.1).
fn after_ignoring_case<'a>(text: &'a str, lead: &str) -> Option<&'a str> {
    let start = text.get(..lead.len())?;
    start.eq_ignore_ascii_case(lead).then(|| &text[lead.len()..])
}
