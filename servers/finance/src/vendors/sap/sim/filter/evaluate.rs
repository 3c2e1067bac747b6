//! Whether a filter holds for an entity.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::{Comparison, Expression, Function, Operand};
use crate::vendors::sap::sim::schema::{EntitySet, Service};
use crate::vendors::sap::sim::state::Ledger;
use crate::vendors::sap::sim::value::{Row, Value, get};

/// An entity with what a filter may reach from it.
#[derive(Clone, Copy)]
pub(in crate::vendors::sap::sim) struct Scope<'a> {
    pub(in crate::vendors::sap::sim) ledger: &'a Ledger,
    pub(in crate::vendors::sap::sim) service: &'static Service,
    pub(in crate::vendors::sap::sim) set: &'static EntitySet,
    pub(in crate::vendors::sap::sim) row: &'a Row,
}

/// Entities that enclosing conditions have named.
type Bound<'a> = Vec<(String, Scope<'a>)>;

/// Whether the condition holds. The filter was checked: what it names is there.
pub(in crate::vendors::sap::sim) fn holds(expression: &Expression, scope: Scope<'_>) -> bool {
    condition(expression, scope, &Vec::new())
}

fn condition<'a>(expression: &Expression, scope: Scope<'a>, bound: &Bound<'a>) -> bool {
    match expression {
        Expression::And(parts) => parts.iter().all(|part| condition(part, scope, bound)),
        Expression::Or(parts) => parts.iter().any(|part| condition(part, scope, bound)),
        Expression::Not(inner) => !condition(inner, scope, bound),
        Expression::Compare(left, comparison, right) => {
            compare(&value(left, scope, bound), *comparison, &value(right, scope, bound))
        }
        Expression::Holds(operand) => value(operand, scope, bound) == Value::Flag(true),
        Expression::Lambda { path, all, variable, body } => {
            let targets = reach(path, scope, bound);
            let fits = |target: &Scope<'a>| {
                let mut inner = bound.clone();
                inner.push((variable.clone(), *target));
                body.as_ref().is_none_or(|body| condition(body, *target, &inner))
            };
            if *all { targets.iter().all(fits) } else { targets.iter().any(fits) }
        }
    }
}

fn value<'a>(operand: &Operand, scope: Scope<'a>, bound: &Bound<'a>) -> Value {
    match operand {
        Operand::Literal(value) => value.clone(),
        Operand::Path(path) => {
            let Some((name, way)) = path.split_last() else { return Value::Null };
            let owners = reach(way, scope, bound);
            owners.first().and_then(|s| s.set.property(name).map(|p| get(s.row, p))).unwrap_or(Value::Null)
        }
        Operand::Call(function, arguments) => {
            let texts: Vec<String> = arguments.iter().map(|a| value(a, scope, bound).key()).collect();
            called(*function, &texts)
        }
    }
}

fn called(function: Function, texts: &[String]) -> Value {
    let (first, second) = (texts.first().map_or("", String::as_str), texts.get(1).map_or("", String::as_str));
    match function {
        Function::SubstringOf => Value::Flag(second.contains(first)),
        Function::Contains => Value::Flag(first.contains(second)),
        Function::StartsWith => Value::Flag(first.starts_with(second)),
        Function::EndsWith => Value::Flag(first.ends_with(second)),
        Function::ToLower => Value::Text(first.to_lowercase()),
        Function::ToUpper => Value::Text(first.to_uppercase()),
        Function::Trim => Value::Text(first.trim().to_owned()),
        Function::Length => Value::Number(Decimal::from(first.chars().count())),
    }
}

/// The entities at the end of a way.
fn reach<'a>(way: &[String], scope: Scope<'a>, bound: &Bound<'a>) -> Vec<Scope<'a>> {
    let variable = way.first().and_then(|first| bound.iter().rev().find(|(name, _)| name == first));
    let (start, way) = match variable {
        Some((_, named)) => (*named, &way[1..]),
        None => (scope, way),
    };
    way.iter().fold(vec![start], |from, name| {
        from.into_iter().flat_map(|scope| scope.ledger.follow(scope, name)).collect()
    })
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> bool {
    let order = left.order(right);
    match comparison {
        Comparison::Equal => {
            order == Some(Ordering::Equal) || (*left == Value::Null && *right == Value::Null)
        }
        Comparison::NotEqual => !compare(left, Comparison::Equal, right),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}
