//! What every desk must do, in the words of the domain. Each vendor runs it over its simulator, filled with the demo
//! company; what a vendor is not `Able` to do must be refused, never faked.

use std::collections::HashSet;

use call::{Cx, Operation};
use error::Code;
use jiff::{SignedDuration, Timestamp};
use tool::{Fetch, Mark};

use crate::desk::{
    AlertQuery, ChangeQuery, Changed, Desk, NewIncident, Noun, OnCallQuery, Query, Signature, SlaQuery,
    Transition,
};
use crate::model::{Action, Audience, Emptiable, Incident, Priority, Risk, State, Urgency};

/// What the suite needs to know of the desk under test.
pub(crate) struct Subject<'a> {
    /// The desk, filled.
    pub(crate) desk: &'a Desk,
    /// A service with open incidents, changes, somebody on call, and whatever else the desk is able to keep: its name.
    pub(crate) service: &'static str,
    /// An open incident of it, by its native id, with alerts or clocks where the desk keeps them.
    pub(crate) incident: String,
    /// A person of whom there is one, by full name.
    pub(crate) person: &'static str,
    /// A customer with incidents, by name, where the desk knows customers.
    pub(crate) customer: &'static str,
}

/// Runs the whole suite.
pub(crate) async fn holds(subject: &Subject<'_>) {
    finds_places_and_people(subject).await;
    searches_newest_first_and_pages_without_loss(subject).await;
    filters_hold_together(subject).await;
    text_never_widens(subject).await;
    refuses_what_it_cannot_filter(subject).await;
    reads_one_incident(subject).await;
    finds_related_ones(subject).await;
    shows_alerts(subject).await;
    shows_changes(subject).await;
    knows_who_is_on_call(subject).await;
    keeps_clocks(subject).await;
    opens_once_and_finds_by_key(subject).await;
    moves_through_its_workflow(subject).await;
    posts_to_an_explicit_audience(subject).await;
    runs_only_what_it_offers(subject).await;
}

fn cx() -> Cx {
    Cx::for_test()
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["behavior"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (cx().with_operation(operation), mark)
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

async fn service_key(s: &Subject<'_>) -> String {
    let places = s.desk.places(&cx(), Noun::Service, s.service).await.unwrap();
    places.into_iter().find(|place| place.name.as_str() == s.service).expect("the service is known").key
}

async fn known(s: &Subject<'_>) -> Incident {
    s.desk.get(&cx(), &s.incident).await.unwrap()
}

async fn found(s: &Subject<'_>, query: &Query) -> Vec<Incident> {
    s.desk.search(&cx(), query, first(100)).await.unwrap().rows
}

async fn finds_places_and_people(s: &Subject<'_>) {
    let cx = cx();
    let key = service_key(s).await;
    assert!(
        !s.desk.places(&cx, Noun::Service, "").await.unwrap().is_empty(),
        "without a word, the first ones"
    );
    let by_key = s.desk.places(&cx, Noun::Service, &key).await.unwrap();
    assert!(by_key.iter().any(|place| place.key == key), "a key is found as a name is");
    assert!(!s.desk.places(&cx, Noun::Group, "").await.unwrap().is_empty(), "there are groups");
    assert_eq!(s.desk.people(&cx, s.person).await.unwrap().len(), 1, "{}", s.person);
    assert!(s.desk.people(&cx, "Nobody Ofthisname").await.unwrap().is_empty());
    assert_eq!(s.desk.recognize(Noun::Incident, &s.incident), Some(s.incident.clone()));
    let url = known(s).await.url;
    assert_eq!(s.desk.recognize(Noun::Incident, &url), Some(s.incident.clone()), "{url}");
    for foreign in ["", "../../secret", "https://elsewhere.example/x", "PAY-12^ORactive=true"] {
        assert_eq!(s.desk.recognize(Noun::Incident, foreign), None, "{foreign}");
    }
}

async fn searches_newest_first_and_pages_without_loss(s: &Subject<'_>) {
    let query = Query { opened_after: Some(days_ago(400)), ..Query::default() };
    let mut whole = HashSet::new();
    let mut token = None;
    loop {
        let rows = s.desk.search(&cx(), &query, Fetch { token, limit: 100 }).await.unwrap();
        whole.extend(rows.rows.into_iter().map(|row| row.id));
        token = rows.next;
        if token.is_none() {
            break;
        }
    }
    let limit = u32::try_from(whole.len() / 10 + 1).unwrap();
    let (mut ids, mut last, mut token) = (Vec::new(), None, None);
    loop {
        let rows = s.desk.search(&cx(), &query, Fetch { token, limit }).await.unwrap();
        for row in &rows.rows {
            assert!(last.is_none_or(|l| row.opened <= l), "newest first: {:?} after {last:?}", row.opened);
            last = Some(row.opened);
            ids.push(row.id.clone());
        }
        token = rows.next;
        if token.is_none() {
            break;
        }
    }
    let seen: HashSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), seen.len(), "nothing is given twice");
    assert_eq!(seen, whole, "nothing is lost between pages");
    assert!(whole.len() > 2, "there is more than a page");
}

