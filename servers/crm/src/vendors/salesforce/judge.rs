//! What Salesforce's replies mean.

use content::Label;
use error::{Code, Error, FieldError};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use outbound::{Limit, Reply, Verdict, by_status};
use serde::Deserialize;

/// One of the errors in a body, which is a list of them.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault {
    #[serde(rename = "errorCode")]
    code: String,
    message: String,
    fields: Vec<String>,
}

/// Salesforce's table over the common one.
pub(super) fn judge(reply: &Reply) -> Verdict {
    if reply.status.is_success() {
        return Verdict::Accept;
    }
    let faults: Vec<Fault> = serde_json::from_slice(&reply.body).unwrap_or_default();
    let Some(fault) = faults.first() else { return by_status(reply) };
    match fault.code.as_str() {
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => Verdict::Unauthorized,
        // Requests under way at a time pass in seconds, those of a day do not. Neither says when.
        "REQUEST_LIMIT_EXCEEDED" if fault.message.starts_with("ConcurrentRequests") => {
            Verdict::Throttled { wait: None }
        }
        "REQUEST_LIMIT_EXCEEDED" => Verdict::Exhausted { wait: None },
        "SERVER_UNAVAILABLE" => Verdict::Unavailable { wait: reply.retry_after() },
        _ => refused(reply.status.as_u16(), faults).map_or_else(|| by_status(reply), Verdict::Refuse),
    }
}

/// What a refusal means, of a request or of a part of one; `None` for what the status says as well.
pub(super) fn refused(status: u16, faults: Vec<Fault>) -> Option<Error> {
    let fault = faults.first()?;
    let plain = |code: Code, message: &'static str| Error::new(code, message);
    let error = match fault.code.as_str() {
        "INVALID_FIELD" | "INVALID_TYPE" | "INVALID_FIELD_FOR_INSERT_UPDATE" => plain(
            Code::Permission,
            "Salesforce has no such field or object, or this account may not use it",
        )
        .hint(
            "Tell the operator: compare the source's `map` and the account's field permissions with the log.",
        ),
        "MALFORMED_QUERY" | "INVALID_QUERY_FILTER_OPERATOR" => Error::internal(""),
        "QUERY_TIMEOUT" | "QUERY_TOO_COMPLICATED" | "OPERATION_TOO_LARGE" => {
            plain(Code::TooBroad, "the query is more than Salesforce does in its time")
        }
        "INVALID_QUERY_LOCATOR" => plain(Code::CursorExpired, "Salesforce no longer knows this page"),
        "NUMBER_OUTSIDE_VALID_RANGE" if fault.message.contains("offset") => {
            plain(Code::TooBroad, "Salesforce lists no further than 2,000 rows")
        }
        "NOT_FOUND" | "ENTITY_IS_DELETED" | "MALFORMED_ID" | "INVALID_CROSS_REFERENCE_KEY" => {
            plain(Code::NotFound, "Salesforce has no such record, or this account may not see it")
        }
        "UNABLE_TO_LOCK_ROW" => {
            plain(Code::Conflict, "somebody is changing the record at this moment").retryable(true)
        }
        // Some of these come with 400, as if the caller had written something wrong.
        "INSUFFICIENT_ACCESS"
        | "INSUFFICIENT_ACCESS_OR_READONLY"
        | "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" => {
            plain(Code::Permission, "the service account may not do this")
        }
        "ENTITY_IS_LOCKED" => {
            plain(Code::Conflict, "the record is locked in Salesforce, as it is while somebody approves it")
        }
        "DUPLICATE_VALUE" | "DUPLICATES_DETECTED" | "DUPLICATE_EXTERNAL_ID" => {
            plain(Code::Conflict, "Salesforce has such a record already")
        }
        _ if status == 300 => {
            plain(Code::Conflict, "several records bear the id that should be one record's alone")
        }
        _ if status == 400 => invalid(&faults),
        _ if status == 403 => plain(Code::Permission, "the service account may not do this"),
        _ => return None,
    };
    let detail = faults.iter().map(|f| format!("{}: {}", f.code, content::cut(&f.message, 512)));
    Some(error.detail(format!("{status}: {}", detail.collect::<Vec<_>>().join("; "))))
}

/// Salesforce's word on each field reaches the caller, cleaned.
fn invalid(faults: &[Fault]) -> Error {
    let named = faults.iter().flat_map(|fault| {
        fault.fields.iter().map(|field| FieldError {
            path: argument(field).to_owned(),
            problem: Label::new(&fault.message).to_string(),
        })
    });
    let fields: Vec<FieldError> = named.take(20).collect();
    let message = match fields.first() {
        Some(first) => format!("Salesforce refuses the field `{}`", first.path),
        None => "Salesforce refuses this as invalid".to_owned(),
    };
    fields.into_iter().fold(Error::new(Code::InvalidArgument, message), Error::field)
}

