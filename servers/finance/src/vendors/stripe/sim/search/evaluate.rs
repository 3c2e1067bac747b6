//! Whether an object matches a query.

use serde_json::Value;

use super::{Clause, How, Query};

/// Whether the object matches.
pub(in super::super::super) fn evaluate(query: &Query, object: &Value) -> bool {
    let holds = |clause: &Clause| holds(clause, object) != clause.negated;
    match query.is_any {
        true => query.clauses.iter().any(holds),
        false => query.clauses.iter().all(holds),
    }
}

fn holds(clause: &Clause, object: &Value) -> bool {
    let field = clause.field.split('.').fold(object, |at, part| &at[part]);
    let field = clause.key.as_ref().map_or(field, |key| &field[key.as_str()]);
    let text = match field {
        Value::Null => return clause.value == "null" && clause.how == How::Is,
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    };
    let wanted = clause.value.to_lowercase();
    let number = || text.parse::<i64>().ok().zip(wanted.parse::<i64>().ok());
    match clause.how {
        How::Is => text == wanted,
        How::Contains => text.contains(&wanted),
        How::Above => number().is_some_and(|(a, b)| a > b),
        How::Below => number().is_some_and(|(a, b)| a < b),
        How::AtLeast => number().is_some_and(|(a, b)| a >= b),
        How::AtMost => number().is_some_and(|(a, b)| a <= b),
    }
}
