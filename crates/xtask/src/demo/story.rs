//! The piece of business: a release is near, and something stands in its way.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::agent::Agent;
use super::house::House;
use crate::Result;

/// Runs the story and prints its summary.
pub(super) async fn tell(agent: &Agent, house: &House) -> Result {
    let begun = Instant::now();
    let worst = read_blockers(agent).await?;
    let duplicate = find_duplicates(agent).await?;
    let filed = file_and_move(agent, &worst, duplicate.as_deref()).await?;
    let outage = survive_outage(agent, house).await?;
    summarize(agent, &[("filed", filed), ("outage", outage)], begun.elapsed());
    Ok(())
}

/// What blocks the release, in both trackers; the worst are read whole. Returns the worst one's id.
async fn read_blockers(agent: &Agent) -> Result<String> {
    heading("1. What stands in the way of release 4.2?");
    let page = agent.must("list_release_blockers", json!({"release": "4.2"})).await?;
    for row in rows(&page) {
        println!(
            "   {:<24} {:<9} {} ({})",
            text(&row["id"]),
            text(&row["priority"]),
            text(&row["title"]),
            text(&row["reason"])
        );
    }
    answered(&page);
    let critical = rows(&page).filter(|r| r["priority"] == "critical").map(|r| text(&r["id"]).to_owned());
    let critical: Vec<String> = critical.collect();
    for id in &critical {
        let detail = agent.must("get_issue", json!({"issue": id, "comments": 1})).await?;
        let comment = detail["comments"].get(0).map_or("", |c| text(&c["text"]["untrusted"]));
        println!("   {id}: {} ; last word: {comment:?}", text(&detail["issue"]["status"]));
    }
    let links = agent
        .must("get_delivery_links", json!({"issue": critical.first().ok_or("no critical blocker")?}))
        .await?;
    for pull in links["pull_requests"].as_array().into_iter().flatten() {
        println!("   on its way: {} {} ({})", text(&pull["id"]), text(&pull["title"]), text(&pull["state"]));
    }
    critical.into_iter().next().ok_or_else(|| "no critical blocker".into())
}

/// Other reports of the same trouble, over both trackers.
async fn find_duplicates(agent: &Agent) -> Result<Option<String>> {
    heading("2. Is the same trouble reported more than once?");
    let page = agent.must("search_issues", json!({"text": "safari", "detail": "full"})).await?;
    for row in rows(&page) {
        println!("   {:<24} {}", text(&row["id"]), text(&row["title"]));
    }
    let unowned = rows(&page).find(|r| r["assignee"].is_null() && r["state"] == "todo");
    let id = unowned.map(|r| text(&r["id"]).to_owned());
    if let Some(id) = &id {
        println!("   {id} has no owner and tells the same story: a duplicate.");
    }
    Ok(id)
}

/// Files the follow-up once, comments, moves the duplicate. Returns the id filed.
async fn file_and_move(agent: &Agent, worst: &str, duplicate: Option<&str>) -> Result<String> {
    heading("3. File the follow-up, comment, move: each exactly once");
    let new = json!({
        "project": "OPS",
        "type": "Task",
        "title": "Check frame-ancestors on every payment route before 4.2",
        "description": format!("Follow-up of {worst}.\n\n- list all routes\n- test with Safari 19"),
        "labels": ["release-4.2"],
        "external_key": "release-4.2/frame-ancestors"
    });
    let filed = agent.must("create_issue", new.clone()).await?;
    let id = text(&filed["record"]["id"]).to_owned();
    println!("   filed {id} ({})", text(&filed["status"]));
    let again = agent.must("create_issue", new).await?;
    println!(
        "   the same call again: {} as {}, nothing filed twice",
        text(&again["status"]),
        text(&again["record"]["id"])
    );
    let note = format!("Follow-up is {id}.");
    agent.must("comment_on_issue", json!({"issue": worst, "text": note, "visibility": "internal"})).await?;
    println!("   commented on {worst}, internally");
    if let Some(duplicate) = duplicate {
        let moved = agent.must("transition_issue", json!({"issue": duplicate, "to": "Done"})).await?;
        let change = &moved["change"]["fields"][0];
        println!("   moved {duplicate}: {} -> {}", text(&change["before"]), text(&change["after"]));
        println!("   its undo: {}", moved["undo"]);
    }
    Ok(id)
}

/// Jira fails in the middle of the work and comes back.
async fn survive_outage(agent: &Agent, house: &House) -> Result<String> {
    heading("4. Jira goes down in the middle of the work");
    house.break_vendor("jira", json!({"kind": "status", "status": 503})).await?;
    let page = agent.must("search_issues", json!({"text": "safari"})).await?;
    println!("   both asked: {} rows from GitHub, and Jira's absence is said:", rows(&page).count());
    answered(&page);
    let alone = agent.call("search_issues", json!({"text": "safari", "source": "jira"})).await?;
    println!("   Jira alone: {}", alone.err().ok_or("a dead vendor answered")?);
    let refusals = until_breaker_opens(agent, house).await?;
    println!(
        "   after {refusals} more calls the breaker is open: answers come at once, Jira is left in peace"
    );
    house.heal_vendor("jira").await?;
    println!("   Jira is back; waiting for the breaker's probe ...");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(90) {
        let page = agent.call("search_issues", json!({"text": "safari", "source": "jira"})).await?;
        if let Ok(page) = page {
            let seconds = begun.elapsed().as_secs_f64();
            println!("   recovered after {seconds:.1} s without a restart: {} rows", rows(&page).count());
            return Ok(format!("survived, {seconds:.1} s to recover"));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Err("the server did not recover within 90 s".into())
}

/// Calls until a call no longer reaches the vendor; says how many it took.
async fn until_breaker_opens(agent: &Agent, house: &House) -> Result<u32> {
    for calls in 1..=40 {
        let before = house.asked("jira").await?;
        let error = agent.call("search_issues", json!({"text": "safari", "source": "jira"})).await?;
        if house.asked("jira").await? == before {
            println!("   {}", error.err().ok_or("an open breaker let a call through")?);
            return Ok(calls);
        }
    }
    Err("the breaker did not open within 40 failing calls".into())
}

fn summarize(agent: &Agent, results: &[(&str, String)], whole: Duration) {
    heading("Summary");
    for (what, result) in results {
        println!("   {what}: {result}");
    }
    let mut calls = agent.timings();
    calls.sort_by(|a, b| a.0.cmp(&b.0));
    for group in calls.chunk_by(|a, b| a.0 == b.0) {
        let mut times: Vec<Duration> = group.iter().map(|(_, took)| *took).collect();
        times.sort();
        let median = times[times.len() / 2].as_secs_f64() * 1e3;
        println!("   {:<24} {:>3} calls, median {median:>7.1} ms", group[0].0, times.len());
    }
    println!("   {} calls in {:.1} s, outage included", calls.len(), whole.as_secs_f64());
}

fn heading(text: &str) {
    println!("\n{text}");
}

fn rows(page: &Value) -> impl Iterator<Item = &Value> {
    page["items"].as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// How each source answered.
fn answered(page: &Value) {
    for source in page["sources"].as_array().into_iter().flatten() {
        let why = source["error"]["code"].as_str().map(|c| format!(", {c}")).unwrap_or_default();
        println!("   [{}: {}{why}]", text(&source["source"]), text(&source["status"]));
    }
}
