//! Who is on call.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp};
use outbound::Request;
use tool::Moment;

use super::account::Account;
use super::{places, wire};
use crate::desk::OnCallQuery;
use crate::model::{Named, OnCall};

/// Pages of people on call that are read, 100 on each.
const MOST_PAGES: u32 = 10;

/// By policy and level. A service has one escalation policy, a team may have several.
pub(super) async fn on_call(account: &Account, cx: &Cx, query: &OnCallQuery) -> Result<Vec<OnCall>> {
    let policies = match (&query.service, &query.group) {
        (Some(service), _) => places::policy_of(account, cx, service).await?.into_iter().collect(),
        (None, Some(team)) => places::policies_of(account, cx, team).await?,
        (None, None) => Vec::new(),
    };
    if policies.is_empty() && (query.service.is_some() || query.group.is_some()) {
        return Ok(Vec::new());
    }
    let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
    let mut rows: Vec<OnCall> = Vec::new();
    let see = |on: &wire::OnCall<'_>| {
        let begun = on.start.is_none_or(|start| start <= query.at);
        let holds = begun && on.end.is_none_or(|end| query.at < end);
        rows.extend(holds.then(|| shown(account, on)).flatten());
    };
    each(account, cx, &policies, query.at, see).await?;
    rows.sort_by(|a, b| (&a.group.name, a.level, &a.person).cmp(&(&b.group.name, b.level, &b.person)));
    Ok(rows)
}

/// Shows `see` everybody on call at a time for some policies, or for all if none is named. Errors: `too_broad` if they are
/// too many to be read.
pub(super) async fn each(
    account: &Account,
    cx: &Cx,
    policies: &[&str],
    at: Timestamp,
    mut see: impl FnMut(&wire::OnCall<'_>) + Send,
) -> Result<()> {
    let until = at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at);
    let second = |at: Timestamp| Timestamp::from_second(at.as_second()).unwrap_or(at);
    for page in 0..MOST_PAGES {
        let request = Request::get("/oncalls", &[])
            .query("since", second(at))
            .query("until", second(until))
            .query("include[]", "users")
            .query("include[]", "escalation_policies")
            .query("limit", 100)
            .query("offset", page * 100);
        let named = |request: Request, policy: &&str| request.query("escalation_policy_ids[]", policy);
        let reply = account.send(cx, policies.iter().fold(request, named)).await?;
        let found: wire::OnCalls<'_> = reply.json()?;
        found.oncalls.iter().for_each(&mut see);
        if !found.more {
            return Ok(());
        }
    }
    Err(Error::new(Code::TooBroad, "more people are on call than can be read at once")
        .hint("ask for one service, or for a smaller team"))
}

fn shown(account: &Account, on: &wire::OnCall<'_>) -> Option<OnCall> {
    Some(OnCall {
        person: Label::new(on.user.summary.as_deref().unwrap_or(&on.user.id)),
        email: on.user.email.as_deref().map(Label::new),
        level: Some(on.escalation_level),
        group: group(account, &on.escalation_policy)?,
        schedule: on.schedule.as_ref().and_then(|schedule| schedule.summary.as_deref()).map(Label::new),
        start: on.start.map(Moment),
        end: on.end.map(Moment),
    })
}

/// The team of a policy, which is what other tools take for a group; a policy of no team stands for itself.
fn group(account: &Account, policy: &wire::OnCallPolicy<'_>) -> Option<Named> {
    match policy.teams.first() {
        Some(team) => account.named(team),
        None => account.named(&wire::Reference { id: policy.id.clone(), summary: policy.summary.clone() }),
    }
}
