//! What Stripe's replies mean (docs.stripe.com/api/errors, /error-low-level, /idempotent_requests).

use std::time::Duration;

use error::{Code, Error, FieldError};
use outbound::{Reply, Verdict, by_status};

use super::wire::Failure;

/// Reads a reply.
pub(super) fn judge(reply: &Reply) -> Verdict {
    // Stripe's own word on whether a repetition can help.
    let should_retry = reply.header("stripe-should-retry");
    match (reply.status.as_u16(), should_retry) {
        (409 | 429, Some("true") | None) if is_held(reply) => {
            Verdict::Busy { wait: reply.retry_after().or(SHORT) }
        }
        (400..=499, Some("true")) => Verdict::Throttled { wait: reply.retry_after() },
        (400..=409 | 429, _) => refused(reply),
        _ => by_status(reply),
    }
}

/// The same for reads: an error that Stripe says will come again is not asked for again.
pub(super) fn judge_read(reply: &Reply) -> Verdict {
    match (reply.status.as_u16(), reply.header("stripe-should-retry")) {
        (500..=599, Some("false")) => {
            refuse(reply, Code::UpstreamUnavailable, "Stripe failed in a way that does not pass by itself")
        }
        _ => judge(reply),
    }
}

/// Locks are held for moments.
const SHORT: Option<Duration> = Some(Duration::from_millis(500));

/// Whether this request did nothing because another holds its key or its record (docs.stripe.com/rate-limits, object
/// lock timeouts). Other records are free.
fn is_held(reply: &Reply) -> bool {
    let locked = |body: Failure<'_>| body.error.code.as_deref() == Some("lock_timeout");
    reply.status == http::StatusCode::CONFLICT || reply.json().is_ok_and(locked)
}

fn refused(reply: &Reply) -> Verdict {
    let body = reply.json::<Failure<'_>>().map(|body| body.error).unwrap_or_default();
    let (kind, code) = (body.kind.as_deref().unwrap_or_default(), body.code.as_deref().unwrap_or_default());
    match (reply.status.as_u16(), kind, code) {
        (401, ..) => Verdict::Unauthorized,
        (403, ..) => {
            let error = Error::new(Code::Permission, "the restricted key may not do this")
                .hint("ask the operator for the permission that the source's README names for this tool");
            Verdict::Refuse(error.detail(reply.excerpt()))
        }
        (_, "idempotency_error", _) => refuse(
            reply,
            Code::IdempotencyConflict,
            "this operation was sent to Stripe with other arguments before",
        ),
        (_, _, "resource_missing") => {
            refuse(reply, Code::NotFound, "no such record, or the restricted key may not see it")
        }
        (_, _, "charge_already_refunded") => {
            refuse(reply, Code::Conflict, "all of this payment was given back already")
        }
        (_, _, "charge_disputed") => {
            refuse(reply, Code::Conflict, "this payment is disputed: the customer's bank decides")
        }
        (_, _, "balance_insufficient" | "insufficient_funds") => {
            refuse(reply, Code::Conflict, "the company's balance at Stripe does not cover this")
        }
        (402, ..) => refuse(reply, Code::Conflict, "the card network refuses this"),
        (400, ..) => invalid(reply, body.param.as_deref(), code),
        _ => by_status(reply),
    }
}

fn refuse(reply: &Reply, code: Code, message: &'static str) -> Verdict {
    Verdict::Refuse(Error::new(code, message).detail(reply.excerpt()))
}

/// The field that is wrong, without the vendor's sentence.
fn invalid(reply: &Reply, param: Option<&str>, code: &str) -> Verdict {
    let error = Error::new(Code::InvalidArgument, "Stripe refuses this as invalid").detail(reply.excerpt());
    let field =
        |param: &str| FieldError { path: our_name(param).to_owned(), problem: problem(code).to_owned() };
    Verdict::Refuse(param.map(field).into_iter().fold(error, Error::field))
}

fn our_name(param: &str) -> &str {
    match param {
        "charge" | "payment_intent" => "payment",
        "amount" | "reason" | "customer" | "status" | "limit" => param,
        "starting_after" | "page" => "cursor",
        _ => "arguments",
    }
}

/// Stripe's codes in words (docs.stripe.com/error-codes).
fn problem(code: &str) -> &'static str {
    match code {
        "parameter_missing" => "is required",
        "parameter_unknown" => "is not known to this version of the API",
        "amount_too_large" => "is too large",
        "amount_too_small" => "is too small",
        _ => "is not a value that Stripe takes here",
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
    use jiff::Timestamp;

    use super::*;

    fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Reply {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let headers = HeaderMap::from_iter(headers.iter().map(header));
        Reply::new(StatusCode::from_u16(status).unwrap(), headers, body.into(), Timestamp::UNIX_EPOCH)
    }

    fn code(status: u16, body: &'static str) -> Code {
        match judge(&reply(status, &[("stripe-should-retry", "false")], body)) {
            Verdict::Refuse(error) => {
                assert!(!error.message().contains("canary"), "the vendor's sentences stay in the log");
                error.code()
            }
            other => panic!("{status} is refused, not {other:?}"),
        }
    }

    #[test]
    fn refusals_have_their_codes() {
        let key_reused = r#"{"error": {"type": "idempotency_error", "message": "canary"}}"#;
        assert_eq!(code(400, key_reused), Code::IdempotencyConflict);
        let twice = r#"{"error": {"type": "invalid_request_error", "code": "charge_already_refunded", "message": "canary"}}"#;
        assert_eq!(code(400, twice), Code::Conflict);
        let missing =
            r#"{"error": {"type": "invalid_request_error", "code": "resource_missing", "param": "charge"}}"#;
        assert_eq!((code(404, missing), code(400, missing)), (Code::NotFound, Code::NotFound));
        assert_eq!(code(403, r#"{"error": {"message": "canary"}}"#), Code::Permission);
        assert_eq!(code(402, r#"{"error": {"type": "card_error"}}"#), Code::Conflict);
        assert_eq!(code(400, "<html>canary"), Code::InvalidArgument);
        let field = include_str!("fixtures/error_amount.json");
        let Verdict::Refuse(error) = judge(&reply(400, &[], field)) else { panic!("a 400 is refused") };
        assert_eq!(error.wire("").fields[0].path, "amount");
    }

    #[test]
    fn stripe_says_itself_what_to_repeat() {
        assert!(matches!(judge(&reply(401, &[], "")), Verdict::Unauthorized));
        let locked = r#"{"error": {"type": "invalid_request_error", "code": "lock_timeout"}}"#;
        assert!(matches!(judge(&reply(429, &[], "")), Verdict::Throttled { .. }));
        for held in [reply(409, &[], ""), reply(429, &[], locked)] {
            assert!(matches!(judge(&held), Verdict::Busy { .. }), "other records are free: {held:?}");
        }
        let again = [("stripe-should-retry", "true")];
        assert!(matches!(judge(&reply(400, &again, "")), Verdict::Throttled { .. }));
        assert!(matches!(judge(&reply(500, &again, "")), Verdict::Unavailable { .. }));
        let never = [("stripe-should-retry", "false")];
        assert!(matches!(judge_read(&reply(500, &never, "")), Verdict::Refuse(_)));
        assert!(
            matches!(judge(&reply(500, &never, "")), Verdict::Unavailable { .. }),
            "of a write nobody knows whether it worked"
        );
    }
}
