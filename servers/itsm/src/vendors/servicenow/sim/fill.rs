//! The demo company as an instance.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sandbox::company::{self, Alert, ChangeRequest, Incident, Note, OnCall, Person, Service, Sla};

use super::people::{AGENT, READER};
use super::schema::{CHOICES, Table};
use super::state::{Instance, Row, Shift, stored_time, sys_id};

const HOME: &str = "servicenow";

/// The instance at `now`.
pub(super) fn instance(now: Timestamp) -> Instance {
    let mut filler = Filler { instance: Instance::default(), now, people: BTreeMap::new() };
    filler.choices();
    filler.people(&company::people());
    company::accounts().iter().for_each(|account| {
        let fields = [("name", &*account.name), ("customer", "true")];
        filler.add("core_company", &account.key, &fields);
        let website = format!("https://www.{}", account.domain);
        let keys = [("website", Some(&website)), ("u_erp_customer", account.erp_customer.as_ref())];
        for (field, value) in
            keys.into_iter().chain([("u_billing_customer", account.billing_customer.as_ref())])
        {
            filler.set("core_company", &account.key, field, value.map(String::as_str).unwrap_or_default());
        }
    });
    company::services()
        .iter()
        .filter(|one| one.home.iter().any(|home| home == HOME))
        .for_each(|one| filler.service(one));
    let incidents = company::incidents();
    let own: Vec<&Incident> = incidents.iter().filter(|one| one.home == HOME).collect();
    own.iter().for_each(|one| filler.incident(one));
    company::alerts().iter().filter(|one| one.home == HOME).for_each(|one| filler.alert(one));
    company::changes().iter().filter(|one| one.home == HOME).for_each(|one| filler.change(one));
    company::on_call().iter().filter(|one| one.home == HOME).for_each(|one| filler.shift(one));
    filler.instance
}

struct Filler {
    instance: Instance,
    now: Timestamp,
    /// User names by handle.
    people: BTreeMap<String, String>,
}

impl Filler {
    fn at(&self, minutes: i64) -> Timestamp {
        self.now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(self.now)
    }

    fn stored(&self, minutes: i64) -> String {
        stored_time(self.at(minutes))
    }

    /// Adds a record that has always been there.
    fn add(&mut self, table: &'static str, key: &str, fields: &[(&str, &str)]) -> String {
        let id = sys_id(table, key);
        let born = self.stored(-60 * 24 * 400);
        let mut row = Row::new();
        for (field, value) in [
            ("sys_id", id.as_str()),
            ("sys_class_name", table),
            ("sys_created_on", &born),
            ("sys_created_by", "admin"),
            ("sys_updated_on", &born),
            ("sys_updated_by", "admin"),
            ("sys_mod_count", "0"),
        ]
        .into_iter()
        .chain(fields.iter().copied())
        {
            row.insert(field.to_owned(), value.to_owned());
        }
        if let Some(table) = Table::named(table) {
            self.instance.put(table, row);
        }
        id
    }

    fn set(&mut self, table: &'static str, key: &str, field: &str, text: &str) {
        let Some(table) = Table::named(table) else { return };
        let Some(mut row) = self.instance.row(table, &sys_id(table.name, key)).cloned() else { return };
        row.insert(field.to_owned(), text.to_owned());
        self.instance.put(table, row);
    }

    fn choices(&mut self) {
        for (table, element, values) in CHOICES {
            for (nth, (value, label)) in values.iter().enumerate() {
                let sequence = nth.to_string();
                let fields = [
                    ("name", *table),
                    ("element", *element),
                    ("value", *value),
                    ("label", *label),
                    ("language", "en"),
                    ("sequence", &*sequence),
                    ("inactive", "false"),
                ];
                self.add("sys_choice", &format!("{table}/{element}/{value}"), &fields);
            }
        }
    }

