//! Compliance: what should not be, over all systems, with a report and an issue for every finding.

use futures::future::join_all;
use futures::{StreamExt as _, stream};
use jiff::Zoned;
use serde_json::{Value, json};

use crate::agent::{Outcome, is_whole, list, text};
use crate::show::{money, or};
use crate::{Agent, Fleet, Report, Result, Sink};

/// Confidential documents whose readers are looked at.
const DOCUMENTS: u32 = 30;
/// Of these, side by side.
const AT_ONCE: usize = 3;

/// Looks through the house and files what it finds, each finding once.
pub(crate) async fn run(fleet: &Fleet, agent: &Agent, sink: &Sink<'_>) -> Result<()> {
    let today = Zoned::now().date().to_string();
    let report = Report::begin(sink, &format!("Compliance: what should not be, as of {today}"));
    let policies = agent.read("docs", "find_policy_documents", json!({ "effective_on": today })).await;
    report.section("Policies in force");
    report.rows(&policies, "items", &|p| format!("{} since {}", text(&p["title"]), or(&p["effective"], "?")));

    let mut findings = look(agent, &today).await;
    findings.push(exposed(agent).await);
    for finding in &findings {
        report.section(&finding.heading());
        report.rows(&finding.outcome, "items", &|row| line(row));
    }
    unapproved(&report, fleet).await?;
    file(agent, &today, &findings).await;
    report.end(agent, fleet).await
}

/// A question of the auditors and its answer.
struct Finding {
    /// Names it for ever: tomorrow's run files it under the same key.
    key: &'static str,
    title: &'static str,
    outcome: Outcome,
    /// Records of which nobody can tell.
    undetermined: usize,
}

impl Finding {
    /// What was asked and how many rows there are, as far as that is known.
    fn heading(&self) -> String {
        let of = match self.undetermined {
            0 => String::new(),
            some => format!(" ({some} could not be determined)"),
        };
        format!("{}: {}{of}", self.title, self.count())
    }

    fn count(&self) -> String {
        match (&self.outcome, self.rows()) {
            (Ok(page), rows) if is_whole(page) && self.undetermined == 0 => rows.to_string(),
            (_, 0) => "not known".to_owned(),
            (_, rows) => format!("at least {rows}"),
        }
    }

    fn rows(&self) -> usize {
        self.outcome.as_ref().map_or(0, |page| list(page, "items").count())
    }
}

/// All questions side by side.
async fn look(agent: &Agent, today: &str) -> Vec<Finding> {
    let ask = |key, title, domain, tool, arguments: Value| async move {
        Finding { key, title, outcome: agent.read(domain, tool, arguments).await, undetermined: 0 }
    };
    let documents = "list_documents_needing_review";
    join_all([
        ask(
            "documents-ownerless",
            "Documents nobody owns",
            "docs",
            documents,
            json!({ "where_empty": "owner" }),
        ),
        ask(
            "documents-overdue",
            "Documents past their review",
            "docs",
            documents,
            json!({ "review_before": today }),
        ),
        ask(
            "documents-drafts",
            "Drafts left lying",
            "docs",
            documents,
            json!({ "draft_older_than_days": 30 }),
        ),
        ask(
            "privacy",
            "Privacy incidents of the last day",
            "itsm",
            "search_incidents",
            json!({ "text": "privacy", "opened_after": "P1D" }),
        ),
        ask(
            "sla",
            "Promises broken or about to be",
            "itsm",
            "list_sla_breaches",
            json!({ "within_minutes": 60 }),
        ),
        ask(
            "orders-unapproved",
            "Orders without approval",
            "finance",
            "get_open_purchase_orders",
            json!({ "approval": "waiting" }),
        ),
        ask(
            "accounts-ownerless",
            "Customers nobody looks after",
            "crm",
            "find_accounts",
            json!({ "where_empty": "owner" }),
        ),
        ask(
            "deals-amountless",
            "Opportunities without an amount",
            "crm",
            "list_open_opportunities",
            json!({ "where_empty": "amount" }),
        ),
    ])
    .await
}

/// Which confidential documents are open to the world.
async fn exposed(agent: &Agent) -> Finding {
    let asked = json!({ "labels": ["confidential"], "limit": DOCUMENTS });
    let mut outcome = agent.read("docs", "search_documents", asked).await;
    let mut undetermined = 0;
    if let Ok(page) = &mut outcome {
        let ids: Vec<Value> = list(page, "items").map(|row| row["id"].clone()).collect();
        let looks = ids
            .into_iter()
            .map(|id| agent.read("docs", "check_document_exposure", json!({ "document": id })));
        // Each look is many questions to a library: a few at a time, so that others get their turn.
        let looks: Vec<Outcome> = stream::iter(looks).buffered(AT_ONCE).collect().await;
        undetermined = looks.iter().filter(|look| is_public(look).is_none()).count();
        let open: Vec<Value> =
            looks.into_iter().filter(|look| is_public(look) == Some(true)).flatten().collect();
        // The page still says whether there were more to look at.
        page["items"] = open.into();
    }
    let title = "Confidential documents the world can read";
    Finding { key: "documents-public", title, outcome, undetermined }
}

