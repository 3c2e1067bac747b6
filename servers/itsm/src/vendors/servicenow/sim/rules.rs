//! What happens when a record is written: business rules, data lookup and data policies of a fresh instance
//! (ServiceNow, "Incident management"; "Priority data lookup rules"; "Journal fields").

use jiff::Timestamp;
use sandbox::Answer;

use super::failure;
use super::schema::{Kind, Table};
use super::state::{Instance, Row, stored_time, value};

/// Who writes, and when.
pub(super) struct By {
    /// Their `sys_id`.
    pub(super) user: String,
    /// Their user name.
    pub(super) name: String,
    pub(super) now: Timestamp,
}

/// Inserts a record. Errors: the rule that aborts it.
pub(super) fn inserted(
    instance: &mut Instance,
    table: &'static Table,
    written: Row,
    by: &By,
) -> Result<Row, Answer> {
    let now = stored_time(by.now);
    let mut row = Row::new();
    let mut set = |field: &str, value: &str| row.insert(field.to_owned(), value.to_owned());
    set("sys_id", &instance.next_id(by.now));
    set("sys_class_name", table.name);
    set("sys_created_on", &now);
    set("sys_created_by", &by.name);
    if table.name == "incident" {
        for (field, value) in [("state", "1"), ("impact", "3"), ("urgency", "3"), ("active", "true")] {
            set(field, value);
        }
        set("category", "inquiry");
        set("opened_at", &now);
        set("opened_by", &by.user);
    }
    if let Some(number) = instance.next_number(table) {
        set("number", &number);
    }
    let journals = taken(table, &mut row, written);
    assigned_by_service(instance, table, &mut row);
    finished(table, &Row::new(), &mut row, by)?;
    row.insert("sys_mod_count".into(), "0".into());
    stamped(&mut row, by);
    instance.put(table, row.clone());
    journaled(instance, table, &row, journals, by);
    Ok(row)
}

/// Changes a record. Errors: the rule that aborts it; nothing is changed then.
pub(super) fn updated(
    instance: &mut Instance,
    table: &'static Table,
    before: Row,
    written: Row,
    by: &By,
) -> Result<Row, Answer> {
    if table.name == "incident" && matches!(value(&before, "state"), "7" | "8") {
        return Err(failure(
            403,
            "Operation Failed",
            Some("ACL Exception Update Failed due to security constraints"),
        ));
    }
    let mut row = before.clone();
    let journals = taken(table, &mut row, written);
    finished(table, &before, &mut row, by)?;
    if row != before || !journals.is_empty() {
        let count: u64 = value(&before, "sys_mod_count").parse().unwrap_or(0);
        row.insert("sys_mod_count".into(), (count + 1).to_string());
        stamped(&mut row, by);
    }
    instance.put(table, row.clone());
    clocks(instance, table, &before, &row, by);
    journaled(instance, table, &row, journals, by);
    Ok(row)
}

/// Takes over what may be written; what is written into journals is given back.
fn taken(table: &Table, row: &mut Row, written: Row) -> Vec<(String, String)> {
    let mut journals = Vec::new();
    for (field, text) in written {
        match table.kind(&field) {
            Some(Kind::Journal) if !text.is_empty() => journals.push((field, text)),
            Some(Kind::Journal) | None => {}
            // What the system keeps is not taken from a body; nor is a number changed.
            Some(_) if field.starts_with("sys_") || (field == "number" && row.contains_key("number")) => {}
            Some(_) => drop(row.insert(field, text)),
        }
    }
    journals
}

/// Business rule "Populate assignment group based on CI/SO".
fn assigned_by_service(instance: &Instance, table: &Table, row: &mut Row) {
    if table.name != "incident" || !value(row, "assignment_group").is_empty() {
        return;
    }
    let Some(items) = Table::named("cmdb_ci") else { return };
    let service =
        [value(row, "business_service"), value(row, "cmdb_ci")].into_iter().find(|id| !id.is_empty());
    let group =
        service.and_then(|id| instance.row(items, id)).map(|item| value(item, "support_group").to_owned());
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        row.insert("assignment_group".into(), group);
    }
}