    fn people(&mut self, people: &[Person]) {
        for (name, shown) in [(AGENT, "Chancery Agent"), (READER, "Chancery Reader")] {
            let fields =
                [("user_name", name), ("name", shown), ("active", "true"), ("time_zone", "Europe/Berlin")];
            self.add("sys_user", name, &fields);
        }
        for person in people {
            let login = person.email.split('@').next().unwrap_or_default();
            let active = if person.left { "false" } else { "true" };
            let fields = [
                ("user_name", login),
                ("name", &*person.name),
                ("email", &*person.email),
                ("title", &*person.title),
                ("active", active),
            ];
            let user = self.add("sys_user", &person.handle, &fields);
            self.people.insert(person.handle.clone(), login.to_owned());
            let group = self.group(&person.team);
            let member = format!("{}/{}", person.team, person.handle);
            self.add("sys_user_grmember", &member, &[("user", &user), ("group", &group)]);
        }
    }

    fn group(&mut self, team: &str) -> String {
        self.add("sys_user_group", team, &[("name", team), ("active", "true")])
    }

    fn user(&self, handle: Option<&String>) -> String {
        handle
            .filter(|one| self.people.contains_key(*one))
            .map(|one| sys_id("sys_user", one))
            .unwrap_or_default()
    }

    fn author(&self, handle: Option<&String>) -> String {
        handle.and_then(|one| self.people.get(one)).cloned().unwrap_or_else(|| "system".to_owned())
    }

    fn service(&mut self, service: &Service) {
        let group = self.group(&service.team);
        let tier = match service.tier.as_str() {
            "critical" => "1 - most critical",
            "important" => "2 - somewhat critical",
            _ => "4 - not critical",
        };
        let fields = [
            ("name", &*service.name),
            ("short_description", &*service.text),
            ("busines_criticality", tier),
            ("operational_status", "1"),
            ("support_group", &*group),
            ("correlation_id", &*service.key),
        ];
        let id = self.add("cmdb_ci_service", &service.key, &fields);
        for item in &service.items {
            let fields = [("name", &**item), ("operational_status", "1"), ("support_group", &*group)];
            let child = self.add("cmdb_ci", item, &fields);
            self.set("cmdb_ci", item, "sys_class_name", "cmdb_ci_appl");
            self.add(
                "cmdb_rel_ci",
                &format!("{}/{item}", service.key),
                &[("parent", &id), ("child", &child)],
            );
        }
        for action in &service.remediations {
            let fields = [("name", &*action.name), ("short_description", &*action.text), ("active", "true")];
            let item = self.add("sc_cat_item", &action.key, &fields);
            if action.helps {
                self.instance.cures.push((item, id.clone()));
            }
        }
    }

