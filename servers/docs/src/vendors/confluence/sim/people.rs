//! People and groups.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::cql::{Clause, Operand, Operator, words};
use super::face;
use super::state::{Site, User};

/// An account as v1 shows it.
pub(super) fn v1(user: &User, ask: &Ask) -> Value {
    json!({
        "type": "known",
        "accountId": user.id,
        "accountType": "atlassian",
        "email": if user.hides_email { "" } else { &user.email },
        "publicName": user.name,
        "displayName": user.name,
        "isExternalCollaborator": false,
        "_expandable": { "operations": "", "personalSpace": "" },
        "_links": { "self": format!("{}/rest/api/user?accountId={}", face::wiki(ask), user.id) },
    })
}

/// The same by id; a former colleague has a name, too.
pub(super) fn by_id(site: &Site, ask: &Ask, id: &str) -> Value {
    match site.user(id) {
        Some(user) => v1(user, ask),
        None => json!({ "type": "unknown", "accountId": id, "displayName": "Unknown User (Deactivated)" }),
    }
}

/// `GET /wiki/rest/api/user/current`.
pub(super) fn current(site: &mut Site, ask: &Ask) -> Reply {
    let me = site.me(ask);
    Ok(Answer::json(200, by_id(site, ask, &me)))
}

/// `GET /wiki/rest/api/user?accountId=`.
pub(super) fn one(site: &mut Site, ask: &Ask) -> Reply {
    let id = ask.query("accountId").ok_or_else(|| face::error(ask, 400, "accountId is required"))?;
    let user = site.user(id).ok_or_else(|| face::error(ask, 404, "No user found"))?;
    Ok(Answer::json(200, v1(user, ask)))
}

/// `GET /wiki/rest/api/user/bulk?accountId=&accountId=`.
pub(super) fn several(site: &mut Site, ask: &Ask) -> Reply {
    let users: Vec<Value> =
        ask.query_all("accountId").filter_map(|id| site.user(id)).map(|user| v1(user, ask)).collect();
    Ok(Answer::json(200, json!({ "results": users, "start": 0, "limit": 100, "size": users.len() })))
}

/// `POST /wiki/api/v2/users-bulk`.
pub(super) fn bulk(site: &mut Site, ask: &Ask) -> Reply {
    let body: Value = ask.json()?;
    let wanted =
        body["accountIds"].as_array().ok_or_else(|| face::error(ask, 400, "accountIds is required"))?;
    if wanted.len() > 250 {
        return Err(face::error(ask, 400, "accountIds has more than 250 entries"));
    }
    let users = wanted.iter().filter_map(|id| site.user(id.as_str()?));
    let shown = |user: &User| {
        json!({
            "accountId": user.id,
            "accountType": "atlassian",
            "accountStatus": if user.active { "active" } else { "inactive" },
            "displayName": user.name,
            "publicName": user.name,
            "email": if user.hides_email { "" } else { &user.email },
            "isExternalCollaborator": false,
        })
    };
    let results: Vec<Value> = users.map(shown).collect();
    Ok(Answer::json(200, json!({ "results": results, "_links": { "base": face::wiki(ask) } })))
}

/// `GET /wiki/rest/api/group/by-id?id=`.
pub(super) fn group(site: &mut Site, ask: &Ask) -> Reply {
    let group = site.groups.iter().find(|group| Some(group.id.as_str()) == ask.query("id"));
    let group = group.ok_or_else(|| face::error(ask, 404, "No group found"))?;
    Ok(Answer::json(200, json!({ "type": "group", "name": group.name, "id": group.id, "_links": {} })))
}

/// Whether a search for people asks for this one.
pub(super) fn is_asked(user: &User, clause: &Clause) -> Result<bool, String> {
    match clause {
        Clause::And(parts) => parts.iter().try_fold(true, |all, part| Ok(is_asked(user, part)? && all)),
        Clause::Or(parts) => parts.iter().try_fold(false, |any, part| Ok(is_asked(user, part)? || any)),
        Clause::Not(inner) => Ok(!is_asked(user, inner)?),
        Clause::Term(term) => match (term.field.as_str(), term.operator, &term.operand) {
            ("user.fullname", Operator::Contains, Operand::Text(text)) => {
                Ok(words::read(text)?.matches(&words::split(&user.name)))
            }
            ("user.accountid", Operator::Equals, Operand::Text(id)) => Ok(user.id == *id),
            ("type", Operator::Equals, Operand::Text(kind)) => Ok(kind == "user"),
            (field, ..) => Err(format!("people cannot be searched by {field}")),
        },
    }
}
