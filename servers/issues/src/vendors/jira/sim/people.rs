//! Accounts.

use sandbox::{Answer, Ask, Reply};
use serde_json::Value;

use super::face::{Face, error};
use super::render;
use super::state::{Site, User};

/// `GET /myself`.
pub(super) fn myself(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let me = site
        .caller(ask.who())
        .ok_or_else(|| error(401, &["Client must be authenticated to access this resource."]))?;
    Ok(Answer::json(200, render::user(me, face)))
}

/// `GET /user`.
pub(super) fn one(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let wanted = if face.cloud { ask.query("accountId") } else { ask.query("username").or(ask.query("key")) };
    let found = wanted.and_then(|id| site.user(id));
    found
        .map(|u| Answer::json(200, render::user(u, face)))
        .ok_or_else(|| error(404, &["The user does not exist."]))
}

/// `GET /user/search`: Cloud by `query` or `accountId`, Data Center by `username`.
pub(super) fn search(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    if face.cloud && ask.query("query").is_none() && ask.query("accountId").is_none() {
        return Err(error(
            400,
            &["The query parameter 'query', 'accountId' or 'property' must be provided."],
        ));
    }
    if !face.cloud && ask.query("username").is_none() {
        return Err(error(400, &["The username query parameter was not provided"]));
    }
    found(site, ask, face)
}

/// `GET /user/assignable/search`.
pub(super) fn assignable(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let place = ask.query("project").or(ask.query("issueKey")).unwrap_or_default();
    if site.project(place.split('-').next().unwrap_or_default()).is_none() {
        return Err(error(404, &[&format!("No project could be found with key '{place}'.")]));
    }
    found(site, ask, face)
}

fn found(site: &Site, ask: &Ask, face: &Face) -> Reply {
    let text = ask.query("query").or(ask.query("username")).unwrap_or_default().to_lowercase();
    let by_id = ask.query("accountId");
    let start: usize = ask.query_as("startAt")?.unwrap_or(0);
    let limit: usize = ask.query_as("maxResults")?.unwrap_or(50).min(1000);
    let meant = |u: &&User| by_id.map_or_else(|| answers_to(u, &text, face), |id| u.account_id == id);
    let users: Vec<Value> =
        site.users.iter().filter(meant).skip(start).take(limit).map(|u| render::user(u, face)).collect();
    Ok(Answer::json(200, users))
}

/// A prefix of the name, of a word of it, or of a visible e-mail address; a hidden one only as a whole.
fn answers_to(user: &User, text: &str, face: &Face) -> bool {
    let name = user.display_name.to_lowercase();
    let email = user.email.to_lowercase();
    let by_name = name.starts_with(text) || name.split_whitespace().any(|word| word.starts_with(text));
    let by_email = if user.hides_email && face.cloud { email == text } else { email.starts_with(text) };
    by_name || by_email || (!face.cloud && user.name.starts_with(text))
}
