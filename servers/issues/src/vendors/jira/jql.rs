//! JQL from typed conditions. No text of a caller stands in a query but inside a quoted literal.
//!
//! Sources: Atlassian, "What is advanced search in Jira Cloud" and "Search syntax for text fields"; for the second
//! layer of escaping in `~`, JRASERVER-24455.

use jiff::{Timestamp, civil::Date};

/// A field, by the name JQL has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Project,
    Key,
    StatusCategory,
    Assignee,
    Labels,
    Priority,
    DueDate,
    Updated,
    Text,
    FixVersion,
    IssueLinkType,
    /// A custom field by number: `cf[10021]`.
    Custom(u64),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// The field has this value.
    Is(Field, String),
    /// The field has one of these values; none at all matches nothing.
    In(Field, Vec<String>),
    /// The field has not this value.
    IsNot(Field, String),
    /// The field is empty.
    Empty(Field),
    /// The field is not empty.
    Filled(Field),
    /// The issue's texts contain all these words.
    Words(String),
    /// At or after.
    From(Field, Timestamp),
    /// Before.
    Before(Field, Timestamp),
    /// On or before this day.
    Until(Field, Date),
    /// In a version that is not released.
    Unreleased,
    /// One of these holds.
    Any(Vec<Clause>),
}

/// A query: the fixed scope and the conditions within it.
#[derive(Clone, Debug)]
pub(super) struct Jql {
    scope: Vec<String>,
    clauses: Vec<Clause>,
}

impl Jql {
    /// A query within these projects; within all the account may see if there are none.
    pub(super) fn within(projects: &[String]) -> Self {
        Self { scope: projects.to_vec(), clauses: Vec::new() }
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

    /// The query's text, newest change first, then by key. Never unbounded: Jira refuses a query without a
    /// restriction, so that the scope is a clause even where it restricts nothing.
    pub(super) fn text(&self) -> String {
        let mut out = self.condition();
        out.push_str(" ORDER BY updated DESC, key ASC");
        out
    }

    /// The query's text, the first created first.
    pub(super) fn oldest_first(&self) -> String {
        format!("{} ORDER BY created ASC, key ASC", self.condition())
    }

    /// The query's text without an order, where only a number is wanted.
    pub(super) fn condition(&self) -> String {
        let mut out = String::with_capacity(128);
        let scope = if self.scope.is_empty() {
            Clause::Filled(Field::Project)
        } else {
            Clause::In(Field::Project, self.scope.clone())
        };
        write(&mut out, &scope);
        for clause in &self.clauses {
            out.push_str(" AND ");
            write(&mut out, clause);
        }
        out
    }
}

fn write(out: &mut String, clause: &Clause) {
    match clause {
        Clause::Is(field, value) => compared(out, field, "=", value),
        Clause::IsNot(field, value) => compared(out, field, "!=", value),
        Clause::In(field, values) if values.is_empty() => {
            // No list may be empty; nothing is both empty and not.
            write(out, &Clause::Empty(field.clone()));
            out.push_str(" AND ");
            write(out, &Clause::Filled(field.clone()));
        }
        Clause::In(field, values) => {
            name(out, field);
            out.push_str(" in (");
            for (nth, value) in values.iter().enumerate() {
                out.push_str(if nth > 0 { ", " } else { "" });
                quote(out, value);
            }
            out.push(')');
        }
        Clause::Empty(field) => {
            name(out, field);
            out.push_str(" is EMPTY");
        }
        Clause::Filled(field) => {
            name(out, field);
            out.push_str(" is not EMPTY");
        }
        Clause::Words(text) => compared(out, &Field::Text, "~", &lucene(text)),
        // Milliseconds since the epoch: every other form is read in the zone of the account.
        Clause::From(field, at) => {
            name(out, field);
            out.push_str(&format!(" >= {}", since_epoch(*at)));
        }
        Clause::Before(field, at) => {
            name(out, field);
            out.push_str(&format!(" < {}", since_epoch(*at)));
        }
        Clause::Until(field, day) => {
            name(out, field);
            out.push_str(&format!(" <= \"{day}\""));
        }
        Clause::Unreleased => {
            name(out, &Field::FixVersion);
            out.push_str(" in unreleasedVersions()");
        }
        Clause::Any(clauses) => {
            out.push('(');
            for (nth, clause) in clauses.iter().enumerate() {
                out.push_str(if nth > 0 { " OR " } else { "" });
                write(out, clause);
            }
            out.push(')');
        }
    }
}

/// No issue is older than the epoch, and before it Jira would read a period back instead of a moment.
fn since_epoch(at: Timestamp) -> i64 {
    at.as_millisecond().max(0)
}

fn compared(out: &mut String, field: &Field, operator: &str, value: &str) {
    name(out, field);
    out.push(' ');
    out.push_str(operator);
    out.push(' ');
    quote(out, value);
}

fn name(out: &mut String, field: &Field) {
    out.push_str(match field {
        Field::Project => "project",
        Field::Key => "key",
        Field::StatusCategory => "statusCategory",
        Field::Assignee => "assignee",
        Field::Labels => "labels",
        Field::Priority => "priority",
        Field::DueDate => "duedate",
        Field::Updated => "updated",
        Field::Text => "text",
        Field::FixVersion => "fixVersion",
        Field::IssueLinkType => "issueLinkType",
        Field::Custom(number) => {
            out.push_str(&format!("cf[{number}]"));
            return;
        }
    });
}

/// A string literal. Control characters and non-characters, which JQL refuses raw, are written as escapes.
fn quote(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{FDD0}'..='\u{FDEF}' | '\u{FFFE}' | '\u{FFFF}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            // Non-characters beyond the basic plane have no escape and mean nothing.
            c if (c as u32) & 0xFFFE == 0xFFFE => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Plain words for Lucene's query parser, which reads the value of `~` after JQL has: operators lose their meaning,
/// and words that Lucene takes for operators are written small (the index ignores case).
fn lucene(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for word in text.split_whitespace() {
        if !word.chars().any(char::is_alphanumeric) {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        if matches!(word, "AND" | "OR" | "NOT" | "TO") {
            out.push_str(&word.to_lowercase());
            continue;
        }
        for c in word.chars() {
            if "+-&|!(){}[]^~*?:\\/\"".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// Whether `text` has a word that can be searched for; Jira refuses to search for none.
pub(super) fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
