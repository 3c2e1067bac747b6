//! From a query to its records.

use std::cmp::Ordering;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::super::schema::{Field, Kind, Object};
use super::super::store::{self, Org, Row, text};
use super::check::{check, child, path};
use super::like::is_like;
use super::{Condition, Fault, Function, Item, Name, Operand, Operator, Order, Query, Range, dates, group};

/// What a query finds.
pub(in super::super) struct Found {
    /// How many records, those of later pages included.
    pub(in super::super) total: usize,
    pub(in super::super) records: Vec<Value>,
}

/// Asks the org; with `all` also for what is archived or deleted (`queryAll`). Errors: what Salesforce refuses a query
/// for.
pub(in super::super) fn run(
    org: &Org,
    written: &str,
    now: Timestamp,
    version: &str,
    all: bool,
) -> Result<Found, Fault> {
    let query = super::parser::parse(written)?;
    let object = check(written, &query)?;
    let view = View { org, now, version, all };
    if let [Item::Aggregate(Function::Count, None, None)] = query.select.as_slice() {
        let total = view.matching(object, &query).len().min(query.limit.unwrap_or(usize::MAX));
        return Ok(Found { total, records: Vec::new() });
    }
    let records = view.records(object, &query);
    Ok(Found { total: records.len(), records })
}

/// An org at a moment.
pub(super) struct View<'a> {
    pub(super) org: &'a Org,
    pub(super) now: Timestamp,
    version: &'a str,
    all: bool,
}

