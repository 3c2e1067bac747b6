//! Sales: a page to read before a meeting, and a follow-up in the diary.

use futures::join;
use serde_json::{Value, json};

use crate::agent::{Outcome, list, text};
use crate::show::{money, or};
use crate::{Agent, Fleet, Report, Result, Sink};

/// What the briefing is about: a customer's domain, which joins it across systems.
const CUSTOMER: &str = "nordwind.example";

/// Writes the briefing and schedules the follow-up.
pub(crate) async fn run(fleet: &Fleet, agent: &Agent, sink: &Sink<'_>) -> Result<()> {
    let report = Report::begin(sink, "Sales briefing: what we should know before we meet");
    let found = agent.read("crm", "find_accounts", json!({ "domain": CUSTOMER })).await;
    let account = found.as_ref().ok().and_then(|page| list(page, "items").next()).cloned();
    match &account {
        Some(account) => {
            let about = gather(agent, account).await;
            tell(&report, account, &about);
            follow_up(agent, account).await;
        }
        None => report.line(&format!("no CRM that answered knows {CUSTOMER}; there is nothing to prepare")),
    }
    report.end(agent, fleet).await
}

/// Everything about the customer, from every house that knows them.
struct About {
    brief: Outcome,
    renewals: Outcome,
    cases: Outcome,
    incidents: Outcome,
    receivables: Outcome,
    issues: Outcome,
    documents: Outcome,
    usage: Outcome,
}

/// Asks all of them at once: the briefing takes as long as the slowest.
async fn gather(agent: &Agent, account: &Value) -> About {
    let (id, name) = (text(&account["id"]), text(&account["name"]));
    let key = CUSTOMER.split('.').next().unwrap_or(CUSTOMER);
    let (brief, renewals, cases, incidents, receivables, issues, documents, usage) = join!(
        agent.read("crm", "get_account_brief", json!({ "account": id })),
        agent.read("crm", "list_upcoming_renewals", json!({ "account": id })),
        agent.read("crm", "list_customer_cases", json!({ "account": id, "status": "open" })),
        agent.read("itsm", "search_incidents", json!({ "customer": CUSTOMER, "opened_after": "P90D" })),
        agent.read("finance", "list_overdue_receivables", json!({ "customer": CUSTOMER })),
        agent.read("issues", "search_issues", json!({ "labels": [format!("customer:{key}")] })),
        agent.read("docs", "search_documents", json!({ "text": name, "limit": 5 })),
        agent.read("usage", "get_product_usage", json!({ "customer": CUSTOMER })),
    );
    About { brief, renewals, cases, incidents, receivables, issues, documents, usage }
}

fn tell(report: &Report<'_>, account: &Value, about: &About) {
    report.section(&format!("{} ({})", text(&account["name"]), text(&account["id"])));
    report.line(&format!(
        "looked after by {}, segment {}",
        or(&account["owner"], "nobody"),
        or(&account["segment"], "unknown")
    ));
    let section = |title, outcome: &Outcome, name, row: &dyn Fn(&Value) -> String| {
        report.section(title);
        report.rows(outcome, name, row);
    };
    section("Whom we know", &about.brief, "contacts", &|c| {
        format!("{}, {}", text(&c["name"]), or(&c["title"], "no title"))
    });
    section("What they may buy", &about.brief, "opportunities", &|o| {
        format!(
            "{}: {} ({}), next: {}",
            text(&o["name"]),
            money(&o["amount"]),
            text(&o["stage"]),
            or(&o["next_step"], "nothing planned")
        )
    });
    section("What runs out", &about.renewals, "items", &|r| {
        format!("{}: {}, due {}", text(&r["name"]), money(&r["value"]), text(&r["due"]))
    });
    section("What they complain about", &about.cases, "items", &|c| {
        format!("{} {} ({})", text(&c["number"]), text(&c["subject"]), or(&c["severity"], "no severity"))
    });
    section("What we broke for them", &about.incidents, "items", &|i| {
        format!("{} {} ({})", text(&i["id"]), text(&i["title"]), text(&i["state"]))
    });
    section("What they owe us", &about.receivables, "items", &|r| {
        format!("{} since {} days: {}", money(&r["open"]), r["days_overdue"], text(&r["id"]))
    });
    section("What we are building for them", &about.issues, "items", &|i| {
        format!("{} {} ({})", text(&i["id"]), text(&i["title"]), text(&i["state"]))
    });
    section("What is written about them", &about.documents, "items", &|d| {
        format!("{} ({})", text(&d["title"]), text(&d["id"]))
    });
    section("How much they use", &about.usage, "products", &|u| {
        format!(
            "{}: {} calls last week, {} % against four weeks before",
            text(&u["product"]),
            u["last_week"],
            u["change_percent"]
        )
    });
}

async fn follow_up(agent: &Agent, account: &Value) {
    let due = (jiff::Zoned::now().date() + jiff::Span::new().days(7)).to_string();
    let task = json!({
        "record": account["id"],
        "subject": format!("Call {} about renewal and open cases", text(&account["name"])),
        "due": due,
        "external_key": format!("sales-briefing/{CUSTOMER}/{due}"),
    });
    agent.write("crm", "schedule_follow_up", "nobody has to agree", task).await.ok();
}
