//! Literals of dates and times, and the named periods.
//!
//! Source: SOQL and SOSL Reference, "Date Formats and Date Literals in WHERE". Only those that are days or periods
//! around today are simulated; fiscal ones are refused.

use jiff::{Timestamp, ToSpan as _, civil::Date, civil::Weekday};

use super::super::store;
use super::Operand;

/// What a word that begins with a digit or a sign stands for.
pub(super) fn literal(written: &str) -> Option<Operand> {
    if written.contains('T') || written.contains('t') {
        return store::time(written).map(Operand::Time);
    }
    if written.len() == 10 && written.matches('-').count() == 2 {
        return written.parse().ok().map(Operand::Date);
    }
    written.parse::<f64>().ok().map(|_| Operand::Number(written.to_owned()))
}

pub(super) fn is_named(upper: &str) -> bool {
    const NAMED: [&str; 18] = [
        "TODAY",
        "YESTERDAY",
        "TOMORROW",
        "LAST_WEEK",
        "THIS_WEEK",
        "NEXT_WEEK",
        "LAST_MONTH",
        "THIS_MONTH",
        "NEXT_MONTH",
        "LAST_90_DAYS",
        "NEXT_90_DAYS",
        "LAST_YEAR",
        "THIS_YEAR",
        "NEXT_YEAR",
        "LAST_N_DAYS",
        "NEXT_N_DAYS",
        "LAST_N_MONTHS",
        "NEXT_N_MONTHS",
    ];
    NAMED.contains(&upper)
}

pub(super) fn wants_number(upper: &str) -> bool {
    upper.contains("_N_")
}

/// First day and the day after the last one.
pub(super) fn period(name: &str, number: Option<i64>, today: Date) -> Option<(Date, Date)> {
    let n = number.unwrap_or(1);
    let days =
        |from: i64, to: i64| Some((today.checked_add(from.days()).ok()?, today.checked_add(to.days()).ok()?));
    let week = |shift: i64| {
        let back = i64::from(today.weekday().since(Weekday::Sunday));
        days(shift * 7 - back, shift * 7 - back + 7)
    };
    let first = today.first_of_month();
    let months = |from: i64, to: i64| {
        Some((first.checked_add(from.months()).ok()?, first.checked_add(to.months()).ok()?))
    };
    let year = |shift: i64| {
        let first = today.first_of_year();
        Some((first.checked_add(shift.years()).ok()?, first.checked_add((shift + 1).years()).ok()?))
    };
    match name {
        "TODAY" => days(0, 1),
        "YESTERDAY" => days(-1, 0),
        "TOMORROW" => days(1, 2),
        "LAST_WEEK" => week(-1),
        "THIS_WEEK" => week(0),
        "NEXT_WEEK" => week(1),
        "LAST_MONTH" => months(-1, 0),
        "THIS_MONTH" => months(0, 1),
        "NEXT_MONTH" => months(1, 2),
        "LAST_90_DAYS" => days(-89, 1),
        "NEXT_90_DAYS" => days(1, 91),
        "LAST_YEAR" => year(-1),
        "THIS_YEAR" => year(0),
        "NEXT_YEAR" => year(1),
        "LAST_N_DAYS" => days(-n, 1),
        "NEXT_N_DAYS" => days(1, n + 1),
        "LAST_N_MONTHS" => months(-n, 0),
        "NEXT_N_MONTHS" => months(1, n + 1),
        _ => None,
    }
}

/// Midnight of a day, UTC.
pub(super) fn midnight(day: Date) -> Timestamp {
    day.to_zoned(jiff::tz::TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}
