//! The choices of a fresh instance (ServiceNow, "Incident states"; "Change states"; "Priority data lookup rules").

use super::schema::Table;

/// Values with their labels.
type Values = &'static [(&'static str, &'static str)];

/// The label of a choice. Classes use the choices of what they extend.
pub(super) fn label(table: &Table, field: &str, value: &str) -> Option<&'static str> {
    let (_, _, values) = of(table.name, field).or_else(|| of(table.stored_in(), field))?;
    values.iter().find(|(one, _)| *one == value).map(|(_, label)| *label)
}

/// The value of a label, or the text as it is: choices are not enforced.
pub(super) fn value(table: &Table, field: &str, label: &str) -> String {
    let values = of(table.name, field).map(|(_, _, values)| *values).unwrap_or_default();
    let found = values.iter().find(|(_, one)| one.eq_ignore_ascii_case(label));
    found.map_or(label, |(value, _)| value).to_owned()
}

fn of(table: &str, field: &str) -> Option<&'static (&'static str, &'static str, Values)> {
    CHOICES.iter().find(|(own, element, _)| *own == table && *element == field)
}

/// Table, field, and its values with their labels, in order.
pub(super) const CHOICES: &[(&str, &str, Values)] = &[
    ("incident", "state", INCIDENT_STATES),
    ("incident", "incident_state", INCIDENT_STATES),
    (
        "incident",
        "hold_reason",
        &[
            ("1", "Awaiting Caller"),
            ("5", "Awaiting Change"),
            ("3", "Awaiting Problem"),
            ("4", "Awaiting Vendor"),
        ],
    ),
    ("incident", "impact", THREE),
    ("incident", "urgency", THREE),
    ("incident", "severity", THREE),
    ("incident", "priority", PRIORITIES),
    ("incident", "escalation", &[("0", "Normal"), ("1", "Moderate"), ("2", "High"), ("3", "Overdue")]),
    (
        "incident",
        "category",
        &[
            ("inquiry", "Inquiry / Help"),
            ("software", "Software"),
            ("network", "Network"),
            ("database", "Database"),
            ("security", "Security"),
            ("privacy", "Privacy"),
        ],
    ),
    (
        "incident",
        "close_code",
        &[
            ("Duplicate", "Duplicate"),
            ("Known error", "Known error"),
            ("No resolution provided", "No resolution provided"),
            ("Resolved by caller", "Resolved by caller"),
            ("Resolved by change", "Resolved by change"),
            ("Resolved by problem", "Resolved by problem"),
            ("Solution provided", "Solution provided"),
            ("Workaround provided", "Workaround provided"),
        ],
    ),
    ("change_request", "type", &[("standard", "Standard"), ("normal", "Normal"), ("emergency", "Emergency")]),
    ("change_request", "risk", &[("2", "High"), ("3", "Moderate"), ("4", "Low")]),
    ("change_request", "priority", PRIORITIES),
    (
        "change_request",
        "state",
        &[
            ("-5", "New"),
            ("-4", "Assess"),
            ("-3", "Authorize"),
            ("-2", "Scheduled"),
            ("-1", "Implement"),
            ("0", "Review"),
            ("3", "Closed"),
            ("4", "Canceled"),
        ],
    ),
    (
        "change_request",
        "close_code",
        &[
            ("successful", "Successful"),
            ("successful_issues", "Successful with issues"),
            ("unsuccessful", "Unsuccessful"),
        ],
    ),
    (
        "em_alert",
        "severity",
        &[("0", "Clear"), ("1", "Critical"), ("2", "Major"), ("3", "Minor"), ("4", "Warning"), ("5", "Info")],
    ),
    (
        "em_alert",
        "state",
        &[("Open", "Open"), ("Reopen", "Reopen"), ("Flapping", "Flapping"), ("Closed", "Closed")],
    ),
    (
        "task_sla",
        "stage",
        &[
            ("in_progress", "In progress"),
            ("paused", "Paused"),
            ("completed", "Completed"),
            ("breached", "Breached"),
            ("cancelled", "Cancelled"),
        ],
    ),
    ("contract_sla", "target", &[("response", "Response"), ("resolution", "Resolution")]),
    (
        "cmdb_ci",
        "busines_criticality",
        &[
            ("1 - most critical", "1 - most critical"),
            ("2 - somewhat critical", "2 - somewhat critical"),
            ("3 - less critical", "3 - less critical"),
            ("4 - not critical", "4 - not critical"),
        ],
    ),
    ("cmdb_ci", "operational_status", &[("1", "Operational"), ("2", "Non-Operational"), ("6", "Retired")]),
];

const INCIDENT_STATES: &[(&str, &str)] = &[
    ("1", "New"),
    ("2", "In Progress"),
    ("3", "On Hold"),
    ("6", "Resolved"),
    ("7", "Closed"),
    ("8", "Canceled"),
];

const THREE: &[(&str, &str)] = &[("1", "1 - High"), ("2", "2 - Medium"), ("3", "3 - Low")];

const PRIORITIES: &[(&str, &str)] = &[
    ("1", "1 - Critical"),
    ("2", "2 - High"),
    ("3", "3 - Moderate"),
    ("4", "4 - Low"),
    ("5", "5 - Planning"),
];
