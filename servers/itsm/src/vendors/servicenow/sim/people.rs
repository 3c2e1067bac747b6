//! Who calls, and what they may do.

use super::state::{Instance, Row, value};

/// The integration's user.
pub(super) const AGENT: &str = "chancery.agent";

/// A user that reads incidents and little else, and writes nothing.
pub(super) const READER: &str = "chancery.reader";

/// A user that writes incidents, but no comments and no correlation: an ACL of the field drops them in silence. What is
/// written on incidents an ACL of the rows keeps from it.
pub(super) const DISPATCHER: &str = "chancery.dispatcher";

/// Tables that need a role of their own to be read.
const GUARDED: [&str; 4] = ["sys_journal_field", "em_alert", "task_sla", "sc_req_item"];

/// Tables that the agent's roles let it write.
const WRITTEN: [&str; 3] = ["incident", "change_request", "problem"];

/// The caller's `sys_id`.
pub(super) fn caller(instance: &Instance, name: &str) -> String {
    let user = instance.find("sys_user", "user_name", name);
    user.map(|row| value(row, "sys_id").to_owned()).unwrap_or_default()
}

/// Whether the caller may read a table.
pub(super) fn may_read(name: &str, table: &str) -> bool {
    name != READER || !GUARDED.contains(&table)
}

/// Whether the caller may see a record. Those that may not be seen are taken out of a page after it was cut, and are
/// counted.
pub(super) fn may_see(name: &str, table: &str, row: &Row) -> bool {
    match name {
        READER => value(row, "category") != "privacy",
        DISPATCHER => table != "sys_journal_field",
        _ => true,
    }
}

/// Fields of incidents that the caller may not read.
pub(super) fn hidden(name: &str) -> &'static [&'static str] {
    if name == READER { &["company"] } else { &[] }
}

/// Whether the caller may write a table.
pub(super) fn may_write(name: &str, table: &str) -> bool {
    name != READER && WRITTEN.contains(&table)
}

/// Whether the caller may write a field.
pub(super) fn may_set(name: &str, field: &str) -> bool {
    name != DISPATCHER || !matches!(field, "comments" | "correlation_id" | "correlation_display")
}
