//! The dictionary of the simulated instance: its tables and their fields, as a fresh instance has them
//! (ServiceNow, "Data dictionary tables"; "Event Management, alert fields").

/// What a field holds. Everything is text on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
    /// A value from `sys_choice`, shown by its label.
    Choice,
    /// `2026-11-21 05:00:00`, in UTC.
    Time,
    /// The `sys_id` of a record of this table.
    Reference(&'static str),
    /// Each value written becomes an entry of `sys_journal_field`.
    Journal,
}

/// A table.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The table whose rows it narrows by class.
    pub(super) extends: Option<&'static str>,
    /// The field a record is shown by.
    pub(super) display: &'static str,
    /// What its numbers begin with, if it has numbers.
    pub(super) prefix: Option<&'static str>,
    fields: &'static [(&'static str, Kind)],
}

use Kind::{Boolean, Choice, Integer, Journal, Reference, Text, Time};

/// What every table has.
const SYSTEM: [(&str, Kind); 7] = [
    ("sys_id", Text),
    ("sys_class_name", Text),
    ("sys_created_on", Time),
    ("sys_created_by", Text),
    ("sys_updated_on", Time),
    ("sys_updated_by", Text),
    ("sys_mod_count", Integer),
];

const INCIDENT: &[(&str, Kind)] = &[
    ("number", Text),
    ("short_description", Text),
    ("description", Text),
    ("state", Choice),
    ("incident_state", Choice),
    ("hold_reason", Choice),
    ("impact", Choice),
    ("urgency", Choice),
    ("priority", Choice),
    ("severity", Choice),
    ("escalation", Choice),
    ("category", Choice),
    ("subcategory", Text),
    ("contact_type", Text),
    ("active", Boolean),
    ("made_sla", Boolean),
    ("caller_id", Reference("sys_user")),
    ("opened_by", Reference("sys_user")),
    ("assigned_to", Reference("sys_user")),
    ("assignment_group", Reference("sys_user_group")),
    ("business_service", Reference("cmdb_ci_service")),
    ("cmdb_ci", Reference("cmdb_ci")),
    ("company", Reference("core_company")),
    ("parent_incident", Reference("incident")),
    ("problem_id", Reference("problem")),
    ("caused_by", Reference("change_request")),
    ("opened_at", Time),
    ("resolved_at", Time),
    ("resolved_by", Reference("sys_user")),
    ("closed_at", Time),
    ("closed_by", Reference("sys_user")),
    ("close_code", Choice),
    ("close_notes", Text),
    ("reopen_count", Integer),
    ("correlation_id", Text),
    ("correlation_display", Text),
    ("comments", Journal),
    ("work_notes", Journal),
];

const CHANGE: &[(&str, Kind)] = &[
    ("number", Text),
    ("short_description", Text),
    ("description", Text),
    ("type", Choice),
    ("risk", Choice),
    ("state", Choice),
    ("priority", Choice),
    ("category", Text),
    ("close_code", Choice),
    ("close_notes", Text),
    ("active", Boolean),
    ("start_date", Time),
    ("end_date", Time),
    ("work_start", Time),
    ("work_end", Time),
    ("opened_at", Time),
    ("closed_at", Time),
    ("requested_by", Reference("sys_user")),
    ("assigned_to", Reference("sys_user")),
    ("assignment_group", Reference("sys_user_group")),
    ("business_service", Reference("cmdb_ci_service")),
    ("cmdb_ci", Reference("cmdb_ci")),
    ("correlation_id", Text),
    ("correlation_display", Text),
    ("comments", Journal),
    ("work_notes", Journal),
];

const CI: &[(&str, Kind)] = &[
    ("name", Text),
    ("short_description", Text),
    ("busines_criticality", Choice), // so spelled by the vendor
    ("operational_status", Choice),
    ("support_group", Reference("sys_user_group")),
    ("owned_by", Reference("sys_user")),
    ("correlation_id", Text),
];

const ALERT: &[(&str, Kind)] = &[
    ("number", Text),
    ("source", Text),
    ("node", Text),
    ("metric_name", Text),
    ("message_key", Text),
    ("severity", Choice),
    ("state", Choice),
    ("description", Text),
    ("additional_info", Text),
    ("event_count", Integer),
    ("acknowledged", Boolean),
    ("initial_remote_time", Time),
    ("last_remote_time", Time),
    ("cmdb_ci", Reference("cmdb_ci")),
    ("incident", Reference("incident")),
];

