//! Activities, renewals and cases.

use error::Code;
use jiff::{SignedDuration, Timestamp};
use tool::Money;

use super::{Subject, all, cx, day, first, ids, known, tidy, writing};
use crate::book::{ActivityQuery, CaseQuery, NewActivity, NewFollowUp, OpportunityQuery, RenewalQuery};
use crate::listing;
use crate::model::{Activity, ActivityKind, CaseState, CustomerCase, Noun, Renewal, Severity};

pub(super) async fn lists_activities_newest_first(s: &Subject<'_>) {
    let cx = cx();
    let after = Some(Timestamp::now() - SignedDuration::from_hours(24 * 30));
    let before = Some(Timestamp::now());
    let query = ActivityQuery { after, before, ..ActivityQuery::default() };
    let rows = all(|page| s.book.activities(&cx, &query, page)).await;
    assert!(!rows.is_empty());
    ids(rows.iter().map(|a| &a.id));
    assert!(rows.iter().map(listing::newest).map(|(at, _)| at).is_sorted(), "newest first");
    let from = after.map(|at| known(s, at));
    assert!(rows.iter().all(|a| Some(a.at.0) >= from && Some(a.at.0) < before), "within the window");
    for kind in s.book.able().activities {
        let query = ActivityQuery { kinds: vec![*kind], ..query.clone() };
        let of_kind = all(|page| s.book.activities(&cx, &query, page)).await;
        let expected = ids(rows.iter().filter(|a| a.kind == *kind).map(|a| &a.id));
        assert_eq!(ids(of_kind.iter().map(|a| &a.id)), expected, "{kind:?}");
    }
    let held = s.holdings();
    let past = held.activities.iter().filter(|a| a.kind != "task" && a.hours < 0 && a.hours > -24 * 29);
    for activity in past {
        let row = rows.iter().find(|a| a.subject.as_str() == tidy(&activity.subject));
        let row = row.unwrap_or_else(|| panic!("{} is listed", activity.subject));
        assert!(!row.about.is_empty(), "it is about somebody");
    }
    let busiest = held.activities.iter().find(|a| a.kind != "task" && a.hours > -24 * 29).unwrap();
    let account = held.accounts.iter().find(|a| a.key == busiest.account).unwrap();
    let called = s.book.called(&cx, Noun::Account, &account.domain).await.unwrap();
    let query = ActivityQuery { about: Some(called[0].id.clone()), ..query };
    let of_account = all(|page| s.book.activities(&cx, &query, page)).await;
    assert!(of_account.iter().any(|a| a.subject.as_str() == tidy(&busiest.subject)), "{of_account:?}");
    let about = |a: &Activity| a.about.iter().any(|linked| linked.id.native() == called[0].id);
    assert!(of_account.iter().all(about), "of that account only: {of_account:?}");
}

pub(super) async fn lists_renewals_if_it_keeps_any(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.book.able());
    let query = RenewalQuery { from: day(0), before: Some(day(365)), ..RenewalQuery::default() };
    if !able.renewals {
        assert_eq!(s.book.renewals(&cx, &query, first(5)).await.unwrap_err().code(), Code::Unsupported);
        return;
    }
    let rows = all(|page| s.book.renewals(&cx, &query, page)).await;
    let held = s.holdings();
    let due = |r: &&sandbox::company::Renewal| r.status == "active" && r.end_days >= 0 && r.end_days < 365;
    assert_eq!(ids(rows.iter().map(|r| &r.id)).len(), held.renewals.iter().filter(due).count());
    assert!(rows.iter().map(|r| r.due).is_sorted(), "soonest first");
    for renewal in held.renewals.iter().filter(due) {
        let value = renewal.value.as_ref().filter(|_| able.renewal_value);
        let value = value.map(|v| Money::parse(v, &renewal.currency).unwrap());
        let listed = rows
            .iter()
            .any(|r| r.name.as_str() == renewal.name && r.due.0 == day(renewal.end_days) && r.value == value);
        assert!(listed, "{} is due on {}", renewal.name, day(renewal.end_days));
    }
    let min = Money::parse("100000", "EUR").unwrap();
    let rich = RenewalQuery { min_value: Some(min), ..query };
    match s.book.renewals(&cx, &rich, first(100)).await {
        Ok(found) => {
            assert!(able.renewal_value);
            let worth =
                |r: &Renewal| r.value.is_some_and(|v| v.currency == min.currency && v.amount >= min.amount);
            assert_eq!(
                ids(found.rows.iter().map(|r| &r.id)),
                ids(rows.iter().filter(|r| worth(r)).map(|r| &r.id))
            );
        }
        Err(error) => assert_eq!((able.renewal_value, error.code()), (false, Code::UnsupportedFilter)),
    }
}

