//! Services, and what happened to them.

use sandbox::company::{Alert, ChangeRequest, Incident, Note, OnCall, Service, Sla};

use super::super::schema::Table;
use super::super::state::{Shift, sys_id};
use super::Filler;

impl Filler {
    pub(super) fn service(&mut self, service: &Service) {
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

    pub(super) fn incident(&mut self, incident: &Incident) {
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
        if let Some(problem) = &incident.problem {
            self.add("problem", problem, &[("number", problem), ("short_description", &*incident.title)]);
        }
        let id = |table, key: Option<&String>| key.map(|key| self.refer(table, key)).unwrap_or_default();
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
            (
                "parent_incident",
                incident.parent.as_ref().map(|key| sys_id("incident", key)).unwrap_or_default(),
            ),
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
        let id = self.add("incident", &incident.key, &fields);
        if let Some(table) = Table::named("incident") {
            self.instance.reserve(table, &incident.key);
        }
        incident.notes.iter().enumerate().for_each(|(nth, note)| self.note(&id, nth, note));
        let over = incident.resolved_hours.map(|hours| hours * 60);
        incident.slas.iter().enumerate().for_each(|(nth, sla)| self.clock(&id, nth, sla, opened, over));
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

    fn clock(&mut self, incident: &str, nth: usize, sla: &Sla, opened: i64, over: Option<i64>) {
        let definition =
            [("name", &*sla.name), ("target", &*sla.target), ("type", "SLA"), ("active", "true")];
        let definition = self.add("contract_sla", &sla.name, &definition);
        let met = sla.stage == "completed";
        // A breached clock runs on until the work is done, and then is completed, too late.
        let stage = match sla.stage.as_str() {
            _ if met || over.is_some() => "completed",
            "breached" => "in_progress",
            stage => stage,
        };
        let (breached, active) = ((sla.stage == "breached").to_string(), (stage != "completed").to_string());
        let (start, due) = (self.stored(opened), self.stored(sla.due_minutes));
        let end = over.map(|minutes| self.stored(minutes)).unwrap_or_default();
        let fields = [
            ("task", incident),
            ("sla", &*definition),
            ("stage", stage),
            ("active", &*active),
            ("has_breached", &*breached),
            ("start_time", &*start),
            ("end_time", &*end),
            ("planned_end_time", &*due),
        ];
        self.add("task_sla", &format!("{incident}/{nth}"), &fields);
    }

    pub(super) fn alert(&mut self, alert: &Alert) {
        let Some(table) = Table::named("em_alert") else { return };
        let number = self.instance.next_number(table).unwrap_or_default();
        let severity = match alert.severity.as_str() {
            "critical" => "1",
            "error" => "2",
            "warning" => "4",
            _ => "5",
        };
        let (first, last) = (self.stored(alert.first_minutes), self.stored(alert.last_minutes));
        let (service, count) = (self.refer("cmdb_ci_service", &alert.service), alert.count.to_string());
        let incident = alert.incident.as_ref().map(|key| self.refer("incident", key)).unwrap_or_default();
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

    pub(super) fn change(&mut self, change: &ChangeRequest) {
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
            ("business_service", &*self.refer("cmdb_ci_service", &change.service)),
        ]
        .map(|(field, value)| (field, value.to_owned()));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(field, value)| (*field, value.as_str())).collect();
        self.add("change_request", &change.key, &fields);
        if let Some(table) = Table::named("change_request") {
            self.instance.reserve(table, &change.key);
        }
    }

    pub(super) fn shift(&mut self, turn: &OnCall) {
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