fn days_ago(days: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(24 * days)
}

async fn filters_hold_together(s: &Subject<'_>) {
    let known = known(s).await;
    let able = s.desk.able();
    let query = Query {
        service: Some(service_key(s).await),
        states: State::OPEN.to_vec(),
        priority: known.priority.filter(|_| able.priority),
        group: known.group_key.clone(),
        opened_after: Some(known.opened.0 - SignedDuration::from_hours(1)),
        ..Query::default()
    };
    let rows = found(s, &query).await;
    assert!(rows.iter().any(|r| r.id == known.id), "the known incident matches its own values");
    for row in &rows {
        assert_eq!(row.service, known.service);
        assert!(row.state.is_open(), "{row:?}");
        assert!(query.priority.is_none() || row.priority == query.priority);
    }
    let before = Query { opened_after: None, opened_before: Some(known.opened.0), ..query.clone() };
    assert!(
        found(s, &before).await.iter().all(|r| r.id != known.id),
        "`before` leaves out the moment itself"
    );
    let at = Query { opened_after: Some(known.opened.0), ..query.clone() };
    assert!(found(s, &at).await.iter().any(|r| r.id == known.id), "`after` includes it");
    let over = Query { states: vec![State::Resolved], ..Query::default() };
    let rows = found(s, &over).await;
    assert!(!rows.is_empty() && rows.iter().all(|r| r.state == State::Resolved));
    let only = Query { ids: vec![s.incident.clone()], ..Query::default() };
    assert_eq!(found(s, &only).await.iter().map(|r| r.id.native()).collect::<Vec<_>>(), [&s.incident]);
    let neither = Query { ids: vec![s.incident.clone()], states: vec![State::Resolved], ..Query::default() };
    assert!(found(s, &neither).await.is_empty(), "ids do not put the other filters aside");
    if able.customer {
        let customers = s.desk.customers(&cx(), s.customer).await.unwrap();
        assert_eq!(customers.len(), 1, "{}", s.customer);
        let query = Query { customer: Some(customers[0].key.clone()), ..Query::default() };
        let rows = found(s, &query).await;
        assert!(!rows.is_empty() && rows.iter().all(|r| r.customer.as_ref() == Some(&customers[0].name)));
        assert!(s.desk.customers(&cx(), "Nobody Inc").await.unwrap().is_empty());
    }
    for field in able.empty {
        for row in found(s, &Query { where_empty: Some(*field), ..Query::default() }).await {
            assert!(is_empty(&row, *field), "{field:?}: {row:?}");
        }
    }
}

fn is_empty(incident: &Incident, field: Emptiable) -> bool {
    match field {
        Emptiable::Assignee => incident.assignees.is_empty(),
        Emptiable::Group => incident.group.is_none(),
        Emptiable::Service => incident.service.is_none(),
        Emptiable::Priority => incident.priority.is_none(),
    }
}

