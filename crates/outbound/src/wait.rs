//! Reading how long a vendor wants us to wait.

use std::time::Duration;

use jiff::Timestamp;

/// `Retry-After` (RFC 9110, section 10.2.3): seconds or an HTTP date. `None` for anything else, negative numbers
/// included; a date in the past is no wait at all.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a very long wait, not garbage, and bounded so that sums cannot overflow.
        let seconds: u32 = value.parse().unwrap_or(u32::MAX);
        return Some(Duration::from_secs(seconds.into()));
    }
    let at = http_date(value)?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// An HTTP date (RFC 9110, section 5.6.7), preferred form.
pub(crate) fn http_date(value: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_garbage_is_none() {
        let now = "2026-11-21T06:00:00Z".parse().unwrap();
        let seconds = |s| Some(Duration::from_secs(s));
        assert_eq!(retry_after("120", now), seconds(120));
        assert_eq!(retry_after(" 0 ", now), seconds(0));
        assert_eq!(retry_after("Sat, 21 Nov 2026 06:00:30 GMT", now), seconds(30));
        assert_eq!(retry_after("Sat, 21 Nov 2026 05:00:00 GMT", now), seconds(0));
        for long in ["99999999999999999999999", "18446744073709551615", "4294967296"] {
            assert_eq!(retry_after(long, now), seconds(u64::from(u32::MAX)), "{long}");
        }
        for garbage in ["", "-1", "1.5", "soon", "1e3", "0x10", "Sat, 21 Nov"] {
            assert_eq!(retry_after(garbage, now), None, "{garbage}");
        }
    }
}