    fn incident(&mut self, incident: &Incident) {
        let opened = incident.opened_hours * 60;
        let state = match incident.state.as_str() {
            "new" => "1",
            "in_progress" => "2",
            "on_hold" => "3",
            "resolved" => "6",
            _ => "7",
        };
        let (impact, urgency) = match incident.priority {
            0 | 1 => ("1", "1"),
            2 => ("1", "2"),
            3 => ("2", "2"),
            4 => ("2", "3"),
            _ => ("3", "3"),
        };
        let priority = incident.priority.clamp(1, 5).to_string();
        let text = incident.text.as_deref().unwrap_or_default().repeat(incident.repeat.unwrap_or(1));
        let signature =
            incident.signature.as_ref().map(|s| format!("\n\nSignature: {s}")).unwrap_or_default();
        let category = match incident.category.as_str() {
            "security" => "security",
            "privacy" => "privacy",
            "request" => "inquiry",
            _ => "software",
        };
        let id = |table: &str, key: Option<&String>| key.map(|key| sys_id(table, key)).unwrap_or_default();
        let resolved = incident.resolved_hours.map(|hours| self.stored(hours * 60)).unwrap_or_default();
        let last = incident.notes.iter().map(|note| note.hours).chain(incident.resolved_hours).max();
        let updated = self.stored(last.unwrap_or(incident.opened_hours).max(incident.opened_hours) * 60);
        let assignee = self.user(incident.assignee.as_ref());
        let fields = [
            ("number", incident.key.clone()),
            ("short_description", incident.title.clone()),
            ("description", format!("{text}{signature}").trim().to_owned()),
            ("state", state.into()),
            ("incident_state", state.into()),
            ("hold_reason", if state == "3" { "4".into() } else { String::new() }),
            ("impact", impact.into()),
            ("urgency", urgency.into()),
            ("priority", priority),
            ("category", category.into()),
            ("contact_type", if incident.opener.is_some() { "phone".into() } else { "monitoring".into() }),
            ("active", (state != "7").to_string()),
            ("caller_id", self.user(incident.opener.as_ref())),
            ("opened_by", self.user(incident.opener.as_ref())),
            ("assignment_group", id("sys_user_group", incident.team.as_ref())),
            ("assigned_to", assignee.clone()),
            ("business_service", id("cmdb_ci_service", incident.service.as_ref())),
            ("cmdb_ci", id("cmdb_ci", incident.item.as_ref())),
            ("company", id("core_company", incident.account.as_ref())),
            ("parent_incident", id("incident", incident.parent.as_ref())),
            ("problem_id", id("problem", incident.problem.as_ref())),
            ("opened_at", self.stored(opened)),
            ("resolved_at", resolved.clone()),
            ("resolved_by", if resolved.is_empty() { String::new() } else { assignee }),
            ("closed_at", if state == "7" { resolved.clone() } else { String::new() }),
            ("close_code", if resolved.is_empty() { String::new() } else { "Solution provided".into() }),
            ("close_notes", incident.resolution.clone().unwrap_or_default()),
            ("sys_created_on", self.stored(opened)),
            ("sys_created_by", self.author(incident.opener.as_ref())),
            ("sys_updated_on", updated),
            ("sys_mod_count", incident.notes.len().to_string()),
        ];
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(field, value)| (*field, value.as_str())).collect();
        if let Some(problem) = &incident.problem {
            self.add("problem", problem, &[("number", problem), ("short_description", &*incident.title)]);
        }
        let id = self.add("incident", &incident.key, &fields);
        if let Some(table) = Table::named("incident") {
            self.instance.reserve(table, &incident.key);
        }
        incident.notes.iter().enumerate().for_each(|(nth, note)| self.note(&id, nth, note));
        incident.slas.iter().enumerate().for_each(|(nth, sla)| self.clock(&id, nth, sla, opened));
    }

    fn note(&mut self, incident: &str, nth: usize, note: &Note) {
        let (at, author) = (self.stored(note.hours * 60), self.author(note.author.as_ref()));
        let element = if note.public { "comments" } else { "work_notes" };
        let fields = [
            ("element_id", incident),
            ("name", "incident"),
            ("element", element),
            ("value", &*note.text),
            ("sys_created_on", &*at),
            ("sys_created_by", &*author),
        ];
        self.add("sys_journal_field", &format!("{incident}/{nth}"), &fields);
    }

    fn clock(&mut self, incident: &str, nth: usize, sla: &Sla, opened: i64) {
        let definition =
            [("name", &*sla.name), ("target", &*sla.target), ("type", "SLA"), ("active", "true")];
        let definition = self.add("contract_sla", &sla.name, &definition);
        let (active, breached) = (sla.stage != "completed", (sla.stage == "breached").to_string());
        // A breached clock runs on until the work is done.
        let stage = if sla.stage == "breached" { "in_progress" } else { &*sla.stage };
        let (active, start, due) = (active.to_string(), self.stored(opened), self.stored(sla.due_minutes));
        let fields = [
            ("task", incident),
            ("sla", &*definition),
            ("stage", stage),
            ("active", &*active),
            ("has_breached", &*breached),
            ("start_time", &*start),
            ("planned_end_time", &*due),
        ];
        self.add("task_sla", &format!("{incident}/{nth}"), &fields);
    }

    fn alert(&mut self, alert: &Alert) {
        let Some(table) = Table::named("em_alert") else { return };
        let number = self.instance.next_number(table).unwrap_or_default();
        let severity = match alert.severity.as_str() {
            "critical" => "1",
            "error" => "2",
            "warning" => "4",
            _ => "5",
        };
        let (first, last) = (self.stored(alert.first_minutes), self.stored(alert.last_minutes));
        let (service, count) = (sys_id("cmdb_ci_service", &alert.service), alert.count.to_string());
        let incident = alert.incident.as_ref().map(|key| sys_id("incident", key)).unwrap_or_default();
        let node = alert.title.split(':').next().unwrap_or_default();
        let fields = [
            ("number", &*number),
            ("source", &*alert.monitor),
            ("node", node),
            ("metric_name", alert.signature.as_deref().unwrap_or_default()),
            ("message_key", &*alert.key),
            ("severity", severity),
            ("state", if alert.state == "open" { "Open" } else { "Closed" }),
            ("description", &*alert.title),
            ("additional_info", alert.sample.as_deref().unwrap_or_default()),
            ("event_count", &*count),
            ("initial_remote_time", &*first),
            ("last_remote_time", &*last),
            ("cmdb_ci", &*service),
            ("incident", &*incident),
            ("sys_created_on", &*first),
            ("sys_updated_on", &*last),
        ];
        self.add("em_alert", &alert.key, &fields);
    }

    fn change(&mut self, change: &ChangeRequest) {
        let (state, code) = match change.state.as_str() {
            "scheduled" => ("-2", ""),
            "implementing" => ("-1", ""),
            "closed_successful" => ("3", "successful"),
            "closed_failed" => ("3", "unsuccessful"),
            _ => ("4", ""),
        };
        let risk = match change.risk.as_str() {
            "high" => "2",
            "moderate" => "3",
            _ => "4",
        };
        let kind = if change.kind == "deployment" { "normal" } else { &*change.kind };
        let (start, end) = (self.stored(change.start_hours * 60), self.stored(change.end_hours * 60));
        let text = [change.text.as_deref(), change.link.as_deref()];
        let text = text.into_iter().flatten().collect::<Vec<_>>().join("\n");
        let done = if change.end_hours <= 0 { end.as_str() } else { "" };
        let fields = [
            ("number", &*change.key),
            ("short_description", &*change.title),
            ("description", &*text),
            ("type", kind),
            ("risk", risk),
            ("state", state),
            ("category", if change.kind == "deployment" { "DevOps" } else { "Other" }),
            ("close_code", code),
            ("active", if state == "3" || state == "4" { "false" } else { "true" }),
            ("start_date", &*start),
            ("end_date", &*end),
            ("work_start", if change.start_hours <= 0 { &*start } else { "" }),
            ("work_end", done),
            ("requested_by", &*self.user(change.requester.as_ref())),
            ("business_service", &*sys_id("cmdb_ci_service", &change.service)),
        ]
        .map(|(field, value)| (field, value.to_owned()));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(field, value)| (*field, value.as_str())).collect();
        self.add("change_request", &change.key, &fields);
        if let Some(table) = Table::named("change_request") {
            self.instance.reserve(table, &change.key);
        }
    }

    fn shift(&mut self, turn: &OnCall) {
        let group = self.group(&turn.team);
        let rota = self.add(
            "cmn_rota",
            &turn.schedule,
            &[("name", &*turn.schedule), ("group", &group), ("active", "true")],
        );
        let handle = Some(&turn.person);
        let shift = Shift {
            rota,
            user: self.user(handle),
            order: turn.level,
            from: self.at(turn.from_hours * 60),
            until: self.at(turn.until_hours * 60),
            group,
        };
        self.instance.shifts.push(shift);
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::value;
    use super::*;

    #[test]
    fn records_refer_to_what_is_there() {
        let instance = instance(Timestamp::now());
        for table in super::super::schema::TABLES {
            for row in instance.rows(table) {
                for (field, kind) in table.fields() {
                    let super::super::schema::Kind::Reference(to) = kind else { continue };
                    let id = value(row, field);
                    let found = Table::named(to).and_then(|to| instance.row(to, id)).is_some();
                    assert!(id.is_empty() || found, "{} {field} of {row:?}", table.name);
                }
            }
        }
    }
}
