//! IT operations: an alert storm, from the evidence to a resolved or escalated incident.

use futures::join;
use serde_json::{Value, json};

use crate::agent::{Outcome, list, text};
use crate::show::{joined, or, quoted};
use crate::{Agent, Fleet, Report, Result, Sink};

/// The service in trouble.
const SERVICE: &str = "Checkout API";
/// How often a remediation may be tried before people are called.
const TRIES: usize = 3;

/// What ended it, in the words of desks that want such a word.
const CLOSE_CODE: &str = "Solution provided";

/// Follows the alerts of a service to their end.
pub(crate) async fn run(fleet: &Fleet, agent: &Agent, sink: &Sink<'_>) -> Result<()> {
    let report = Report::begin(sink, &format!("IT operations: {SERVICE} is in trouble"));
    let seen = evidence(agent, &report, "What monitoring sees", None).await;
    if let Ok(seen) = &seen
        && seen["firing"].as_u64() > Some(0)
    {
        surroundings(agent, &report, seen).await;
        for incident in incidents(agent, seen).await {
            work(agent, &report, &incident).await;
        }
    }
    report.end(agent, fleet).await
}

/// What fires now, with samples, in one system or all.
async fn evidence(agent: &Agent, report: &Report<'_>, title: &str, source: Option<&str>) -> Outcome {
    let asked = json!({ "service": SERVICE, "after": "P1D", "samples": 5, "source": source });
    let seen = agent.read("itsm", "get_alert_evidence", asked).await;
    report.section(title);
    report.rows(&seen, "groups", &|g| {
        format!(
            "{} firing of {}: {} ({})",
            g["firing"],
            g["count"],
            text(&g["title"]),
            or(&g["severity"], "no severity")
        )
    });
    seen
}

/// Whether nothing fires any more; `None` where nobody can tell, because monitoring did not answer or not whole.
fn is_quiet(seen: &Outcome) -> Option<bool> {
    let seen = seen.as_ref().ok()?;
    match seen["firing"].as_u64()? {
        0 => (seen["complete"] == true).then_some(true),
        _ => Some(false),
    }
}

/// What is like it, what changed before it, and what is written about it.
async fn surroundings(agent: &Agent, report: &Report<'_>, seen: &Value) {
    let Some(sample) = list(seen, "samples").find(|s| s["firing"] == true) else { return };
    let (related, changes, runbooks) = join!(
        agent.read("itsm", "search_incidents", json!({ "related_to": sample["id"], "limit": 5 })),
        agent.read("itsm", "list_service_changes", json!({ "service": SERVICE, "after": "P2D" })),
        agent.read(
            "docs",
            "find_runbook",
            json!({ "service": SERVICE, "alert": sample["title"], "limit": 3 })
        ),
    );
    report.section("What looked like it before");
    report.rows(&related, "items", &|i| {
        format!("{} {} ({})", text(&i["id"]), text(&i["title"]), text(&i["state"]))
    });
    report.section("What changed before");
    report.rows(&changes, "items", &|c| {
        format!("{} {}, risk {}", text(&c["start"]), text(&c["title"]), or(&c["risk"], "not known"))
    });
    report.section("What the runbooks say");
    report.rows(&runbooks, "items", &|r| format!("{}: {}", text(&r["title"]), quoted(&r["steps"])));
}

/// The incidents of what fires: those that are open, acknowledged now, and one for alerts that have none.
async fn incidents(agent: &Agent, seen: &Value) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    let firing = || list(seen, "samples").filter(|s| s["firing"] == true);
    for id in firing().map(|s| text(&s["incident"])).filter(|id| !id.is_empty()) {
        if !known.iter().any(|k| k == id) {
            known.push(id.to_owned());
        }
    }
    for incident in &known {
        let acknowledge = json!({ "incident": incident, "action": "acknowledge" });
        agent
            .write("itsm", "change_incident_state", "a second look of the agent's own", acknowledge)
            .await
            .ok();
    }
    if let Some(alone) = firing().find(|s| s["incident"].is_null()) {
        known.extend(open(agent, alone).await);
    }
    known
}

async fn open(agent: &Agent, alert: &Value) -> Option<String> {
    let id = text(&alert["id"]);
    let incident = json!({
        "dedup_key": or(&alert["key"], id),
        "service": SERVICE,
        "urgency": "high",
        "title": format!("{SERVICE}: {}", text(&alert["title"])),
        "evidence": [id],
        "source": id.split(':').next(),
    });
    let opened = agent.write("itsm", "open_incident", "nobody has to agree", incident).await.ok()?;
    Some(text(&opened["record"]["id"]).to_owned())
}

