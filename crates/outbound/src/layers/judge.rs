//! From a reply to what it means.

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use serde::de::IgnoredAny;

use super::code_for;
use crate::answer::{Answer, Failure, Kind};
use crate::ask::{Ask, Plan};
use crate::stack::Source;
use crate::{Class, Reply, Verdict};

/// Asks the request's judge, and looks whether a body that should be JSON is JSON.
pub(crate) struct Judge {
    source: String,
}

impl Judge {
    pub(crate) fn new(source: &Source) -> Self {
        Self { source: source.name.clone() }
    }

    fn answer(&self, plan: &Plan, reply: Reply) -> Answer {
        let source = &self.source;
        let fail = |kind, code, what: &str, wait| {
            let error = Error::new(code, format!("{source} {what}")).detail(reply.excerpt());
            Answer::Failed(Failure::after(kind, error, wait))
        };
        match (plan.judge)(&reply) {
            Verdict::Accept if is_whole(plan, &reply) => Answer::Done(reply),
            Verdict::Accept | Verdict::Garbled => {
                fail(Kind::Lost, Code::UpstreamGarbled, "answered with something that cannot be read", None)
            }
            Verdict::Refuse(error) => Answer::Refused(error),
            Verdict::Throttled { wait } => {
                fail(Kind::Throttled, Code::RateLimited, "allows no more requests for now", wait)
            }
            Verdict::Busy { wait } => {
                fail(Kind::Busy, Code::RateLimited, "allows no more requests for this record for now", wait)
            }
            Verdict::Exhausted { wait } => {
                fail(Kind::Exhausted, code_for(wait), "allows no more requests: a quota is used up", wait)
            }
            Verdict::Unavailable { wait } => {
                fail(Kind::Lost, Code::UpstreamUnavailable, "answers with a server error", wait)
            }
            Verdict::Unauthorized => {
                fail(Kind::Unauthorized, Code::UpstreamAuth, "refuses the service account's token", None)
            }
        }
    }
}

impl Layer<Ask, Answer> for Judge {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let plan = ask.plan.clone();
            Ok(match next.run(cx, ask).await? {
                Answer::Done(reply) => self.answer(&plan, reply),
                other => other,
            })
        })
    }
}

/// Whether the body of a success is what was asked for. A login or maintenance page with status 200, a body cut
/// off where its framing does not tell: they are failures, and here they can still be retried.
fn is_whole(plan: &Plan, reply: &Reply) -> bool {
    if !wants_json(&plan.headers) || !reply.status.is_success() {
        return true;
    }
    if reply.body.is_empty() {
        // Vendors answer writes with nothing; a read without an answer is none.
        return plan.class == Class::Write || reply.status.as_u16() == 204;
    }
    has_ends(&reply.body)
}

/// Whether JSON was asked for. Vendors hang parameters on the media type (`;version=2`), which tell nothing of this.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).map_or(&b""[..], HeaderValue::as_bytes);
    let media_type = accept.split(|b| *b == b';').next().unwrap_or_default();
    media_type.trim_ascii().ends_with(b"json")
}

/// Whether a body ends as it begins, as JSON does. What lies between is read once, by whoever maps it (ADR 10).
fn has_ends(body: &[u8]) -> bool {
    match body.trim_ascii() {
        [b'{', .., b'}'] | [b'[', .., b']'] => true,
        // A bare text or number, or no JSON at all: short either way, or over at its first byte.
        other => serde_json::from_slice::<IgnoredAny>(other).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_for_with_and_without_parameters() {
        let wants = |accept: &'static str| {
            wants_json(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
        };
        for json in [
            "application/json",
            "application/vnd.github+json",
            "application/vnd.pagerduty+json;version=2",
            "application/json ; odata.metadata=minimal;IEEE754Compatible=true",
        ] {
            assert!(wants(json), "{json}");
        }
        for other in ["text/csv", "text/plain;of=json", "*/*", ""] {
            assert!(!wants(other), "{other}");
        }
        assert!(!wants_json(&HeaderMap::new()));
    }

    #[test]
    fn a_body_is_told_by_its_ends() {
        for whole in ["{}", "[]", r#" {"a": [1]} "#, "[{}]\n", "1", "null", r#""done""#] {
            assert!(has_ends(whole.as_bytes()), "{whole}");
        }
        for broken in
            ["{", "[", r#"{"a": "#, r#"{"a": [1]"#, "[{}", "<html>{}</html>", r#""cut"#, "It works", ""]
        {
            assert!(!has_ends(broken.as_bytes()), "{broken}");
        }
    }
}
