//! Services, teams and people by name.

use call::Cx;
use content::Label;
use error::{Code, Result};
use outbound::{Reply, Request};
use tool::{Person, Place};

use super::account::{Account, is_id};
use super::wire;
use crate::desk::Noun;

/// Services or teams whose name contains `like`, or of that id; where there is none, the first hundred, for a hint.
pub(super) async fn places(account: &Account, cx: &Cx, noun: Noun, like: &str) -> Result<Vec<Place>> {
    if is_id(like)
        && let Some(place) = by_id(account, cx, noun, like).await?
    {
        return Ok(vec![place]);
    }
    let found = named(account, cx, noun, like).await?;
    if !found.is_empty() || like.is_empty() { Ok(found) } else { named(account, cx, noun, "").await }
}

async fn by_id(account: &Account, cx: &Cx, noun: Noun, id: &str) -> Result<Option<Place>> {
    let request = match noun {
        Noun::Group => Request::get("/teams/{id}", &[id]),
        _ => Request::get("/services/{id}", &[id]),
    };
    let Some(reply) = existing(account.send(cx, request).await)? else { return Ok(None) };
    Ok(Some(match noun {
        Noun::Group => place(&reply.json::<wire::OneTeam<'_>>()?.team),
        _ => place(&reply.json::<wire::OneService<'_>>()?.service),
    }))
}

async fn named(account: &Account, cx: &Cx, noun: Noun, like: &str) -> Result<Vec<Place>> {
    let list = |template| {
        let request = Request::get(template, &[]).query("limit", 100);
        if like.is_empty() { request } else { request.query("query", like) }
    };
    if noun == Noun::Group {
        let reply = account.send(cx, list("/teams")).await?;
        return Ok(reply.json::<wire::Teams<'_>>()?.teams.iter().map(place).collect());
    }
    let reply = account.send(cx, list("/services").query("sort_by", "name")).await?;
    Ok(reply.json::<wire::Services<'_>>()?.services.iter().map(place).collect())
}

fn place(place: &wire::Place<'_>) -> Place {
    Place { key: place.id.clone().into_owned(), name: Label::new(&place.name) }
}

/// The escalation policy of a service.
pub(super) async fn policy_of(account: &Account, cx: &Cx, service: &str) -> Result<Option<String>> {
    let reply = account.send(cx, Request::get("/services/{id}", &[service])).await?;
    let service = reply.json::<wire::OneService<'_>>()?.service;
    Ok(service.escalation_policy.and_then(|policy| policy.id).map(std::borrow::Cow::into_owned))
}

/// The escalation policies of a team, at most a hundred.
pub(super) async fn policies_of(account: &Account, cx: &Cx, team: &str) -> Result<Vec<String>> {
    let request = Request::get("/escalation_policies", &[]).query("team_ids[]", team).query("limit", 100);
    let reply = account.send(cx, request).await?;
    let found: wire::Policies<'_> = reply.json()?;
    Ok(found.escalation_policies.into_iter().filter_map(|p| Some(p.id?.into_owned())).collect())
}

/// People whose address, id or full name is `text`.
pub(super) async fn people(account: &Account, cx: &Cx, text: &str) -> Result<Vec<Person>> {
    if is_id(text) {
        let found = existing(account.send(cx, Request::get("/users/{id}", &[text])).await)?;
        if let Some(reply) = found {
            return Ok(vec![person(&reply.json::<wire::OneUser<'_>>()?.user)]);
        }
    }
    let request = Request::get("/users", &[]).query("query", text).query("limit", 100);
    let reply = account.send(cx, request).await?;
    let found: wire::Users<'_> = reply.json()?;
    let wanted = text.to_lowercase();
    let is = |name: Option<&str>| name.is_some_and(|name| name.to_lowercase() == wanted);
    let meant = found.users.iter().filter(|user| is(user.summary.as_deref()) || is(user.email.as_deref()));
    Ok(meant.take(10).map(person).collect())
}

fn person(user: &wire::User<'_>) -> Person {
    Person {
        id: user.id.clone().into_owned(),
        name: Label::new(user.summary.as_deref().unwrap_or_default()),
        email: user.email.as_deref().map(str::to_owned),
    }
}

fn existing(reply: Result<Reply>) -> Result<Option<Reply>> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(error) if error.code() == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