pub(super) async fn lists_and_filters_cases(s: &Subject<'_>) {
    let cx = cx();
    let query = CaseQuery { unclosed: true, ..CaseQuery::default() };
    let rows = all(|page| s.book.cases(&cx, &query, page)).await;
    let held = s.holdings();
    let open = held.cases.iter().filter(|c| c.status != "closed").count();
    assert_eq!(ids(rows.iter().map(|c| &c.id)).len(), open);
    assert!(rows.iter().map(listing::newest_opened).map(|(at, _)| at).is_sorted(), "newest opened first");
    assert!(rows.iter().all(|c| c.state != CaseState::Closed && c.description.is_none()));
    for case in held.cases.iter().filter(|c| c.status != "closed") {
        let account = held.accounts.iter().find(|a| a.key == case.account).unwrap();
        let listed = rows.iter().any(|row| {
            let linked = row.account.as_ref().and_then(|a| a.name.as_ref());
            let bad = !s.book.able().severity
                || (case.severity == "high") == (row.severity == Some(Severity::High));
            row.subject.as_str() == tidy(&case.subject)
                && (case.status == "waiting") == (row.state == CaseState::Waiting)
                && linked.is_some_and(|name| name.as_str() == account.name)
                && bad
        });
        assert!(listed, "{} of {} stands as the company has it", case.subject, account.name);
    }
    let narrow = |keep: &dyn Fn(&CustomerCase) -> bool| ids(rows.iter().filter(|c| keep(c)).map(|c| &c.id));
    let (native, _) = s.account().await;
    let of = CaseQuery { account: Some(native.clone()), ..query.clone() };
    let found = all(|page| s.book.cases(&cx, &of, page)).await;
    let same = |c: &CustomerCase| c.account.as_ref().is_some_and(|a| a.id.native() == native);
    assert_eq!(ids(found.iter().map(|c| &c.id)), narrow(&same), "of an account");
    let old = Timestamp::now() - SignedDuration::from_hours(24 * 10);
    let older = CaseQuery { opened_before: Some(old), ..query.clone() };
    let found = all(|page| s.book.cases(&cx, &older, page)).await;
    assert_eq!(ids(found.iter().map(|c| &c.id)), narrow(&|c| c.opened.0 < old), "older");
    let waiting = CaseQuery { state: Some(CaseState::Waiting), ..CaseQuery::default() };
    let found = all(|page| s.book.cases(&cx, &waiting, page)).await;
    assert_eq!(ids(found.iter().map(|c| &c.id)), narrow(&|c| c.state == CaseState::Waiting), "waiting");
    if s.book.able().severity {
        let bad = CaseQuery { severity: Some(Severity::High), ..query };
        let found = all(|page| s.book.cases(&cx, &bad, page)).await;
        assert_eq!(ids(found.iter().map(|c| &c.id)), narrow(&|c| c.severity == Some(Severity::High)), "high");
    }
    let closed = CaseQuery { state: Some(CaseState::Closed), full: true, ..CaseQuery::default() };
    let found = all(|page| s.book.cases(&cx, &closed, page)).await;
    assert_eq!(found.len(), held.cases.len() - open);
}

