//! Text of a `sysparm_query`, built from typed terms so that no text can widen it.
//!
//! The language has no quotes and no escapes: `^` ends a value, `^NQ` begins a second query whose rows are added. So
//! an exact value that holds what the language reads is refused, and words are searched for in the pieces between.
//! What a value begins with counts too: `javascript:` is evaluated at the vendor, `NULL` means empty
//! (ServiceNow, "Operators available for filters and queries"; "Encoded query strings").

use error::{Error, Result};
use jiff::Timestamp;

/// One condition. Field names are ours or checked by [`is_field`]; all in lower case, so that the operator that
/// follows, in capitals or signs, cannot be read as part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term<'a> {
    /// The field has this value.
    Is(&'a str, String),
    /// The field has one of these values; none at all matches nothing.
    In(&'a str, Vec<String>),
    /// The field has none of these values.
    NotIn(&'a str, Vec<String>),
    /// The field holds this word anywhere, case aside.
    Like(&'a str, String),
    /// The field is empty.
    Empty(&'a str),
    /// The field is not empty.
    Filled(&'a str),
    /// At or after.
    From(&'a str, Timestamp),
    /// Before.
    Before(&'a str, Timestamp),
}

/// A query: every group holds, of a group at least one term. Groups are never empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Encoded<'a> {
    groups: Vec<Vec<Term<'a>>>,
    order: Vec<(&'a str, bool)>,
}

/// Words that one query may ask for; the instance compares each with every row.
const MOST_WORDS: usize = 20;

/// Longest value; the longest column that is asked for by value has 4,000 characters, keys have 100.
const LONGEST: usize = 255;

impl<'a> Encoded<'a> {
    /// A query that every row of the table meets.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds a condition; all hold together.
    pub(super) fn and(mut self, term: Term<'a>) -> Self {
        self.groups.push(vec![term]);
        self
    }

    /// Adds a condition if there is one.
    pub(super) fn and_some(self, term: Option<Term<'a>>) -> Self {
        match term {
            Some(term) => self.and(term),
            None => self,
        }
    }

    /// Adds conditions of which one must hold.
    pub(super) fn and_any(mut self, terms: Vec<Term<'a>>) -> Self {
        // No alternative is met: nothing is.
        let none = || vec![Term::Empty("sys_id")];
        self.groups.push(if terms.is_empty() { none() } else { terms });
        self
    }

    /// Every word of `text`, each in one of the fields.
    ///
    /// Errors: `invalid_argument` if nothing is left that can be searched for, or too much.
    pub(super) fn words(mut self, fields: &[&'a str], text: &str) -> Result<Self> {
        let words = words(text);
        if words.is_empty() {
            return Err(Error::invalid("text", "has no word to search for"));
        }
        if words.len() > MOST_WORDS {
            return Err(Error::invalid("text", format!("at most {MOST_WORDS} words can be searched for")));
        }
        for word in words {
            self.groups.push(fields.iter().map(|field| Term::Like(field, word.clone())).collect());
        }
        Ok(self)
    }

    /// Sorts by a field, the greatest first, then by one that tells all rows apart: pages overlap where the order is
    /// not total.
    pub(super) fn newest_first(mut self, field: &'a str, id: &'a str) -> Self {
        self.order = vec![(field, true), (id, false)];
        self
    }

    /// Sorts by a field, the smallest first, then by id.
    pub(super) fn oldest_first(mut self, field: &'a str) -> Self {
        self.order = vec![(field, false), ("sys_id", false)];
        self
    }

    /// The query as the vendor reads it.
    ///
    /// Errors: `invalid_argument` for a value that the language cannot carry.
    pub(super) fn text(&self) -> Result<String> {
        let mut out = String::with_capacity(128);
        for group in &self.groups {
            for (nth, term) in group.iter().enumerate() {
                out.push_str(match (out.is_empty(), nth) {
                    (true, _) => "",
                    (false, 0) => "^",
                    (false, _) => "^OR",
                });
                write(&mut out, term)?;
            }
        }
        for (field, descending) in &self.order {
            out.push_str(if out.is_empty() { "" } else { "^" });
            out.push_str(if *descending { "ORDERBYDESC" } else { "ORDERBY" });
            out.push_str(field);
        }
        Ok(out)
    }
}

fn write(out: &mut String, term: &Term<'_>) -> Result<()> {
    match term {
        Term::Is(field, value) if value.trim().eq_ignore_ascii_case("null") => {
            return Err(Error::invalid(*field, "is read as empty at the vendor"));
        }
        Term::Is(field, value) => put(out, field, "=", exact(field, value)?),
        Term::In(_, values) if values.is_empty() => put(out, "sys_id", "ISEMPTY", ""),
        Term::In(field, values) => put(out, field, "IN", &listed(field, values)?),
        Term::NotIn(_, values) if values.is_empty() => put(out, "sys_id", "ISNOTEMPTY", ""),
        Term::NotIn(field, values) => put(out, field, "NOT IN", &listed(field, values)?),
        Term::Like(field, word) => put(out, field, "LIKE", exact(field, word)?),
        Term::Empty(field) => put(out, field, "ISEMPTY", ""),
        Term::Filled(field) => put(out, field, "ISNOTEMPTY", ""),
        Term::From(field, at) => put(out, field, ">=", &instant(up(*at))),
        Term::Before(field, at) => put(out, field, "<", &instant(up(*at))),
    }
    Ok(())
}

fn put(out: &mut String, field: &str, operator: &str, value: &str) {
    out.push_str(field);
    out.push_str(operator);
    out.push_str(value);
}

/// A value the language can carry, as it is. Errors: `invalid_argument`, without repeating the value.
fn exact<'v>(field: &str, value: &'v str) -> Result<&'v str> {
    let value = value.trim();
    match fault(value) {
        None => Ok(value),
        Some(why) => Err(Error::invalid(field, why)
            .hint("ServiceNow's query language cannot carry this; name the record by its number or sys_id")),
    }
}

/// Why a value cannot stand in a query.
fn fault(value: &str) -> Option<&'static str> {
    if value.is_empty() {
        return Some("must not be empty");
    }
    if value.chars().count() > LONGEST {
        return Some("is too long to be searched for");
    }
    if value.contains('^') || value.chars().any(char::is_control) {
        return Some("holds a caret or a control character");
    }
    begins_a_script(value).then_some("is evaluated as a script at the vendor")
}

fn begins_a_script(value: &str) -> bool {
    value.get(..SCRIPT.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCRIPT))
}

/// What the vendor evaluates instead of comparing.
const SCRIPT: &str = "javascript:";

/// A list, whose values are separated by commas: keys only. Errors: `invalid_argument` for anything else.
fn listed(field: &str, values: &[String]) -> Result<String> {
    let is_key = |value: &String| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        // `IN` and this beginning make another operator.
        fault(value).is_none() && value.bytes().all(allowed) && !value.starts_with("STANCEOF")
    };
    match values.iter().all(is_key) {
        true => Ok(values.join(",")),
        false => Err(Error::invalid(field, "is no key of a record")),
    }
}

/// Times are written in UTC, to the second.
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The vendor's times are whole seconds, so a fraction reaches into the next one.
fn up(at: Timestamp) -> Timestamp {
    let fraction = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second().saturating_add(fraction)).unwrap_or(at)
}

/// The words of a text that can be searched for: what stands between white space and carets, without the signs around
/// it. What has no letter and no digit is no word.
pub(super) fn words(text: &str) -> Vec<String> {
    let pieces = text.split(|c: char| c.is_whitespace() || c.is_control() || c == '^');
    let mut words: Vec<String> = Vec::new();
    for piece in pieces {
        let mut word = trimmed(piece);
        while begins_a_script(word) {
            let (script, rest) = word.split_at(SCRIPT.len());
            words.push(trimmed(script).to_owned());
            word = trimmed(rest);
        }
        words.push(word.to_owned());
    }
    words.retain(|word| !word.is_empty());
    words
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Whether a name from the configuration may be a field, dot-walked or not: `u_customer.u_domain`.
pub(super) fn is_field(name: &str) -> bool {
    let segment = |segment: &str| {
        segment.starts_with(|c: char| c.is_ascii_lowercase())
            && segment.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    name.len() <= 160 && name.split('.').all(segment)
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
