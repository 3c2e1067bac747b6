//! Who and what there is: users, teams, services, policies, on-calls, priorities.

use jiff::Timestamp;
use sandbox::{Answer, Ask, Refusal, Reply};
use serde_json::json;

use super::insight::moment;
use super::state::{Account, OnCall, Policy, Service, User};
use super::{invalid, page, show};

pub(super) fn abilities(_: &mut Account, _: &Ask) -> Reply {
    let abilities = ["teams", "advanced_permissions", "urgencies", "automation_actions", "related_incidents"];
    Ok(Answer::json(200, json!({ "abilities": abilities })))
}

/// Whether `name` contains the parameter `query`, case aside.
fn asked(ask: &Ask, names: &[&str]) -> bool {
    let wanted = ask.query("query").unwrap_or_default().to_lowercase();
    names.iter().any(|name| name.to_lowercase().contains(&wanted))
}

pub(super) fn users(account: &mut Account, ask: &Ask) -> Reply {
    let mut users: Vec<&User> =
        account.users.iter().filter(|user| asked(ask, &[&user.name, &user.email])).collect();
    users.sort_by_key(|user| &user.name);
    page::classic(ask, "users", users, |user| show::user(ask, account, user))
}

/// Whose token it is; account keys belong to nobody.
pub(super) fn me(account: &mut Account, ask: &Ask) -> Reply {
    let own = account.users.iter().find(|user| user.email == ask.who());
    let nobody = "No user is associated with this token: /users/me needs a user-level token";
    let user = own.ok_or_else(|| invalid(&[nobody]))?;
    Ok(Answer::json(200, json!({ "user": show::user(ask, account, user) })))
}

pub(super) fn user(account: &mut Account, ask: &Ask) -> Reply {
    let user = account.user(ask.param("id")).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "user": show::user(ask, account, user) })))
}

pub(super) fn teams(account: &mut Account, ask: &Ask) -> Reply {
    let mut teams: Vec<_> = account.teams.iter().filter(|team| asked(ask, &[&team.name])).collect();
    teams.sort_by_key(|team| &team.name);
    page::classic(ask, "teams", teams, |team| named_team(account, ask, &team.id, &team.name))
}

pub(super) fn team(account: &mut Account, ask: &Ask) -> Reply {
    let team = account.teams.iter().find(|team| team.id == ask.param("id"));
    let team = team.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "team": named_team(account, ask, &team.id, &team.name) })))
}

fn named_team(account: &Account, ask: &Ask, id: &str, name: &str) -> serde_json::Value {
    let mut value = show::team_reference(account, ask, id);
    value["type"] = json!("team");
    value["name"] = json!(name);
    value
}

pub(super) fn services(account: &mut Account, ask: &Ask) -> Reply {
    let teams: Vec<&str> = ask.query_all("team_ids[]").collect();
    let of_team = |service: &&Service| teams.is_empty() || teams.contains(&service.team.as_str());
    let mut services: Vec<&Service> =
        account.services.iter().filter(|service| asked(ask, &[&service.name])).filter(of_team).collect();
    services.sort_by_key(|service| &service.name);
    page::classic(ask, "services", services, |service| show::service(ask, account, service))
}

pub(super) fn service(account: &mut Account, ask: &Ask) -> Reply {
    let service = account.service(ask.param("id")).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "service": show::service(ask, account, service) })))
}

pub(super) fn policies(account: &mut Account, ask: &Ask) -> Reply {
    let teams: Vec<&str> = ask.query_all("team_ids[]").collect();
    let of_team = |policy: &&Policy| teams.is_empty() || teams.contains(&policy.team.as_str());
    let policies: Vec<&Policy> =
        account.policies.iter().filter(|policy| asked(ask, &[&policy.name])).filter(of_team).collect();
    page::classic(ask, "escalation_policies", policies, |policy| show::policy(ask, account, policy))
}

pub(super) fn policy(account: &mut Account, ask: &Ask) -> Reply {
    let policy = account.policy(ask.param("id")).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, json!({ "escalation_policy": show::policy(ask, account, policy) })))
}

/// Without a range: now. With `earliest`, of several turns at one level only the first.
pub(super) fn on_calls(account: &mut Account, ask: &Ask) -> Reply {
    let since = moment(ask, "since")?.unwrap_or(ask.now);
    let until = moment(ask, "until")?.unwrap_or(since);
    if until < since || until.duration_since(since).as_secs() > 90 * 86_400 {
        return Err(invalid(&["Until must be after since, and within 90 days of it"]));
    }
    let lists = |name: &'static str| ask.query_all(name).collect::<Vec<_>>();
    let (policies, users) = (lists("escalation_policy_ids[]"), lists("user_ids[]"));
    let holds = |on: &&OnCall| {
        (policies.is_empty() || policies.contains(&on.policy.as_str()))
            && (users.is_empty() || users.contains(&on.user.as_str()))
            && overlaps(on, since, until)
    };
    let mut rows: Vec<&OnCall> = account.oncalls.iter().filter(holds).collect();
    rows.sort_by_key(|on| (&on.policy, on.level, on.start));
    if ask.query("earliest").is_some_and(|earliest| earliest == "true") {
        rows.dedup_by_key(|on| (on.policy.clone(), on.level, on.user.clone()));
    }
    page::classic(ask, "oncalls", rows, |on| show::on_call(ask, account, on))
}

fn overlaps(on: &OnCall, since: Timestamp, until: Timestamp) -> bool {
    on.start <= until && since < on.end
}

pub(super) fn schedules(account: &mut Account, ask: &Ask) -> Reply {
    let mut schedules: Vec<_> =
        account.oncalls.iter().map(|on| &on.schedule).filter(|s| asked(ask, &[&s.name])).collect();
    schedules.sort_by_key(|schedule| &schedule.id);
    schedules.dedup_by_key(|schedule| &schedule.id);
    page::classic(ask, "schedules", schedules, |schedule| {
        let mut value = show::reference(ask, "schedule", "schedules", &schedule.id, &schedule.name);
        value["type"] = json!("schedule");
        value["name"] = json!(schedule.name);
        value
    })
}

pub(super) fn priorities(_: &mut Account, ask: &Ask) -> Reply {
    page::classic(ask, "priorities", (1..=5).collect(), |level| show::priority(ask, level))
}
