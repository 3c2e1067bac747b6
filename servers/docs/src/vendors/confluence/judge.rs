//! What Confluence's replies mean.

use content::Label;
use error::{Code, Error};
use outbound::{Reply, Verdict, by_status};
use serde::Deserialize;

/// The error bodies of both versions; v2 gives `errors`, v1 gives `message`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    errors: Vec<Fault>,
    message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    code: Option<String>,
    title: Option<String>,
    detail: Option<String>,
}

/// Confluence's table over the common one.
pub(super) fn judge(reply: &Reply) -> Verdict {
    let refuse =
        |code: Code, message: &'static str| Verdict::Refuse(Error::new(code, message).detail(words(reply)));
    match reply.status.as_u16() {
        // Quotas by the hour name themselves; bursts pass in seconds.
        429 if reply.header("ratelimit-reason").is_some_and(|r| r.contains("quota")) => {
            Verdict::Exhausted { wait: reply.retry_after() }
        }
        // The gateway says so of a token that lacks the scope: another token of the same client lacks it, too.
        401 if words(reply).contains("scope") => {
            refuse(Code::Permission, "the service account's token lacks a scope")
        }
        400 | 422 => refuse(Code::InvalidArgument, "Confluence refuses this as invalid"),
        404 => refuse(Code::NotFound, "Confluence has no such page, or this account may not see it"),
        409 => refuse(Code::Conflict, "somebody else changed the page meanwhile"),
        410 => refuse(Code::Unsupported, "Confluence has removed the interface this needs"),
        413 => refuse(Code::InvalidArgument, "the text is too long for Confluence"),
        _ => by_status(reply),
    }
}

/// The vendor's words, for the log only.
fn words(reply: &Reply) -> String {
    let refused: Refused = serde_json::from_slice(&reply.body).unwrap_or_default();
    let faults = refused.errors.iter().map(|fault| {
        [&fault.code, &fault.title, &fault.detail]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(": ")
    });
    let said: Vec<String> = faults.chain(refused.message).collect();
    let text = if said.is_empty() { reply.excerpt() } else { said.join("; ") };
    format!("{}: {}", reply.status.as_u16(), Label::new(content::cut(&text, 512)))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn judged(status: u16, body: &'static str, reason: &str) -> Verdict {
        let headers = HeaderMap::from_iter([
            ("retry-after".parse().unwrap(), "7".parse().unwrap()),
            ("ratelimit-reason".parse().unwrap(), reason.parse().unwrap()),
        ]);
        judge(&Reply::new(
            StatusCode::from_u16(status).unwrap(),
            headers,
            body.into(),
            jiff::Timestamp::UNIX_EPOCH,
        ))
    }

    #[test]
    fn refusals_have_our_codes_and_keep_the_vendors_words_for_the_log() {
        const V2: &str = r#"{"errors":[{"status":409,"code":"CONFLICT","title":"canary","detail":null}]}"#;
        const V1: &str = r#"{"statusCode":400,"data":{},"message":"canary"}"#;
        for (status, body, code) in [
            (409, V2, Code::Conflict),
            (404, V2, Code::NotFound),
            (400, V1, Code::InvalidArgument),
            (403, V1, Code::Permission),
            (410, V1, Code::Unsupported),
            (401, r#"{"code":401,"message":"Unauthorized; scope does not match canary"}"#, Code::Permission),
        ] {
            let Verdict::Refuse(error) = judged(status, body, "") else { panic!("{status}") };
            assert_eq!(error.code(), code, "{status}");
            assert!(!error.message().contains("canary") && error.log_detail().unwrap().contains("canary"));
        }
        assert!(matches!(judged(401, V1, ""), Verdict::Unauthorized));
    }

    #[test]
    fn bursts_pass_and_quotas_last() {
        assert!(matches!(judged(429, "", "confluence-burst-based"), Verdict::Throttled { wait: Some(_) }));
        assert!(matches!(
            judged(429, "", "confluence-quota-tenant-based"),
            Verdict::Exhausted { wait: Some(_) }
        ));
    }
}
