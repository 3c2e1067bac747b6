//! The backlog: a release is near, something stands in its way, and in the middle of the work a vendor fails.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::agent::{Outcome, list, text};
use crate::show::{or, quoted};
use crate::{Agent, Fleet, Report, Result, Sink};

/// The release.
const RELEASE: &str = "4.2";
/// Longest wait for a breaker to let calls through again.
const RECOVERY: Duration = Duration::from_secs(90);

/// Reads the blockers in both trackers, files, comments and moves, and survives an outage.
pub(crate) async fn run(fleet: &Fleet, agent: &Agent, sink: &Sink<'_>) -> Result<()> {
    let report = Report::begin(sink, &format!("The backlog: what stands in the way of release {RELEASE}"));
    let blockers = agent.read("issues", "list_release_blockers", json!({ "release": RELEASE })).await;
    report.section("Blockers in Jira and GitHub");
    report.rows(&blockers, "items", &|b| {
        format!("{} {} ({}): {}", text(&b["id"]), text(&b["title"]), text(&b["priority"]), text(&b["reason"]))
    });
    if let Some(worst) = worst(&blockers) {
        read(agent, &report, &worst).await;
        let duplicate = duplicate(agent, &report).await;
        write(agent, &worst, duplicate.as_deref()).await;
    }
    outage(agent, &report, fleet).await?;
    report.end(agent, fleet).await
}

fn worst(blockers: &Outcome) -> Option<String> {
    let critical = list(blockers.as_ref().ok()?, "items").find(|b| b["priority"] == "critical")?;
    Some(text(&critical["id"]).to_owned())
}

/// The worst one whole, and what is on its way.
async fn read(agent: &Agent, report: &Report<'_>, issue: &str) {
    let (detail, links) = futures::join!(
        agent.read("issues", "get_issue", json!({ "issue": issue, "comments": 1 })),
        agent.read("issues", "get_delivery_links", json!({ "issue": issue })),
    );
    report.section(&format!("{issue}, the worst"));
    report.rows(&detail, "comments", &|c| format!("last word: {}", quoted(&c["text"])));
    report.rows(&links, "pull_requests", &|p| {
        format!("on its way: {} {} ({})", text(&p["id"]), text(&p["title"]), text(&p["state"]))
    });
}

/// Another report of the same trouble, over both trackers.
async fn duplicate(agent: &Agent, report: &Report<'_>) -> Option<String> {
    let same = agent.read("issues", "search_issues", json!({ "text": "safari" })).await;
    report.section("The same trouble, reported more than once");
    report.rows(&same, "items", &|i| {
        format!("{} {}, {}", text(&i["id"]), text(&i["title"]), or(&i["assignee"], "nobody"))
    });
    let unowned =
        list(same.as_ref().ok()?, "items").find(|i| i["assignee"].is_null() && i["state"] == "todo")?;
    Some(text(&unowned["id"]).to_owned())
}

/// Files the follow-up (twice: the second call files nothing), comments, moves the duplicate.
async fn write(agent: &Agent, worst: &str, duplicate: Option<&str>) {
    let follow_up = json!({
        "project": "OPS",
        "type": "Task",
        "title": format!("Check frame-ancestors on every payment route before {RELEASE}"),
        "description": format!("Follow-up of {worst}.\n\n- list all routes\n- test with Safari 19"),
        "labels": ["release-4.2"],
        "external_key": "release-4.2/frame-ancestors",
    });
    let nobody = "nobody has to agree";
    agent.write("issues", "create_issue", nobody, follow_up.clone()).await.ok();
    agent.write("issues", "create_issue", nobody, follow_up).await.ok();
    let note = json!({ "issue": worst, "text": "A follow-up is filed.", "visibility": "internal" });
    agent.write("issues", "comment_on_issue", nobody, note).await.ok();
    if let Some(duplicate) = duplicate {
        let second_look = "a second look of the agent's own";
        let done = json!({ "issue": duplicate, "to": "Done" });
        agent.write("issues", "transition_issue", second_look, done).await.ok();
    }
}

/// Jira fails in the middle of the work and comes back.
async fn outage(agent: &Agent, report: &Report<'_>, fleet: &Fleet) -> Result<()> {
    report.section("Jira goes down in the middle of the work");
    fleet.break_vendor("jira", json!({ "kind": "status", "status": 503 })).await?;
    let both = agent.read("issues", "search_issues", json!({ "text": "safari", "limit": 3 })).await;
    report.line("both asked; GitHub's rows come, and Jira's absence is said below:");
    report.rows(&both, "items", &|i| format!("{} {}", text(&i["id"]), text(&i["title"])));
    let calls = until_left_in_peace(agent, report, fleet).await?;
    report.line(&format!(
        "after {calls} more calls the breaker is open: answers come at once, Jira is left in peace"
    ));
    fleet.heal_vendor("jira").await?;
    let begun = Instant::now();
    while begun.elapsed() < RECOVERY {
        if alone(agent).await.is_ok() {
            report.line(&format!("Jira is back; recovered after {:.1?} without a restart", begun.elapsed()));
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Err(format!("the server did not recover within {RECOVERY:?}").into())
}

/// Calls until a call no longer reaches the vendor; says how many it took.
async fn until_left_in_peace(agent: &Agent, report: &Report<'_>, fleet: &Fleet) -> Result<u32> {
    for calls in 1..=40 {
        let before = newest(fleet).await?;
        let answer = alone(agent).await;
        if newest(fleet).await? == before {
            let refused: Value = answer.err().ok_or("an open breaker let a call through")?;
            report.line(&refused.to_string());
            return Ok(calls);
        }
    }
    Err("the breaker did not open within 40 failing calls".into())
}

/// The number of the newest request that reached Jira. How many the log holds would not tell: it drops the oldest.
async fn newest(fleet: &Fleet) -> Result<Option<u64>> {
    Ok(fleet.log("jira").await?.last().and_then(|request| request["n"].as_u64()))
}

/// A call that only Jira can answer.
async fn alone(agent: &Agent) -> Outcome {
    agent.read("issues", "search_issues", json!({ "text": "safari", "source": "jira", "limit": 3 })).await
}
