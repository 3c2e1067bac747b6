//! Names and types against the schema.

use super::super::ids;
use super::super::schema::{Field, Kind, Object};
use super::{Condition, Fault, Function, Item, Name, Operand, Operator, Query, Range};

/// Objects that no sub-query may be about (SOQL and SOSL Reference, "Semi-Joins with IN", restrictions).
const NEVER_INNER: [&str; 3] = ["Task", "Event", "EmailMessage"];

/// Semi-joins in one query, at most.
const MOST_JOINS: usize = 2;

/// Errors: `INVALID_TYPE`, `INVALID_FIELD`, `MALFORMED_QUERY`, `INVALID_QUERY_FILTER_OPERATOR`.
pub(super) fn check(text: &str, query: &Query) -> Result<&'static Object, Fault> {
    let object = object(text, &query.from)?;
    let scope = Scope { text, object };
    for item in &query.select {
        scope.item(query, item)?;
    }
    query.group.iter().try_for_each(|name| scope.field(name).map(drop))?;
    query.order.iter().filter(|o| !is_alias(query, &o.field)).try_for_each(|order| {
        let field = scope.field(&order.field)?;
        if matches!(field.kind, Kind::Area(_)) {
            let what = format!("field '{}' can not be sorted in a query call", field.name);
            return Err(Fault::at("INVALID_FIELD", text, order.field.at, &what));
        }
        Ok(())
    })?;
    if let Some(condition) = &query.condition {
        scope.condition(condition, true)?;
        if joins(condition) > MOST_JOINS {
            return Err(Fault::plain(
                "MALFORMED_QUERY",
                "maximum 2 semi join sub-selects are allowed".into(),
            ));
        }
    }
    if query.offset.is_some_and(|offset| offset > 2_000) {
        let what = "Maximum SOQL offset allowed is 2000".to_owned();
        return Err(Fault::plain("NUMBER_OUTSIDE_VALID_RANGE", what));
    }
    Ok(object)
}

/// The object a query is about.
pub(super) fn object(text: &str, name: &Name) -> Result<&'static Object, Fault> {
    Object::named(&name.text).ok_or_else(|| {
        let what = format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the \
             '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
            name.text
        );
        Fault::at("INVALID_TYPE", text, name.at, &what)
    })
}

/// What a dotted name leads to: the references to follow, and the field at the end.
pub(super) fn path(
    object: &'static Object,
    name: &str,
) -> Option<(Vec<(&'static Field, &'static Object)>, &'static Field)> {
    let (mut steps, mut at) = (Vec::new(), object);
    let mut parts: Vec<&str> = name.split('.').collect();
    let last = parts.pop()?;
    // The object itself may be named first.
    if parts.first().is_some_and(|first| first.eq_ignore_ascii_case(object.name))
        && object.relationship(parts[0]).is_none()
    {
        parts.remove(0);
    }
    for part in parts {
        let field = at.relationship(part)?;
        let Kind::Reference(targets, _) = field.kind else { return None };
        at = Object::named(targets.first()?)?;
        steps.push((field, at));
    }
    let many = steps
        .last()
        .is_some_and(|(field, _)| matches!(field.kind, Kind::Reference(targets, _) if targets.len() > 1));
    let field = at.field(last)?;
    // Of a record that may be of several types only what all of them have can be named.
    let common = matches!(field.name, "Id" | "Name");
    (!many || common || field.name == "Subject").then_some((steps, field))
}

fn is_alias(query: &Query, name: &Name) -> bool {
    query.select.iter().any(|item| matches!(item, Item::Aggregate(_, _, Some(alias)) if *alias == name.text))
}

struct Scope<'a> {
    text: &'a str,
    object: &'static Object,
}