pub(super) async fn cleans_what_customers_wrote(s: &Subject<'_>) {
    let cx = cx();
    let query = CaseQuery { full: true, ..CaseQuery::default() };
    let rows = all(|page| s.book.cases(&cx, &query, page)).await;
    let held = s.holdings().cases;
    for case in &held {
        if held.iter().filter(|c| c.subject == case.subject).count() > 1 {
            continue;
        }
        let row = rows.iter().find(|c| c.subject.as_str() == tidy(&case.subject)).expect(&case.subject);
        assert_eq!(row.description.is_some(), case.text.is_some(), "{}", case.subject);
        assert_eq!(row.comments.len(), case.comments.len().min(CaseQuery::COMMENTS), "{}", case.subject);
        assert!(row.comments.iter().map(|c| std::cmp::Reverse(c.at)).is_sorted(), "newest comment first");
        let shown = serde_json::to_string(row).unwrap();
        assert!(!shown.contains(['\u{202e}', '\u{200b}', '\u{2066}']), "{shown}");
        if case.comments.iter().any(|c| c.text.contains('\u{202e}')) {
            assert!(shown.contains("hidden_characters"), "{shown}");
        }
    }
}

pub(super) async fn logs_once_and_finds_by_mark(s: &Subject<'_>) {
    let (native, _) = s.account().await;
    for kind in s.book.able().logs {
        let (cx, mut mark) = writing(&format!("log {kind:?}"));
        mark.external_key = Some(format!("meeting notes/{kind:?} 'quoted' \"twice\" (4711)"));
        assert!(s.book.find_marked(&cx, *kind, &native, &mark).await.unwrap().is_none());
        let new = NewActivity {
            about: native.clone(),
            kind: *kind,
            subject: format!("Spoke about prices <b>& more</b> {kind:?}"),
            text: Some("They want it \"cheaper\" <now>.\nSecond line.".into()),
            at: Timestamp::now() - SignedDuration::from_mins(30),
            minutes: (*kind != ActivityKind::Note).then_some(25),
        };
        let logged = s.book.log_activity(&cx, &new, &mark).await.unwrap();
        assert_eq!((logged.kind, logged.subject.as_str()), (*kind, &*new.subject));
        let text = logged.text.as_ref().expect("the text").as_str();
        assert!(text.contains("They want it \"cheaper\" <now>.") && text.contains("Second line."), "{text}");
        assert!(!text.contains(&mark.operation) && !text.contains("4711"), "marks are no text: {text}");
        let at = if *kind == ActivityKind::Meeting { new.at } else { known(s, new.at) };
        assert_eq!(logged.at.0.as_second(), at.as_second());
        assert!(logged.about.iter().any(|linked| linked.id.native() == native), "{logged:?}");
        let by_key = s.book.find_marked(&cx, *kind, &native, &mark).await.unwrap();
        assert_eq!(by_key.map(|a| a.id), Some(logged.id.clone()), "by external key");
        let (_, same) = writing(&format!("log {kind:?}"));
        let by_operation = s.book.find_marked(&cx, *kind, &native, &same).await.unwrap();
        assert_eq!(by_operation.map(|a| a.id), Some(logged.id.clone()), "by operation");
        let (_, other) = writing("log something else");
        assert!(s.book.find_marked(&cx, *kind, &native, &other).await.unwrap().is_none());
    }
}

pub(super) async fn schedules_for_somebody(s: &Subject<'_>) {
    let rows = s.opportunities(OpportunityQuery::default()).await;
    let opportunity = rows[0].id.native().to_owned();
    let (cx, mark) = writing("schedule");
    let person = s.book.people(&cx, "ingrid.solheim@halden.example").await.unwrap().remove(0);
    let new = NewFollowUp {
        about: opportunity.clone(),
        subject: "Send the price list".into(),
        text: None,
        due: day(3),
        owner: Some(person.id),
    };
    let task = s.book.schedule(&cx, &new, &mark).await.unwrap();
    assert_eq!((task.kind, task.done), (ActivityKind::Task, Some(false)));
    assert_eq!(task.due.map(|d| d.0), Some(day(3)));
    assert_eq!(task.owner, Some(person.name));
    assert!(task.text.is_none(), "nothing was said: {:?}", task.text);
    let found = s.book.find_marked(&cx, ActivityKind::Task, &opportunity, &mark).await.unwrap().unwrap();
    assert_eq!(found.id, task.id);
    assert!(found.about.iter().any(|linked| linked.id.native() == opportunity), "{found:?}");
}