async fn text_never_widens(s: &Subject<'_>) {
    if !s.desk.able().text {
        return;
    }
    for text in [
        "zzzznothing\" OR state = 1 OR \"",
        "zzzznothing^ORactive=true",
        "zzzznothing^NQactive=true",
        "javascript:gs.getUserID()",
        "zzzznothing' OR 1=1 --",
        "zzzznothing\n^ORDERBYnumber",
        "zzzznothing\\",
        "zzzznothing \u{202E} 設定",
        "zzzznothing * ? ~ ! { } [ ] ^ : + - & |",
    ] {
        let query = Query { text: Some(text.into()), ..Query::default() };
        match s.desk.search(&cx(), &query, first(50)).await {
            Ok(rows) => assert!(rows.rows.is_empty(), "{text:?}: {:?}", rows.rows),
            Err(error) => assert_eq!(error.code(), Code::InvalidArgument, "{text:?}"),
        }
    }
    let word = known(s).await.title.as_str().split_whitespace().max_by_key(|w| w.len()).unwrap().to_owned();
    let query = Query { text: Some(word.clone()), ..Query::default() };
    assert!(found(s, &query).await.iter().any(|r| r.id.native() == s.incident), "{word}");
}

async fn refuses_what_it_cannot_filter(s: &Subject<'_>) {
    let able = s.desk.able();
    let text = Query { text: Some("x".into()), ..Query::default() };
    let priority = Query { priority: Some(Priority::P1), ..Query::default() };
    let customer = Query { customer: Some("x".into()), ..Query::default() };
    let mut cannot = vec![(able.text, text), (able.priority, priority), (able.customer, customer)];
    for field in [Emptiable::Assignee, Emptiable::Group, Emptiable::Service, Emptiable::Priority] {
        let query = Query { where_empty: Some(field), ..Query::default() };
        cannot.push((able.empty.contains(&field), query));
    }
    for state in [State::OnHold, State::Closed] {
        cannot.push((able.states.contains(&state), Query { states: vec![state], ..Query::default() }));
    }
    for (_, query) in cannot.into_iter().filter(|(able, _)| !able) {
        let refused = s.desk.search(&cx(), &query, first(1)).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnsupportedFilter, "{query:?}");
    }
}

async fn reads_one_incident(s: &Subject<'_>) {
    let known = known(s).await;
    assert_eq!(known.id.native(), s.incident);
    assert!(
        known.state.is_open()
            && known.service.is_some()
            && known.service_id.is_some()
            && !known.url.is_empty(),
        "{known:?}"
    );
    let entries = s.desk.timeline(&cx(), &s.incident, 50).await.unwrap();
    assert!(!entries.is_empty(), "something happened to it");
    assert!(entries.is_sorted_by(|a, b| a.at >= b.at), "newest first");
    assert!(s.desk.timeline(&cx(), &s.incident, 1).await.unwrap().len() == 1);
    let absent = absent(&s.incident);
    assert_eq!(s.desk.get(&cx(), &absent).await.unwrap_err().code(), Code::NotFound, "{absent}");
    let none = Query { ids: vec![absent], ..Query::default() };
    assert!(found(s, &none).await.is_empty(), "an id that does not exist matches nothing");
}

/// A well-formed id of no incident.
fn absent(incident: &str) -> String {
    let turned = |c: char| match c {
        '0'..='8' => '9',
        '9' => '8',
        other => other,
    };
    incident.chars().map(turned).collect()
}

async fn finds_related_ones(s: &Subject<'_>) {
    let known = known(s).await;
    let related = Signature {
        incident: Some(s.incident.clone()),
        service: Some(service_key(s).await),
        words: known.title.to_string(),
    };
    let rows = found(s, &Query { related: Some(related), ..Query::default() }).await;
    assert!(!rows.is_empty(), "it has a past");
    assert!(rows.iter().all(|r| r.id != known.id && r.relation.is_some()), "others, each with its relation");
    let service =
        Signature { incident: None, service: Some(service_key(s).await), words: "zzzznothing".into() };
    let rows = found(s, &Query { related: Some(service), ..Query::default() }).await;
    assert!(!rows.is_empty(), "what another desk knows is related by service");
}

