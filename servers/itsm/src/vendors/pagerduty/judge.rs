//! What PagerDuty's replies mean (developer.pagerduty.com/docs, "Errors" and "REST API rate limits").

use std::time::Duration;

use content::Label;
use error::{Code, Error, FieldError};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use outbound::{Limit, Reply, Verdict, by_status};

use super::wire::Refusal;

/// Reads a reply.
pub(super) fn judge(reply: &Reply) -> Verdict {
    match reply.status.as_u16() {
        400 => invalid(reply),
        402 => refuse(reply, Code::Permission, "the PagerDuty plan of this account does not include this"),
        429 => Verdict::Throttled { wait: reply.retry_after().or_else(|| reset(&reply.headers)) },
        _ => by_status(reply),
    }
}

/// PagerDuty's counter: requests left, and seconds until it starts anew.
pub(super) fn quota(headers: &HeaderMap, now: Timestamp) -> Option<Limit> {
    let remaining = number(headers, "ratelimit-remaining")?;
    let reset = now.checked_add(SignedDuration::try_from(reset(headers)?).ok()?).ok()?;
    Some(Limit { remaining, reset })
}

fn reset(headers: &HeaderMap) -> Option<Duration> {
    number(headers, "ratelimit-reset").map(Duration::from_secs)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

/// Code 2001 covers mistakes and states alike; the two states are told by their words.
fn invalid(reply: &Reply) -> Verdict {
    let Ok(refusal) = reply.json::<Refusal>() else { return by_status(reply) };
    let error = refusal.error;
    let says = |words: &str| error.errors.iter().chain([&error.message]).any(|text| text.contains(words));
    if says("matching dedup key already exists") {
        return refuse(reply, Code::Conflict, "an incident with this dedup_key is open on this service");
    }
    if says("Already Resolved") {
        return refuse(reply, Code::Conflict, "the incident is resolved, and stays so");
    }
    if says("Requester User Not Found") || says("From header") {
        let message = "PagerDuty does not know the user in whose name this is done";
        return Verdict::Refuse(
            Error::new(Code::Permission, message)
                .hint("the operator sets `from` of this source to the e-mail address of a PagerDuty user")
                .detail(reply.excerpt()),
        );
    }
    let refused =
        Error::new(Code::InvalidArgument, "PagerDuty refuses this as invalid").detail(reply.excerpt());
    let field = |text: &std::borrow::Cow<'_, str>| FieldError {
        path: "arguments".into(),
        problem: Label::new(text).to_string(),
    };
    Verdict::Refuse(error.errors.iter().take(5).map(field).fold(refused, Error::field))
}

fn refuse(reply: &Reply, code: Code, message: &'static str) -> Verdict {
    Verdict::Refuse(Error::new(code, message).detail(reply.excerpt()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderValue, StatusCode};

    use super::*;

    fn judged(status: u16, body: &'static str) -> Verdict {
        let status = StatusCode::from_u16(status).unwrap();
        let headers =
            HeaderMap::from_iter([("ratelimit-reset".parse().unwrap(), HeaderValue::from_static("7"))]);
        judge(&Reply::new(status, headers, Bytes::from_static(body.as_bytes()), Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn states_are_told_from_mistakes() {
        for (status, body, code) in [
            (
                400,
                r#"{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Open incident with matching dedup key already exists on this service"]}}"#,
                Code::Conflict,
            ),
            (
                400,
                r#"{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Incident Already Resolved"]}}"#,
                Code::Conflict,
            ),
            (400, r#"{"error":{"message":"Requester User Not Found","code":1008}}"#, Code::Permission),
            (
                400,
                r#"{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Title cannot be blank."]}}"#,
                Code::InvalidArgument,
            ),
            (402, "", Code::Permission),
            (403, r#"{"error":{"message":"Access Denied","code":2010}}"#, Code::Permission),
            (404, r#"{"error":{"message":"Not Found","code":2100}}"#, Code::NotFound),
        ] {
            let Verdict::Refuse(error) = judged(status, body) else { panic!("{status} {body} is refused") };
            assert_eq!(error.code(), code, "{body}");
            assert!(!error.message().contains("Title cannot"), "the vendor's words are no message");
        }
        assert!(
            matches!(judged(429, ""), Verdict::Throttled { wait: Some(wait) } if wait == Duration::from_secs(7))
        );
        assert!(matches!(judged(401, ""), Verdict::Unauthorized));
    }
}
