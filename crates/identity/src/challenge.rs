//! The answer to a request that is not let in.

use std::fmt::Write as _;

use http::{HeaderValue, StatusCode};

use crate::Refusal;

/// Status and headers of a refusal (RFC 6750, section 3; RFC 9728, section 5.1), as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// 400, 401, 403 or 503.
    pub status: StatusCode,
    /// `WWW-Authenticate`; absent for 503, which is no matter of credentials.
    pub www_authenticate: Option<HeaderValue>,
    /// `Retry-After`, whole seconds.
    pub retry_after: Option<u64>,
    /// One sentence for the body.
    pub message: String,
}

impl Challenge {
    /// The answer to `refusal`, with the `scope` that the client should ask for; empty where none would help.
    pub(crate) fn new(refusal: &Refusal, metadata: Option<&str>, scope: &str) -> Self {
        let (status, error, message) = match refusal {
            Refusal::Missing => {
                (StatusCode::UNAUTHORIZED, None, "this server has to know who calls".to_owned())
            }
            Refusal::Malformed(what) => {
                (StatusCode::BAD_REQUEST, Some("invalid_request"), (*what).to_owned())
            }
            Refusal::Invalid(flaw) => (StatusCode::UNAUTHORIZED, Some("invalid_token"), flaw.to_string()),
            Refusal::Insufficient(needed) => {
                let message = format!("the call needs the scope {}", needed.join(" and "));
                (StatusCode::FORBIDDEN, Some("insufficient_scope"), message)
            }
            Refusal::Unavailable(wait) => {
                return Self {
                    status: StatusCode::SERVICE_UNAVAILABLE,
                    www_authenticate: None,
                    retry_after: Some(wait.as_secs().max(1)),
                    message: "the token cannot be verified now; try again".to_owned(),
                };
            }
        };
        let described = error.is_some().then_some(message.as_str());
        let parameters = [
            ("error", error),
            ("error_description", described),
            ("scope", Some(scope).filter(|scope| !scope.is_empty())),
            ("resource_metadata", metadata),
        ];
        Self { status, www_authenticate: header(&parameters), retry_after: None, message }
    }
}

/// `Bearer name="value", ...`. The values are ours or from the configuration; quotes in them are left out.
fn header(parameters: &[(&str, Option<&str>)]) -> Option<HeaderValue> {
    let mut text = String::from("Bearer");
    let mut separator = ' ';
    for (name, value) in parameters.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{separator}{name}=\"{}\"", value.replace(['"', '\\'], ""));
        separator = ',';
    }
    HeaderValue::try_from(text.replace("\",", "\", ")).ok()
}
