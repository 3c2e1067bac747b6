//! When a partner over HTTP wrote, and how long it wants us to wait.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;

/// When a reply was written, by its sender's clock: `Date` (RFC 9110, section 6.6.1).
#[must_use]
pub fn written_at(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// How long the sender of a reply asks to wait: `Retry-After` (RFC 9110, section 10.2.3), in seconds or as an HTTP
/// date, which is counted from [`written_at`] or else from `received`. `None` for anything else, negative numbers
/// included; a date in the past is no wait at all.
#[must_use]
pub fn retry_after(headers: &HeaderMap, received: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a very long wait, not garbage, and bounded so that sums cannot overflow.
        let seconds: u32 = value.parse().unwrap_or(u32::MAX);
        return Some(Duration::from_secs(seconds.into()));
    }
    let now = written_at(headers).unwrap_or(received);
    Some(Duration::try_from(http_date(value)?.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// The forms of RFC 850 and of `asctime`.
const OLD: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// An HTTP date (RFC 9110, section 5.6.7) in the preferred form or in an old one: whoever receives must read all three.
fn http_date(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    let old = || {
        let time = OLD.iter().find_map(|form| strtime::parse(form, value).ok()?.to_datetime().ok())?;
        Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    rfc2822::DateTimeParser::new().parse_timestamp(value).ok().or_else(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(headers: &[(&'static str, &str)]) -> HeaderMap {
        headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn wait(value: &str) -> Option<Duration> {
        retry_after(&headers(&[("retry-after", value)]), "2026-11-21T06:00:00Z".parse().unwrap())
    }

    #[test]
    fn both_forms_are_read_and_garbage_is_none() {
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(wait("120"), seconds(120));
        assert_eq!(wait(" 0 "), seconds(0));
        assert_eq!(wait("Sat, 21 Nov 2026 06:00:30 GMT"), seconds(30));
        assert_eq!(wait("Sat, 21 Nov 2026 05:00:00 GMT"), seconds(0));
        for long in ["99999999999999999999999", "18446744073709551615", "4294967296"] {
            assert_eq!(wait(long), seconds(u64::from(u32::MAX)), "{long}");
        }
        for garbage in ["", "-1", "1.5", "soon", "1e3", "0x10", "Sat, 21 Nov", "21-Nov-26 06:00:30"] {
            assert_eq!(wait(garbage), None, "{garbage}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn dates_are_read_in_all_forms_of_rfc_9110() {
        let expected = Timestamp::from_second(784_111_777).unwrap();
        for date in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(written_at(&headers(&[("date", date)])), Some(expected), "{date}");
        }
        assert_eq!(wait("Saturday, 21-Nov-26 06:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(wait("Sat Nov 21 06:00:30 2026"), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_wait_until_an_instant_is_counted_by_the_senders_clock() {
        let slow =
            [("date", "Sat, 21 Nov 2026 03:00:00 GMT"), ("retry-after", "Sat, 21 Nov 2026 03:00:07 GMT")];
        let received = "2026-11-21T00:00:00Z".parse().unwrap();
        assert_eq!(retry_after(&headers(&slow), received), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers(&slow[1..]), received), Some(Duration::from_secs(3 * 3600 + 7)));
    }
}