const SLA: &[(&str, Kind)] = &[
    ("task", Reference("incident")),
    ("sla", Reference("contract_sla")),
    ("stage", Choice),
    ("active", Boolean),
    ("has_breached", Boolean),
    ("start_time", Time),
    ("end_time", Time),
    ("planned_end_time", Time),
    ("percentage", Text),
];

/// Every table that can be asked for.
pub(super) const TABLES: &[Table] = &[
    Table { name: "incident", extends: None, display: "number", prefix: Some("INC"), fields: INCIDENT },
    Table { name: "change_request", extends: None, display: "number", prefix: Some("CHG"), fields: CHANGE },
    table("problem", "number", &[("number", Text), ("short_description", Text), ("state", Text)]),
    table(
        "sys_user",
        "name",
        &[
            ("user_name", Text),
            ("name", Text),
            ("email", Text),
            ("title", Text),
            ("active", Boolean),
            ("time_zone", Text),
        ],
    ),
    table(
        "sys_user_group",
        "name",
        &[("name", Text), ("description", Text), ("active", Boolean), ("manager", Reference("sys_user"))],
    ),
    table(
        "sys_user_grmember",
        "sys_id",
        &[("user", Reference("sys_user")), ("group", Reference("sys_user_group"))],
    ),
    table("cmdb_ci", "name", CI),
    Table { name: "cmdb_ci_service", extends: Some("cmdb_ci"), display: "name", prefix: None, fields: CI },
    table("cmdb_rel_ci", "sys_id", &[("parent", Reference("cmdb_ci")), ("child", Reference("cmdb_ci"))]),
    table(
        "core_company",
        "name",
        &[
            ("name", Text),
            ("website", Text),
            ("customer", Boolean),
            // The demo company's own.
            ("u_erp_customer", Text),
            ("u_billing_customer", Text),
        ],
    ),
    table("cmn_rota", "name", &[("name", Text), ("group", Reference("sys_user_group")), ("active", Boolean)]),
    table("task_sla", "sys_id", SLA),
    table("contract_sla", "name", &[("name", Text), ("target", Choice), ("type", Text), ("active", Boolean)]),
    Table { name: "em_alert", extends: None, display: "number", prefix: Some("Alert"), fields: ALERT },
    table(
        "sys_journal_field",
        "sys_id",
        &[("element_id", Text), ("name", Text), ("element", Text), ("value", Text)],
    ),
    table(
        "sys_choice",
        "label",
        &[
            ("name", Text),
            ("element", Text),
            ("value", Text),
            ("label", Text),
            ("language", Text),
            ("sequence", Integer),
            ("inactive", Boolean),
        ],
    ),
    table("sc_cat_item", "name", &[("name", Text), ("short_description", Text), ("active", Boolean)]),
    Table {
        name: "sc_request",
        extends: None,
        display: "number",
        prefix: Some("REQ"),
        fields: &[
            ("number", Text),
            ("short_description", Text),
            ("request_state", Text),
            ("stage", Text),
            ("requested_for", Reference("sys_user")),
            ("opened_by", Reference("sys_user")),
        ],
    },
    Table {
        name: "sc_req_item",
        extends: None,
        display: "number",
        prefix: Some("RITM"),
        fields: &[
            ("number", Text),
            ("short_description", Text),
            ("request", Reference("sc_request")),
            ("cat_item", Reference("sc_cat_item")),
            ("state", Text),
            ("stage", Text),
            ("correlation_id", Text),
        ],
    },
];

const fn table(name: &'static str, display: &'static str, fields: &'static [(&'static str, Kind)]) -> Table {
    Table { name, extends: None, display, prefix: None, fields }
}

impl Table {
    /// A table by name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// Where its rows lie.
    pub(super) fn stored_in(&self) -> &'static str {
        self.extends.unwrap_or(self.name)
    }

    /// What a field holds; `None` if there is no such field.
    pub(super) fn kind(&self, field: &str) -> Option<Kind> {
        self.fields().find(|(name, _)| *name == field).map(|(_, kind)| kind)
    }

    /// Every field.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        self.fields.iter().copied().chain(SYSTEM)
    }
}
