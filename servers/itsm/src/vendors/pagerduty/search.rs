//! Incidents in lists: by filters, by id, by likeness.

use std::collections::{BTreeMap, HashSet};

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use outbound::Request;
use tool::{Fetch, RecordId, Rows};

use super::account::{Account, is_id};
use super::query::{self, Place};
use super::{incident, wire};
use crate::desk::{Query, Signature};
use crate::listing::newest_first;
use crate::model::Incident;

/// Past incidents that are read in full.
const PAST: usize = 10;

/// Pages of a service's own incidents that are read, of 100.
const PAGES: usize = 5;

/// How far back others of the same service are alike.
const ALIKE: SignedDuration = SignedDuration::from_hours(24 * 180);

/// A page of incidents, newest first.
pub(super) async fn search(account: &Account, cx: &Cx, query: &Query, page: Fetch) -> Result<Rows<Incident>> {
    query.within(&super::able(account))?;
    match (&query.related, query.ids.is_empty()) {
        (Some(signature), _) => related(account, cx, query, signature).await,
        (None, false) => by_id(account, cx, query).await,
        (None, true) => listed(account, cx, query, page).await,
    }
}

async fn listed(account: &Account, cx: &Cx, query: &Query, page: Fetch) -> Result<Rows<Incident>> {
    let mut place = Place::read(page.token.as_deref(), cx.now())?;
    let windows = query::windows(query, place.end);
    let limit = page.limit.min(100);
    loop {
        let Some(window) = windows.get(place.window).copied() else {
            return Ok(rows(Vec::new(), None, cx.now()));
        };
        let reply = account.send(cx, query::request(query, window, place.offset, limit)?).await?;
        let found: wire::Incidents<'_> = reply.json()?;
        place = match found.more {
            true => Place { offset: place.offset + limit, ..place },
            false => Place { window: place.window + 1, offset: 0, ..place },
        };
        let next = (found.more || place.window < windows.len()).then(|| place.token());
        let incidents = found.incidents.iter().map(|one| account.incident(one, cx.now()));
        let kept: Vec<_> = incidents.filter(|one| query::within(query, window, one.opened.0)).collect();
        if !kept.is_empty() || next.is_none() {
            return Ok(rows(kept, next, cx.now()));
        }
    }
}

/// PagerDuty's list knows no ids: each is read by itself, and held against the other filters here.
async fn by_id(account: &Account, cx: &Cx, query: &Query) -> Result<Rows<Incident>> {
    let ids: HashSet<&String> = query.ids.iter().filter(|id| is_id(id)).collect();
    let read = join_all(ids.into_iter().map(|id| incident::get(account, cx, id, query.full))).await;
    let mut found = Vec::new();
    for incident in read {
        match incident {
            Ok(incident) => found.push(incident),
            Err(error) if error.code() == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.retain(|incident| holds(query, incident));
    Ok(rows(sorted(found), None, cx.now()))
}

/// What PagerDuty finds related and past (where the plan includes it), and the service's own last half year.
async fn related(account: &Account, cx: &Cx, query: &Query, signature: &Signature) -> Result<Rows<Incident>> {
    let (insight, of_service) =
        join(alike(account, cx, signature), same_service(account, cx, query, signature)).await;
    let mut relations: BTreeMap<String, String> = insight?;
    let mut found = of_service?;
    let known: HashSet<String> = found.iter().map(|one| one.id.native().to_owned()).collect();
    let unread: Vec<&String> = relations.keys().filter(|id| !known.contains(*id)).take(PAST).collect();
    for incident in join_all(unread.into_iter().map(|id| incident::get(account, cx, id, query.full))).await {
        match incident {
            Ok(incident) => found.push(incident),
            Err(error) if error.code() == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.retain(|one| Some(one.id.native()) != signature.incident.as_deref() && holds(query, one));
    for one in &mut found {
        let inferred = relations.remove(one.id.native());
        one.relation = Some(Label::new(&inferred.unwrap_or_else(|| by_words(one, signature).to_owned())));
    }
    Ok(rows(sorted(found), None, cx.now()))
}

fn by_words(incident: &Incident, signature: &Signature) -> &'static str {
    let title = incident.title.as_str().to_lowercase();
    let words = signature.words.to_lowercase();
    match !words.is_empty() && title.contains(&words) {
        true => "same service and error",
        false => "same service",
    }
}

/// What PagerDuty itself finds alike, by id; nothing where the plan does not include it.
async fn alike(account: &Account, cx: &Cx, signature: &Signature) -> Result<BTreeMap<String, String>> {
    let Some(id) = &signature.incident else { return Ok(BTreeMap::new()) };
    let related = Request::get("/incidents/{id}/related_incidents", &[id]);
    let past = Request::get("/incidents/{id}/past_incidents", &[id]).query("limit", PAST);
    let (related, past) = join(account.send(cx, related), account.send(cx, past)).await;
    let mut relations = BTreeMap::new();
    if let Some(reply) = planned(past)? {
        for one in reply.json::<wire::Past<'_>>()?.past_incidents {
            relations.insert(
                one.incident.id.into_owned(),
                format!("like it in the past (score {:.0})", one.score),
            );
        }
    }
    if let Some(reply) = planned(related)? {
        for one in reply.json::<wire::Related<'_>>()?.related_incidents {
            let kinds: Vec<&str> = one.relationships.iter().map(|r| &*r.kind).collect();
            relations.insert(one.incident.id.into_owned(), format!("related: {}", kinds.join(", ")));
        }
    }
    Ok(relations)
}

/// The reply, or none where the plan does not include the question.
fn planned(reply: Result<outbound::Reply>) -> Result<Option<outbound::Reply>> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if error.code() == Code::Permission => Ok(None),
        Err(error) => Err(error),
    }
}

async fn same_service(
    account: &Account,
    cx: &Cx,
    query: &Query,
    signature: &Signature,
) -> Result<Vec<Incident>> {
    let Some(service) = signature.service.as_ref().or(query.service.as_ref()) else { return Ok(Vec::new()) };
    let since =
        cx.now().saturating_sub(ALIKE).map_err(|_| Error::internal("the clock is before all time"))?;
    let narrowed = Query {
        service: Some(service.clone()),
        opened_after: Some(query.opened_after.unwrap_or(since)),
        related: None,
        ..query.clone()
    };
    let mut found = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = listed(account, cx, &narrowed, Fetch { token, limit: 100 }).await?;
        found.extend(page.rows);
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    Ok(found)
}

/// What PagerDuty was not asked to filter by.
fn holds(query: &Query, incident: &Incident) -> bool {
    let service = incident.service_id.as_ref().map(RecordId::native);
    (query.ids.is_empty() || query.ids.iter().any(|id| id == incident.id.native()))
        && (query.states.is_empty() || query.states.contains(&incident.state))
        && query.service.as_deref().is_none_or(|key| service == Some(key))
        && query.group.as_ref().is_none_or(|key| incident.group_key.as_ref() == Some(key))
        && query::within(query, None, incident.opened.0)
}

fn sorted(mut incidents: Vec<Incident>) -> Vec<Incident> {
    incidents.sort_by(|a, b| newest_first(a).cmp(&newest_first(b)));
    incidents
}

fn rows(rows: Vec<Incident>, next: Option<String>, as_of: Timestamp) -> Rows<Incident> {
    Rows { rows, next, total: None, as_of }
}
