//! SOQL from typed conditions. No text of a caller stands in a query but inside a quoted literal.
//!
//! Source: SOQL and SOSL Reference: "Quoted String Escape Sequences", "Comparison Operators", "Semi-Joins with IN".

use std::borrow::Cow;

use error::{Error, Result};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

/// A field by its API name, perhaps of a related record: `Owner.Name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field(Cow<'static, str>);

impl Field {
    /// A field the program names.
    pub(super) const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A field the configuration names. `invalid_argument` at `key` for what is no name.
    pub(super) fn configured(name: &str, key: &str) -> Result<Self> {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match is_name {
            true => Ok(Self(Cow::Owned(name.to_owned()))),
            false => Err(Error::invalid(key, "must be a field's API name, such as Segment__c")),
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Day(Date),
    Moment(Timestamp),
    Number(Decimal),
    Flag(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    Is(Field, Value),
    IsNot(Field, Value),
    Below(Field, Value),
    AtLeast(Field, Value),
    /// One of these texts; none at all matches nothing.
    In(Field, Vec<String>),
    NotIn(Field, Vec<String>),
    /// The text stands somewhere in the field.
    Contains(Field, String),
    /// The field begins with the text.
    Begins(Field, String),
    Empty(Field),
    Filled(Field),
    /// The id is among those a query selects. At most two stand in one query, and none within [`Clause::Any`].
    Within(Field, Box<Soql>),
    Without(Field, Box<Soql>),
    /// One of these holds.
    Any(Vec<Clause>),
    /// All of these hold.
    All(Vec<Clause>),
}

/// In which direction rows are ordered; empty fields come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Soql {
    from: &'static str,
    select: Vec<Field>,
    clauses: Vec<Clause>,
    order: Vec<(Field, Direction)>,
    group: Vec<Field>,
    sum: Option<Field>,
    limit: Option<u32>,
    offset: u32,
}

impl Soql {
    /// These fields of an object.
    pub(super) fn of(from: &'static str, select: impl IntoIterator<Item = Field>) -> Self {
        Self {
            from,
            select: select.into_iter().collect(),
            clauses: Vec::new(),
            order: Vec::new(),
            group: Vec::new(),
            sum: None,
            limit: None,
            offset: 0,
        }
    }

    /// Adds a condition; all hold together.
    pub(super) fn and(mut self, clause: Clause) -> Self {
        self.clauses.push(clause);
        self
    }

    /// Adds a condition if there is one.
    pub(super) fn and_some(self, clause: Option<Clause>) -> Self {
        match clause {
            Some(clause) => self.and(clause),
            None => self,
        }
    }

    /// Orders by this field, after those named before.
    pub(super) fn by(mut self, field: Field, direction: Direction) -> Self {
        self.order.push((field, direction));
        self
    }

    /// Groups by the selected fields: their number is `n`, and `total` the sum of `sum`.
    pub(super) fn summed(mut self, sum: Field) -> Self {
        self.group.clone_from(&self.select);
        self.sum = Some(sum);
        self
    }

    /// At most so many rows.
    pub(super) fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Leaves out the first rows; 2,000 of them at most.
    pub(super) fn offset(mut self, offset: u32) -> Self {
        self.offset = offset;
        self
    }

    /// The query's text.
    pub(super) fn text(&self) -> String {
        let mut out = String::with_capacity(256);
        out.push_str("SELECT ");
        listed(&mut out, &self.select);
        if let Some(sum) = &self.sum {
            out.push_str(if self.select.is_empty() { "" } else { ", " });
            out.push_str(&format!("COUNT(Id) n, SUM({}) total", sum.name()));
        }
        self.conditions(&mut out);
        if !self.group.is_empty() {
            out.push_str(" GROUP BY ");
            listed(&mut out, &self.group);
        }
        for (nth, (field, direction)) in self.order.iter().enumerate() {
            out.push_str(if nth == 0 { " ORDER BY " } else { ", " });
            out.push_str(field.name());
            out.push_str(match direction {
                Direction::Up => " ASC NULLS LAST",
                Direction::Down => " DESC NULLS LAST",
            });
        }
        if let Some(limit) = self.limit {
            out.push_str(&format!(" LIMIT {limit}"));
        }
        if self.offset > 0 {
            out.push_str(&format!(" OFFSET {}", self.offset));
        }
        out
    }

    /// The text of a query for how many rows match.
    pub(super) fn count(&self) -> String {
        let mut out = "SELECT COUNT()".to_owned();
        self.conditions(&mut out);
        out
    }

    fn conditions(&self, out: &mut String) {
        out.push_str(" FROM ");
        out.push_str(self.from);
        if !self.clauses.is_empty() {
            out.push_str(" WHERE ");
            joined(out, &self.clauses, " AND ");
        }
    }
}

fn listed(out: &mut String, fields: &[Field]) {
    for (nth, field) in fields.iter().enumerate() {
        out.push_str(if nth > 0 { ", " } else { "" });
        out.push_str(field.name());
    }
}

fn joined(out: &mut String, clauses: &[Clause], word: &str) {
    for (nth, clause) in clauses.iter().enumerate() {
        out.push_str(if nth > 0 { word } else { "" });
        write(out, clause);
    }
}

fn write(out: &mut String, clause: &Clause) {
    match clause {
        Clause::Is(field, value) => compared(out, field, "=", value),
        Clause::IsNot(field, value) => compared(out, field, "!=", value),
        Clause::Below(field, value) => compared(out, field, "<", value),
        Clause::AtLeast(field, value) => compared(out, field, ">=", value),
        // No list may be empty, and every record has an id.
        Clause::In(_, values) if values.is_empty() => out.push_str("Id = null"),
        Clause::NotIn(_, values) if values.is_empty() => out.push_str("Id != null"),
        Clause::In(field, values) => among(out, field, "IN", values),
        Clause::NotIn(field, values) => among(out, field, "NOT IN", values),
        Clause::Contains(field, text) => like(out, field, "%", text),
        Clause::Begins(field, text) => like(out, field, "", text),
        Clause::Empty(field) => {
            out.push_str(field.name());
            out.push_str(" = null");
        }
        Clause::Filled(field) => {
            out.push_str(field.name());
            out.push_str(" != null");
        }
        Clause::Within(field, query) => nested(out, field, "IN", query),
        Clause::Without(field, query) => nested(out, field, "NOT IN", query),
        // What is one of nothing is nothing.
        Clause::Any(clauses) if clauses.is_empty() => out.push_str("Id = null"),
        Clause::All(clauses) if clauses.is_empty() => out.push_str("Id != null"),
        Clause::Any(clauses) => grouped(out, clauses, " OR "),
        Clause::All(clauses) => grouped(out, clauses, " AND "),
    }
}

fn grouped(out: &mut String, clauses: &[Clause], word: &str) {
    out.push('(');
    joined(out, clauses, word);
    out.push(')');
}

fn compared(out: &mut String, field: &Field, operator: &str, value: &Value) {
    out.push_str(field.name());
    out.push(' ');
    out.push_str(operator);
    out.push(' ');
    match value {
        Value::Text(text) => quote(out, "", text, ""),
        Value::Day(day) => out.push_str(&day.to_string()),
        Value::Moment(at) => out.push_str(&at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
    }
}

fn among(out: &mut String, field: &Field, operator: &str, values: &[String]) {
    out.push_str(field.name());
    out.push(' ');
    out.push_str(operator);
    out.push_str(" (");
    for (nth, value) in values.iter().enumerate() {
        out.push_str(if nth > 0 { ", " } else { "" });
        quote(out, "", value, "");
    }
    out.push(')');
}

fn nested(out: &mut String, field: &Field, operator: &str, query: &Soql) {
    out.push_str(field.name());
    out.push(' ');
    out.push_str(operator);
    out.push_str(" (");
    out.push_str(&query.text());
    out.push(')');
}

/// The text's own wildcards lose their meaning; the one before and the one after are ours.
fn like(out: &mut String, field: &Field, before: &str, text: &str) {
    out.push_str(field.name());
    out.push_str(" LIKE ");
    let mut literal = String::new();
    quote(&mut literal, before, text, "%");
    // Within the quotes and our wildcards only the text can hold one.
    let (start, end) = (1 + before.len(), literal.len() - 2);
    out.push_str(&literal[..start]);
    for c in literal[start..end].chars() {
        if matches!(c, '%' | '_') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push_str(&literal[end..]);
}

/// A string literal. No other backslash than these may stand in one.
fn quote(out: &mut String, before: &str, value: &str, after: &str) {
    out.push('\'');
    out.push_str(before);
    for c in value.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // No record holds other control characters, and the API refuses some of them.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push_str(after);
    out.push('\'');
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
