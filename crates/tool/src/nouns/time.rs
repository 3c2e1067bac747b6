//! Days and moments, as they come and as they leave.

use std::borrow::Cow;

use error::{Error, Result};
use jiff::fmt::temporal::DateTimePrinter;
use jiff::{SignedDuration, Span, Timestamp, civil, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A point in time as a caller names it: an ISO date, a date-time with offset, or a period back (`P30D`, `PT12H`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct When(String);

impl When {
    /// The instant meant, dates beginning at midnight UTC. `path` names the argument in the error, which repeats
    /// today's date so that a model that lost track of it can correct itself.
    pub fn resolve(&self, now: Timestamp, path: &str) -> Result<Timestamp> {
        self.date(now, path)
            .map(|date| date.to_zoned(TimeZone::UTC).map(|z| z.timestamp()))
            .and_then(|midnight| midnight.map_err(|_| self.refuse(now, path)))
            .or_else(|_| self.instant(now).ok_or_else(|| self.refuse(now, path)))
    }

    /// The day meant, in UTC.
    pub fn day(&self, now: Timestamp, path: &str) -> Result<civil::Date> {
        self.date(now, path).or_else(|refused| match self.instant(now) {
            Some(instant) => Ok(instant.to_zoned(TimeZone::UTC).date()),
            None => Err(refused),
        })
    }

    /// The day meant, in UTC, for what is to be done by then: one that is over is refused, as is any period back.
    pub fn day_to_come(&self, now: Timestamp, path: &str) -> Result<civil::Date> {
        let (day, today) = (self.day(now, path)?, now.to_zoned(TimeZone::UTC).date());
        if day < today {
            return Err(Error::invalid(path, format!("lies in the past; today is {today} (UTC)")));
        }
        Ok(day)
    }

    fn date(&self, now: Timestamp, path: &str) -> Result<civil::Date> {
        // Exactly a date: jiff would also take the date out of a date-time.
        (self.0.len() == 10).then(|| self.0.parse().ok()).flatten().ok_or_else(|| self.refuse(now, path))
    }

    fn instant(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.0.starts_with(['P', 'p']) {
            return self.0.parse().ok();
        }
        let span: Span = self.0.parse().ok()?;
        let zoned = now.to_zoned(TimeZone::UTC);
        let back = zoned.checked_sub(span).ok()?.timestamp();
        (back <= now && now.duration_since(back) < SignedDuration::from_hours(24 * 365 * 50)).then_some(back)
    }

    fn refuse(&self, now: Timestamp, path: &str) -> Error {
        let today = now.to_zoned(TimeZone::UTC).date();
        Error::invalid(
            path,
            format!(
                "not a date (2026-01-31), a date-time with offset, or a period back (P30D); today is {today} (UTC)"
            ),
        )
    }
}

impl From<&str> for When {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl JsonSchema for When {
    fn schema_name() -> Cow<'static, str> {
        "When".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": 40 })
    }
}

/// A stretch of time as two arguments name it: from `after` on, and up to but not including `before`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Its beginning, if it has one.
    pub after: Option<Timestamp>,
    /// Its end, if it has one.
    pub before: Option<Timestamp>,
}

impl Window {
    /// The stretch that two arguments mean; `paths` names them in errors. One that ends before it begins is refused.
    pub fn resolve(
        after: Option<&When>,
        before: Option<&When>,
        now: Timestamp,
        paths: [&str; 2],
    ) -> Result<Self> {
        let after = after.map(|w| w.resolve(now, paths[0])).transpose()?;
        let before = before.map(|w| w.resolve(now, paths[1])).transpose()?;
        match (after, before) {
            (Some(a), Some(b)) if a >= b => {
                Err(Error::invalid(paths[0], format!("must lie before `{}`", paths[1])))
            }
            _ => Ok(Self { after, before }),
        }
    }

    /// Whether `moment` lies in it.
    #[must_use]
    pub fn holds(&self, moment: Timestamp) -> bool {
        self.after.is_none_or(|a| moment >= a) && self.before.is_none_or(|b| moment < b)
    }
}

/// A day as it leaves: `2026-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Day(pub civil::Date);

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

/// A point in time as it leaves: RFC 3339 in UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

static TO_THE_SECOND: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Rows carry several: a format string would be read again for each.
        to.serialize_str(&TO_THE_SECOND.timestamp_to_string(&self.0))
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn dates_instants_and_periods_resolve() {
        for (text, instant) in [
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00Z"),
            ("P30D", "2026-10-22T10:00:00Z"),
            ("PT12H", "2026-11-20T22:00:00Z"),
            ("P1M", "2026-10-21T10:00:00Z"),
        ] {
            let expected: Timestamp = instant.parse().unwrap();
            assert_eq!(When::from(text).resolve(now(), "since").unwrap(), expected, "{text}");
        }
        assert_eq!(When::from("P1D").day(now(), "since").unwrap().to_string(), "2026-11-20");
    }

    #[test]
    fn a_day_to_come_is_not_over() {
        for (text, day) in [("2026-11-21", "2026-11-21"), ("2026-11-22T00:30:00+02:00", "2026-11-21")] {
            assert_eq!(When::from(text).day_to_come(now(), "due").unwrap().to_string(), day);
        }
        for text in ["2026-11-20", "1999-01-01", "P3D"] {
            let error = When::from(text).day_to_come(now(), "due").unwrap_err();
            assert_eq!(error.message(), "due: lies in the past; today is 2026-11-21 (UTC)", "{text}");
        }
    }

    #[test]
    fn a_window_ends_after_it_begins() {
        let (early, late) = (When::from("2026-11-01"), When::from("P1D"));
        let paths = ["from", "until"];
        let window = Window::resolve(Some(&early), Some(&late), now(), paths).unwrap();
        assert!(window.holds(window.after.unwrap()) && !window.holds(window.before.unwrap()));
        for backwards in [(&late, &early), (&early, &early)] {
            let error = Window::resolve(Some(backwards.0), Some(backwards.1), now(), paths).unwrap_err();
            assert_eq!(error.message(), "from: must lie before `until`");
        }
        assert!(Window::default().holds(now()));
    }

    #[test]
    fn a_day_leaves_as_a_date() {
        assert_eq!(serde_json::to_value(Day(civil::date(2026, 1, 31))).unwrap(), "2026-01-31");
    }

    #[test]
    fn a_moment_leaves_to_the_second() {
        let moment = Moment("2026-11-21T10:00:07.987654321Z".parse().unwrap());
        assert_eq!(serde_json::to_value(moment).unwrap(), "2026-11-21T10:00:07Z");
    }

    #[test]
    fn the_refusal_repeats_today() {
        for text in ["", "yesterday", "2026-13-01", "2026-11-01T12:00:00", "-P1D", "P99999Y", "P"] {
            let error = When::from(text).resolve(now(), "since").unwrap_err();
            assert!(error.message().contains("today is 2026-11-21 (UTC)"), "{text}: {error}");
        }
    }
}
