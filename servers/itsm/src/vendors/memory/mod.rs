//! The reference implementation: the port over plain data, for tests of the tools and of the behavior suite itself.

mod shelf;

use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{BoxFuture, Cx};
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::SignedDuration;
use tool::{Count, CustomerKeys, Fetch, Mark, MatchedBy, Moment, Person, Place, RecordId, Rows, Total};

use self::shelf::{GROUPS, PEOPLE, SERVICES, Shelf, Stored};
use crate::desk::{
    Able, AlertQuery, ChangeQuery, Changed, Customer, Move, NewIncident, Noun, OnCallQuery, Query,
    ServiceDesk, SlaQuery, Transition,
};
use crate::model::{
    Action, Alert, Audience, Change, Emptiable, Entry, Incident, OnCall, Remediation, Run, SlaClock, State,
    Update,
};
use crate::wakes::Wakes;

/// One desk in memory.
pub(crate) struct Memory {
    able: Able,
    wakes: Wakes,
    shelf: Mutex<Shelf>,
}

impl Memory {
    /// A desk with these abilities, as source `source`.
    pub(crate) fn new(source: &str, able: Able) -> Self {
        Self { able, wakes: Wakes::new(3), shelf: Mutex::new(Shelf::new(source)) }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How an incident may be said to be resolved here.
    fn close_codes(&self) -> &'static [&'static str] {
        if self.able.close_code { &["Fixed", "Workaround"] } else { &[] }
    }

    fn able_to(&self, able: bool) -> Result<()> {
        if able { Ok(()) } else { Err(Error::new(Code::Unsupported, "this desk cannot do that")) }
    }

    fn found(&self, query: &Query, page: &Fetch) -> Result<Rows<Incident>> {
        query.within(&self.able)?;
        let shelf = self.lock();
        let hits = shelf.incidents.iter().filter(|(id, stored)| matches(id, stored, query));
        let mut rows: Vec<Incident> = hits.map(|(_, stored)| shown(stored, query)).collect();
        rows.sort_by(|a, b| crate::listing::newest_first(a).cmp(&crate::listing::newest_first(b)));
        Ok(self.cut(&shelf, rows, page))
    }

    fn cut<T>(&self, shelf: &Shelf, rows: Vec<T>, page: &Fetch) -> Rows<T> {
        let count = rows.len();
        let start: usize = page.token.as_deref().and_then(|t| t.parse().ok()).unwrap_or_default();
        let rows: Vec<_> = rows.into_iter().skip(start).take(page.limit as usize).collect();
        let end = start + rows.len();
        Rows {
            rows,
            next: (end < count).then(|| end.to_string()),
            total: self.able.total.then_some(Total { count: count as u64, kind: Count::Exact }),
            as_of: shelf.now,
        }
    }

    fn edit(&self, id: &str, edit: impl FnOnce(&mut Stored, Moment)) -> Result<Changed> {
        let mut shelf = self.lock();
        shelf.clock += 1;
        let now = Moment(shelf.now + SignedDuration::from_secs(shelf.clock));
        let stored = shelf.incidents.get_mut(id).ok_or_else(|| missing(id))?;
        let (before, assignee_before) = (stored.incident.clone(), stored.assignee.clone());
        edit(stored, now);
        stored.incident.updated = Some(now);
        Ok(Changed { before, after: stored.incident.clone(), assignee_before })
    }

    fn add(&self, new: &NewIncident, mark: &Mark) -> Result<Incident> {
        let mut shelf = self.lock();
        shelf.clock += 1;
        let (key, opened) = (format!("INC009{:04}", shelf.clock), Moment(shelf.now));
        let mut incident =
            shelf.incidents.values().next().ok_or_else(|| missing("anything"))?.incident.clone();
        incident.id = shelf.id(&key);
        incident.number = Some(Label::new(&key));
        incident.title = Label::new(&new.title);
        (incident.state, incident.status) = (State::New, "New".into());
        incident.urgency = Some(new.urgency);
        incident.service = Some(shelf.named(&SERVICES, &new.service).name);
        incident.service_id = Some(shelf.id(&new.service));
        (incident.assignees, incident.customer, incident.resolved) = (Vec::new(), None, None);
        (incident.opened, incident.updated) = (opened, Some(opened));
        incident.url = format!("https://{}.example/{key}", shelf.source);
        incident.description = new.description.as_deref().map(|text| FreeText::new(text, Author::Internal));
        let opening = Entry { at: opened, what: "opened".into(), author: None, audience: None, text: None };
        let mut stored = shelf::stored(incident.clone(), opening);
        (stored.dedup_key, stored.operation) = (mark.external_key.clone(), Some(mark.operation.clone()));
        shelf.incidents.insert(key, stored);
        Ok(incident)
    }