impl View<'_> {
    fn records(&self, object: &'static Object, query: &Query) -> Vec<Value> {
        let mut rows = self.matching(object, query);
        let (skip, most) = (query.offset.unwrap_or(0), query.limit.unwrap_or(usize::MAX));
        let is_aggregate = |item: &Item| matches!(item, Item::Aggregate(..));
        if !query.group.is_empty() || query.select.iter().any(is_aggregate) {
            let mut groups = group::groups(self, object, query, &rows);
            groups.sort_by(|a, b| aliased(&query.order, a, b));
            return groups.into_iter().skip(skip).take(most).collect();
        }
        rows.sort_by(|a, b| self.compare(object, &query.order, a, b));
        rows.into_iter().skip(skip).take(most).map(|row| self.record(object, query, row)).collect()
    }

    fn matching(&self, object: &'static Object, query: &Query) -> Vec<&Row> {
        let holds = |row: &&Row| query.condition.as_ref().is_none_or(|c| self.holds(object, c, row));
        let rows = self.org.rows(object).filter(|row| self.all || !self.is_archived(object, row));
        let deleted = self.all.then(|| self.org.deleted(object));
        rows.chain(deleted.into_iter().flatten()).filter(holds).collect()
    }

    /// Events of a year ago and closed tasks of a year ago are archived (SOAP API Developer Guide, "Archived
    /// Activities").
    fn is_archived(&self, object: &Object, row: &Row) -> bool {
        let day = match object.name {
            "Event" => text(row, "StartDateTime"),
            "Task" if store::flag(row, "IsClosed") && text(row, "ActivityDate").is_empty() => {
                text(row, "CreatedDate")
            }
            "Task" if store::flag(row, "IsClosed") => text(row, "ActivityDate"),
            _ => return false,
        };
        let day: Option<Date> = day.get(..10).and_then(|day| day.parse().ok());
        let year_ago = self.now.to_zoned(TimeZone::UTC).date().saturating_sub(365.days());
        day.is_some_and(|day| day <= year_ago)
    }

    fn holds(&self, object: &'static Object, condition: &Condition, row: &Row) -> bool {
        match condition {
            Condition::All(all) => all.iter().all(|one| self.holds(object, one, row)),
            Condition::Any(all) => all.iter().any(|one| self.holds(object, one, row)),
            Condition::Not(one) => !self.holds(object, one, row),
            Condition::Compare(name, operator, operand) => {
                let (field, value) = self.value(object, name, row);
                self.compares(field, &value, *operator, operand)
            }
            Condition::Within(name, denied, range) => {
                let (field, value) = self.value(object, name, row);
                let within = match range {
                    Range::List(list) => {
                        list.iter().any(|one| self.compares(field, &value, Operator::Equal, one))
                    }
                    Range::Query(inner) => !value.is_null() && self.ids(inner).contains(&value),
                };
                // A reference to nothing is in no result, and a denial does not find it either.
                within != *denied && !(value.is_null() && matches!(range, Range::Query(_)))
            }
        }
    }

    /// The ids a semi-join selects.
    fn ids(&self, inner: &Query) -> Vec<Value> {
        let Some(object) = Object::named(&inner.from.text) else { return Vec::new() };
        let [Item::Field(name)] = inner.select.as_slice() else { return Vec::new() };
        self.matching(object, inner).into_iter().map(|row| self.value(object, name, row).1).collect()
    }

    /// The field a name leads to, and its value.
    pub(super) fn value(
        &self,
        object: &'static Object,
        name: &Name,
        row: &Row,
    ) -> (Option<&'static Field>, Value) {
        let Some((steps, field)) = path(object, &name.text) else { return (None, Value::Null) };
        let mut at = Some(row);
        for (step, _) in steps {
            at = at.and_then(|row| self.org.any(text(row, step.name)));
        }
        let value = at.and_then(|row| row.get(field.name)).cloned().unwrap_or_default();
        (Some(field), value)
    }

    fn compares(&self, field: Option<&Field>, value: &Value, operator: Operator, operand: &Operand) -> bool {
        let Some(field) = field else { return false };
        if let Operand::Named(name, number) = operand {
            return self.in_period(field, value, operator, name, *number);
        }
        let is_null = value.is_null() || value.as_str() == Some("");
        let wants_null = *operand == Operand::Null || operand.plain().is_some_and(|text| text.is_empty());
        if is_null || wants_null {
            let same = is_null && wants_null;
            return match operator {
                Operator::Equal => same,
                Operator::NotEqual => !same,
                _ => false,
            };
        }
        if let (Operator::Like, Operand::Text(pattern)) = (operator, operand) {
            return is_like(value.as_str().unwrap_or_default(), pattern);
        }
        let Some(order) = self.against(field, value, operand) else { return operator == Operator::NotEqual };
        match operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => order != Ordering::Equal,
            Operator::Less => order == Ordering::Less,
            Operator::AtMost => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater,
            Operator::AtLeast => order != Ordering::Less,
            Operator::Like => false,
        }
    }

    fn against(&self, field: &Field, value: &Value, operand: &Operand) -> Option<Ordering> {
        match operand {
            Operand::Text(_) => {
                let (own, other) = (value.as_str()?, operand.plain()?);
                if matches!(field.kind, Kind::Id | Kind::Reference(..)) {
                    return Some(own.cmp(super::super::ids::long(&other)?.as_str()));
                }
                Some(own.to_lowercase().cmp(&other.to_lowercase()))
            }
            Operand::Number(number) | Operand::Money(_, number) => {
                value.as_f64()?.partial_cmp(&number.parse().ok()?)
            }
            Operand::Date(date) => Some(value.as_str()?.parse::<Date>().ok()?.cmp(date)),
            Operand::Time(time) => Some(store::time(value.as_str()?)?.cmp(time)),
            Operand::Bool(flag) => Some(value.as_bool()?.cmp(flag)),
            Operand::Named(..) | Operand::Null => None,
        }
    }

    fn in_period(
        &self,
        field: &Field,
        value: &Value,
        operator: Operator,
        name: &str,
        number: Option<i64>,
    ) -> bool {
        let period = dates::period(name, number, store::day(self.now));
        let (Some((from, to)), Some(shown)) = (period, value.as_str()) else {
            return operator == Operator::NotEqual;
        };
        let at = match field.kind {
            Kind::Date => shown.parse().ok().map(dates::midnight),
            _ => store::time(shown),
        };
        let Some(at) = at else { return false };
        let (before, after) = (at < dates::midnight(from), at >= dates::midnight(to));
        match operator {
            Operator::Equal => !before && !after,
            Operator::NotEqual => before || after,
            Operator::Less => before,
            Operator::AtMost => !after,
            Operator::Greater => after,
            Operator::AtLeast => !before,
            Operator::Like => false,
        }
    }

    fn compare(&self, object: &'static Object, order: &[Order], a: &Row, b: &Row) -> Ordering {
        let by = |key: &Order| {
            ordered(key, &self.value(object, &key.field, a).1, &self.value(object, &key.field, b).1)
        };
        let decided = order.iter().map(by).find(|order| order.is_ne());
        decided.unwrap_or_else(|| text(a, "Id").cmp(text(b, "Id")))
    }

    /// A record as it is sent, with those of its relations that were asked for.
    fn record(&self, object: &'static Object, query: &Query, row: &Row) -> Value {
        let mut record = Map::new();
        record.insert("attributes".into(), self.attributes(object, row));
        for item in &query.select {
            match item {
                Item::Field(name) => self.field(&mut record, object, row, name),
                Item::Every => {
                    for field in object.all() {
                        record.insert(field.name.into(), row.get(field.name).cloned().unwrap_or_default());
                    }
                }
                Item::Children(inner) => {
                    record.insert(inner.from.text.clone(), self.children(object, inner, row));
                }
                Item::Aggregate(..) => {}
            }
        }
        Value::Object(record)
    }

    fn field(&self, record: &mut Map<String, Value>, object: &'static Object, row: &Row, name: &Name) {
        let Some((steps, field)) = path(object, &name.text) else { return };
        let (mut into, mut at) = (record, row);
        for (step, _) in steps {
            let Kind::Reference(_, relation) = step.kind else { return };
            let Some(next) = self.org.any(text(at, step.name)) else {
                into.insert(relation.into(), Value::Null);
                return;
            };
            let of = Object::of_id(text(next, "Id"));
            let fresh = || json!({ "attributes": of.map(|object| self.attributes(object, next)) });
            let nested = into.entry(relation).or_insert_with(fresh);
            let Value::Object(nested) = nested else { return };
            (into, at) = (nested, next);
        }
        into.insert(field.name.into(), at.get(field.name).cloned().unwrap_or_default());
    }

    fn children(&self, parent: &'static Object, inner: &Query, row: &Row) -> Value {
        let Some((object, back)) = child(parent, &inner.from.text) else { return Value::Null };
        let id = text(row, "Id").chars().map(|c| (c, false)).collect();
        let own =
            Condition::Compare(Name { text: back.name.into(), at: 0 }, Operator::Equal, Operand::Text(id));
        let both = inner.condition.clone().into_iter().chain([own]).collect();
        let records = self.records(object, &Query { condition: Some(Condition::All(both)), ..inner.clone() });
        match records.len() {
            0 => Value::Null,
            total => json!({ "totalSize": total, "done": true, "records": records }),
        }
    }

    fn attributes(&self, object: &Object, row: &Row) -> Value {
        let url = format!("/services/data/{}/sobjects/{}/{}", self.version, object.name, text(row, "Id"));
        json!({ "type": object.name, "url": url })
    }
}

/// Texts without case, numbers by size, nulls where the query wants them.
pub(super) fn ordered(key: &Order, a: &Value, b: &Value) -> Ordering {
    let nulls = match (a.is_null(), b.is_null()) {
        (true, true) => return Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => {
            let order = match (a.as_f64(), b.as_f64()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => shown(a).cmp(&shown(b)),
            };
            return if key.descending { order.reverse() } else { order };
        }
    };
    if key.nulls_last { nulls.reverse() } else { nulls }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_lowercase)
}

/// Groups are ordered by what they show.
fn aliased(order: &[Order], a: &Value, b: &Value) -> Ordering {
    let cell = |group: &Value, name: &Name| {
        let last = name.text.rsplit('.').next().unwrap_or_default();
        group.get(last).cloned().unwrap_or_default()
    };
    let by = |key: &Order| ordered(key, &cell(a, &key.field), &cell(b, &key.field));
    order.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
