//! What a vendor answered.

use std::time::Duration;

use bytes::Bytes;
use error::{Code, Error, Result};
use http::header::LINK;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;

/// A reply, read whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, decompressed.
    pub body: Bytes,
    received: Timestamp,
}

impl Reply {
    /// A reply received at `received`.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes, received: Timestamp) -> Self {
        Self { status, headers, body, received }
    }

    /// The body as `T`, which may borrow from it. `upstream_garbled` if it is something else; where and why goes
    /// to the log only.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        let drift = |e: &dyn std::fmt::Display| {
            metrics::counter!("chancery_upstream_schema_drift_total").increment(1);
            Error::new(Code::UpstreamGarbled, "the vendor's answer has another shape than documented")
                .detail(format!("{e}, as {}", std::any::type_name::<T>()))
        };
        // Checked once as a whole: the parser would otherwise check every string by itself.
        let text = str::from_utf8(&self.body).map_err(|e| drift(&e))?;
        serde_json::from_str(text).map_err(|e| drift(&e))
    }

    /// A header's value, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The URL of the next page: `Link` with `rel="next"` (RFC 8288).
    #[must_use]
    pub fn next_link(&self) -> Option<&str> {
        self.headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok()).find_map(next_of)
    }

    /// How long the vendor asks to wait, by `Retry-After` in either form (RFC 9110, section 10.2.3).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        call::retry_after(&self.headers, self.received)
    }

    /// The present time by the vendor's clock as far as it tells, else by ours: instants in a reply are compared
    /// with this, so that a skew between the clocks does not matter.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        call::written_at(&self.headers).unwrap_or(self.received)
    }

    /// The beginning of the body for the log.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(512)]);
        format!("{}: {text}", self.status.as_u16())
    }
}

/// The target with `rel="next"` in one `Link` header. Commas and semicolons within `<...>` belong to the URL.
fn next_of(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, tail)) = rest.split_once('<') {
        let (target, tail) = tail.split_once('>')?;
        let end = tail.find('<').unwrap_or(tail.len());
        let params = tail[..end].split([';', ',']);
        let is_next = params.filter_map(|p| p.trim().split_once('=')).any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_ascii_whitespace()
                    .any(|rel| rel.eq_ignore_ascii_case("next"))
        });
        if is_next {
            return Some(target);
        }
        rest = &tail[end..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(&'static str, &str)]) -> Reply {
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        Reply::new(StatusCode::OK, headers, Bytes::new(), "2026-11-21T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let link =
            r#"<https://x/?a=1,2;3&page=1>; rel="prev", <https://x/?page=3>; title="a"; rel="last next""#;
        assert_eq!(reply(&[("link", link)]).next_link(), Some("https://x/?page=3"));
        assert_eq!(reply(&[("link", "<https://x/2>; rel=next")]).next_link(), Some("https://x/2"));
        for none in [r#"<https://x/>; rel="prev""#, "<https://x/", "", r#"<a>; rel="nextest""#] {
            assert_eq!(reply(&[("link", none)]).next_link(), None, "{none}");
        }
    }

    #[test]
    fn times_are_the_vendors() {
        let slow_vendor =
            [("date", "Sat, 21 Nov 2026 03:00:00 GMT"), ("retry-after", "Sat, 21 Nov 2026 03:00:07 GMT")];
        assert_eq!(reply(&slow_vendor).retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(reply(&slow_vendor).now().to_string(), "2026-11-21T03:00:00Z");
        assert_eq!(reply(&[]).now().to_string(), "2026-11-21T00:00:00Z");
    }

    #[test]
    fn a_body_of_another_shape_says_where_only_in_the_log() {
        let mut reply = reply(&[]);
        reply.body = Bytes::from_static(br#"{"id": "canary"}"#);
        #[derive(Deserialize, Debug)]
        struct Row {
            #[allow(dead_code, reason = "decoding is what is tried")]
            id: u64,
        }
        let error = reply.json::<Row>().unwrap_err();
        assert_eq!(error.code(), Code::UpstreamGarbled);
        assert!(!serde_json::to_string(&error.wire("c")).unwrap().contains("canary"));
        assert!(error.log_detail().unwrap().contains("line 1"));
    }
}
