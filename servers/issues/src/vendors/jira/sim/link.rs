//! Links between issues, and to other systems.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face::{Face, error, no_issue};
use super::state::{LINK_TYPES, Link, RemoteLink, Site};

/// `POST /issueLink`: the outward issue is the one the relation is done to.
pub(super) fn add(site: &mut Site, ask: &Ask, _: &Face) -> Reply {
    let body: Value = ask.json()?;
    let named =
        |side: &str| body[side]["key"].as_str().or(body[side]["id"].as_str()).and_then(|k| site.issue(k));
    let (from, to) =
        (named("inwardIssue").ok_or_else(no_issue)?.id, named("outwardIssue").ok_or_else(no_issue)?.id);
    let asked = &body["type"];
    let kind = LINK_TYPES.iter().find(|k| asked["name"] == k.1 || asked["id"] == k.0);
    let Some((kind, ..)) = kind else {
        return Err(error(404, &[&format!("No issue link type with name '{}' found.", asked["name"])]));
    };
    let id = site.next_id();
    site.links.push(Link { id, kind, from, to });
    for id in [from, to] {
        if let Some(issue) = site.issues.get_mut(&id) {
            issue.updated = ask.now;
        }
    }
    Ok(Answer::empty(201))
}

/// `GET /issueLinkType`.
pub(super) fn types(_: &mut Site, _: &Ask, face: &Face) -> Reply {
    let one = |(id, name, inward, outward): &(&str, &str, &str, &str)| {
        json!({
            "id": id, "name": name, "inward": inward, "outward": outward,
            "self": face.link(&format!("issueLinkType/{id}")),
        })
    };
    Ok(Answer::json(200, json!({ "issueLinkTypes": LINK_TYPES.iter().map(one).collect::<Vec<_>>() })))
}

/// `GET /issue/{issue}/remotelink`.
pub(super) fn remote(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let issue = site.issue(ask.param("issue")).ok_or_else(no_issue)?;
    let one = |link: &RemoteLink| {
        json!({
            "id": link.id,
            "self": face.link(&format!("issue/{}/remotelink/{}", issue.key(), link.id)),
            "object": { "url": link.url, "title": link.title, "icon": {}, "status": { "icon": {} } },
        })
    };
    Ok(Answer::json(200, issue.remote_links.iter().map(one).collect::<Vec<_>>()))
}

/// `POST /issue/{issue}/remotelink`.
pub(super) fn add_remote(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let body: Value = ask.json()?;
    let (Some(url), Some(title)) = (body["object"]["url"].as_str(), body["object"]["title"].as_str()) else {
        return Err(error(400, &["'object' must have 'url' and 'title'."]));
    };
    let id = site.next_id();
    let issue = site.issue_mut(ask.param("issue")).ok_or_else(no_issue)?;
    issue.remote_links.push(RemoteLink { id, url: url.to_owned(), title: title.to_owned() });
    let own = face.link(&format!("issue/{}/remotelink/{id}", issue.key()));
    Ok(Answer::json(201, json!({ "id": id, "self": own })))
}
