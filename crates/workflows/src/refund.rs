//! A refund: money and words leave the house, and nobody lets them out alone.

use serde_json::json;

use crate::agent::{Outcome, Person, list, text};
use crate::guarded::{Guarded, Holder};
use crate::show::money;
use crate::{Agent, Fleet, Report, Result, Sink};

/// The second charge of two for one purchase.
const CHARGE: &str = "stripe:ch_3HaldenAurora09twice";
/// Where customers' trouble with cards is worked on.
const ISSUE: &str = "jira:PAY-12";
/// Who takes part. What Dana and Anders were granted is the same; what their roles allow is not.
const PEOPLE: [Holder; 4] = [
    Holder {
        domain: "finance",
        subject: "dana",
        role: "member",
        scopes: &["finance:write", "finance:approve"],
    },
    Holder { domain: "finance", subject: "anders", role: "analyst", scopes: &["finance:write"] },
    Holder { domain: "finance", subject: "carol", role: "member", scopes: &["finance:approve"] },
    Holder { domain: "issues", subject: "dana", role: "member", scopes: &["issues:write"] },
];

/// Refunds a card that was charged twice and tells the customer, over servers that know who calls.
pub(crate) async fn run(fleet: &Fleet, agent: &Agent, sink: &Sink<'_>) -> Result<()> {
    let report = Report::begin(sink, "A refund: nobody gives money back alone");
    let (guarded, keys) = Guarded::start(fleet, &PEOPLE).await?;
    let worked = work(&guarded, keys, agent, &report).await;
    let told = match worked {
        Ok(()) => report.end(agent, &guarded.fleet).await,
        failed => failed,
    };
    let stopped = guarded.fleet.stop().await;
    told.and(stopped)
}

async fn work(guarded: &Guarded, keys: [String; 4], agent: &Agent, report: &Report<'_>) -> Result<()> {
    let [dana, anders, carol, danas_for_issues] = keys;
    let finance = async |key| agent.with_key(&guarded.fleet, "finance", key, Person::Absent).await;
    let (danas, analyst) = (finance(&dana).await?, finance(&anders).await?);

    report.section("Charged twice");
    let charges = danas.read("finance", "find_payments", json!({ "ids": [CHARGE] })).await;
    report.rows(&charges, "items", &|p| format!("{} {}", text(&p["id"]), money(&p["amount"])));
    let refund = json!({ "payment": CHARGE, "reason": "duplicate" });

    report.section("An analyst reads and may not give money back");
    report
        .line(&format!("anders: {}", reason(&analyst.call("finance", "issue_refund", refund.clone()).await)));

    report.section("Dana's agent asks, and Carol decides");
    let shown = danas.call("finance", "issue_refund", refund.clone()).await;
    let shown = shown.map_err(|error| format!("the refund was not even shown: {error}"))?;
    for change in list(&shown["change"], "fields") {
        report.line(&format!("{}: {}", text(&change["field"]), text(&change["after"])));
    }
    let mut commit = refund;
    commit["plan"] = shown["plan"].clone();
    report.line(&format!(
        "dana, at once: {}",
        reason(&danas.call("finance", "issue_refund", commit.clone()).await)
    ));
    let allowed = guarded.approve("finance", &dana).await?;
    report.line(if allowed { "dana approved her own request" } else { "dana: another person has to decide" });
    report.line(if guarded.approve("finance", &carol).await? { "carol: approved" } else { "carol: refused" });
    let carols = "carol agreed on the approval page";
    danas.write("finance", "issue_refund", carols, commit.clone()).await.ok();
    danas.write("finance", "issue_refund", "asked again, as if the answer was lost", commit).await.ok();
    let refunds = guarded.fleet.log("stripe").await?;
    let made = refunds.iter().filter(|e| e["method"] == "POST" && e["path"] == "/v1/refunds").count();
    report.line(&format!("refunds at the payment service: {made}"));

    let person = agent.with_key(&guarded.fleet, "issues", &danas_for_issues, Person::Agrees).await?;
    tell(&person).await;
    Ok(())
}

/// Tells the customer, in a tracker that others read; the person at the client sees the words first.
async fn tell(agent: &Agent) {
    let words =
        json!({ "issue": ISSUE, "text": "The second charge is on its way back.", "visibility": "public" });
    agent.write("issues", "comment_on_issue", "dana agreed in her client", words).await.ok();
}

/// Why something was not done.
fn reason(outcome: &Outcome) -> String {
    match outcome {
        Ok(answer) => format!("done, which nobody expected: {answer}"),
        Err(error) => format!("{} ({})", text(&error["message"]), text(&error["code"])),
    }
}
