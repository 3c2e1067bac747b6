//! When a role works.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

/// Hours of a week, by the clock on the wall of one place: a change to summer time moves them along.
#[derive(Clone, Debug)]
pub(crate) struct Hours {
    pub(crate) zone: TimeZone,
    pub(crate) days: Vec<Weekday>,
    pub(crate) from: Time,
    /// The end; at or before `from` it is on the next day.
    pub(crate) to: Time,
}

impl Hours {
    /// Whether `now` lies within. Hours that pass midnight belong to the day on which they begin.
    pub(crate) fn contain(&self, now: Timestamp) -> bool {
        let there = now.to_zoned(self.zone.clone());
        let (today, time) = (there.weekday(), there.time());
        let on = |day: Weekday| self.days.contains(&day);
        if self.from < self.to {
            return on(today) && self.from <= time && time < self.to;
        }
        (on(today) && self.from <= time) || (on(today.previous()) && time < self.to)
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let days: Vec<&str> = self
            .days
            .iter()
            .map(|day| DAYS[usize::from(day.to_monday_zero_offset().unsigned_abs())])
            .collect();
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{} {}-{} ({zone})", days.join(" "), clock(self.from), clock(self.to))
    }
}

/// The days as the file names them.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(days: &[Weekday], from: &str, to: &str) -> Hours {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        Hours { zone, days: days.to_vec(), from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn contained(hours: &Hours, at: &str) -> bool {
        hours.contain(at.parse().unwrap())
    }

    #[test]
    fn the_wall_clock_counts_on_both_sides_of_summer_time() {
        let week =
            [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
        let hours = hours(&week, "08:00", "18:00");
        // Friday before and Monday after the change of 29 March 2026.
        for (at, expected) in [
            ("2026-03-27T07:00:00Z", true),
            ("2026-03-27T06:59:59Z", false),
            ("2026-03-30T06:00:00Z", true),
            ("2026-03-30T05:59:59Z", false),
            ("2026-03-30T16:00:00Z", false),
            ("2026-03-30T15:59:59Z", true),
            // And back on 25 October.
            ("2026-10-23T06:00:00Z", true),
            ("2026-10-26T06:30:00Z", false),
            ("2026-10-26T07:00:00Z", true),
            // Saturday.
            ("2026-03-28T10:00:00Z", false),
        ] {
            assert_eq!(contained(&hours, at), expected, "{at}");
        }
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        let night = hours(&[Weekday::Saturday], "22:00", "06:00");
        for (at, expected) in [
            ("2026-03-28T21:00:00Z", true),
            ("2026-03-28T20:59:59Z", false),
            // The night of the change has seven hours: it ends at 04:00 UTC and not at 05:00.
            ("2026-03-29T03:59:59Z", true),
            ("2026-03-29T04:00:00Z", false),
            ("2026-03-27T22:00:00Z", false),
            ("2026-03-28T03:00:00Z", false),
        ] {
            assert_eq!(contained(&night, at), expected, "{at}");
        }
    }

    #[test]
    fn an_hour_that_comes_twice_is_within_both_times() {
        let hours = hours(&[Weekday::Sunday], "02:00", "03:00");
        for (at, expected) in [
            ("2026-10-25T00:30:00Z", true),
            ("2026-10-25T01:30:00Z", true),
            ("2026-10-25T02:00:00Z", false),
            // In spring the hour is left out.
            ("2026-03-29T00:59:59Z", false),
            ("2026-03-29T01:00:00Z", false),
        ] {
            assert_eq!(contained(&hours, at), expected, "{at}");
        }
    }

    #[test]
    fn equal_ends_are_a_whole_day() {
        let day = hours(&[Weekday::Monday], "00:00", "00:00");
        assert!(contained(&day, "2026-03-30T12:00:00Z"));
        assert!(!contained(&day, "2026-03-29T12:00:00Z"));
    }
}
