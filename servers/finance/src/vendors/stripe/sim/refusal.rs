//! Stripe's errors (docs.stripe.com/api/errors, /error-codes).

use sandbox::{Answer, Ask, Denial, Refusal};
use serde_json::{Value, json};

/// The version served, and meant where a request names none.
pub(super) const VERSION: &str = "2026-10-28.endive";

/// An error of the request.
pub(super) struct Fault<'a> {
    pub(super) status: u16,
    pub(super) code: Option<&'a str>,
    pub(super) param: Option<&'a str>,
    pub(super) message: String,
}

impl<'a> Fault<'a> {
    /// A 400 about a parameter.
    pub(super) fn of(param: &'a str, message: impl Into<String>) -> Self {
        Self { status: 400, code: None, param: Some(param), message: message.into() }
    }

    /// The same with a code.
    pub(super) fn coded(self, code: &'a str) -> Self {
        Self { code: Some(code), ..self }
    }

    pub(super) fn answer(self, ask: &Ask) -> Answer {
        shaped(ask, self.status, "invalid_request_error", self.code, self.param, &self.message)
    }
}

/// An error in Stripe's shape.
pub(super) fn shaped(
    ask: &Ask,
    status: u16,
    kind: &str,
    code: Option<&str>,
    param: Option<&str>,
    message: &str,
) -> Answer {
    let mut error = json!({ "message": message, "type": kind });
    if let Some(code) = code {
        error["code"] = json!(code);
        error["doc_url"] = json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
    }
    if let Some(param) = param {
        error["param"] = json!(param);
    }
    if status != 401 {
        let id = request_id(ask);
        error["request_log_url"] = json!(format!("https://dashboard.stripe.com/test/logs/{id}"));
    }
    let answer = Answer::json(status, json!({ "error": error }));
    match status {
        400..=404 => answer.header("stripe-should-retry", "false"),
        _ => answer,
    }
}

/// The id of a request: the same in its header and in its error.
pub(super) fn request_id(ask: &Ask) -> String {
    format!("req_{:014x}", ask.now.as_nanosecond() & 0x00ff_ffff_ffff_ffff)
}

/// No such record.
pub(super) fn missing(ask: &Ask, kind: &str, id: &str, param: &str) -> Answer {
    let words = kind.replace('_', " ");
    Fault {
        status: 404,
        code: Some("resource_missing"),
        param: Some(param),
        message: format!("No such {words}: '{id}'"),
    }
    .answer(ask)
}

/// A parameter that Stripe does not know.
pub(super) fn unknown(ask: &Ask, name: &str) -> Answer {
    Fault::of(name, format!("Received unknown parameter: {name}")).coded("parameter_unknown").answer(ask)
}

/// A value that is none of those allowed.
pub(super) fn unlisted(ask: &Ask, param: &str, allowed: &str) -> Answer {
    Fault::of(param, format!("Invalid {param}: must be one of {allowed}")).answer(ask)
}

/// A number that is none.
pub(super) fn integer(ask: &Ask, param: &str, value: &str) -> Answer {
    Fault::of(param, format!("Invalid integer: {value}")).coded("parameter_invalid_integer").answer(ask)
}

/// Errors: 400 for a version that cannot be one.
pub(super) fn version(ask: &Ask) -> Result<(), Answer> {
    let is_date = |text: &str| {
        let date = text.split('.').next().unwrap_or_default();
        date.len() == 10
            && date
                .bytes()
                .enumerate()
                .all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
    };
    match ask.header("stripe-version") {
        Some(version) if !is_date(version) => {
            let message = format!(
                "Invalid Stripe API version: {version}. You do not have permission to pass this version."
            );
            Err(Fault { status: 400, code: None, param: None, message }.answer(ask))
        }
        _ => Ok(()),
    }
}

/// Errors: 400 for a body that is no form; `/v1` takes nothing else.
pub(super) fn form(ask: &Ask) -> Result<(), Answer> {
    let is_form =
        ask.header("content-type").is_some_and(|k| k.starts_with("application/x-www-form-urlencoded"));
    if ask.body.is_empty() || is_form {
        return Ok(());
    }
    let message = "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have any questions, we can help at https://support.stripe.com/.";
    Err(Fault { status: 400, code: None, param: None, message: message.into() }.answer(ask))
}

/// What the kit refuses, in Stripe's words.
pub(super) fn refused(ask: &Ask, why: &Refusal) -> Answer {
    let request = |status, code: Option<&str>, message: &str| {
        shaped(ask, status, "invalid_request_error", code, None, message)
    };
    match why {
        Refusal::Unauthenticated(Denial::Missing) => {
            let message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
            request(401, None, message).header("www-authenticate", "Basic realm=\"Stripe\"")
        }
        Refusal::Unauthenticated(_) => {
            request(401, None, "Invalid API Key provided: rk_test_************************ing")
                .header("www-authenticate", "Basic realm=\"Stripe\"")
        }
        Refusal::Forbidden(scope) => {
            let message = format!(
                "The provided key 'rk_test_************' does not have the required permissions for this endpoint on account 'acct_1HaldenPay'. Having the 'rak_{scope}' permission would allow this request to continue."
            );
            request(403, Some("more_permissions_required"), &message)
        }
        Refusal::NoRoute | Refusal::WrongMethod(_) => {
            let message = format!(
                "Unrecognized request URL ({}: {}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
                ask.method, ask.path
            );
            request(404, None, &message)
        }
        Refusal::Malformed(message) => request(400, None, message),
        Refusal::RateLimited(_) => request(429, Some("rate_limit"), "Request rate limit exceeded."),
        Refusal::TooLarge => request(413, None, "The request body is too large."),
        Refusal::Injected(status) => {
            shaped(ask, status.as_u16(), "api_error", None, None, "An unknown error occurred")
        }
    }
}

/// A number parameter. Errors: 400 for what is none.
pub(super) fn number(ask: &Ask, param: &str, value: &str) -> Result<i64, Answer> {
    value.parse().map_err(|_| integer(ask, param, value))
}

/// An answer with an object.
pub(super) fn shown(object: Value) -> Answer {
    Answer::json(200, object)
}