/// Tries what is on offer until the evidence is gone, then resolves; else calls people. So it does, and tries nothing
/// more, where nobody can tell whether the evidence is gone: silence of monitoring is no cure.
async fn work(agent: &Agent, report: &Report<'_>, incident: &str) {
    let context = agent.read("itsm", "get_incident_context", json!({ "incident": incident })).await;
    let Ok(context) = context else { return };
    report.section(&format!("{incident}: {}", text(&context["incident"]["title"])));
    report.line(&format!("assigned to {}", joined(&context["incident"]["assignees"])));
    for offer in list(&context, "remediations").take(TRIES) {
        let run = json!({ "incident": incident, "remediation": offer["id"] });
        let second = "a second person would have to approve, unless a role lists the action";
        if agent.write("itsm", "run_remediation", second, run).await.is_err() {
            continue;
        }
        let title = format!("After \"{}\"", text(&offer["name"]));
        match is_quiet(&evidence(agent, report, &title, incident.split(':').next()).await) {
            Some(true) => return resolve(agent, incident, text(&offer["name"])).await,
            Some(false) => {}
            None => {
                let why = format!(
                    "\"{}\" was run; whether it helped, monitoring does not tell.",
                    text(&offer["name"])
                );
                return escalate(agent, report, incident, &why).await;
            }
        }
    }
    escalate(agent, report, incident, "No remediation helped.").await;
}

async fn resolve(agent: &Agent, incident: &str, by: &str) {
    let second_look = "a second look of the agent's own";
    let mut resolve = json!({
        "incident": incident,
        "action": "resolve",
        "notes": format!("\"{by}\" ended it; no alert fires any more."),
    });
    let refused = agent.write("itsm", "change_incident_state", second_look, resolve.clone()).await.err();
    // Some desks ask for a close code and some have none: the refusal says which there are.
    let codes = refused.as_ref().and_then(|error| error["allowed"].as_array());
    if let Some(code) = codes.and_then(|codes| codes.iter().find(|c| *c == CLOSE_CODE).or(codes.first())) {
        agent.withdraw();
        resolve["close_code"] = code.clone();
        agent.write("itsm", "change_incident_state", second_look, resolve).await.ok();
    }
}

async fn escalate(agent: &Agent, report: &Report<'_>, incident: &str, why: &str) {
    let on_call = agent.read("itsm", "get_on_call", json!({ "service": SERVICE })).await;
    report.section("Who is called");
    report.rows(&on_call, "on_call", &|p| {
        format!("{} (level {}, {})", text(&p["person"]), p["level"], text(&p["group"]["name"]))
    });
    let escalate = json!({ "incident": incident, "action": "escalate", "notes": why });
    let issue = json!({
        "project": "OPS",
        "type": "Bug",
        "title": format!("{SERVICE}: find the cause of {incident}"),
        "description": format!("{why} See the incident for evidence."),
        "labels": ["incident-follow-up"],
        "external_key": format!("incident-follow-up/{incident}"),
    });
    let (_, _) = join!(
        agent.write("itsm", "change_incident_state", "a second look of the agent's own", escalate),
        agent.write("issues", "create_issue", "nobody has to agree", issue),
    );
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::agent::fault;

    /// The writes of an incident with two remediations, where monitoring answers this after each.
    async fn writes(seen: Outcome) -> Vec<(String, Value)> {
        let writes = Arc::new(Mutex::new(Vec::new()));
        let done = writes.clone();
        let agent = Agent::scripted(&["itsm", "issues"], move |tool, asked| match tool {
            "get_incident_context" => Ok(json!({
                "incident": { "title": "Down" },
                "remediations": [{ "id": "r:1", "name": "Restart" }, { "id": "r:2", "name": "Roll back" }],
            })),
            "get_alert_evidence" => seen.clone(),
            "get_on_call" => Ok(json!({ "on_call": [] })),
            _ => {
                done.lock().unwrap().push((tool.to_owned(), asked.clone()));
                Ok(json!({ "status": "committed" }))
            }
        })
        .await;
        let report = Report::begin(&|_| {}, "Trouble");
        work(&agent, &report, "pagerduty:Q1").await;
        writes.lock().unwrap().clone()
    }

    fn tools(writes: &[(String, Value)]) -> Vec<&str> {
        writes.iter().map(|(tool, asked)| asked["action"].as_str().unwrap_or(tool)).collect()
    }

    #[tokio::test]
    async fn an_incident_is_resolved_only_when_monitoring_says_that_nothing_fires() {
        let quiet = writes(Ok(json!({ "firing": 0, "complete": true }))).await;
        assert_eq!(tools(&quiet), ["run_remediation", "resolve"]);
        let mut firing = writes(Ok(json!({ "firing": 2, "complete": true }))).await;
        firing.sort_by_key(|(tool, _)| tool != "run_remediation");
        assert_eq!(tools(&firing)[..2], ["run_remediation", "run_remediation"]);
        assert!(firing.iter().any(|(_, asked)| asked["notes"] == "No remediation helped."), "{firing:?}");
    }

    #[tokio::test]
    async fn where_monitoring_does_not_tell_people_are_called_and_nothing_more_is_tried() {
        for seen in [Err(fault("dead")), Ok(json!({ "firing": 0, "complete": false })), Ok(json!({}))] {
            let written = writes(seen).await;
            assert_eq!(tools(&written).iter().filter(|tool| **tool == "run_remediation").count(), 1);
            assert!(!tools(&written).contains(&"resolve"), "{written:?}");
            let (_, called) = written.iter().find(|(_, asked)| asked["action"] == "escalate").unwrap();
            assert_eq!(called["notes"], "\"Restart\" was run; whether it helped, monitoring does not tell.");
        }
    }
}
