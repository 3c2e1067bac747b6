//! What GitHub's replies mean (docs.github.com, "Troubleshooting the REST API"; "Rate limits for the REST API").

use std::time::Duration;

use error::{Code, Error, FieldError};
use http::HeaderMap;
use jiff::Timestamp;
use outbound::{Limit, Reply, Verdict, by_status};

use super::wire::{Fault, Refusal};

/// The least that a secondary limit lasts when GitHub does not say: "wait for at least one minute".
const SECONDARY: Duration = Duration::from_secs(60);

/// Reads a reply.
pub(super) fn judge(reply: &Reply) -> Verdict {
    match reply.status.as_u16() {
        403 | 429 => limited(reply).unwrap_or_else(|| forbidden(reply)),
        // A transferred issue or renamed repository; to follow it would leave the configured repositories.
        301 | 302 | 307 | 308 => {
            refuse(reply, Code::NotFound, "it was moved to another repository or the repository was renamed")
        }
        410 => refuse(reply, Code::NotFound, "it was deleted, or issues are switched off in this repository"),
        422 => invalid(reply),
        _ => by_status(reply),
    }
}

/// Reads the reply to the removal of a label: one that the issue does not bear any more is as good as removed
/// (docs.github.com/rest/issues/labels, "Remove a label from an issue"). Any other 404 means the issue.
pub(super) fn removal(reply: &Reply) -> Verdict {
    let is_gone = || reply.json::<Refusal>().is_ok_and(|body| body.message == "Label does not exist");
    match reply.status.as_u16() {
        404 if is_gone() => Verdict::Accept,
        _ => judge(reply),
    }
}

/// Reads the reply to a search. One of a repository that is not there, or was renamed, GitHub refuses as invalid like
/// a malformed query; nothing but the words tell which. Those about people who do not exist name users alone.
pub(super) fn searched(reply: &Reply) -> Verdict {
    let is_gone = |fault: &Fault| match fault {
        Fault::Field { message: Some(message), .. } => message.contains("repositories cannot be searched"),
        Fault::Field { message: None, .. } | Fault::Sentence(_) => false,
    };
    let has_none = || reply.json::<Refusal>().is_ok_and(|body| body.errors.iter().any(is_gone));
    match reply.status.as_u16() {
        422 if has_none() => refuse(
            reply,
            Code::NotFound,
            "no such repository can be searched, or this account may not see it",
        ),
        _ => judge(reply),
    }
}

/// GitHub's own counter (`x-ratelimit-*`).
pub(super) fn quota(headers: &HeaderMap, _: Timestamp) -> Option<Limit> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
    let remaining = u64::try_from(number("x-ratelimit-remaining")?).ok()?;
    Some(Limit { remaining, reset: Timestamp::from_second(number("x-ratelimit-reset")?).ok()? })
}

/// Both kinds of limit come as 403 or 429: the primary with an empty counter, the secondary with `retry-after` or
/// with nothing but its words.
fn limited(reply: &Reply) -> Option<Verdict> {
    if let Some(limit) = quota(&reply.headers, reply.now()).filter(|limit| limit.remaining == 0) {
        let wait = limit.reset.duration_since(reply.now());
        let wait = Duration::try_from(wait).unwrap_or_default().max(Duration::from_secs(1));
        // Each counter binds its own requests: spent searches leave the rest alone.
        return Some(Verdict::Exhausted { wait: Some(wait) });
    }
    if let Some(wait) = reply.retry_after() {
        return Some(Verdict::Throttled { wait: Some(wait) });
    }
    let says_so = || {
        reply.json::<Refusal>().is_ok_and(|body| body.message.to_lowercase().contains("secondary rate limit"))
    };
    (reply.status.as_u16() == 429 || says_so()).then_some(Verdict::Throttled { wait: Some(SECONDARY) })
}

/// What no permission would change comes as 403 too, and nothing but the words tell.
fn forbidden(reply: &Reply) -> Verdict {
    let words = reply.json::<Refusal>().map(|body| body.message).unwrap_or_default();
    let closed = [
        ("issue is locked", "the issue's conversation is locked", "let a person unlock it, or leave it"),
        (
            "was archived",
            "the repository is archived and read-only",
            "let a person unarchive it, or leave it",
        ),
    ];
    if let Some((_, message, cure)) = closed.iter().find(|(sign, ..)| words.contains(sign)) {
        return Verdict::Refuse(Error::new(Code::Conflict, *message).hint(*cure).detail(reply.excerpt()));
    }
    let error = Error::new(Code::Permission, "the app or token may not do this here")
        .hint("ask the operator to grant the permission that the source's README names for this tool")
        .detail(reply.excerpt());
    Verdict::Refuse(error)
}

/// The fields that are wrong, without the vendor's sentences.
fn invalid(reply: &Reply) -> Verdict {
    let faults = reply.json::<Refusal>().map(|body| body.errors).unwrap_or_default();
    let fields = faults.into_iter().filter_map(|fault| match fault {
        Fault::Field { field: Some(field), code, .. } => {
            Some(FieldError { path: our_name(&field).to_owned(), problem: problem(&code).to_owned() })
        }
        Fault::Field { field: None, .. } | Fault::Sentence(_) => None,
    });
    let error = Error::new(Code::InvalidArgument, "GitHub refuses this as invalid").detail(reply.excerpt());
    Verdict::Refuse(fields.fold(error, Error::field))
}

