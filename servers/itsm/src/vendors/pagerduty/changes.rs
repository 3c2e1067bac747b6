//! Change events: deployments and the like.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use outbound::Request;
use tool::{Fetch, Moment, Rows};

use super::account::{self, Account};
use super::wire;
use crate::desk::ChangeQuery;
use crate::model::{Change, ChangeKind};

/// A page of changes, newest first.
pub(super) async fn changes(
    account: &Account,
    cx: &Cx,
    query: &ChangeQuery,
    page: Fetch,
) -> Result<Rows<Change>> {
    query.within(&super::able(account))?;
    if let Some(incident) = &query.incident {
        return suspects(account, cx, incident, query, &page).await;
    }
    let token = page.token.as_deref().map_or(Ok(0), str::parse::<u32>);
    let offset =
        token.map_err(|_| Error::new(Code::CursorExpired, "this is no place in a list of changes"))?;
    let limit = page.limit.min(100);
    let mut request = match &query.service {
        Some(service) => Request::get("/services/{id}/change_events", &[service]),
        None => Request::get("/change_events", &[]),
    };
    request = request.query("limit", limit).query("offset", offset);
    for (name, at) in [("since", query.after), ("until", query.before)] {
        if let Some(at) = at {
            request = request.query(name, at);
        }
    }
    let reply = account.send(cx, request).await?;
    let found: wire::Changes<'_> = reply.json()?;
    let rows = kept(account, query, &found);
    Ok(Rows { rows, next: found.more.then(|| (offset + limit).to_string()), total: None, as_of: cx.now() })
}

/// What PagerDuty itself relates to an incident; one page.
async fn suspects(
    account: &Account,
    cx: &Cx,
    incident: &str,
    query: &ChangeQuery,
    page: &Fetch,
) -> Result<Rows<Change>> {
    let request = Request::get("/incidents/{id}/related_change_events", &[incident])
        .query("limit", page.limit.min(100));
    let reply = account.send(cx, request).await.map_err(|error| account::missing(incident, error))?;
    let rows = kept(account, query, &reply.json()?);
    Ok(Rows { rows, next: None, total: None, as_of: cx.now() })
}

fn kept(account: &Account, query: &ChangeQuery, found: &wire::Changes<'_>) -> Vec<Change> {
    let within = |change: &&wire::Change<'_>| {
        query.after.is_none_or(|after| change.timestamp >= after)
            && query.before.is_none_or(|before| change.timestamp < before)
    };
    let mut rows: Vec<Change> =
        found.change_events.iter().filter(within).map(|change| shown(account, query, change)).collect();
    rows.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| a.id.cmp(&b.id)));
    rows
}

fn shown(account: &Account, query: &ChangeQuery, change: &wire::Change<'_>) -> Change {
    // A change may be of several services: the one asked about is shown.
    let asked = |service: &&wire::Reference<'_>| service.id.as_deref() == query.service.as_deref();
    let service = change.services.iter().find(asked).or_else(|| change.services.first());
    Change {
        id: account.id(&*change.id),
        number: None,
        kind: ChangeKind::Deployment,
        title: Label::new(change.summary.as_deref().unwrap_or_default()),
        status: None,
        risk: None,
        service: service.and_then(|service| account.named(service)),
        author: change.source.as_deref().map(Label::new),
        start: Moment(change.timestamp),
        end: None,
        url: change.html_url.as_deref().map(str::to_owned),
    }
}
