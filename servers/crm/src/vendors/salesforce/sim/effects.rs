//! What the platform does by itself when records are made and changed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::schema::Object;
use super::store::{Org, Row, day, flag, or_null, stamp, text, time};

/// Fills what a new record needs.
pub(super) fn born(org: &mut Org, object: &Object, row: &mut Row, now: Timestamp, user: &str) {
    if object.field("OwnerId").is_some() {
        row.entry("OwnerId").or_insert_with(|| json!(user));
    }
    if object.has_currency {
        row.entry("CurrencyIsoCode").or_insert_with(|| json!("EUR"));
    }
    let mut default = |field: &'static str, value: &str| {
        row.entry(field).or_insert_with(|| json!(value));
    };
    match object.name {
        "Task" => {
            default("Status", "Not Started");
            default("Priority", "Normal");
            default("TaskSubtype", "Task");
        }
        "Case" => {
            default("Status", "New");
            default("Priority", "Medium");
            let number = org.next_number();
            row.insert("CaseNumber", json!(format!("{:08}", 90_000 + number)));
        }
        "Contract" => {
            default("Status", "Draft");
            let number = org.next_number();
            row.insert("ContractNumber", json!(format!("{number:08}")));
        }
        "Event" => {
            row.insert("IsChild", json!(false));
        }
        "EmailMessage" => default("MessageDate", &stamp(now)),
        _ => {}
    }
    settle(org, object, None, row, now);
}

/// Follows a change.
pub(super) fn changed(org: &Org, object: &Object, old: &Row, row: &mut Row, now: Timestamp) {
    settle(org, object, Some(old), row, now);
}

/// Tells related records.
pub(super) fn after(org: &mut Org, object: &Object, row: &Row, now: Timestamp) {
    let done = match object.name {
        "Task" if flag(row, "IsClosed") => text(row, "ActivityDate").to_owned(),
        "Event" => time(text(row, "StartDateTime")).map(|at| day(at).to_string()).unwrap_or_default(),
        _ => return,
    };
    for field in ["WhatId", "WhoId", "AccountId"] {
        let id = text(row, field).to_owned();
        let has_field = Object::of_id(&id).is_some_and(|of| of.field("LastActivityDate").is_some());
        let known = org.any(&id).map(|other| text(other, "LastActivityDate").to_owned()).unwrap_or_default();
        if has_field && !done.is_empty() && known < done {
            org.touch(&id, "LastActivityDate", json!(done), now);
        }
    }
}

fn settle(org: &Org, object: &Object, old: Option<&Row>, row: &mut Row, now: Timestamp) {
    match object.name {
        "Opportunity" => stage(org, old, row, now),
        "Task" => {
            let closed = text(row, "Status") == "Completed";
            let was = old.is_some_and(|old| flag(old, "IsClosed"));
            row.insert("IsClosed", json!(closed));
            if closed && !was {
                row.insert("CompletedDateTime", json!(stamp(now)));
            } else if !closed {
                row.insert("CompletedDateTime", Value::Null);
            }
            rolled_up(org, row);
        }
        "Event" => {
            span(row);
            rolled_up(org, row);
        }
        "Case" => {
            let closed = text(row, "Status") == "Closed";
            row.insert("IsClosed", json!(closed));
            row.insert("ClosedDate", if closed { json!(stamp(now)) } else { Value::Null });
        }
        "Contact" | "User" => {
            let full = format!("{} {}", text(row, "FirstName"), text(row, "LastName"));
            row.insert("Name", json!(full.trim()));
        }
        "Contract" => {
            let months = row.get("ContractTerm").and_then(Value::as_i64);
            let start = text(row, "StartDate").parse::<jiff::civil::Date>().ok();
            if let (Some(months), Some(start)) = (months, start) {
                let end = start
                    .checked_add(jiff::Span::new().months(months))
                    .and_then(|end| end.checked_sub(jiff::Span::new().days(1)));
                row.insert("EndDate", or_null(end.ok()));
            }
        }
        _ => {}
    }
}

/// The stage decides how an opportunity stands.
fn stage(org: &Org, old: Option<&Row>, row: &mut Row, now: Timestamp) {
    let name = text(row, "StageName").to_owned();
    let was = old.map(|old| text(old, "StageName"));
    let Some(stages) = Object::named("OpportunityStage") else { return };
    let Some(found) = org.rows(stages).find(|stage| text(stage, "ApiName") == name) else { return };
    if was == Some(&name) {
        return;
    }
    for (own, of) in [
        ("IsClosed", "IsClosed"),
        ("IsWon", "IsWon"),
        ("Probability", "DefaultProbability"),
        ("ForecastCategoryName", "ForecastCategoryName"),
    ] {
        row.insert(own, found.get(of).cloned().unwrap_or_default());
    }
    row.insert("LastStageChangeDate", json!(stamp(now)));
}

/// The account that an activity is about, directly or through what it is about.
fn rolled_up(org: &Org, row: &mut Row) {
    let by = |field: &str| {
        let id = text(row, field);
        if id.starts_with("001") {
            return Some(id.to_owned());
        }
        org.any(id).map(|other| text(other, "AccountId").to_owned()).filter(|id| !id.is_empty())
    };
    let account = by("WhatId").or_else(|| by("WhoId"));
    row.insert("AccountId", or_null(account));
}

/// Start, length and end tell each other.
fn span(row: &mut Row) {
    let at = |field: &str| time(text(row, field));
    let Some(start) = at("StartDateTime").or_else(|| at("ActivityDateTime")) else { return };
    let minutes = row.get("DurationInMinutes").and_then(Value::as_i64);
    let end = match (minutes, at("EndDateTime")) {
        (Some(minutes), _) => start.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(start),
        (None, Some(end)) => end,
        (None, None) => start,
    };
    row.insert("StartDateTime", json!(stamp(start)));
    row.insert("ActivityDateTime", json!(stamp(start)));
    row.insert("EndDateTime", json!(stamp(end)));
    row.insert("DurationInMinutes", json!(end.duration_since(start).as_mins()));
}
