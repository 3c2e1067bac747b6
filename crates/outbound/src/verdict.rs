//! What a reply means.

use std::time::Duration;

use error::{Code, Error};

use crate::Reply;

/// What a reply means to the stack.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It is the answer.
    Accept,
    /// Too many requests for now: nothing was done, it may be repeated after `wait`.
    Throttled {
        /// As the vendor said, if it did.
        wait: Option<Duration>,
    },
    /// Too many requests for the one record that this is about: nothing was done, it may be repeated after `wait`.
    /// The source's other requests go on.
    Busy {
        /// As the vendor said, if it did.
        wait: Option<Duration>,
    },
    /// The quota of the request's bucket is used up: nothing was done. To the caller it is `quota_exhausted`, or
    /// `rate_limited` if it renews within two minutes.
    Exhausted {
        /// Until it renews, if the vendor said.
        wait: Option<Duration>,
    },
    /// The vendor failed; whether it did what was asked is not known.
    Unavailable {
        /// As the vendor said, if it did.
        wait: Option<Duration>,
    },
    /// The token is not accepted: it is renewed and the request sent once more.
    Unauthorized,
    /// The vendor understood and refuses: the caller gets this error.
    Refuse(Error),
    /// It cannot be understood; whether the vendor did what was asked is not known.
    Garbled,
}

/// The table that holds for most vendors. A vendor's own judge handles its particulars and falls through to this.
///
/// Messages name no record: a judge that knows it refuses with a better one.
#[must_use]
pub fn by_status(reply: &Reply) -> Verdict {
    let refuse = |code: Code, message: &'static str| {
        Verdict::Refuse(Error::new(code, message).detail(reply.excerpt()))
    };
    match reply.status.as_u16() {
        200..=299 | 304 => Verdict::Accept,
        300..=399 => refuse(Code::UpstreamGarbled, "the vendor redirects, which is not followed"),
        401 => Verdict::Unauthorized,
        402 => refuse(Code::Permission, "the vendor's plan does not include this"),
        403 => refuse(Code::Permission, "the service account may not do this"),
        404 | 410 => refuse(Code::NotFound, "no such record, or the service account may not see it"),
        409 | 412 | 423 | 428 => {
            refuse(Code::Conflict, "the record changed meanwhile or is in a state that forbids this")
        }
        405 | 501 => refuse(Code::Unsupported, "the vendor does not offer this"),
        // Up to 599: what edges say of an origin that did not answer them in time; it may have acted.
        408 | 500 | 502..=504 | 506..=599 => Verdict::Unavailable { wait: reply.retry_after() },
        429 => Verdict::Throttled { wait: reply.retry_after() },
        413 => refuse(Code::InvalidArgument, "the vendor finds this too large"),
        400..=499 => refuse(Code::InvalidArgument, "the vendor refuses this as invalid"),
        505 => refuse(Code::UpstreamUnavailable, "the vendor failed in a way that does not pass by itself"),
        // No status of an answer: nothing can be told from it.
        _ => Verdict::Garbled,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};
    use jiff::Timestamp;

    use super::*;

    fn judged(status: u16) -> Verdict {
        let status = StatusCode::from_u16(status).unwrap();
        let body = Bytes::from_static(b"canary");
        by_status(&Reply::new(status, HeaderMap::new(), body, Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn refusals_have_their_codes_and_keep_the_body_for_the_log() {
        let table = [
            (400, Code::InvalidArgument),
            (402, Code::Permission),
            (403, Code::Permission),
            (404, Code::NotFound),
            (409, Code::Conflict),
            (410, Code::NotFound),
            (412, Code::Conflict),
            (422, Code::InvalidArgument),
            (302, Code::UpstreamGarbled),
            (501, Code::Unsupported),
            (505, Code::UpstreamUnavailable),
        ];
        for (status, code) in table {
            let Verdict::Refuse(error) = judged(status) else { panic!("{status} is refused") };
            assert_eq!(error.code(), code, "{status}");
            assert!(!error.message().contains("canary"));
            assert!(error.log_detail().unwrap().contains("canary"));
        }
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        assert!(matches!(judged(200), Verdict::Accept));
        assert!(matches!(judged(304), Verdict::Accept));
        assert!(matches!(judged(401), Verdict::Unauthorized));
        assert!(matches!(judged(429), Verdict::Throttled { wait: None }));
        for status in [408, 500, 502, 503, 504, 506, 507, 509, 520, 524, 527, 529, 530, 599] {
            assert!(matches!(judged(status), Verdict::Unavailable { wait: None }), "{status}");
        }
        for status in [100, 101, 199, 600, 700, 999] {
            assert!(matches!(judged(status), Verdict::Garbled), "{status}");
        }
    }
}
