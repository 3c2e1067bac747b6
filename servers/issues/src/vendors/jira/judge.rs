//! What Jira's replies mean.

use std::collections::BTreeMap;

use content::Label;
use error::{Code, Error, FieldError};
use http::HeaderMap;
use jiff::Timestamp;
use outbound::{Limit, Reply, Verdict, by_status};
use serde::Deserialize;

/// Jira's error body (`ErrorCollection`), and the gateway's.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    #[serde(rename = "errorMessages")]
    messages: Vec<String>,
    errors: BTreeMap<String, String>,
}

/// Jira's table over the common one.
pub(super) fn judge(reply: &Reply) -> Verdict {
    match reply.status.as_u16() {
        429 => limited(reply),
        400 | 422 => Verdict::Refuse(invalid(reply)),
        404 => Verdict::Refuse(
            Error::new(Code::NotFound, "Jira has no such record, or this account may not see it")
                .detail(body(reply)),
        ),
        409 => Verdict::Refuse(
            Error::new(Code::Conflict, "Jira is changing this issue at the same time").detail(body(reply)),
        ),
        410 => Verdict::Refuse(
            Error::new(Code::Unsupported, "Jira has removed the interface this needs").detail(body(reply)),
        ),
        413 => Verdict::Refuse(
            Error::new(
                Code::InvalidArgument,
                "the issue is at one of Jira's limits, or the text is too long",
            )
            .detail(body(reply)),
        ),
        _ => by_status(reply),
    }
}

/// Jira has limits of three kinds at once, and `RateLimit-Reason` names the one that was met
/// (developer.atlassian.com/cloud/jira/platform/rate-limiting): points an hour, writes to one issue, bursts of one
/// interface, which pass in seconds.
fn limited(reply: &Reply) -> Verdict {
    match reply.header("ratelimit-reason") {
        Some(reason) if reason.contains("quota") => Verdict::Exhausted { wait: reply.retry_after() },
        Some("jira-per-issue-on-write") => Verdict::Busy { wait: reply.retry_after() },
        _ => by_status(reply),
    }
}

/// The same for requests whose fields the caller filled: Jira's word on each field reaches the caller, cleaned.
fn invalid(reply: &Reply) -> Error {
    let refused: Refused = serde_json::from_slice(&reply.body).unwrap_or_default();
    let named = refused.errors.iter().take(20);
    let fields: Vec<FieldError> = named
        .map(|(field, why)| FieldError { path: path(field), problem: Label::new(why).to_string() })
        .collect();
    let message = match fields.first() {
        Some(first) => format!("Jira refuses the field `{}`", first.path),
        None => "Jira refuses this as invalid".to_owned(),
    };
    let detail = if refused.messages.is_empty() { body(reply) } else { refused.messages.join("; ") };
    fields.into_iter().fold(Error::new(Code::InvalidArgument, message).detail(detail), Error::field)
}

/// Where the caller set what Jira calls by this name.
fn path(field: &str) -> String {
    match field {
        "summary" => "title".into(),
        "issuetype" => "type".into(),
        "duedate" => "due".into(),
        "comment" => "text".into(),
        "commentLevel" => "visibility".into(),
        own if own.starts_with("customfield_") => format!("fields/{own}"),
        other => other.into(),
    }
}

fn body(reply: &Reply) -> String {
    let text = String::from_utf8_lossy(&reply.body);
    format!("{}: {}", reply.status.as_u16(), content::cut(&text, 512))
}

/// `X-RateLimit-Remaining` and `X-RateLimit-Reset` (ISO 8601, to the minute).
pub(super) fn quota(headers: &HeaderMap, _: Timestamp) -> Option<Limit> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let remaining = text("x-ratelimit-remaining")?.parse().ok()?;
    let reset = text("x-ratelimit-reset")?;
    // `2026-11-21T06:30Z` has no seconds, which an RFC 3339 parser demands.
    let full = reset.strip_suffix('Z').filter(|r| r.len() == 16).map(|r| format!("{r}:00Z"));
    let reset = full.as_deref().unwrap_or(reset).parse().ok()?;
    Some(Limit { remaining, reset })
}