/// Where the caller set what Salesforce calls by this name.
fn argument(field: &str) -> &str {
    match field {
        "Subject" => "subject",
        "Description" => "text",
        "ActivityDate" => "due",
        "StartDateTime" => "at",
        "DurationInMinutes" | "CallDurationInSeconds" => "minutes",
        "OwnerId" => "owner",
        "WhatId" | "WhoId" => "record",
        "StageName" => "to",
        "Amount" => "amount",
        other => other,
    }
}

/// `Sforce-Limit-Info: api-usage=18/5000`. The day it counts is always the last one, so that some of an exhausted
/// allowance returns all the time.
pub(super) fn quota(headers: &HeaderMap, now: Timestamp) -> Option<Limit> {
    let info = headers.get("sforce-limit-info")?.to_str().ok()?;
    let usage = info.split([';', ' ']).find_map(|part| part.trim().strip_prefix("api-usage="))?;
    let (used, allowed) = usage.split_once('/')?;
    let (used, allowed): (u64, u64) = (used.parse().ok()?, allowed.parse().ok()?);
    let reset = now.saturating_add(SignedDuration::from_mins(5)).ok()?;
    Some(Limit { remaining: allowed.saturating_sub(used), reset })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn judged(status: u16, code: &str, message: &str, fields: &[&str]) -> Verdict {
        let body = serde_json::json!([{ "errorCode": code, "message": message, "fields": fields }]);
        let (status, body) = (StatusCode::from_u16(status).unwrap(), Bytes::from(body.to_string()));
        judge(&Reply::new(status, HeaderMap::new(), body, Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn limits_are_told_apart_though_their_status_is_that_of_a_permission() {
        let concurrent = "ConcurrentRequests (Concurrent API Requests) Limit exceeded.";
        assert!(matches!(judged(403, "REQUEST_LIMIT_EXCEEDED", concurrent, &[]), Verdict::Throttled { .. }));
        let daily = "TotalRequests Limit exceeded.";
        assert!(matches!(judged(403, "REQUEST_LIMIT_EXCEEDED", daily, &[]), Verdict::Exhausted { .. }));
        assert!(matches!(judged(401, "INVALID_SESSION_ID", "expired", &[]), Verdict::Unauthorized));
        assert!(matches!(judged(503, "SERVER_UNAVAILABLE", "", &[]), Verdict::Unavailable { .. }));
    }

    #[test]
    fn refusals_have_their_codes_and_no_words_of_salesforce_but_on_fields() {
        for (status, code, expected) in [
            (403, "INSUFFICIENT_ACCESS_OR_READONLY", Code::Permission),
            (400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Code::Permission),
            (400, "INVALID_FIELD", Code::Permission),
            (400, "ENTITY_IS_LOCKED", Code::Conflict),
            (400, "MALFORMED_QUERY", Code::Internal),
            (404, "NOT_FOUND", Code::NotFound),
            (404, "ENTITY_IS_DELETED", Code::NotFound),
            (400, "DUPLICATE_VALUE", Code::Conflict),
            (400, "UNABLE_TO_LOCK_ROW", Code::Conflict),
            (412, "PRECONDITION_FAILED", Code::Conflict),
            (400, "INVALID_QUERY_LOCATOR", Code::CursorExpired),
            (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", Code::InvalidArgument),
        ] {
            let Verdict::Refuse(error) = judged(status, code, "canary", &[]) else { panic!("{code}") };
            assert_eq!(error.code(), expected, "{code}");
            assert!(!error.message().contains("canary"), "{error}");
            assert!(error.log_detail().unwrap().contains("canary"), "{code}");
        }
        let Verdict::Refuse(error) = judged(400, "STRING_TOO_LONG", "too\u{200b} long", &["Subject"]) else {
            panic!("refused")
        };
        let fields = error.wire("").fields;
        assert_eq!((fields[0].path.as_str(), fields[0].problem.as_str()), ("subject", "too long"));
    }

    #[test]
    fn the_allowance_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert("sforce-limit-info", "api-usage=18/5000".parse().unwrap());
        assert_eq!(quota(&headers, Timestamp::UNIX_EPOCH).unwrap().remaining, 4982);
        headers.insert("sforce-limit-info", "nonsense".parse().unwrap());
        assert!(quota(&headers, Timestamp::UNIX_EPOCH).is_none());
    }
}