/// The rules of incidents. Errors: the data policy that does not hold.
fn finished(table: &Table, before: &Row, row: &mut Row, by: &By) -> Result<(), Answer> {
    if table.name != "incident" {
        return Ok(());
    }
    // Either field may have been written; the other follows.
    let moved = |field: &str| value(row, field) != value(before, field);
    let state = if moved("state") || !moved("incident_state") { "state" } else { "incident_state" };
    let state = value(row, state).to_owned();
    policies(row, &state)?;
    // Priority is looked up, whatever was written into it.
    let level = |field: &str| value(row, field).parse::<u8>().unwrap_or(3).clamp(1, 3);
    let priority = level("impact") + level("urgency") - 1;
    let mut set = |field: &str, value: &str| drop(row.insert(field.to_owned(), value.to_owned()));
    set("priority", &priority.to_string());
    set("state", &state);
    set("incident_state", &state);
    set("active", if matches!(state.as_str(), "7" | "8") { "false" } else { "true" });
    let (was, now) = (value(before, "state"), stored_time(by.now));
    match state.as_str() {
        "6" if was != "6" => {
            set("resolved_at", &now);
            set("resolved_by", &by.user);
        }
        "7" if was != "7" => {
            set("closed_at", &now);
            set("closed_by", &by.user);
        }
        "1" | "2" | "3" if was == "6" => {
            let count: u64 = value(before, "reopen_count").parse().unwrap_or(0);
            set("reopen_count", &(count + 1).to_string());
            set("resolved_at", "");
            set("resolved_by", "");
        }
        _ => {}
    }
    Ok(())
}

/// Data policies: what a state wants to be told.
fn policies(row: &Row, state: &str) -> Result<(), Answer> {
    let wanted: &[(&str, &str)] = match state {
        "3" => &[("hold_reason", "On hold reason")],
        "6" | "7" => &[("close_code", "Resolution code"), ("close_notes", "Resolution notes")],
        _ => &[],
    };
    let missing: Vec<&str> =
        wanted.iter().filter(|(field, _)| value(row, field).is_empty()).map(|(_, label)| *label).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!("Data Policy Exception: The following fields are mandatory: {}", missing.join(", "));
    Err(failure(403, "Operation Failed", Some(&detail)))
}

/// The clocks of an incident follow its state.
fn clocks(instance: &mut Instance, table: &Table, before: &Row, row: &Row, by: &By) {
    let (was, is) = (value(before, "state"), value(row, "state"));
    let Some(slas) = Table::named("task_sla").filter(|_| table.name == "incident" && was != is) else {
        return;
    };
    let (stage, ends) = match is {
        "6" | "7" => ("completed", true),
        "8" => ("cancelled", true),
        "3" => ("paused", false),
        _ => ("in_progress", false),
    };
    let own = |sla: &&Row| value(sla, "task") == value(row, "sys_id") && value(sla, "active") == "true";
    let running: Vec<Row> = instance.rows(slas).filter(own).cloned().collect();
    for mut sla in running {
        sla.insert("stage".into(), stage.into());
        if ends {
            sla.insert("active".into(), "false".into());
            sla.insert("end_time".into(), stored_time(by.now));
        }
        instance.put(slas, sla);
    }
}

fn stamped(row: &mut Row, by: &By) {
    row.insert("sys_updated_on".into(), stored_time(by.now));
    row.insert("sys_updated_by".into(), by.name.clone());
}

/// Writes the entries of journals.
pub(super) fn journaled(
    instance: &mut Instance,
    table: &Table,
    row: &Row,
    journals: Vec<(String, String)>,
    by: &By,
) {
    let Some(journal) = Table::named("sys_journal_field") else { return };
    for (element, text) in journals {
        let fields = [
            ("sys_id", instance.next_id(by.now)),
            ("sys_class_name", journal.name.to_owned()),
            ("sys_created_on", stored_time(by.now)),
            ("sys_created_by", by.name.clone()),
            ("element_id", value(row, "sys_id").to_owned()),
            ("name", table.name.to_owned()),
            ("element", element),
            ("value", text),
        ];
        instance.put(journal, fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect());
    }
}
