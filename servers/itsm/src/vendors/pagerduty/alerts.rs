//! Alerts: of an incident in pages, of a service by asking each of its incidents.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use outbound::Request;
use tool::{Count, Fetch, Moment, Rows, Total};

use super::account::{self, Account};
use super::query::{self, Place};
use super::wire;
use crate::desk::{AlertQuery, Query};
use crate::model::{Alert, Severity};

/// Incidents of a service that are asked at once.
const AT_ONCE: u32 = 20;

/// Pages of one incident's alerts that are read, 100 on each.
const MOST_PAGES: u32 = 10;

/// An incident may have been opened this long before an alert that was added to it.
const EARLIER: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A page of alerts, newest first.
pub(super) async fn alerts(
    account: &Account,
    cx: &Cx,
    query: &AlertQuery,
    page: Fetch,
) -> Result<Rows<Alert>> {
    match (&query.incident, &query.service) {
        (Some(incident), _) => of_incident(account, cx, incident, query, page).await,
        (None, Some(service)) => of_service(account, cx, service, query, page).await,
        (None, None) => Err(Error::internal("alerts of neither incident nor service were asked for")),
    }
}

/// One alert, by the ids of its incident and its own.
pub(super) async fn alert(account: &Account, cx: &Cx, id: &str) -> Result<Alert> {
    let (incident, alert) = id.split_once('/').unwrap_or((id, id));
    let request = Request::get("/incidents/{id}/alerts/{alert}", &[incident, alert]);
    let reply = account.send(cx, request).await?;
    Ok(shown(account, incident, &reply.json::<wire::OneAlert<'_>>()?.alert))
}

async fn of_incident(
    account: &Account,
    cx: &Cx,
    incident: &str,
    query: &AlertQuery,
    page: Fetch,
) -> Result<Rows<Alert>> {
    let offset = offset(&page)?;
    let limit = page.limit.min(100);
    let (mut rows, more) = some(account, cx, incident, offset, limit).await?;
    rows.retain(|alert| within(query, alert.raised.0));
    Ok(Rows { rows, next: more.then(|| (offset + limit).to_string()), total: None, as_of: cx.now() })
}

/// PagerDuty has no alerts of a service: its incidents since a week before the stretch are asked, newest first.
async fn of_service(
    account: &Account,
    cx: &Cx,
    service: &str,
    query: &AlertQuery,
    page: Fetch,
) -> Result<Rows<Alert>> {
    let place = Place::read(page.token.as_deref(), cx.now())?;
    let wanted = Query { service: Some(service.to_owned()), ..Query::default() };
    let since = query.after.and_then(|after| after.checked_sub(EARLIER).ok());
    // Longer than half a year, PagerDuty gives no window; then all of time is asked.
    let window = since.map(|since| (since, place.end));
    let window = window.filter(|(since, end)| end.duration_since(*since).as_hours() < 24 * 180);
    let reply = account.send(cx, query::request(&wanted, window, place.offset, AT_ONCE)?).await?;
    let found: wire::Incidents<'_> = reply.json()?;
    let asked = found.incidents.iter().map(|incident| every(account, cx, &incident.id));
    let (rows, cut): (Vec<Vec<Alert>>, Vec<bool>) = try_join_all(asked).await?.into_iter().unzip();
    let mut rows = rows.concat();
    rows.retain(|alert| within(query, alert.raised.0));
    rows.sort_by(|a, b| b.raised.cmp(&a.raised).then_with(|| a.id.cmp(&b.id)));
    let next = found.more.then(|| Place { offset: place.offset + AT_ONCE, ..place }.token());
    let at_least = Total { count: rows.len() as u64, kind: Count::AtLeast };
    Ok(Rows { rows, next, total: cut.contains(&true).then_some(at_least), as_of: cx.now() })
}

/// The alerts of an incident, and whether there are more than were read.
async fn every(account: &Account, cx: &Cx, incident: &str) -> Result<(Vec<Alert>, bool)> {
    let mut all = Vec::new();
    for page in 0..MOST_PAGES {
        let (rows, more) = some(account, cx, incident, page * 100, 100).await?;
        all.extend(rows);
        if !more {
            return Ok((all, false));
        }
    }
    Ok((all, true))
}

async fn some(
    account: &Account,
    cx: &Cx,
    incident: &str,
    offset: u32,
    limit: u32,
) -> Result<(Vec<Alert>, bool)> {
    let request = Request::get("/incidents/{id}/alerts", &[incident])
        .query("limit", limit)
        .query("offset", offset)
        .query("sort_by", "created_at:desc");
    let reply = account.send(cx, request).await.map_err(|error| account::missing(incident, error))?;
    let found: wire::Alerts<'_> = reply.json()?;
    Ok((found.alerts.iter().map(|alert| shown(account, incident, alert)).collect(), found.more))
}

fn within(query: &AlertQuery, raised: Timestamp) -> bool {
    query.after.is_none_or(|after| raised >= after) && query.before.is_none_or(|before| raised < before)
}

fn offset(page: &Fetch) -> Result<u32> {
    let read = page.token.as_deref().map_or(Ok(0), str::parse);
    read.map_err(|_| Error::new(Code::CursorExpired, "this is no place in a list of alerts"))
}

fn shown(account: &Account, incident: &str, alert: &wire::Alert<'_>) -> Alert {
    let incident = alert.incident.as_ref().and_then(|i| i.id.as_deref()).unwrap_or(incident);
    let body = alert.body.as_ref();
    let event = body.and_then(|body| body.cef_details.as_ref());
    let component =
        event.and_then(|event| event.source_component.as_deref().or(event.source_origin.as_deref()));
    Alert {
        id: account.id(format!("{incident}/{}", alert.id)),
        title: Label::new(alert.summary.as_deref().unwrap_or_default()),
        severity: alert.severity.as_deref().and_then(severity),
        firing: alert.status != "resolved",
        raised: Moment(alert.created_at),
        key: alert.alert_key.as_deref().map(Label::new),
        service: alert.service.as_ref().and_then(|service| account.named(service)),
        component: component.map(Label::new),
        incident: Some(account.id(incident)),
        details: body.and_then(|body| account::details(body.details?)),
        url: alert.html_url.as_deref().map(|page| Account::alert_page(page, incident)),
    }
}

fn severity(word: &str) -> Option<Severity> {
    match word {
        "critical" => Some(Severity::Critical),
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        _ => None,
    }
}