async fn shows_alerts(s: &Subject<'_>) {
    let of_incident = AlertQuery { incident: Some(s.incident.clone()), ..AlertQuery::default() };
    let rows = s.desk.alerts(&cx(), &of_incident, first(50)).await;
    if !s.desk.able().alerts {
        return assert_eq!(rows.unwrap_err().code(), Code::Unsupported);
    }
    let rows = rows.unwrap().rows;
    assert!(!rows.is_empty() && rows.is_sorted_by(|a, b| a.raised >= b.raised));
    let one = s.desk.alert(&cx(), rows[0].id.native()).await.unwrap();
    assert_eq!((one.id, one.title), (rows[0].id.clone(), rows[0].title.clone()));
    assert_eq!(s.desk.recognize(Noun::Alert, rows[0].id.native()).as_deref(), Some(rows[0].id.native()));
    let of_service =
        AlertQuery { service: Some(service_key(s).await), after: Some(days_ago(7)), ..AlertQuery::default() };
    let all = s.desk.alerts(&cx(), &of_service, first(100)).await.unwrap().rows;
    assert!(all.is_sorted_by(|a, b| a.raised >= b.raised));
    let recent = |raised: Timestamp| raised >= days_ago(7);
    for row in rows.iter().filter(|row| recent(row.raised.0)) {
        assert!(
            all.iter().any(|a| a.id == row.id),
            "an alert of the incident is one of its service: {row:?}"
        );
    }
    let none = AlertQuery { before: Some(days_ago(4000)), after: Some(days_ago(4001)), ..of_service };
    assert!(s.desk.alerts(&cx(), &none, first(5)).await.unwrap().rows.is_empty());
}

async fn shows_changes(s: &Subject<'_>) {
    let query = ChangeQuery { service: Some(service_key(s).await), ..ChangeQuery::default() };
    let rows = s.desk.changes(&cx(), &query, first(50)).await;
    if !s.desk.able().changes {
        return assert_eq!(rows.unwrap_err().code(), Code::Unsupported);
    }
    let rows = rows.unwrap().rows;
    assert!(!rows.is_empty() && rows.is_sorted_by(|a, b| a.start >= b.start));
    assert!(rows.iter().all(|r| r.service.as_ref().is_none_or(|n| n.as_str() == s.service)));
    let latest = rows[0].start.0;
    let before = ChangeQuery { before: Some(latest), ..query.clone() };
    assert!(s.desk.changes(&cx(), &before, first(50)).await.unwrap().rows.iter().all(|r| r.start.0 < latest));
    let risky = ChangeQuery { risk: Some(Risk::High), ..query };
    match s.desk.changes(&cx(), &risky, first(50)).await {
        Ok(rows) => {
            assert!(rows.rows.iter().all(|r| r.risk == Some(Risk::High)) && s.desk.able().change_risk)
        }
        Err(error) => {
            assert!(error.code() == Code::UnsupportedFilter && !s.desk.able().change_risk, "{error:?}")
        }
    }
    let suspects = ChangeQuery { incident: Some(s.incident.clone()), ..ChangeQuery::default() };
    let opened = known(s).await.opened.0;
    let late = |start: Timestamp| start > opened + SignedDuration::from_hours(1);
    let rows = s.desk.changes(&cx(), &suspects, first(50)).await.unwrap().rows;
    assert!(rows.iter().all(|r| !late(r.start.0)), "what came after did not cause it");
}

async fn knows_who_is_on_call(s: &Subject<'_>) {
    let query = OnCallQuery {
        service: Some(service_key(s).await),
        group: known(s).await.group_key,
        at: Timestamp::now(),
    };
    let rows = s.desk.on_call(&cx(), &query).await;
    if !s.desk.able().on_call {
        return assert_eq!(rows.unwrap_err().code(), Code::Unsupported);
    }
    let rows = rows.unwrap();
    assert!(!rows.is_empty() && rows.is_sorted_by_key(|on| (on.group.name.clone(), on.level)), "{rows:?}");
}