impl Scope<'_> {
    fn item(&self, query: &Query, item: &Item) -> Result<(), Fault> {
        let grouped = !query.group.is_empty();
        match item {
            Item::Field(name) => {
                self.field(name)?;
                let aggregated = query.select.iter().any(|i| matches!(i, Item::Aggregate(..)));
                if (grouped || aggregated)
                    && !query.group.iter().any(|g| g.text.eq_ignore_ascii_case(&name.text))
                {
                    let what = format!("Field must be grouped or aggregated: {}", name.text);
                    return Err(Fault::at("MALFORMED_QUERY", self.text, name.at, &what));
                }
                Ok(())
            }
            Item::Aggregate(Function::Count, None, None) if query.select.len() == 1 && !grouped => Ok(()),
            Item::Aggregate(_, None, _) => {
                Err(Fault::plain("MALFORMED_QUERY", "unexpected token: 'COUNT'".into()))
            }
            Item::Aggregate(function, Some(name), _) => {
                let field = self.field(name)?;
                let numeric = matches!(field.kind, Kind::Currency | Kind::Double | Kind::Int);
                let fits = match function {
                    Function::Sum | Function::Avg => numeric,
                    _ => !matches!(field.kind, Kind::Area(_)),
                };
                if fits {
                    return Ok(());
                }
                let what = format!("field {} does not support aggregate operator", field.name);
                Err(Fault::at("MALFORMED_QUERY", self.text, name.at, &what))
            }
            Item::Children(inner) => self.children(inner),
            Item::Every if query.limit.is_some_and(|limit| limit <= 200) => Ok(()),
            Item::Every => Err(Fault::plain(
                "MALFORMED_QUERY",
                "The SOQL FIELDS function must have a LIMIT of at most 200".into(),
            )),
        }
    }

    fn children(&self, inner: &Query) -> Result<(), Fault> {
        let Some((object, _)) = child(self.object, &inner.from.text) else {
            let what = format!(
                "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use a custom \
                 relationship, be sure to append the '__r' after the custom relationship name.",
                inner.from.text
            );
            return Err(Fault::at("INVALID_TYPE", self.text, inner.from.at, &what));
        };
        let named = Name { text: object.name.to_owned(), at: inner.from.at };
        check(self.text, &Query { from: named, ..inner.clone() }).map(drop)
    }

    fn field(&self, name: &Name) -> Result<&'static Field, Fault> {
        path(self.object, &name.text).map(|(_, field)| field).ok_or_else(|| {
            let (parents, last) = name.text.rsplit_once('.').unwrap_or((self.object.name, &name.text));
            let what = format!(
                "No such column '{last}' on entity '{parents}'. If you are attempting to use a custom field, be sure to \
                 append the '__c' after the custom field name. Please reference your WSDL or the describe call for the \
                 appropriate names."
            );
            Fault::at("INVALID_FIELD", self.text, name.at, &what)
        })
    }

    fn condition(&self, condition: &Condition, top: bool) -> Result<(), Fault> {
        match condition {
            Condition::All(all) => all.iter().try_for_each(|one| self.condition(one, top)),
            Condition::Any(all) => all.iter().try_for_each(|one| self.condition(one, false)),
            Condition::Not(one) => self.condition(one, false),
            Condition::Compare(name, operator, operand) => {
                let field = self.filterable(name)?;
                let like = *operator == Operator::Like;
                if like && !field.kind.is_text() {
                    let what = format!("invalid operator on {} field", field.kind.type_name());
                    return Err(Fault::at("INVALID_QUERY_FILTER_OPERATOR", self.text, name.at, &what));
                }
                self.fits(name, field, operand, like)
            }
            Condition::Within(name, _, Range::List(list)) => {
                let field = self.filterable(name)?;
                list.iter().try_for_each(|operand| self.fits(name, field, operand, false))
            }
            Condition::Within(name, _, Range::Query(inner)) => {
                let field = self.filterable(name)?;
                if !matches!(field.kind, Kind::Id | Kind::Reference(..)) || !top {
                    let what =
                        "Semi join sub-selects are only supported on id fields, and never beside OR or NOT";
                    return Err(Fault::at("MALFORMED_QUERY", self.text, name.at, what));
                }
                self.inner(inner)
            }
        }
    }

    fn inner(&self, inner: &Query) -> Result<(), Fault> {
        let object = check(self.text, inner)?;
        let one_id = match inner.select.as_slice() {
            [Item::Field(name)] => path(object, &name.text)
                .is_some_and(|(_, f)| matches!(f.kind, Kind::Id | Kind::Reference(..))),
            _ => false,
        };
        let plain = inner.order.is_empty() && inner.limit.is_none() && inner.group.is_empty();
        let nested = inner.condition.as_ref().is_some_and(|c| joins(c) > 0);
        if !one_id || !plain || nested || NEVER_INNER.contains(&object.name) {
            let what =
                format!("Entity '{}' is not supported for semi join inner selects as written", object.name);
            return Err(Fault::at("MALFORMED_QUERY", self.text, inner.from.at, &what));
        }
        Ok(())
    }

    fn filterable(&self, name: &Name) -> Result<&'static Field, Fault> {
        let field = self.field(name)?;
        if field.is_filterable() {
            return Ok(field);
        }
        let what = format!("field '{}' can not be filtered in a query call", field.name);
        Err(Fault::at("INVALID_FIELD", self.text, name.at, &what))
    }

    /// Whether a value is of the field's type.
    fn fits(&self, name: &Name, field: &Field, operand: &Operand, like: bool) -> Result<(), Fault> {
        if !like {
            // Outside LIKE these two need no escape and may have none.
            if let Operand::Text(chars) = operand
                && let Some((c, _)) = chars.iter().find(|(c, escaped)| *escaped && matches!(c, '%' | '_'))
            {
                let what =
                    format!("Invalid string literal: Illegal character sequence '\\{c}' in string literal");
                return Err(Fault::at("MALFORMED_QUERY", self.text, name.at, &what));
            }
        }
        let (fits, quoted) = match (field.kind, operand) {
            (_, Operand::Null) => (true, false),
            (Kind::Id | Kind::Reference(..), Operand::Text(_)) => {
                let shown = operand.plain().unwrap_or_default();
                if shown.is_empty() || ids::long(&shown).is_some() {
                    return Ok(());
                }
                let what = format!("invalid ID field: {shown}");
                return Err(Fault::at("INVALID_QUERY_FILTER_OPERATOR", self.text, name.at, &what));
            }
            (kind, Operand::Text(_)) => (kind.is_text(), true),
            (Kind::Bool, Operand::Bool(_)) => (true, false),
            (Kind::Date, Operand::Date(_) | Operand::Named(..)) => (true, false),
            (Kind::DateTime, Operand::Time(_) | Operand::Named(..)) => (true, false),
            (Kind::Currency, Operand::Money(..)) => (true, false),
            (Kind::Currency | Kind::Double | Kind::Int, Operand::Number(_)) => (true, false),
            _ => (false, false),
        };
        if fits {
            return Ok(());
        }
        let tail = if quoted { " and should not be enclosed in quotes" } else { "" };
        let what = format!(
            "value of filter criterion for field '{}' must be of type {}{tail}",
            field.name,
            field.kind.type_name()
        );
        Err(Fault::at("INVALID_FIELD", self.text, name.at, &what))
    }
}

/// The object behind the name of its children, and the field that leads back.
pub(super) fn child(parent: &Object, plural: &str) -> Option<(&'static Object, &'static Field)> {
    let object = super::super::schema::OBJECTS.iter().find(|o| o.plural.eq_ignore_ascii_case(plural))?;
    let back = object
        .fields
        .iter()
        .find(|field| matches!(field.kind, Kind::Reference(targets, _) if targets.contains(&parent.name)))?;
    Some((object, back))
}

fn joins(condition: &Condition) -> usize {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter().map(joins).sum(),
        Condition::Not(one) => joins(one),
        Condition::Within(_, _, Range::Query(_)) => 1,
        _ => 0,
    }
}
