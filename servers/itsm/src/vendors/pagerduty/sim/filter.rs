//! The parameters of `GET /incidents`, read as PagerDuty reads them: unknown ones are ignored, lists need their `[]`,
//! ranges end at six months, and without one the last thirty days are meant.

use jiff::{SignedDuration, Timestamp};

use super::state::Incident;

/// The longest range: six months.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 184);
const DEFAULT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::vendors::pagerduty) struct Filter {
    pub(in crate::vendors::pagerduty) statuses: Vec<String>,
    pub(in crate::vendors::pagerduty) services: Vec<String>,
    pub(in crate::vendors::pagerduty) teams: Vec<String>,
    pub(in crate::vendors::pagerduty) users: Vec<String>,
    pub(in crate::vendors::pagerduty) urgencies: Vec<String>,
    pub(in crate::vendors::pagerduty) key: Option<String>,
    pub(in crate::vendors::pagerduty) since: Option<Timestamp>,
    pub(in crate::vendors::pagerduty) until: Option<Timestamp>,
    pub(in crate::vendors::pagerduty) descending: bool,
}

impl Filter {
    /// Reads decoded parameters. Errors: what PagerDuty lists in `errors`.
    pub(in crate::vendors::pagerduty) fn read(
        query: &[(String, String)],
        now: Timestamp,
    ) -> Result<Self, String> {
        let mut filter = Self { descending: true, ..Self::default() };
        let mut all = false;
        for (name, value) in query {
            let value = value.clone();
            match name.as_str() {
                "statuses[]" => {
                    filter.statuses.push(one_of(value, &["triggered", "acknowledged", "resolved"])?)
                }
                "urgencies[]" => filter.urgencies.push(one_of(value, &["high", "low"])?),
                "service_ids[]" => filter.services.push(value),
                "team_ids[]" => filter.teams.push(value),
                "user_ids[]" => filter.users.push(value),
                "incident_key" => filter.key = Some(value),
                "since" => filter.since = Some(moment(&value, "Since")?),
                "until" => filter.until = Some(moment(&value, "Until")?),
                "date_range" => all = one_of(value, &["all"]).map(|_| true)?,
                "sort_by" => filter.descending = descending(&value)?,
                _ => {}
            }
        }
        filter.bound(all, now)
    }

    fn bound(mut self, all: bool, now: Timestamp) -> Result<Self, String> {
        if all {
            (self.since, self.until) = (None, None);
            return Ok(self);
        }
        let until = self.until.unwrap_or(now);
        let since = self.since.unwrap_or_else(|| until.saturating_sub(DEFAULT).unwrap_or(until));
        if since > until {
            return Err("Since must be before until".into());
        }
        if until.duration_since(since) > LONGEST {
            return Err("The time range must be at most 6 months".into());
        }
        (self.since, self.until) = (Some(since), Some(until));
        Ok(self)
    }

    /// Whether an incident is meant. A key also means incidents with an alert of that key.
    pub(super) fn holds(&self, incident: &Incident) -> bool {
        let any = |wanted: &[String], own: &String| wanted.is_empty() || wanted.contains(own);
        let keyed = |key: &String| {
            incident.key.as_ref() == Some(key) || incident.alerts.iter().any(|alert| alert.key == *key)
        };
        any(&self.statuses, &incident.status)
            && any(&self.services, &incident.service)
            && any(&self.teams, &incident.team)
            && any(&self.urgencies, &incident.urgency)
            && (self.users.is_empty() || incident.assignees.iter().any(|user| self.users.contains(user)))
            && self.key.as_ref().is_none_or(keyed)
            && self.since.is_none_or(|since| incident.created >= since)
            && self.until.is_none_or(|until| incident.created < until)
    }
}

fn one_of(value: String, known: &[&str]) -> Result<String, String> {
    match known.contains(&value.as_str()) {
        true => Ok(value),
        false => Err(format!("{value} is not one of {}", known.join(", "))),
    }
}

fn moment(text: &str, name: &str) -> Result<Timestamp, String> {
    let date = |text: &str| {
        Some(text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(|| date(text)).ok_or_else(|| format!("{name} is not a valid date"))
}

/// `created_at:desc`, or `incident_number`, whose order is the same here.
fn descending(sort: &str) -> Result<bool, String> {
    match sort.split_once(':') {
        Some(("created_at" | "incident_number", "desc")) => Ok(true),
        Some(("created_at" | "incident_number", "asc")) => Ok(false),
        _ => Err(format!("{sort} cannot be sorted by")),
    }
}