async fn keeps_clocks(s: &Subject<'_>) {
    let query = SlaQuery {
        due_before: Some(Timestamp::now() + SignedDuration::from_hours(24)),
        ..SlaQuery::default()
    };
    let rows = s.desk.slas(&cx(), &query, first(50)).await;
    if !s.desk.able().slas {
        return assert_eq!(rows.unwrap_err().code(), Code::Unsupported);
    }
    let rows = rows.unwrap().rows;
    assert!(!rows.is_empty() && rows.is_sorted_by(|a, b| a.due <= b.due));
    assert!(
        rows.iter().all(|r| Some(r.due.0) < query.due_before || r.state == crate::model::SlaState::Breached)
    );
    let own = SlaQuery { incident: Some(s.incident.clone()), ..SlaQuery::default() };
    let rows = s.desk.slas(&cx(), &own, first(50)).await.unwrap().rows;
    assert!(!rows.is_empty() && rows.iter().all(|r| r.incident.native() == s.incident));
}

fn new(service: &str) -> NewIncident {
    NewIncident {
        service: service.into(),
        title: "Behaves: \"quotes\" & <tags>".into(),
        description: Some("First line.\n\nEvidence:\n- https://grafana.example/d/1".into()),
        urgency: Urgency::High,
    }
}

async fn opens_once_and_finds_by_key(s: &Subject<'_>) {
    let (cx, mut mark) = writing("open");
    mark.external_key = Some("behavior/open: \u{e9} 1".into());
    let service = service_key(s).await;
    assert!(s.desk.find_opened(&cx, &service, &mark).await.unwrap().is_none());
    let opened = s.desk.open(&cx, &new(&service), &mark).await.unwrap();
    assert_eq!(opened.title.as_str(), "Behaves: \"quotes\" & <tags>");
    assert!(opened.state.is_open() && opened.service.as_ref().is_some_and(|name| name.as_str() == s.service));
    let text = opened.description.as_ref().map(|d| d.as_str().to_owned()).unwrap_or_default();
    assert!(text.contains("First line.") && text.contains("grafana.example"), "{text}");
    assert!(!text.contains(&mark.operation), "no marker shows");
    let found = s.desk.find_opened(&cx, &service, &mark).await.unwrap().unwrap();
    assert_eq!(found.id, opened.id);
    let resolved = resolve(s, opened.id.native()).await;
    assert!(!resolved.state.is_open(), "{resolved:?}");
    let (_, other) = writing("open another");
    let other = Mark { external_key: mark.external_key.clone(), ..other };
    assert!(
        s.desk.find_opened(&cx, &service, &other).await.unwrap().is_none(),
        "what is resolved can be back"
    );
    let still = s.desk.find_opened(&cx, &service, &mark).await.unwrap();
    assert_eq!(still.map(|i| i.id), Some(opened.id), "the operation's own is found, resolved or not");
}

async fn resolve(s: &Subject<'_>, id: &str) -> Incident {
    let (cx, mark) = writing("resolve");
    let moves = s.desk.moves(&cx, id).await.unwrap();
    let resolving = moves.iter().find(|m| m.action == Action::Resolve).expect("an open one can be resolved");
    let to = Transition {
        action: Action::Resolve,
        assignee: None,
        group: None,
        close_code: resolving.close_codes.first().cloned(),
        notes: Some("Rolled back.".into()),
    };
    s.desk.change(&cx, id, &to, &mark).await.unwrap().after
}

async fn moves_through_its_workflow(s: &Subject<'_>) {
    let (cx, mut mark) = writing("move");
    mark.external_key = Some("behavior/move".into());
    let opened = s.desk.open(&cx, &new(&service_key(s).await), &mark).await.unwrap();
    let id = opened.id.native();
    let step = |action| Transition { action, assignee: None, group: None, close_code: None, notes: None };
    let moves = s.desk.moves(&cx, id).await.unwrap();
    assert!(moves.iter().all(|m| s.desk.able().actions.contains(&m.action)), "{moves:?}");
    if moves.iter().any(|m| m.action == Action::Acknowledge) {
        let changed = s.desk.change(&cx, id, &step(Action::Acknowledge), &mark).await.unwrap();
        assert_eq!((changed.before.state, changed.after.state), (State::New, State::InProgress));
    }
    if moves.iter().any(|m| m.action == Action::Escalate) {
        changed_and_found(s, id, &step(Action::Escalate)).await;
    }
    let person = s.desk.people(&cx, s.person).await.unwrap().remove(0);
    let assign = Transition { assignee: Some(person.id), ..step(Action::Assign) };
    let changed = changed_and_found(s, id, &assign).await;
    assert!(changed.after.assignees.contains(&person.name), "{changed:?}");
    assert!(!resolve(s, id).await.state.is_open());
    let moves = s.desk.moves(&cx, id).await.unwrap();
    assert!(!moves.iter().any(|m| m.action == Action::Resolve), "what is resolved cannot be resolved again");
}

