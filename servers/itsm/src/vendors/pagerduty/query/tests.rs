//! Whatever a caller writes, the question stays the question.

use jiff::Timestamp;
use proptest::prelude::*;
use url::form_urlencoded;

use super::*;
use crate::vendors::pagerduty::sim::filter::Filter;

/// What the simulator's own reader makes of a request.
fn read(request: &Request, now: Timestamp) -> Filter {
    let (_, query) = request.route().unwrap().split_once('?').unwrap();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Filter::read(&pairs, now).unwrap()
}

fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "&",
        "=",
        "#",
        "?",
        "%26",
        "+",
        ";",
        "[]",
        "\"",
        "'",
        "\\",
        "\n",
        "\0",
        "&date_range=all",
        "&service_ids[]=PSECRET",
        "statuses[]=resolved",
        "OR",
        ")",
        "repo:other/secret",
        "^NQ",
        "設定",
        "\u{202e}",
        "ä",
        " ",
    ]);
    prop::collection::vec(prop_oneof![nasty.prop_map(str::to_owned), "\\PC{0,6}"], 1..6)
        .prop_map(|parts| parts.concat())
}

fn days() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(-1500_i64..0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_widens_a_question(service in text(), team in text(), key in text(), after in days(), before in days(), states in 0_usize..4) {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let at = |days: i64| now + SignedDuration::from_hours(24 * days);
        let query = Query {
            service: Some(service.clone()),
            group: Some(team.clone()),
            states: [State::New, State::InProgress, State::Resolved][..states].to_vec(),
            opened_after: after.map(at),
            opened_before: before.map(at),
            ..Query::default()
        };
        for window in windows(&query, now) {
            let filter = read(&request(&query, window, 0, 100).unwrap(), now);
            prop_assert_eq!(&filter.services, std::slice::from_ref(&service));
            prop_assert_eq!(&filter.teams, std::slice::from_ref(&team));
            prop_assert_eq!(filter.statuses.len(), states);
            prop_assert!(filter.users.is_empty() && filter.urgencies.is_empty() && filter.key.is_none());
            prop_assert_eq!(filter.since, window.map(|(start, _)| start));
        }
        let filter = read(&keyed(&service, &key), now);
        prop_assert_eq!(filter.key.as_deref(), Some(key.as_str()));
        prop_assert_eq!(&filter.services, &[service]);
        prop_assert!(filter.statuses.is_empty() && filter.teams.is_empty() && filter.since.is_none());
    }
}

#[test]
fn a_long_stretch_is_asked_in_windows_without_gap_or_overlap() {
    let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    let after: Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
    let query = Query { opened_after: Some(after), ..Query::default() };
    let windows: Vec<Window> = windows(&query, now).into_iter().flatten().collect();
    assert_eq!(windows.len(), 4);
    assert_eq!((windows[0].1, windows[3].0), (now, after));
    assert!(windows.windows(2).all(|pair| pair[0].0 == pair[1].1));
    for window in &windows {
        read(&request(&query, Some(*window), 0, 100).unwrap(), now);
    }
    let long_ago = Query { opened_after: Some(Timestamp::UNIX_EPOCH), ..Query::default() };
    for all in [Query::default(), long_ago] {
        assert_eq!(super::windows(&all, now), [None], "all of time at once");
    }
    let never = Query { opened_after: Some(now), opened_before: Some(after), ..Query::default() };
    assert_eq!(super::windows(&never, now), []);
}

#[test]
fn what_lies_beyond_ten_thousand_is_too_broad() {
    let refused = request(&Query::default(), None, 9_950, 100).unwrap_err();
    assert_eq!(refused.code(), Code::TooBroad);
}

#[test]
fn a_place_is_read_from_its_own_token_alone() {
    let now: Timestamp = "2026-11-21T10:00:00.123456789Z".parse().unwrap();
    let place = Place { window: 1, offset: 200, ..Place::read(None, now).unwrap() };
    let later = now + SignedDuration::from_mins(5);
    assert_eq!(Place::read(Some(&place.token()), later).unwrap(), place, "the end is that of the first page");
    for wrong in ["x", "1:200", "1:2:x", "1:2:3:4"] {
        assert_eq!(Place::read(Some(wrong), now).unwrap_err().code(), Code::CursorExpired, "{wrong}");
    }
}
