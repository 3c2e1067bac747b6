//! `GET /incidents`: a typed question as parameters, and its windows.
//!
//! PagerDuty answers for at most six months at once and means the last thirty days if nothing is said. A longer stretch
//! is asked in windows, the newest first; without any stretch `date_range=all` is.

use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp};
use outbound::Request;

use crate::desk::Query;
use crate::model::State;

/// Days asked for at once.
const WINDOW: SignedDuration = SignedDuration::from_hours(24 * 180);

/// Windows that a question to the present is asked in; most of more would lie before the account's first day.
const MOST_WINDOWS: i32 = 20;

/// The first day of 2009, the year of PagerDuty's beginning: nothing was opened before, and every window asked is a request.
const FIRST_DAY: Timestamp = Timestamp::constant(1_230_768_000, 0);

/// How far back a question goes that names an end and no beginning.
const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 365 * 3);

/// `offset` and `limit` together may not exceed this.
const REACH: u32 = 10_000;

/// A place in the windows and the rows of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// When the first page was asked: the end of what is open to the present, so that all pages divide the same time.
    pub(super) end: Timestamp,
    pub(super) window: usize,
    pub(super) offset: u32,
}

impl Place {
    /// Reads a page token of ours; without one, the first place. Errors: `cursor_expired` for any other.
    pub(super) fn read(token: Option<&str>, now: Timestamp) -> Result<Self> {
        let Some(token) = token else { return Ok(Self { end: now, window: 0, offset: 0 }) };
        let read = || {
            let (end, place) = token.split_once(':')?;
            let (window, offset) = place.split_once(':')?;
            let end = Timestamp::from_nanosecond(end.parse().ok()?).ok()?;
            Some(Self { end, window: window.parse().ok()?, offset: offset.parse().ok()? })
        };
        read().ok_or_else(|| Error::new(Code::CursorExpired, "this is no place in this list"))
    }

    /// The token of this place.
    pub(super) fn token(self) -> String {
        format!("{}:{}:{}", self.end.as_nanosecond(), self.window, self.offset)
    }
}

/// A stretch of time, its beginning included, its end not.
pub(super) type Window = (Timestamp, Timestamp);

/// The windows of a question, newest first; `None` is all of time, which is also asked for where windows to the present
/// would be too many.
pub(super) fn windows(query: &Query, end: Timestamp) -> Vec<Option<Window>> {
    let (after, before) = (query.opened_after, query.opened_before);
    let is_long = |after| end.duration_since(after) > WINDOW * MOST_WINDOWS;
    if before.is_none() && after.is_none_or(is_long) {
        return vec![None];
    }
    let mut end = before.unwrap_or(end);
    let begin = after.unwrap_or_else(|| end.saturating_sub(HISTORY).unwrap_or(end)).max(FIRST_DAY);
    let mut windows = Vec::new();
    while end > begin {
        let start = end.saturating_sub(WINDOW).unwrap_or(begin).max(begin);
        windows.push(Some((start, end)));
        end = start;
    }
    windows
}

/// The request for one page. Errors: `too_broad` beyond the ten thousand rows that PagerDuty counts.
pub(super) fn request(query: &Query, window: Option<Window>, offset: u32, limit: u32) -> Result<Request> {
    if offset.saturating_add(limit) > REACH {
        return Err(Error::new(
            Code::TooBroad,
            "PagerDuty gives out the first 10,000 incidents of a question",
        )
        .hint("narrow the question by service, group, state or a shorter stretch of time"));
    }
    let mut request = Request::get("/incidents", &[])
        .query("sort_by", "created_at:desc")
        .query("limit", limit)
        .query("offset", offset);
    request = match window {
        // Fractions of a second are cut by PagerDuty: the end is asked a second later and the rows are compared.
        Some((start, end)) => request.query("since", second(start, 0)).query("until", second(end, 1)),
        None => request.query("date_range", "all"),
    };
    for status in statuses(&query.states) {
        request = request.query("statuses[]", status);
    }
    if let Some(service) = &query.service {
        request = request.query("service_ids[]", service);
    }
    if let Some(team) = &query.group {
        request = request.query("team_ids[]", team);
    }
    if query.full {
        request = request.query("include[]", "body");
    }
    Ok(request)
}

/// The request for incidents under a key, whatever their state and age, with their texts.
pub(super) fn keyed(service: &str, key: &str) -> Request {
    Request::get("/incidents", &[])
        .query("incident_key", key)
        .query("service_ids[]", service)
        .query("date_range", "all")
        .query("sort_by", "created_at:desc")
        .query("limit", 25)
        .query("include[]", "body")
}

fn second(at: Timestamp, more: i64) -> Timestamp {
    Timestamp::from_second(at.as_second() + more).unwrap_or(at)
}

/// PagerDuty's words for our states; those it does not know are left out.
fn statuses(states: &[State]) -> Vec<&'static str> {
    let word = |state: &State| match state {
        State::New => Some("triggered"),
        State::InProgress => Some("acknowledged"),
        State::Resolved => Some("resolved"),
        State::OnHold | State::Closed => None,
    };
    states.iter().filter_map(word).collect()
}

/// Whether a row is within the stretch that was asked for, to the second.
pub(super) fn within(query: &Query, window: Option<Window>, opened: Timestamp) -> bool {
    query.opened_after.is_none_or(|after| opened >= after)
        && query.opened_before.is_none_or(|before| opened < before)
        && window.is_none_or(|(start, end)| opened >= start && opened < end)
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