/// A change that is found again by its operation, as a repeat does whose first answer was lost.
async fn changed_and_found(s: &Subject<'_>, id: &str, to: &Transition) -> Changed {
    let (cx, mark) = writing(&format!("{:?}", to.action));
    assert!(s.desk.find_changed(&cx, id, to, &mark).await.unwrap().is_none(), "{to:?}");
    let changed = s.desk.change(&cx, id, to, &mark).await.unwrap();
    let found = s.desk.find_changed(&cx, id, to, &mark).await.unwrap();
    assert_eq!(found.map(|incident| incident.id), Some(changed.after.id.clone()), "{to:?}");
    changed
}

async fn posts_to_an_explicit_audience(s: &Subject<'_>) {
    for (audience, able) in [(Audience::Internal, true), (Audience::Customer, s.desk.able().customer_updates)]
    {
        let (cx, mark) = writing(if audience == Audience::Internal { "note" } else { "comment" });
        // Desks tell times to the second: two texts of one second have no order.
        let text = &format!("Looked at it: `x < 1` holds for {audience:?}.\n\nSee the runbook.");
        assert!(s.desk.find_posted(&cx, &s.incident, &mark).await.unwrap().is_none());
        let posted = s.desk.post(&cx, &s.incident, text, audience, &mark).await;
        if !able {
            assert_eq!(posted.unwrap_err().code(), Code::Unsupported);
            assert!(
                s.desk.find_posted(&cx, &s.incident, &mark).await.unwrap().is_none(),
                "refused, never posted"
            );
            continue;
        }
        let posted = posted.unwrap();
        assert!(posted.text.as_str().contains("x < 1") && posted.audience == audience, "{posted:?}");
        assert!(!posted.text.as_str().contains(&mark.operation), "no marker shows");
        let found = s.desk.find_posted(&cx, &s.incident, &mark).await.unwrap().unwrap();
        assert_eq!((found.id, found.audience), (posted.id, audience));
        let timeline = s.desk.timeline(&cx, &s.incident, 5).await.unwrap();
        let shown = timeline.iter().find(|e| e.text.as_ref().is_some_and(|t| t.as_str() == text));
        assert_eq!(shown.and_then(|e| e.audience), Some(audience), "{timeline:?}");
    }
}

async fn runs_only_what_it_offers(s: &Subject<'_>) {
    let (cx, mark) = writing("run");
    let offered = s.desk.remediations(&cx, &service_key(s).await).await;
    if !s.desk.able().remediations {
        return assert_eq!(offered.unwrap_err().code(), Code::Unsupported);
    }
    let offered = offered.unwrap();
    let native = offered[0].id.native();
    assert_eq!(s.desk.recognize(Noun::Remediation, native).as_deref(), Some(native));
    assert!(s.desk.find_run(&cx, native, &s.incident, &mark).await.unwrap().is_none());
    let run = s.desk.run(&cx, native, &s.incident, &mark).await.unwrap();
    assert_eq!(run.remediation.id, offered[0].id);
    assert_eq!(s.desk.find_run(&cx, native, &s.incident, &mark).await.unwrap().map(|r| r.id), Some(run.id));
}

#[tokio::test]
async fn memory_holds() {
    use crate::desk::Able;
    use crate::vendors::memory::Memory;

    let without =
        Able { alerts: false, changes: false, on_call: false, slas: false, remediations: false, ..Able::ALL };
    let less = Able {
        text: false,
        priority: false,
        customer: false,
        empty: &[],
        customer_updates: false,
        ..without
    };
    for able in [Able::ALL, without, less] {
        let desk = Memory::new("desk", able);
        holds(&Subject {
            desk: &desk,
            service: "Checkout API",
            incident: "INC0010023".into(),
            person: "Chidi Okafor",
            customer: "Nordwind Handel AG",
        })
        .await;
    }
}