/// Whether the world can read a document; `None` where nobody can tell. One open way in is enough, and all have to be
/// known to be closed.
fn is_public(look: &Outcome) -> Option<bool> {
    let exposure = look.as_ref().ok()?;
    let (link, readers) = (&exposure["public_link"], &exposure["readers"]);
    if link["url"].is_string() || readers["audience"] == "public" {
        return Some(true);
    }
    (link["status"] == "known" && readers["status"] == "known").then_some(false)
}

/// A row of any of the lists.
fn line(row: &Value) -> String {
    let name =
        [&row["title"], &row["name"], &row["supplier"]["name"]].into_iter().map(text).find(|t| !t.is_empty());
    let value = if row["value"].is_object() { format!(", {}", money(&row["value"])) } else { String::new() };
    format!("{} {}{value}", text(&row["id"]), name.unwrap_or_default())
}

/// Writes on record that nobody agreed to, by any agent; the chains are verified at the end of every report.
async fn unapproved(report: &Report<'_>, fleet: &Fleet) -> Result<()> {
    report.section("Writes on record without anybody's consent");
    for server in fleet.servers() {
        let dir = server.audit().display().to_string();
        let records = server.run(&["audit", "query", "--dir", &dir]).await?;
        let writes = records.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let alone = writes.filter(|r| {
            r["phase"] == "outcome" && r["effect"] == "write" && r["consent"]["source"] == "none"
        });
        report.line(&format!("{}: {}", server.domain, alone.count()));
    }
    Ok(())
}

/// The report as a draft, one a day, and an issue for every finding that has rows.
async fn file(agent: &Agent, today: &str, findings: &[Finding]) {
    let summary: String = findings.iter().map(|f| format!("- {}\n", f.heading())).collect();
    let draft = json!({
        "title": format!("Compliance report {today}"),
        "space": "POL",
        "text": format!("## Findings\n\n{summary}"),
        "labels": ["internal"],
        "external_key": format!("compliance-report-{today}"),
    });
    agent.write("docs", "create_document_draft", "nobody has to agree", draft).await.ok();
    for finding in findings.iter().filter(|f| f.rows() > 0) {
        let issue = json!({
            "project": "OPS",
            "type": "Task",
            "title": format!("Compliance: {}", finding.title.to_lowercase()),
            "description": "See the compliance report of the day for the records.",
            "labels": ["compliance"],
            "external_key": format!("compliance/{}", finding.key),
        });
        agent.write("issues", "create_issue", "nobody has to agree", issue).await.ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::fault;

    fn finding(outcome: Outcome, undetermined: usize) -> String {
        Finding { key: "k", title: "T", outcome, undetermined }.heading()
    }

    #[test]
    fn a_number_that_is_not_known_is_not_told_as_one() {
        let page = |rows: usize, cursor: Value, status: &str| {
            let sources = json!([{ "source": "a", "status": "ok" }, { "source": "b", "status": status }]);
            Ok(json!({ "items": vec![json!({}); rows], "next_cursor": cursor, "sources": sources }))
        };
        for (outcome, undetermined, told) in [
            (page(2, Value::Null, "ok"), 0, "T: 2"),
            (page(0, Value::Null, "unsupported"), 0, "T: 0"),
            (page(2, json!("more"), "ok"), 0, "T: at least 2"),
            (page(2, Value::Null, "unavailable"), 0, "T: at least 2"),
            (page(0, Value::Null, "unavailable"), 0, "T: not known"),
            (page(2, Value::Null, "ok"), 3, "T: at least 2 (3 could not be determined)"),
            (page(0, Value::Null, "ok"), 3, "T: not known (3 could not be determined)"),
            (Err(fault("dead")), 0, "T: not known"),
        ] {
            assert_eq!(finding(outcome, undetermined), told);
        }
    }

    #[tokio::test]
    async fn only_what_is_known_to_be_closed_is_not_open_to_the_world() {
        let agent = Agent::scripted(&["docs"], |tool, asked| match (tool, text(&asked["document"])) {
            ("search_documents", _) => {
                let ids = ["linked", "public", "closed", "half", "failed"].map(|id| json!({ "id": id }));
                Ok(json!({ "items": ids, "next_cursor": "more", "sources": [] }))
            }
            (_, "linked") => Ok(json!({
                "public_link": { "status": "known", "url": "https://public" }, "readers": { "status": "unknown" },
            })),
            (_, "public") => Ok(json!({
                "public_link": { "status": "unknown" }, "readers": { "status": "known", "audience": "public" },
            })),
            (_, "closed") => Ok(json!({
                "public_link": { "status": "known" }, "readers": { "status": "known", "audience": "space" },
            })),
            (_, "half") => Ok(json!({
                "public_link": { "status": "known" }, "readers": { "status": "unknown" },
            })),
            _ => Err(fault("dead")),
        })
        .await;
        let found = exposed(&agent).await;
        assert_eq!((found.rows(), found.undetermined), (2, 2));
        assert!(found.heading().ends_with(": at least 2 (2 could not be determined)"), "{}", found.heading());
    }
}
