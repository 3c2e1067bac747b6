//! How HubSpot says no.

use std::sync::atomic::{AtomicU64, Ordering};

use sandbox::{Answer, Ask, Denial, Refusal};
use serde_json::{Value, json};

/// A new correlation id; HubSpot's are UUIDs.
fn correlation() -> String {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    format!("5a11d0c5-{:04x}-4{:03x}-8000-{serial:012x}", (serial >> 12) & 0xffff, serial & 0xfff)
}

fn body(category: &str, message: &str) -> Value {
    json!({ "status": "error", "message": message, "correlationId": correlation(), "category": category })
}

/// An error of this category.
pub(super) fn error(status: u16, category: &str, message: &str) -> Answer {
    Answer::json(status, body(category, message))
}

/// An error about one part of the input.
pub(super) fn invalid(field: &str, message: &str) -> Answer {
    let mut body = body("VALIDATION_ERROR", &format!("Invalid input JSON: {message}"));
    body["errors"] = json!([{ "message": message, "in": field }]);
    Answer::json(400, body)
}

/// Property values that are refused, told as JSON within the message.
pub(super) fn refused_values(problems: &[Value]) -> Answer {
    let message = format!("Property values were not valid: {}", Value::from(problems.to_vec()));
    error(400, "VALIDATION_ERROR", &message)
}

/// No such record.
pub(super) fn missing() -> Answer {
    error(404, "OBJECT_NOT_FOUND", "resource not found")
}

/// What the kit refuses, in HubSpot's words.
pub(super) fn refuse(_: &Ask, refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::Unauthenticated(Denial::Expired | Denial::Revoked) => {
            error(401, "EXPIRED_AUTHENTICATION", "The access token is expired or was revoked")
        }
        Refusal::Unauthenticated(Denial::Missing) => error(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more \
             details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        ),
        Refusal::Unauthenticated(_) => error(
            401,
            "INVALID_AUTHENTICATION",
            "The private app key provided is invalid. View or manage your API keys here: \
             https://app.hubspot.com/l/api-key/",
        ),
        Refusal::Forbidden(scope) => {
            let message = "This app hasn't been granted all required scopes to make this call. Read more about \
                           required scopes here: https://developers.hubspot.com/scopes.";
            let mut body = body("MISSING_SCOPES", message);
            body["errors"] = json!([{
                "message": "One or more of the following scopes are required.",
                "context": { "requiredGranularScopes": [scope] },
            }]);
            body["links"] = json!({ "scopes": "https://developers.hubspot.com/scopes" });
            Answer::json(403, body)
        }
        Refusal::RateLimited(budget) => {
            let (message, policy) = match budget.limit == super::SEARCHES {
                true => ("You have reached your secondly limit.", "SECONDLY"),
                false => ("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING"),
            };
            let mut body = body("RATE_LIMITS", message);
            (body["errorType"], body["policyName"]) = (json!("RATE_LIMIT"), json!(policy));
            Answer::json(429, body)
        }
        Refusal::Malformed(why) => {
            error(400, "VALIDATION_ERROR", &format!("Invalid input JSON on line 1, column 1: {why}"))
        }
        Refusal::NoRoute => error(404, "OBJECT_NOT_FOUND", "No route matched this path"),
        other => error(other.status(), "VALIDATION_ERROR", &other.message()),
    }
}

/// Every answer bears a correlation id.
pub(super) fn stamp(_: &Ask, answer: &mut Answer) {
    answer.push_header("x-hubspot-correlation-id", correlation());
}
