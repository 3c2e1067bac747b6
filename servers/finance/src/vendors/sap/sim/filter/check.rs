//! Whether a filter fits the entities it is put to: names and types, before any row is looked at.

use super::{Comparison, Expression, Function, Operand};
use crate::vendors::sap::sim::schema::{Edm, EntitySet, Filterable, Property, Service};
use crate::vendors::sap::sim::value::Value;

/// Variables bound by enclosing conditions.
type Bound = Vec<(String, &'static EntitySet)>;

/// Errors: the first name that is not there, or comparison that makes no sense.
pub(in crate::vendors::sap::sim) fn check(
    expression: &Expression,
    service: &Service,
    set: &'static EntitySet,
) -> Result<(), String> {
    Checker { service, set }.expression(expression, &Vec::new())
}

struct Checker<'s> {
    service: &'s Service,
    set: &'static EntitySet,
}

/// The type of an operand; `None` for nothing, which goes with every type.
type Kind = Option<Sort>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Text,
    Flag,
    Number,
    Time,
}

impl Checker<'_> {
    fn expression(&self, expression: &Expression, bound: &Bound) -> Result<(), String> {
        match expression {
            Expression::And(parts) | Expression::Or(parts) => {
                parts.iter().try_for_each(|part| self.expression(part, bound))
            }
            Expression::Not(inner) => self.expression(inner, bound),
            Expression::Compare(left, comparison, right) => {
                let equality = matches!(comparison, Comparison::Equal);
                [left, right].into_iter().try_for_each(|side| self.comparable(side, equality, bound))?;
                let (left, right) = (self.operand(left, bound)?, self.operand(right, bound)?);
                match (left, right) {
                    (Some(a), Some(b)) if a != b => {
                        Err(format!("Operands of type {a:?} and {b:?} cannot be compared"))
                    }
                    _ => Ok(()),
                }
            }
            Expression::Holds(operand) => match self.operand(operand, bound)? {
                Some(Sort::Flag) => Ok(()),
                _ => Err("A condition must be true or false".to_owned()),
            },
            Expression::Lambda { path, variable, body, .. } => {
                let target = self.walk(path, bound)?;
                let mut inner = bound.clone();
                inner.push((variable.clone(), target));
                body.as_ref().map_or(Ok(()), |body| self.expression(body, &inner))
            }
        }
    }

    fn operand(&self, operand: &Operand, bound: &Bound) -> Result<Kind, String> {
        match operand {
            Operand::Literal(value) => Ok(sort_of(value)),
            Operand::Path(path) => self.property(path, bound).map(|property| Some(sort(property.edm))),
            Operand::Call(function, arguments) => {
                for argument in arguments {
                    if self.operand(argument, bound)? != Some(Sort::Text) {
                        return Err("The function takes texts only".to_owned());
                    }
                }
                Ok(Some(match function {
                    Function::ToLower | Function::ToUpper | Function::Trim => Sort::Text,
                    Function::Length => Sort::Number,
                    _ => Sort::Flag,
                }))
            }
        }
    }

    fn property(&self, path: &[String], bound: &Bound) -> Result<&'static Property, String> {
        let Some((name, way)) = path.split_last() else { return Err("An empty path".to_owned()) };
        let set = self.walk(way, bound)?;
        let property = set.property(name);
        let property = property.ok_or_else(|| format!("Property {name} not found in type {}", set.kind))?;
        match property.filter {
            Filterable::Never => Err(format!("Property {name} cannot be used in a filter")),
            _ => Ok(property),
        }
    }

    /// Quantities and amounts depend on their units, so that more and less are not for a filter to say.
    fn comparable(&self, operand: &Operand, equality: bool, bound: &Bound) -> Result<(), String> {
        let Operand::Path(path) = operand else { return Ok(()) };
        let property = self.property(path, bound)?;
        match property.filter {
            Filterable::ByEquality if !equality => {
                Err(format!("Property {} may be compared for equality only", property.name))
            }
            _ => Ok(()),
        }
    }

    /// The set at the end of a way of navigations.
    fn walk(&self, way: &[String], bound: &Bound) -> Result<&'static EntitySet, String> {
        let variable = way.first().and_then(|first| bound.iter().rev().find(|(name, _)| name == first));
        let (mut set, way) = match variable {
            Some((_, set)) => (*set, &way[1..]),
            None => (self.set, way),
        };
        for name in way {
            let found = set.navigation(name).and_then(|navigation| self.service.set(navigation.target));
            set = found.ok_or_else(|| format!("Property {name} not found in type {}", set.kind))?;
        }
        Ok(set)
    }
}

fn sort(edm: Edm) -> Sort {
    match edm {
        Edm::Text(_) => Sort::Text,
        Edm::Flag => Sort::Flag,
        Edm::Decimal(..) => Sort::Number,
        Edm::Date | Edm::Moment => Sort::Time,
    }
}

fn sort_of(value: &Value) -> Kind {
    match value {
        Value::Null => None,
        Value::Text(_) => Some(Sort::Text),
        Value::Flag(_) => Some(Sort::Flag),
        Value::Number(_) => Some(Sort::Number),
        Value::Date(_) | Value::Moment(_) => Some(Sort::Time),
    }
}
