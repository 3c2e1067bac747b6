//! The service catalog (ServiceNow, "Service Catalog API"): items, and ordering one at once.

use std::collections::BTreeMap;

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::schema::Table;
use super::state::{Instance, Row, stored_time, value};
use super::{failure, people};

/// Every item asks for the same two variables; the first must be answered.
const VARIABLES: [(&str, bool); 2] = [("incident", true), ("chancery_operation", false)];

#[derive(Deserialize)]
struct Order {
    sysparm_quantity: Option<Value>,
    #[serde(default)]
    variables: BTreeMap<String, Value>,
}

/// `GET /servicecatalog/items`.
pub(super) fn items(instance: &mut Instance, ask: &Ask) -> Reply {
    let Some(table) = Table::named("sc_cat_item") else { return Err(Answer::empty(500)) };
    let text = ask.query("sysparm_text").unwrap_or_default().to_lowercase();
    let limit = ask.query_as::<usize>("sysparm_limit")?.unwrap_or(10);
    let named = |row: &&Row| value(row, "name").to_lowercase().contains(&text);
    let shown: Vec<Value> = instance.rows(table).filter(named).take(limit).map(item_shown).collect();
    Ok(Answer::json(200, json!({ "result": shown })))
}

/// `GET /servicecatalog/items/{sys_id}`.
pub(super) fn item(instance: &mut Instance, ask: &Ask) -> Reply {
    let row = found(instance, ask)?;
    let mut shown = item_shown(row);
    let variables = VARIABLES.iter().map(|(name, mandatory)| {
        json!({ "name": name, "label": name, "mandatory": mandatory, "active": true, "friendly_type": "single_line_text" })
    });
    shown["variables"] = variables.collect();
    Ok(Answer::json(200, json!({ "result": shown })))
}

/// `POST /servicecatalog/items/{sys_id}/order_now`.
pub(super) fn order(instance: &mut Instance, ask: &Ask) -> Reply {
    if ask.who() != people::AGENT {
        return Err(failure(403, "User does not have access to this item", Some("Security constraints")));
    }
    let item = found(instance, ask)?.clone();
    let order: Order = ask.json()?;
    let quantity = order.sysparm_quantity.map(|one| one.to_string().trim_matches('"').parse::<u32>());
    if !matches!(quantity, Some(Ok(1..))) {
        return Err(failure(
            400,
            "Invalid Quantity value",
            Some("sysparm_quantity should be a positive number"),
        ));
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given: BTreeMap<&str, String> =
        order.variables.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    let missing = |(name, mandatory): &&(&str, bool)| {
        *mandatory && given.get(name).is_none_or(|value| value.is_empty())
    };
    if VARIABLES.iter().any(|one| missing(&one)) {
        return Err(failure(400, "Mandatory Variables are required", None));
    }
    let known = given.iter().filter(|(name, _)| VARIABLES.iter().any(|(known, _)| known == *name));
    let known: Vec<(String, String)> =
        known.map(|(name, value)| (format!("variables.{name}"), value.clone())).collect();
    let (id, number) = ordered(instance, ask, &item, known).ok_or_else(|| Answer::empty(500))?;
    cure(instance, value(&item, "sys_id"), ask);
    let result = json!({
        "sys_id": id, "number": number, "request_number": number, "request_id": id,
        "parent_id": null, "parent_table": "task", "table": "sc_request",
    });
    Ok(Answer::json(200, json!({ "result": result })))
}

fn found<'i>(instance: &'i Instance, ask: &Ask) -> Result<&'i Row, Answer> {
    let none = || failure(404, "Item not found", Some("Catalog item does not exist or is not active"));
    let table = Table::named("sc_cat_item").ok_or_else(none)?;
    instance.row(table, ask.param("sys_id")).filter(|row| value(row, "active") == "true").ok_or_else(none)
}

fn item_shown(row: &Row) -> Value {
    json!({
        "sys_id": value(row, "sys_id"), "name": value(row, "name"),
        "short_description": value(row, "short_description"), "type": "catalog_item", "order": 0,
    })
}

/// A request and the item in it; `sys_id` and number of the request.
fn ordered(
    instance: &mut Instance,
    ask: &Ask,
    item: &Row,
    variables: Vec<(String, String)>,
) -> Option<(String, String)> {
    let (requests, items) = (Table::named("sc_request")?, Table::named("sc_req_item")?);
    let user = people::caller(instance, ask.who());
    let fresh = |instance: &mut Instance, table: &'static Table| -> Option<Row> {
        let (now, number) = (stored_time(ask.now), instance.next_number(table)?);
        let fields = [
            ("sys_id", instance.next_id(ask.now)),
            ("sys_class_name", table.name.to_owned()),
            ("sys_created_on", now.clone()),
            ("sys_created_by", ask.who().to_owned()),
            ("sys_updated_on", now),
            ("sys_mod_count", "0".to_owned()),
            ("number", number),
            ("short_description", value(item, "name").to_owned()),
        ];
        Some(fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect())
    };
    let mut request = fresh(instance, requests)?;
    request.insert("request_state".into(), "approved".into());
    request.insert("stage".into(), "fulfillment".into());
    request.insert("requested_for".into(), user.clone());
    request.insert("opened_by".into(), user);
    let (id, number) = (value(&request, "sys_id").to_owned(), value(&request, "number").to_owned());
    let mut line = fresh(instance, items)?;
    line.insert("request".into(), id.clone());
    line.insert("cat_item".into(), value(item, "sys_id").to_owned());
    line.insert("state".into(), "2".into());
    line.insert("stage".into(), "fulfillment".into());
    line.extend(variables);
    instance.put(requests, request);
    instance.put(items, line);
    Some((id, number))
}

/// What some items do in the demo: the trouble of their service is over, and monitoring sees it.
fn cure(instance: &mut Instance, item: &str, ask: &Ask) {
    let services: Vec<String> =
        instance.cures.iter().filter(|(own, _)| own == item).map(|(_, service)| service.clone()).collect();
    let Some(alerts) = Table::named("em_alert") else { return };
    let open = |row: &&Row| {
        services.iter().any(|one| one == value(row, "cmdb_ci")) && value(row, "state") != "Closed"
    };
    let over: Vec<Row> = instance.rows(alerts).filter(open).cloned().collect();
    for mut alert in over {
        alert.insert("state".into(), "Closed".into());
        alert.insert("sys_updated_on".into(), stored_time(ask.now));
        instance.put(alerts, alert);
    }
}
