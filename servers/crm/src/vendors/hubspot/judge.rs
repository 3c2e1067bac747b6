//! What HubSpot's replies mean.
//!
//! Source: developers.hubspot.com, "Error handling" and "API usage guidelines and limits".

use std::time::Duration;

use content::Label;
use error::{Code, Error, FieldError};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use outbound::{Limit, Reply, Verdict, by_status};
use serde::Deserialize;

/// HubSpot's error body, as far as it is told apart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refused {
    message: String,
    #[serde(rename = "policyName")]
    policy: Option<String>,
    errors: Vec<Problem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Problem {
    message: String,
    #[serde(rename = "in")]
    field: Option<String>,
    context: Context,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Context {
    #[serde(rename = "propertyName")]
    property: Vec<String>,
    #[serde(rename = "requiredGranularScopes")]
    scopes: Vec<String>,
}

/// HubSpot's table over the common one.
pub(super) fn judge(reply: &Reply) -> Verdict {
    let refused = || serde_json::from_slice::<Refused>(&reply.body).unwrap_or_default();
    match reply.status.as_u16() {
        429 => throttled(reply, refused().policy.as_deref()),
        400 | 422 => Verdict::Refuse(invalid(reply, &refused())),
        403 => Verdict::Refuse(forbidden(reply, &refused())),
        404 => Verdict::Refuse(
            Error::new(Code::NotFound, "HubSpot has no such record, or this account may not see it")
                .detail(body(reply)),
        ),
        // The account is being moved to another data center.
        477 => Verdict::Unavailable { wait: reply.retry_after() },
        _ => by_status(reply),
    }
}

/// Limits name themselves; none but the daily one lasts. HubSpot sends no `Retry-After` with them.
fn throttled(reply: &Reply, policy: Option<&str>) -> Verdict {
    let told = reply.retry_after();
    match policy {
        Some("DAILY") => Verdict::Exhausted { wait: told },
        Some("TEN_SECONDLY_ROLLING") => Verdict::Throttled { wait: told.or(Some(Duration::from_secs(10))) },
        Some("SECONDLY") => Verdict::Throttled { wait: told.or(Some(Duration::from_secs(1))) },
        _ => Verdict::Throttled { wait: told },
    }
}

/// HubSpot's word on each field reaches the caller, cleaned.
fn invalid(reply: &Reply, refused: &Refused) -> Error {
    let named = |problem: &Problem| {
        let field = problem.context.property.first().or(problem.field.as_ref())?;
        Some(FieldError { path: path(field), problem: Label::new(&problem.message).to_string() })
    };
    let told: Vec<FieldError> = refused.errors.iter().filter_map(named).take(20).collect();
    let fields = if told.is_empty() { embedded(&refused.message) } else { told };
    let message = match fields.first() {
        Some(first) => format!("HubSpot refuses the field `{}`", first.path),
        None => "HubSpot refuses this as invalid".to_owned(),
    };
    fields.into_iter().fold(Error::new(Code::InvalidArgument, message).detail(body(reply)), Error::field)
}

/// Writes are refused with the problems as JSON within the message: `Property values were not valid: [{...}]`.
fn embedded(message: &str) -> Vec<FieldError> {
    #[derive(Deserialize)]
    struct Value {
        name: String,
        message: String,
    }
    let Some(at) = message.find('[') else { return Vec::new() };
    let problems: Vec<Value> = serde_json::from_str(&message[at..]).unwrap_or_default();
    let field = |p: Value| FieldError { path: path(&p.name), problem: Label::new(&p.message).to_string() };
    problems.into_iter().take(20).map(field).collect()
}

fn forbidden(reply: &Reply, refused: &Refused) -> Error {
    let mut scopes: Vec<String> =
        refused.errors.iter().flat_map(|p| &p.context.scopes).map(|s| Label::new(s).to_string()).collect();
    scopes.dedup();
    let error = Error::new(Code::Permission, "the service key may not do this").detail(body(reply));
    match scopes.is_empty() {
        true => error,
        false => error.hint(format!("an administrator can give the service key: {}", scopes.join(", "))),
    }
}

/// Where the caller set what HubSpot calls by this name.
fn path(property: &str) -> String {
    match property {
        "dealstage" => "to".into(),
        "closed_lost_reason" => "lost_reason".into(),
        "hubspot_owner_id" => "owner".into(),
        "hs_timestamp" => "due".into(),
        "hs_task_subject" | "hs_call_title" | "hs_meeting_title" => "subject".into(),
        "hs_task_body" | "hs_call_body" | "hs_meeting_body" | "hs_note_body" => "text".into(),
        other => Label::new(other).to_string(),
    }
}

fn body(reply: &Reply) -> String {
    let text = String::from_utf8_lossy(&reply.body);
    format!("{}: {}", reply.status.as_u16(), content::cut(&text, 512))
}

/// `X-HubSpot-RateLimit-Remaining` of a rolling interval. Searches carry none.
pub(super) fn quota(headers: &HeaderMap, now: Timestamp) -> Option<Limit> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let remaining = number("x-hubspot-ratelimit-remaining")?;
    let interval = i64::try_from(number("x-hubspot-ratelimit-interval-milliseconds")?).ok()?;
    Some(Limit { remaining, reset: now.checked_add(SignedDuration::from_millis(interval)).ok()? })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn judged(status: u16, body: &'static str) -> Verdict {
        let status = StatusCode::from_u16(status).unwrap();
        judge(&Reply::new(
            status,
            HeaderMap::new(),
            Bytes::from_static(body.as_bytes()),
            Timestamp::UNIX_EPOCH,
        ))
    }

    #[test]
    fn limits_are_told_apart_by_name() {
        let policy = |name: &str| -> &'static str {
            format!(r#"{{"status":"error","errorType":"RATE_LIMIT","policyName":"{name}"}}"#).leak()
        };
        assert!(matches!(judged(429, policy("DAILY")), Verdict::Exhausted { .. }));
        for (name, seconds) in [("SECONDLY", 1), ("TEN_SECONDLY_ROLLING", 10)] {
            let Verdict::Throttled { wait } = judged(429, policy(name)) else { panic!("{name}") };
            assert_eq!(wait, Some(Duration::from_secs(seconds)), "{name}");
        }
        assert!(matches!(judged(429, "<html>"), Verdict::Throttled { wait: None }));
    }

    #[test]
    fn refusals_name_our_fields_and_keep_the_body_for_the_log() {
        let write = include_str!("fixtures/refused_write.json");
        let Verdict::Refuse(error) = judged(400, write) else { panic!() };
        assert_eq!((error.code(), error.wire("").fields[0].path.as_str()), (Code::InvalidArgument, "to"));
        let scopes = include_str!("fixtures/missing_scopes.json");
        let Verdict::Refuse(error) = judged(403, scopes) else { panic!() };
        assert_eq!(error.code(), Code::Permission);
        assert!(error.wire("").hint.contains("crm.objects.deals.write"), "{error:?}");
        let missing = include_str!("fixtures/not_found.json");
        let Verdict::Refuse(error) = judged(404, missing) else { panic!() };
        assert_eq!(error.code(), Code::NotFound);
        assert!(!error.message().contains("resource not found"), "HubSpot's words stay in the log");
    }

    #[test]
    fn a_rolling_quota_ends_with_its_interval() {
        let headers: HeaderMap =
            [("x-hubspot-ratelimit-remaining", "0"), ("x-hubspot-ratelimit-interval-milliseconds", "10000")]
                .into_iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
        let limit = quota(&headers, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((limit.remaining, limit.reset.as_second()), (0, 10));
        assert!(quota(&HeaderMap::new(), Timestamp::UNIX_EPOCH).is_none());
    }
}
