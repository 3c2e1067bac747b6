//! The app that signs assertions and trades them for installation tokens.

use std::time::Duration;

use sandbox::{Answer, App, Ask, Principal, Refusal, Reply};
use serde_json::{Map, Value, json};

use super::state::Hub;
use super::{APP_LOGIN, fault, fill, page, refusal, show};

/// The app's number.
const APP: u64 = 424_242;

/// Its installation at the company.
const INSTALLATION: u64 = 31_337;

/// What the installation may do, in GitHub's words.
const PERMISSIONS: [(&str, &str); 6] = [
    ("issues", "write"),
    ("metadata", "read"),
    ("pull_requests", "read"),
    ("checks", "read"),
    ("deployments", "read"),
    ("contents", "read"),
];

/// Installation tokens live an hour.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The app of the demo company.
pub(super) fn app() -> App {
    App::new(APP, "Iv23liChancerySandbox", INSTALLATION)
}

/// Whom a token of the installation stands for: its permissions and repositories are scopes here.
pub(super) fn principal(name: &str, repositories: &[String]) -> Principal {
    let mut scopes: Vec<String> = PERMISSIONS.iter().map(|(what, level)| format!("{what}:{level}")).collect();
    scopes.extend(repositories.iter().map(|one| format!("repo:{one}")));
    Principal { name: name.to_owned(), scopes }
}

/// The repositories that the app was installed on.
pub(super) fn installed(hub: &Hub) -> Vec<String> {
    hub.repositories.iter().filter(|one| one.name != fill::FOREIGN).map(|one| one.full_name()).collect()
}

/// `GET /app`.
pub(super) fn myself(hub: &mut Hub, ask: &Ask) -> Reply {
    app().verify(ask)?;
    Ok(Answer::json(
        200,
        json!({
            "id": APP, "slug": "chancery", "node_id": show::node("A", APP), "client_id": app().client_id,
            "owner": show::login(ask, hub, "halden"), "name": "Chancery", "description": null,
            "external_url": ask.origin, "html_url": format!("{}/apps/chancery", ask.origin),
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "permissions": permissions(), "events": [], "installations_count": 1,
        }),
    ))
}

/// `GET /app/installations`.
pub(super) fn installations(hub: &mut Hub, ask: &Ask) -> Reply {
    app().verify(ask)?;
    let installation = installation(hub, ask);
    Ok(page::list(ask, vec![installation], |one| one))
}

/// `GET /repos/{owner}/{repo}/installation`.
pub(super) fn of_repository(hub: &mut Hub, ask: &Ask) -> Reply {
    app().verify(ask)?;
    let asked = format!("{}/{}", ask.param("owner"), ask.param("repo"));
    if !installed(hub).iter().any(|one| one.eq_ignore_ascii_case(&asked)) {
        return Err(ask.refuse(Refusal::NoRoute));
    }
    Ok(Answer::json(200, installation(hub, ask)))
}

fn installation(hub: &Hub, ask: &Ask) -> Value {
    // The published schema of the list asks an account for an enterprise's fields as well.
    let enterprise = json!({
        "name": "Halden Pay", "slug": "halden", "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    });
    let account = show::merged(show::login(ask, hub, "halden"), enterprise);
    json!({
        "id": INSTALLATION, "app_id": APP, "client_id": app().client_id, "app_slug": "chancery",
        "account": account, "target_id": 1, "target_type": "Organization",
        "repository_selection": "selected", "permissions": permissions(), "events": [],
        "access_tokens_url": format!("{}/app/installations/{INSTALLATION}/access_tokens", ask.origin),
        "repositories_url": format!("{}/installation/repositories", ask.origin),
        "html_url": format!("{}/organizations/halden/settings/installations/{INSTALLATION}", ask.origin),
        "single_file_name": null, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "suspended_by": null, "suspended_at": null,
    })
}

fn permissions() -> Map<String, Value> {
    PERMISSIONS.iter().map(|(what, level)| ((*what).to_owned(), json!(level))).collect()
}

/// `POST /app/installations/{id}/access_tokens`: all that was installed, or the part that the body names.
pub(super) fn issue_token(hub: &mut Hub, ask: &Ask) -> Reply {
    app().verify(ask)?;
    if ask.param_as::<u64>("id")? != INSTALLATION {
        return Err(ask.refuse(Refusal::NoRoute));
    }
    let body: Map<String, Value> = if ask.body.is_empty() { Map::new() } else { ask.json()? };
    let mut whose = principal(APP_LOGIN, &repositories(hub, ask, &body)?);
    let granted = narrowed(&mut whose, body.get("permissions"), ask)?;
    let issued = app().issue(ask, whose, LIFETIME)?;
    let selection = json!({
        "token": issued.token, "expires_at": show::time(issued.expires), "permissions": granted,
        "repository_selection": "selected",
    });
    Ok(Answer::json(201, selection).private())
}

fn repositories(hub: &Hub, ask: &Ask, body: &Map<String, Value>) -> Result<Vec<String>, Answer> {
    let all = installed(hub);
    let Some(asked) = body.get("repositories").and_then(Value::as_array) else { return Ok(all) };
    let named = |name: &Value| {
        all.iter().find(|one| one.split_once('/').is_some_and(|(_, n)| Some(n) == name.as_str()))
    };
    let found: Option<Vec<String>> = asked.iter().map(|name| named(name).cloned()).collect();
    let message = "There is at least one repository that does not exist or is not accessible to the parent installation.";
    found.ok_or_else(|| refusal(ask, 422, message, &[]))
}

/// Leaves the permissions that are asked for; asking for more than the installation has is refused.
fn narrowed(whose: &mut Principal, asked: Option<&Value>, ask: &Ask) -> Result<Value, Answer> {
    let Some(asked) = asked.and_then(Value::as_object).filter(|asked| !asked.is_empty()) else {
        return Ok(Value::Object(permissions()));
    };
    let given = |what: &str, level: &Value| {
        let full = PERMISSIONS.iter().find(|(name, _)| *name == what).map(|(_, level)| *level);
        full.is_some_and(|full| Some(full) == level.as_str() || (full == "write" && level == "read"))
    };
    if !asked.iter().all(|(what, level)| given(what, level)) {
        let message = "The permissions requested are not granted to this installation.";
        return Err(refusal(ask, 422, message, &[fault("Installation", "permissions", "invalid")]));
    }
    whose.scopes.retain(|scope| scope.starts_with("repo:"));
    whose.scopes.extend(asked.iter().filter_map(|(what, level)| Some(format!("{what}:{}", level.as_str()?))));
    Ok(Value::Object(asked.clone()))
}

/// `DELETE /installation/token`: the token ends itself.
pub(super) fn revoke(_: &mut Hub, ask: &Ask) -> Reply {
    let presented = super::SCHEMES.iter().find_map(|scheme| scheme.read(&ask.headers));
    if let Some(presented) = presented {
        ask.tokens().revoke(&presented.value);
    }
    Ok(Answer::empty(204))
}
