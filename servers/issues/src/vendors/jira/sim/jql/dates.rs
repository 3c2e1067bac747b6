//! The forms of a date in JQL.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::Operand;

/// A date operand as an instant: epoch milliseconds, a date, a date-time (the site's zone is UTC), a period.
pub(super) fn instant(value: &Operand, now: Timestamp) -> Option<Timestamp> {
    let midnight =
        |t: Timestamp| t.to_zoned(TimeZone::UTC).date().to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    let text = match value {
        Operand::Function(name, _) => {
            return match name.as_str() {
                "now" => Some(now),
                "startofday" => midnight(now),
                "endofday" => midnight(now)?.checked_add(SignedDuration::from_secs(86_399)).ok(),
                _ => None,
            };
        }
        Operand::Text(text) => text.trim(),
        _ => return None,
    };
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Timestamp::from_millisecond(text.parse().ok()?).ok();
    }
    let dashed = text.replace('/', "-");
    let utc = |t: DateTime| t.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    if let Ok(date) = Date::strptime("%Y-%m-%d", &dashed) {
        return utc(date.into());
    }
    if let Ok(time) = DateTime::strptime("%Y-%m-%d %H:%M", &dashed) {
        return utc(time);
    }
    period(text).and_then(|p| now.checked_add(p).ok())
}

/// `-5d`, `4w 2d`, `-90m`.
fn period(text: &str) -> Option<SignedDuration> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut minutes = 0i64;
    let mut parts = 0;
    for part in text.split_whitespace() {
        let unit = part.char_indices().last()?;
        let count: i64 = part.get(..unit.0)?.parse().ok()?;
        let each = match unit.1 {
            'w' => 7 * 24 * 60,
            'd' => 24 * 60,
            'h' => 60,
            'm' => 1,
            _ => return None,
        };
        minutes = minutes.checked_add(count.checked_mul(each)?)?;
        parts += 1;
    }
    (parts > 0).then(|| SignedDuration::from_mins(sign * minutes))
}
