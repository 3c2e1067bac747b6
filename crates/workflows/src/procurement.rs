//! Procurement: whom we buy from, what runs out, what is stuck, and the order that should follow.

use futures::join;
use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use serde_json::{Value, json};

use crate::agent::{Outcome, is_whole, list, text};
use crate::show::{money, or, sums};
use crate::{Agent, Fleet, Report, Result, Sink};

/// The cost center that buys.
const COST_CENTER: &str = "CC-OPS";

/// The currency of its budget.
const CURRENCY: &str = "EUR";

/// Reviews suppliers and contracts, drafts the requisition, files the renewal.
pub(crate) async fn run(fleet: &Fleet, agent: &Agent, sink: &Sink<'_>) -> Result<()> {
    let report =
        Report::begin(sink, "Procurement: suppliers, contracts that end, orders and invoices that are stuck");
    let suppliers =
        agent.read("finance", "compare_suppliers", json!({ "top": 20, "sort_by": "spend" })).await;
    report.section("The twenty largest suppliers");
    report.rows(&suppliers, "suppliers", &supplier);

    let contract = ending(agent, &report).await;
    let (overdue, blocked, budget) = join!(
        agent.read("finance", "get_open_purchase_orders", json!({ "overdue": true, "limit": 10 })),
        agent.read("finance", "get_supplier_invoice_history", json!({ "status": "blocked", "limit": 10 })),
        agent.read("finance", "get_budget_availability", json!({ "cost_center": COST_CENTER })),
    );
    tell(&report, &overdue, &blocked, &budget);
    if let Some(contract) = contract {
        renew(agent, &contract).await;
    }
    report.end(agent, fleet).await
}

fn supplier(s: &Value) -> String {
    let late = match (s["lateness"]["late"].as_u64(), s["lateness"]["deliveries"].as_u64()) {
        (Some(late), Some(all)) => format!("{late} of {all} late"),
        _ => "lateness not known".to_owned(),
    };
    let blocked = if list(s, "blocks").next().is_some() { ", BLOCKED" } else { "" };
    let terms = or(&s["payment_terms"], "no terms");
    format!("{}: {}, {terms}, {late}{blocked}", text(&s["name"]), sums(&s["spend"]))
}

/// Contracts that end in the next quarter, with the paper of the largest. Returns that one.
async fn ending(agent: &Agent, report: &Report<'_>) -> Option<Value> {
    let (first, last) = next_quarter(Zoned::now().date())?;
    let window = json!({ "ends_after": first.to_string(), "ends_before": last.to_string() });
    let contracts = agent.read("finance", "search_contracts_by_value_range", window).await;
    report.section(&format!("Contracts that end from {first} to {last}"));
    report.rows(&contracts, "items", &|c| {
        format!(
            "{} {} with {}: {}, ends {}",
            text(&c["id"]),
            text(&c["title"]),
            text(&c["supplier"]["name"]),
            money(&c["target"]),
            text(&c["ends"])
        )
    });
    let contracts = contracts.ok()?;
    let contract = largest(&contracts)?.clone();
    let number = native(&contract).to_owned();
    let papers = agent.read("docs", "search_documents", json!({ "text": number, "limit": 3 })).await;
    let rank = if is_whole(&contracts) { "the largest" } else { "the largest of those that came" };
    report.section(&format!("The paper of contract {number}, {rank}"));
    report.rows(&papers, "items", &|d| {
        format!("{} ({}), owned by {}", text(&d["title"]), text(&d["id"]), or(&d["owner"], "nobody"))
    });
    Some(contract)
}

/// The contract of the highest value in the currency of the house; others need a person who knows the rates.
fn largest(contracts: &Value) -> Option<&Value> {
    let value = |c: &&Value| text(&c["target"]["amount"]).parse::<f64>().unwrap_or_default();
    let ours = list(contracts, "items").filter(|c| c["target"]["currency"] == CURRENCY);
    ours.max_by(|a, b| value(a).total_cmp(&value(b)))
}

fn tell(report: &Report<'_>, overdue: &Outcome, blocked: &Outcome, budget: &Outcome) {
    report.section("Orders that should have come");
    report.rows(overdue, "items", &|o| {
        format!(
            "{} from {}: {}, due {}",
            text(&o["id"]),
            text(&o["supplier"]["name"]),
            money(&o["value"]),
            or(&o["due"], "-")
        )
    });
    report.section("Invoices that are blocked");
    report.rows(blocked, "items", &|i| {
        let why = crate::show::joined(&i["blocked_because"]);
        format!(
            "{} from {}: {}, because of {why}",
            text(&i["id"]),
            text(&i["supplier"]["name"]),
            money(&i["amount"])
        )
    });
    report.section(&format!("What {COST_CENTER} may still spend"));
    report.rows(budget, "budgets", &|b| {
        format!(
            "{} to {}: {} of {}",
            text(&b["from"]),
            text(&b["to"]),
            money(&b["available"]),
            money(&b["budget"])
        )
    });
}

/// The requisition that goes on where the contract ends, and the issue that somebody renews it.
async fn renew(agent: &Agent, contract: &Value) {
    let number = native(contract);
    let need = Zoned::now().date().saturating_add(30.days()).to_string();
    let requisition = json!({
        "title": format!("Bridge {number}"),
        "cost_center": COST_CENTER,
        "need_by": need,
        "lines": [{
            "text": "Spare parts",
            "quantity": "10",
            "unit": "EA",
            "price": { "amount": "179.00", "currency": CURRENCY },
            "supplier": contract["supplier"]["id"],
        }],
        "external_key": format!("bridge-{number}"),
    });
    let issue = json!({
        "project": "OPS",
        "type": "Task",
        "title": format!("Renew contract {number} with {}", text(&contract["supplier"]["name"])),
        "description": format!("It ends on {}. Target value {}.", text(&contract["ends"]), money(&contract["target"])),
        "labels": ["procurement"],
        "external_key": format!("contract-renewal/{}", text(&contract["id"])),
    });
    let second = "a second person would have to approve";
    let (_, _) = join!(
        agent.write("finance", "draft_purchase_requisition", second, requisition),
        agent.write("issues", "create_issue", "nobody has to agree", issue),
    );
}

/// The number in an id: `4600000021` in `sap:4600000021`.
fn native(record: &Value) -> &str {
    let id = text(&record["id"]);
    id.rsplit([':', '/']).next().unwrap_or(id)
}

/// First and last day of the quarter after `today`'s.
fn next_quarter(today: Date) -> Option<(Date, Date)> {
    let first = today
        .with()
        .month((today.month() - 1) / 3 * 3 + 1)
        .day(1)
        .build()
        .ok()?
        .checked_add(3.months())
        .ok()?;
    Some((first, first.checked_add(3.months()).ok()?.yesterday().ok()?))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_next_quarter_may_lie_in_the_next_year() {
        assert_eq!(next_quarter(date(2026, 11, 21)), Some((date(2027, 1, 1), date(2027, 3, 31))));
        assert_eq!(next_quarter(date(2026, 3, 31)), Some((date(2026, 4, 1), date(2026, 6, 30))));
    }
}
