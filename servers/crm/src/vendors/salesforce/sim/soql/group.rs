//! Aggregates. In an org of several currencies they are in the corporate one, whatever they are grouped by.
//!
//! Source: SOQL and SOSL Reference, "Querying Currency Fields in Multi-Currency Orgs".

use serde_json::{Map, Number, Value, json};

use super::super::schema::{Kind, Object};
use super::super::store::{Row, flag, text};
use super::check::path;
use super::evaluate::View;
use super::{Function, Item, Name, Query};

/// One record per group.
pub(super) fn groups(view: &View<'_>, object: &'static Object, query: &Query, rows: &[&Row]) -> Vec<Value> {
    let mut groups: Vec<(Vec<Value>, Vec<&Row>)> = Vec::new();
    for row in rows {
        let key: Vec<Value> = query.group.iter().map(|name| view.value(object, name, row).1).collect();
        match groups.iter_mut().find(|(own, _)| *own == key) {
            Some((_, members)) => members.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    if query.group.is_empty() && groups.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    groups.into_iter().map(|(key, members)| shown(view, object, query, &key, &members)).collect()
}

fn shown(view: &View<'_>, object: &'static Object, query: &Query, key: &[Value], members: &[&Row]) -> Value {
    let mut record = Map::from_iter([("attributes".to_owned(), json!({ "type": "AggregateResult" }))]);
    let mut unnamed = 0;
    for item in &query.select {
        match item {
            Item::Field(name) => {
                let at = query.group.iter().position(|g| g.text.eq_ignore_ascii_case(&name.text));
                let last = path(object, &name.text).map_or("", |(_, field)| field.name);
                record.insert(last.into(), at.and_then(|at| key.get(at)).cloned().unwrap_or_default());
            }
            Item::Aggregate(function, Some(name), alias) => {
                let alias = alias.clone().unwrap_or_else(|| {
                    unnamed += 1;
                    format!("expr{}", unnamed - 1)
                });
                record.insert(alias, aggregate(view, object, *function, name, members));
            }
            _ => {}
        }
    }
    Value::Object(record)
}

fn aggregate(
    view: &View<'_>,
    object: &'static Object,
    function: Function,
    name: &Name,
    members: &[&Row],
) -> Value {
    let values: Vec<(Value, &Row)> = members
        .iter()
        .map(|row| (view.value(object, name, row).1, *row))
        .filter(|(value, _)| !value.is_null())
        .collect();
    let is_money = path(object, &name.text).is_some_and(|(_, field)| field.kind == Kind::Currency);
    let number = |(value, row): &(Value, &Row)| {
        let own = value.as_f64()?;
        Some(if is_money { own / rate(view, row) } else { own })
    };
    let numbers = || values.iter().filter_map(number);
    let or_null = |n: Option<f64>| n.and_then(Number::from_f64).map_or(Value::Null, Value::Number);
    match function {
        Function::Count => json!(values.len()),
        Function::CountDistinct => {
            let mut distinct: Vec<String> = values.iter().map(|(v, _)| v.to_string()).collect();
            distinct.sort_unstable();
            distinct.dedup();
            json!(distinct.len())
        }
        Function::Sum if values.is_empty() => Value::Null,
        Function::Sum => or_null(Some(numbers().sum())),
        Function::Avg if values.is_empty() => Value::Null,
        #[allow(clippy::cast_precision_loss, reason = "a number of records")]
        Function::Avg => or_null(Some(numbers().sum::<f64>() / values.len() as f64)),
        Function::Min | Function::Max => {
            if numbers().next().is_some() {
                let least = function == Function::Min;
                return or_null(numbers().reduce(|a, b| if least { a.min(b) } else { a.max(b) }));
            }
            let mut texts: Vec<Value> = values.into_iter().map(|(value, _)| value).collect();
            texts.sort_by_key(ToString::to_string);
            let found = if function == Function::Min { texts.into_iter().next() } else { texts.pop() };
            found.unwrap_or_default()
        }
    }
}

/// Units of a record's currency for one of the corporate currency.
fn rate(view: &View<'_>, row: &Row) -> f64 {
    let code = text(row, "CurrencyIsoCode");
    let Some(currencies) = Object::named("CurrencyType") else { return 1.0 };
    let mut known = view.org.rows(currencies).filter(|c| flag(c, "IsActive"));
    let own = known.find(|c| text(c, "IsoCode") == code);
    own.and_then(|c| c.get("ConversionRate")).and_then(Value::as_f64).unwrap_or(1.0)
}