    fn posted(&self, id: &str, text: &str, audience: Audience, mark: &Mark) -> Result<Update> {
        self.able_to(audience == Audience::Internal || self.able.customer_updates)?;
        let mut update = None;
        let source = self.lock().source.clone();
        self.edit(id, |stored, at| {
            let text = FreeText::new(text, Author::Internal);
            let author = Some(Label::new("Sandbox Agent"));
            let posted = Update {
                id: RecordId::new(&*source, format!("{id}/{}", stored.posted.len() + 1)),
                at,
                author: author.clone(),
                audience,
                text: text.clone(),
            };
            stored.posted.push((mark.operation.clone(), posted.clone()));
            let entry = Entry { at, what: "note".into(), author, audience: Some(audience), text: Some(text) };
            stored.entries.push(entry);
            update = Some(posted);
        })?;
        update.ok_or_else(|| missing(id))
    }

    fn started(&self, remediation: &str, incident: &str, mark: &Mark) -> Result<Run> {
        self.able_to(self.able.remediations)?;
        let mut shelf = self.lock();
        let id = shelf.id(&format!("R{}", shelf.runs.len() + 1));
        let started = Moment(shelf.now);
        shelf.incidents.get(incident).ok_or_else(|| missing(incident))?;
        let remediation = shelf.named(&[("restart-checkout", "Restart Checkout API")], remediation);
        let run = Run { id, remediation, status: "created".into(), started, url: None };
        shelf.runs.push((mark.operation.clone(), run.clone()));
        Ok(run)
    }
}

fn missing(id: &str) -> Error {
    Error::new(Code::NotFound, format!("there is no `{id}`"))
}

fn matches(id: &str, stored: &Stored, q: &Query) -> bool {
    let incident = &stored.incident;
    let says = |text: &String| {
        let body = incident.description.as_ref().map_or("", FreeText::as_str);
        let all = format!("{} {body}", incident.title).to_lowercase();
        text.to_lowercase().split_whitespace().all(|word| all.contains(word))
    };
    let is = |id: &Option<RecordId>, key: &String| id.as_ref().is_some_and(|id| id.native() == key);
    (q.ids.is_empty() || q.ids.iter().any(|i| i == id))
        && q.service.as_ref().is_none_or(|key| is(&incident.service_id, key))
        && q.group.as_ref().is_none_or(|key| incident.group_key.as_ref() == Some(key))
        && (q.states.is_empty() || q.states.contains(&incident.state))
        && q.priority.is_none_or(|p| incident.priority == Some(p))
        && q.customer.as_ref().is_none_or(|c| c == "nordwind" && incident.customer.is_some())
        && q.opened_after.is_none_or(|t| incident.opened.0 >= t)
        && q.opened_before.is_none_or(|t| incident.opened.0 < t)
        && q.text.as_ref().is_none_or(says)
        && q.related.as_ref().is_none_or(|r| {
            r.incident.as_deref() != Some(id)
                && (r.service.as_ref().is_some_and(|key| is(&incident.service_id, key)) || says(&r.words))
        })
        && q.where_empty.is_none_or(|field| match field {
            Emptiable::Assignee => incident.assignees.is_empty(),
            Emptiable::Group => incident.group.is_none(),
            Emptiable::Service => incident.service.is_none(),
            Emptiable::Priority => incident.priority.is_none(),
        })
}

fn shown(stored: &Stored, query: &Query) -> Incident {
    let mut incident = stored.incident.clone();
    incident.description = incident.description.filter(|_| query.full);
    incident.relation = query.related.as_ref().map(|r| match r.service.is_some() {
        true => "same service".into(),
        false => "same words".into(),
    });
    incident
}

impl ServiceDesk for Memory {
    fn able(&self) -> Able {
        self.able
    }

    fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        let prefix = format!("https://{}.example/", self.lock().source);
        let bare = reference.strip_prefix(&prefix).unwrap_or(reference);
        let is = match noun {
            Noun::Incident => bare.len() == 10 && bare.starts_with("INC"),
            Noun::Alert => bare.starts_with("A-"),
            Noun::Service => SERVICES.iter().any(|(key, _)| *key == bare),
            Noun::Group => GROUPS.iter().any(|(key, _)| *key == bare),
            Noun::Remediation => bare == "restart-checkout",
        };
        is.then(|| bare.to_owned())
    }

    fn places<'a>(&'a self, _: &'a Cx, noun: Noun, _: &'a str) -> BoxFuture<'a, Result<Vec<Place>>> {
        let all = if noun == Noun::Group { shelf::places(&GROUPS) } else { shelf::places(&SERVICES) };
        Box::pin(async { Ok(all) })
    }

    fn people<'a>(&'a self, _: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(async move { Ok(shelf::people(text)) })
    }

    fn customers<'a>(&'a self, _: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Customer>>> {
        Box::pin(async move {
            self.able_to(self.able.customer)?;
            let (key, name) = ("nordwind".to_owned(), Label::new("Nordwind Handel AG"));
            let keys = CustomerKeys { domain: Some("nordwind.example".into()), ..CustomerKeys::default() };
            let named = name.as_str().eq_ignore_ascii_case(text).then_some(MatchedBy::Name);
            let matched = (key == text).then_some(MatchedBy::Id).or(named).or_else(|| keys.matched(text));
            Ok(matched.map(|matched_by| Customer { key, name, matched_by }).into_iter().collect())
        })
    }

    fn search<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Incident>>> {
        Box::pin(async move { self.found(query, &page) })
    }

    fn get<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Incident>> {
        let found = self.lock().incidents.get(id).map(|s| s.incident.clone()).ok_or_else(|| missing(id));
        Box::pin(async { found })
    }

    fn timeline<'a>(&'a self, _: &'a Cx, id: &'a str, limit: u32) -> BoxFuture<'a, Result<Vec<Entry>>> {
        let entries = self.lock().incidents.get(id).map(|s| s.entries.clone()).ok_or_else(|| missing(id));
        Box::pin(async move { Ok(entries?.into_iter().rev().take(limit as usize).collect()) })
    }

    fn alerts<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a AlertQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Alert>>> {
        Box::pin(async move {
            self.able_to(self.able.alerts)?;
            let shelf = self.lock();
            let is = |alert: &&Alert| {
                let incident = alert.incident.as_ref().map(|id| id.native());
                let service = alert.service.as_ref().map(|s| s.id.native());
                query.incident.as_deref().is_none_or(|id| incident == Some(id))
                    && query.service.as_deref().is_none_or(|key| service == Some(key))
                    && query.after.is_none_or(|t| alert.raised.0 >= t)
                    && query.before.is_none_or(|t| alert.raised.0 < t)
            };
            let mut rows: Vec<_> = shelf.alerts.iter().filter(is).cloned().collect();
            rows.sort_by_key(|alert| std::cmp::Reverse(alert.raised));
            Ok(self.cut(&shelf, rows, &page))
        })
    }

    fn alert<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Alert>> {
        let found =
            self.lock().alerts.iter().find(|a| a.id.native() == id).cloned().ok_or_else(|| missing(id));
        Box::pin(async { found })
    }

    fn changes<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a ChangeQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Change>>> {
        Box::pin(async move {
            self.able_to(self.able.changes)?;
            query.within(&self.able)?;
            let shelf = self.lock();
            let is = |change: &&Change| {
                let service = change.service_id.as_ref().map(RecordId::native);
                query.service.as_deref().is_none_or(|key| service == Some(key))
                    && query.risk.is_none_or(|risk| change.risk == Some(risk))
                    && query.after.is_none_or(|t| change.start.0 >= t)
                    && query.before.is_none_or(|t| change.start.0 < t)
            };
            let mut rows: Vec<_> = shelf.changes.iter().filter(is).cloned().collect();
            rows.sort_by_key(|change| std::cmp::Reverse(change.start));
            Ok(self.cut(&shelf, rows, &page))
        })
    }

    fn on_call<'a>(&'a self, _: &'a Cx, query: &'a OnCallQuery) -> BoxFuture<'a, Result<Vec<OnCall>>> {
        Box::pin(async move {
            self.able_to(self.able.on_call)?;
            let holds = |on: &OnCall| {
                on.start.is_none_or(|start| start.0 <= query.at) && on.end.is_none_or(|end| query.at < end.0)
            };
            Ok(self.lock().on_call().into_iter().filter(holds).collect())
        })
    }

    fn slas<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a SlaQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<SlaClock>>> {
        Box::pin(async move {
            self.able_to(self.able.slas)?;
            let shelf = self.lock();
            let is = |clock: &&SlaClock| {
                let group = clock.group_id.as_ref().map(RecordId::native);
                query.incident.as_deref().is_none_or(|id| clock.incident.native() == id)
                    && query.group.as_deref().is_none_or(|key| group == Some(key))
                    && query.due_before.is_none_or(|t| clock.due.0 < t)
            };
            let mut rows: Vec<_> = shelf.slas.iter().filter(is).cloned().collect();
            rows.sort_by_key(|clock| clock.due);
            Ok(self.cut(&shelf, rows, &page))
        })
    }

    fn remediations<'a>(&'a self, _: &'a Cx, service: &'a str) -> BoxFuture<'a, Result<Vec<Remediation>>> {
        Box::pin(async move {
            self.able_to(self.able.remediations)?;
            let restart = Remediation {
                id: self.lock().id("restart-checkout"),
                name: "Restart Checkout API".into(),
                description: Some(FreeText::new("Rolling restart of all instances.", Author::Internal)),
            };
            Ok(if service == "checkout" { vec![restart] } else { Vec::new() })
        })
    }

    fn find_opened<'a>(
        &'a self,
        _: &'a Cx,
        service: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(async move {
            let of_service = |i: &Incident| i.service_id.as_ref().is_some_and(|id| id.native() == service);
            let bears = |stored: &&Stored| {
                let open = stored.dedup_key == mark.external_key && stored.incident.state.is_open();
                of_service(&stored.incident) && (open || stored.operation.as_ref() == Some(&mark.operation))
            };
            Ok(self.lock().incidents.values().find(bears).map(|stored| stored.incident.clone()))
        })
    }

    fn open<'a>(
        &'a self,
        _: &'a Cx,
        new: &'a NewIncident,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Incident>> {
        Box::pin(async move { self.add(new, mark) })
    }

    fn post<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        text: &'a str,
        audience: Audience,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Update>> {
        Box::pin(async move { self.posted(id, text, audience, mark) })
    }

    fn find_posted<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Update>>> {
        Box::pin(async move {
            let shelf = self.lock();
            let stored = shelf.incidents.get(id).ok_or_else(|| missing(id))?;
            Ok(stored.posted.iter().find(|(op, _)| *op == mark.operation).map(|(_, update)| update.clone()))
        })
    }

    fn moves<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Move>>> {
        Box::pin(async move {
            let state = self.lock().incidents.get(id).ok_or_else(|| missing(id))?.incident.state;
            let codes: Vec<String> = self.close_codes().iter().map(|&code| code.to_owned()).collect();
            let offered = |action: &Action| match action {
                Action::Acknowledge => state == State::New,
                _ => state.is_open(),
            };
            let a_move = |action: Action| Move {
                action,
                close_codes: if action == Action::Resolve { codes.clone() } else { Vec::new() },
                needs_notes: action == Action::Resolve && self.able.close_code,
            };
            Ok(self.able.actions.iter().copied().filter(offered).map(a_move).collect())
        })
    }

    fn change<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        to: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(async move {
            if to.close_code.as_deref().is_some_and(|code| !self.close_codes().contains(&code)) {
                return Err(Error::invalid("close_code", "is none of this desk's"));
            }
            self.edit(id, |stored, now| {
                stored.moved.push(mark.operation.clone());
                let state = match to.action {
                    Action::Acknowledge => State::InProgress,
                    Action::Resolve => State::Resolved,
                    Action::Assign | Action::Escalate => stored.incident.state,
                };
                (stored.incident.state, stored.incident.status) = (state, shelf::status(state).into());
                stored.incident.resolved = (to.action == Action::Resolve).then_some(now);
                if let Some(person) = &to.assignee {
                    let named = PEOPLE.iter().find(|(id, ..)| id == person);
                    stored.incident.assignees =
                        named.map(|(_, name, _)| Label::new(name)).into_iter().collect();
                    stored.assignee = Some(person.clone());
                }
            })
        })
    }

    fn find_changed<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        _: &'a Transition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Incident>>> {
        Box::pin(async move {
            let shelf = self.lock();
            let stored = shelf.incidents.get(id).ok_or_else(|| missing(id))?;
            Ok(stored.moved.contains(&mark.operation).then(|| stored.incident.clone()))
        })
    }

    fn run<'a>(
        &'a self,
        _: &'a Cx,
        remediation: &'a str,
        incident: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Run>> {
        Box::pin(async move { self.started(remediation, incident, mark) })
    }

    fn find_run<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a str,
        _: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Run>>> {
        Box::pin(async move {
            Ok(self.lock().runs.iter().find(|(op, _)| *op == mark.operation).map(|(_, run)| run.clone()))
        })
    }
}
