//! What Notion's replies mean (developers.notion.com/reference, "Status codes" and "Request limits").

use error::{Code, Error};
use outbound::{Reply, Verdict, by_status};

use super::wire::Refusal;

/// Notion's table over the common one.
pub(super) fn judge(reply: &Reply) -> Verdict {
    let status = reply.status.as_u16();
    if status < 400 {
        return by_status(reply);
    }
    let refusal: Refusal<'_> = reply.json().unwrap_or_default();
    match (status, &*refusal.code) {
        // Both say when to come back, and in both nothing was done.
        (429 | 529, _) => Verdict::Throttled { wait: reply.retry_after() },
        (400, "missing_version") => {
            refuse(&refusal, Code::Unsupported, "Notion does not serve the configured `notion_version`")
        }
        (400, "invalid_request_url" | "invalid_request") => refuse(
            &refusal,
            Code::Unsupported,
            "Notion does not offer this in the configured `notion_version`",
        ),
        // A cursor that Notion no longer knows is one of ours.
        (400, "validation_error") if refusal.message.contains("start_cursor") => {
            refuse(&refusal, Code::CursorExpired, "Notion has forgotten this place in the list")
        }
        (400, _) => refuse(&refusal, Code::InvalidArgument, "Notion refuses this as invalid"),
        (403, _) => refuse(&refusal, Code::Permission, "the connection lacks the capability for this"),
        (404, _) => refuse(&refusal, Code::NotFound, "no such page, or it is not shared with the connection"),
        // Two transactions met: neither the page nor the request is at fault.
        (409, _) => refuse(&refusal, Code::Conflict, "Notion is changing this page at the same time"),
        _ => by_status(reply),
    }
}

/// The vendor's words go to the log only.
fn refuse(refusal: &Refusal<'_>, code: Code, message: &'static str) -> Verdict {
    let detail = format!("{}: {}", refusal.code, content::cut(&refusal.message, 500));
    Verdict::Refuse(Error::new(code, message).detail(detail))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn judged(status: u16, code: &str, message: &str) -> Verdict {
        let body = serde_json::json!({"object": "error", "status": status, "code": code, "message": message});
        let headers = HeaderMap::from_iter([("retry-after".parse().unwrap(), "7".parse().unwrap())]);
        let body = body.to_string().into_bytes().into();
        judge(&Reply::new(StatusCode::from_u16(status).unwrap(), headers, body, jiff::Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn refusals_have_our_codes_and_keep_notions_words_for_the_log() {
        for (status, code, message, ours) in [
            (400, "validation_error", "canary", Code::InvalidArgument),
            (400, "validation_error", "The start_cursor provided is invalid: canary", Code::CursorExpired),
            (400, "missing_version", "canary", Code::Unsupported),
            (400, "invalid_request_url", "canary", Code::Unsupported),
            (403, "restricted_resource", "canary", Code::Permission),
            (404, "object_not_found", "canary", Code::NotFound),
            (409, "conflict_error", "canary", Code::Conflict),
        ] {
            let Verdict::Refuse(error) = judged(status, code, message) else { panic!("{status} is refused") };
            assert_eq!(error.code(), ours, "{code}");
            assert!(!error.message().contains("canary") && error.log_detail().unwrap().contains("canary"));
        }
    }

    #[test]
    fn both_ways_to_be_too_busy_are_waited_for() {
        for (status, code) in [(429, "rate_limited"), (529, "service_overload")] {
            let Verdict::Throttled { wait } = judged(status, code, "") else { panic!("{status} may pass") };
            assert_eq!(wait, Some(std::time::Duration::from_secs(7)));
        }
        assert!(matches!(judged(401, "unauthorized", ""), Verdict::Unauthorized));
        assert!(matches!(judged(503, "service_unavailable", ""), Verdict::Unavailable { .. }));
    }
}