fn our_name(field: &str) -> &str {
    match field {
        "body" => "description",
        "assignees" => "assignee",
        "q" => "text",
        other if other.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => other,
        _ => "arguments",
    }
}

/// GitHub's codes in words (docs.github.com, "Troubleshooting the REST API", "Validation failed").
fn problem(code: &str) -> &'static str {
    match code {
        "missing" => "names something that does not exist",
        "missing_field" => "is required",
        "already_exists" => "exists already",
        "unprocessable" => "cannot be processed",
        _ => "is not a value that GitHub takes here",
    }
}

fn refuse(reply: &Reply, code: Code, message: &'static str) -> Verdict {
    Verdict::Refuse(Error::new(code, message).detail(reply.excerpt()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn reply(status: u16, headers: &[(&'static str, &'static str)], body: impl Into<Bytes>) -> Reply {
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        let received = Timestamp::from_second(1_000).unwrap();
        Reply::new(StatusCode::from_u16(status).unwrap(), headers, body.into(), received)
    }

    fn judged(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Verdict {
        judge(&reply(status, headers, body))
    }

    #[test]
    fn limits_are_told_from_refusals() {
        for status in [403, 429] {
            let hourly = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1900")];
            assert!(
                matches!(judged(status, &hourly, ""), Verdict::Exhausted { wait: Some(w) } if w.as_secs() == 900)
            );
            let minutely = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1030")];
            assert!(
                matches!(judged(status, &minutely, ""), Verdict::Exhausted { wait: Some(w) } if w.as_secs() == 30)
            );
            let secondary =
                [("x-ratelimit-remaining", "4000"), ("x-ratelimit-reset", "1900"), ("retry-after", "7")];
            assert!(
                matches!(judged(status, &secondary, ""), Verdict::Throttled { wait: Some(w) } if w.as_secs() == 7)
            );
        }
        let words = r#"{"message": "You have exceeded a secondary rate limit. Please wait"}"#;
        assert!(matches!(judged(403, &[], words), Verdict::Throttled { wait: Some(w) } if w.as_secs() == 60));
        let refused = judged(403, &[], r#"{"message": "Resource not accessible by integration"}"#);
        assert!(matches!(refused, Verdict::Refuse(e) if e.code() == Code::Permission));
    }

    #[test]
    fn wrong_fields_are_named_in_our_words() {
        let Verdict::Refuse(error) = judged(422, &[], include_str!("fixtures/validation_failed.json")) else {
            panic!("a 422 is refused");
        };
        let wire = error.wire("c");
        assert_eq!(wire.fields, [FieldError { path: "title".into(), problem: "is required".into() }]);
        assert!(!wire.message.contains("label"), "the vendor's sentences stay in the log");
    }

    #[test]
    fn a_label_that_is_gone_is_removed_and_an_issue_that_is_gone_is_not_found() {
        let gone = r#"{"message": "Label does not exist", "status": "404"}"#;
        assert!(matches!(removal(&reply(404, &[], gone)), Verdict::Accept));
        assert!(matches!(judged(404, &[], gone), Verdict::Refuse(_)));
        for missing in [r#"{"message": "Not Found", "status": "404"}"#, ""] {
            let verdict = removal(&reply(404, &[], missing));
            assert!(matches!(verdict, Verdict::Refuse(e) if e.code() == Code::NotFound));
        }
    }

    #[test]
    fn a_repository_that_cannot_be_searched_is_told_from_a_question_that_is_wrong() {
        let refusal = |message: &str| {
            let fault = format!(
                r#"{{"message": "{message}", "resource": "Search", "field": "q", "code": "invalid"}}"#
            );
            format!(r#"{{"message": "Validation Failed", "errors": [{fault}], "status": "422"}}"#)
        };
        let code = |body: String| match searched(&reply(422, &[], body)) {
            Verdict::Refuse(error) => error.code(),
            other => panic!("{other:?}"),
        };
        let why =
            "cannot be searched either because the resources do not exist or you do not have permission";
        assert_eq!(code(refusal(&format!("The listed users and repositories {why}"))), Code::NotFound);
        assert_eq!(code(refusal(&format!("The listed users {why}"))), Code::InvalidArgument);
        assert_eq!(code(refusal("None of the search qualifiers apply")), Code::InvalidArgument);
        assert_eq!(code(r#"{"errors": ["repositories cannot be searched"]}"#.into()), Code::InvalidArgument);
        assert_eq!(code(String::new()), Code::InvalidArgument);
    }

    #[test]
    fn the_rest_follows_the_common_table() {
        assert!(matches!(judged(401, &[], ""), Verdict::Unauthorized));
        assert!(matches!(judged(404, &[], ""), Verdict::Refuse(e) if e.code() == Code::NotFound));
        assert!(matches!(judged(301, &[], ""), Verdict::Refuse(e) if e.code() == Code::NotFound));
        assert!(matches!(judged(410, &[], ""), Verdict::Refuse(e) if e.code() == Code::NotFound));
        assert!(matches!(judged(502, &[], "<html>"), Verdict::Unavailable { .. }));
        assert!(matches!(judged(200, &[], "{}"), Verdict::Accept));
    }
}
