//! Which rows a query means, and in which order.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};

use super::encoded::{Condition, Operator, Query};
use super::schema::{Kind, Table};
use super::state::{Instance, Row, stored_time, value};

/// Who asks, and when: scripts in values see both.
pub(super) struct Asker {
    /// The caller's `sys_id`.
    pub(super) user: String,
    /// Fields that the caller may not read: conditions on them are left out.
    pub(super) hidden: &'static [&'static str],
    pub(super) now: Timestamp,
}

/// A field of a row, perhaps of a record it refers to.
pub(super) struct Field {
    pub(super) table: &'static Table,
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// The rows that a query means, sorted.
pub(super) fn run<'i>(
    instance: &'i Instance,
    table: &'static Table,
    query: &Query,
    asker: &Asker,
) -> Vec<&'i Row> {
    let scan = Scan { instance, table, asker };
    let mut rows: Vec<&Row> = instance.rows(table).filter(|row| scan.meets(row, query)).collect();
    let order: Vec<_> = query.order.iter().filter(|(field, _)| known(table, field).is_some()).collect();
    rows.sort_by(|a, b| {
        let by = |(field, descending): &&(String, bool)| {
            let ordering =
                compare(&sort_key(instance, table, a, field), &sort_key(instance, table, b, field));
            if *descending { ordering.reverse() } else { ordering }
        };
        order.iter().map(by).find(|ordering| *ordering != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    rows
}

/// Whether a path begins with a field that is hidden.
pub(super) fn is_hidden(hidden: &[&str], path: &str) -> bool {
    hidden.contains(&path.split('.').next().unwrap_or_default())
}

/// What a path of fields leads to, by the dictionary: `task.assignment_group.name`.
pub(super) fn known(table: &'static Table, path: &str) -> Option<Field> {
    // The variables of an ordered item are asked for as if they were fields.
    if table.name == "sc_req_item" && path.starts_with("variables.") {
        return Some(Field { table, name: path.to_owned(), kind: Kind::Text });
    }
    match path.split_once('.') {
        None => Some(Field { table, name: path.to_owned(), kind: table.kind(path)? }),
        Some((first, rest)) => match table.kind(first)? {
            Kind::Reference(to) => known(Table::named(to)?, rest),
            _ => None,
        },
    }
}

/// The record at the end of a path, and the field of it.
pub(super) fn walk<'i, 'p>(
    instance: &'i Instance,
    table: &'static Table,
    row: &'i Row,
    path: &'p str,
) -> Option<(&'static Table, &'i Row, &'p str)> {
    if table.name == "sc_req_item" && path.starts_with("variables.") {
        return Some((table, row, path));
    }
    match path.split_once('.') {
        None => Some((table, row, path)),
        Some((first, rest)) => {
            let Kind::Reference(to) = table.kind(first)? else { return None };
            let to = Table::named(to)?;
            walk(instance, to, instance.row(to, value(row, first))?, rest)
        }
    }
}

fn sort_key(instance: &Instance, table: &'static Table, row: &Row, path: &str) -> String {
    let Some((table, row, field)) = walk(instance, table, row, path) else { return String::new() };
    match table.kind(field) {
        Some(Kind::Reference(_)) => instance.shown(table, row, field),
        _ => value(row, field).to_owned(),
    }
}

struct Scan<'a> {
    instance: &'a Instance,
    table: &'static Table,
    asker: &'a Asker,
}

impl Scan<'_> {
    fn meets(&self, row: &Row, query: &Query) -> bool {
        query.alternatives.iter().any(|groups| groups.iter().all(|group| self.meets_one(row, group)))
    }

    /// Conditions on fields that do not exist are left out; a group of nothing else restricts nothing.
    fn meets_one(&self, row: &Row, group: &[Condition]) -> bool {
        let mut known =
            group.iter().filter_map(|condition| Some((condition, self.field(condition)?))).peekable();
        known.peek().is_none() || known.any(|(condition, field)| self.holds(row, condition, &field))
    }

    fn field(&self, condition: &Condition) -> Option<Field> {
        match condition.field.as_str() {
            "123TEXTQUERY321" => {
                Some(Field { table: self.table, name: condition.field.clone(), kind: Kind::Text })
            }
            path if is_hidden(self.asker.hidden, path) => None,
            path => known(self.table, path),
        }
    }

    fn holds(&self, row: &Row, condition: &Condition, field: &Field) -> bool {
        let wanted = self.evaluated(&condition.value);
        if field.name == "123TEXTQUERY321" {
            let all = row.values().map(|text| text.to_lowercase()).collect::<Vec<_>>();
            return wanted
                .split_whitespace()
                .all(|word| all.iter().any(|text| text.contains(&word.to_lowercase())));
        }
        let end = walk(self.instance, self.table, row, &condition.field);
        let stored = end.map(|(_, row, name)| value(row, name)).unwrap_or_default();
        // Words are compared with what a person sees of a reference.
        let shown = || match (end, field.kind) {
            (Some((table, row, name)), Kind::Reference(_)) => self.instance.shown(table, row, name),
            _ => stored.to_owned(),
        };
        let text = || shown().to_lowercase();
        let lower = wanted.to_lowercase();
        match condition.operator {
            Operator::Equals => equals(stored, &wanted),
            Operator::NotEquals => !equals(stored, &wanted),
            Operator::Less => !stored.is_empty() && compare(stored, &wanted) == Ordering::Less,
            Operator::LessOrEqual => !stored.is_empty() && compare(stored, &wanted) != Ordering::Greater,
            Operator::Greater => !stored.is_empty() && compare(stored, &wanted) == Ordering::Greater,
            Operator::GreaterOrEqual => !stored.is_empty() && compare(stored, &wanted) != Ordering::Less,
            Operator::In => wanted.split(',').any(|one| equals(stored, one.trim())),
            Operator::NotIn => !wanted.split(',').any(|one| equals(stored, one.trim())),
            Operator::Contains => text().contains(&lower),
            Operator::NotContains => !text().contains(&lower),
            Operator::StartsWith => text().starts_with(&lower),
            Operator::EndsWith => text().ends_with(&lower),
            Operator::Empty => stored.is_empty(),
            Operator::NotEmpty => !stored.is_empty(),
            Operator::EmptyString => stored.is_empty(),
            Operator::Anything => true,
            Operator::Between => wanted.split_once('@').is_some_and(|(from, to)| {
                compare(stored, from) != Ordering::Less && compare(stored, to) != Ordering::Greater
            }),
            Operator::SameAs => {
                let other = walk(self.instance, self.table, row, &wanted);
                other.is_some_and(|(_, row, name)| value(row, name) == stored)
            }
            Operator::InstanceOf => stored == wanted || field.table.name == wanted,
        }
    }

    /// Values that begin with `javascript:` are run. This much of the language is known here; anything else yields
    /// nothing, as a script that fails does.
    fn evaluated(&self, value: &str) -> String {
        let Some(script) = value.strip_prefix("javascript:") else { return value.to_owned() };
        let script = script.trim().trim_end_matches(';');
        let ago = |name: &str, hours: i64| {
            let count: i64 = script.strip_prefix(name)?.strip_suffix(')')?.trim_matches('\'').parse().ok()?;
            Some(stored_time(self.asker.now.saturating_sub(SignedDuration::from_hours(count * hours)).ok()?))
        };
        if script == "gs.getUserID()" {
            return self.asker.user.clone();
        }
        let day = script.strip_prefix("gs.dateGenerate('").and_then(|rest| rest.strip_suffix("')"));
        let generated =
            day.and_then(|rest| rest.split_once("','")).map(|(day, hour)| format!("{day} {hour}"));
        let time = ago("gs.daysAgo(", 24).or_else(|| ago("gs.hoursAgo(", 1)).or(generated);
        time.unwrap_or_default()
    }
}

/// Text is compared case aside, and `NULL` is what is not there.
fn equals(stored: &str, wanted: &str) -> bool {
    match wanted {
        "NULL" => stored.is_empty(),
        _ => stored.to_lowercase() == wanted.to_lowercase(),
    }
}

/// Numbers as numbers, the rest as text: stored times sort as text.
fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    }
}
