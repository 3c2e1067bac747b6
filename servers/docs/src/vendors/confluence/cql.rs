//! CQL from typed conditions. No text of a caller stands in a query but inside a quoted literal.
//!
//! Sources: developer.atlassian.com/cloud/confluence, "Advanced searching using CQL", "CQL fields", "CQL operators" and
//! "Performing text searches using CQL".

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// In one of these spaces, by key.
    Spaces(Vec<String>),
    /// One of these pages.
    Ids(Vec<String>),
    /// With this label.
    Label(String),
    /// Without this label.
    Lacks(String),
    /// The title contains all these words.
    Titled(Vec<String>),
    /// One of these holds.
    AnyOf(Vec<Clause>),
    /// With any of these labels.
    Labels(Vec<String>),
    /// Title, text and labels together contain this word as it is.
    Word(String),
    /// Changed at or after; matches what changed some hours before, too, and never less.
    From(Timestamp),
    /// Changed before; matches what changed some hours after, too, and never less.
    Before(Timestamp),
    /// Created by the account that asks.
    Own,
}

/// A query: pages within the configured spaces, and conditions.
#[derive(Clone, Debug)]
pub(super) struct Cql {
    clauses: Vec<Clause>,
}

impl Cql {
    /// Pages within these spaces; within all the account may see if there are none.
    pub(super) fn within(spaces: &[String]) -> Self {
        let scope = (!spaces.is_empty()).then(|| Clause::Spaces(spaces.to_vec()));
        Self { clauses: scope.into_iter().collect() }
    }

    /// Adds a condition; all hold together.
    pub(super) fn and(mut self, clause: Clause) -> Self {
        self.clauses.push(clause);
        self
    }

    /// Adds conditions.
    pub(super) fn and_all(self, clauses: impl IntoIterator<Item = Clause>) -> Self {
        clauses.into_iter().fold(self, Self::and)
    }

    /// The query's text, by the last change.
    pub(super) fn text(&self, newest: bool) -> String {
        let mut out = String::from("type = page");
        for clause in &self.clauses {
            out.push_str(" AND ");
            write(&mut out, clause);
        }
        out.push_str(if newest { " ORDER BY lastmodified DESC" } else { " ORDER BY lastmodified ASC" });
        out
    }
}

/// The words of a text that can be searched for, each by itself: whether several in one clause must all occur depends
/// on the site's index.
pub(super) fn words(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    words.map(str::to_owned).collect()
}

fn write(out: &mut String, clause: &Clause) {
    match clause {
        Clause::Spaces(keys) => list(out, "space", keys),
        Clause::Ids(ids) => list(out, "id", ids),
        // Labels are lower case, whatever they were written like.
        Clause::Label(label) => compared(out, "label", "=", &label.to_lowercase()),
        Clause::Lacks(label) => compared(out, "label", "!=", &label.to_lowercase()),
        Clause::Labels(labels) => {
            list(out, "label", &labels.iter().map(|label| label.to_lowercase()).collect::<Vec<_>>());
        }
        Clause::Titled(words) => {
            for (nth, word) in words.iter().enumerate() {
                out.push_str(if nth > 0 { " AND " } else { "" });
                compared(out, "title", "~", &phrase(word));
            }
        }
        Clause::AnyOf(clauses) => {
            out.push('(');
            for (nth, clause) in clauses.iter().enumerate() {
                out.push_str(if nth > 0 { ") OR (" } else { "(" });
                write(out, clause);
            }
            out.push_str("))");
        }
        Clause::Word(word) => compared(out, "text", "~", &phrase(word)),
        Clause::From(at) => compared(out, "lastmodified", ">=", &minute(*at, -12)),
        Clause::Before(at) => compared(out, "lastmodified", "<=", &minute(*at, 15)),
        Clause::Own => out.push_str("creator = currentUser()"),
    }
}

fn list(out: &mut String, field: &str, values: &[String]) {
    out.push_str(field);
    out.push_str(" in (");
    for (nth, value) in values.iter().enumerate() {
        out.push_str(if nth > 0 { ", " } else { "" });
        quote(out, value);
    }
    out.push(')');
}

fn compared(out: &mut String, field: &str, operator: &str, value: &str) {
    out.extend([field, " ", operator, " "]);
    quote(out, value);
}

/// A string literal: `\` and `"` are escaped. Line ends and control characters, which no label and no word has, are
/// spaces.
fn quote(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}') => {
                out.push(' ')
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A phrase for Lucene's query parser, which reads the value of `~` after CQL has: within it nothing but `\` and `"`
/// means anything.
fn phrase(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A moment as CQL writes it, moved by some hours: CQL reads it in the account's time zone, which may be anything from
/// 12 hours behind UTC to 14 ahead. What is matched too much is sorted out by whoever asks.
fn minute(at: Timestamp, hours: i64) -> String {
    let moved = at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(at);
    moved.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
