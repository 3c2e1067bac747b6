//! Stripe's search language (docs.stripe.com/search), written from typed clauses.
//!
//! A query is a list of clauses joined by AND or by OR, never both and without parentheses. Field names are ours;
//! every text of a caller stands in quotes, where only a quote and a backslash mean something.

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;

use std::fmt::Write as _;

/// Clauses that all must hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    clauses: Vec<String>,
    is_any: bool,
}

impl Search {
    /// Clauses of which one must hold.
    pub(super) fn any() -> Self {
        Self { clauses: Vec::new(), is_any: true }
    }

    /// `field:"text"`: equal, case aside.
    pub(super) fn is(mut self, field: &str, text: &str) -> Self {
        self.clauses.push(format!("{field}:{}", quoted(text)));
        self
    }

    /// `field~"text"`: contains it, case aside. Stripe looks for three characters and more.
    pub(super) fn contains(mut self, field: &str, text: &str) -> Self {
        if text.chars().count() >= 3 {
            self.clauses.push(format!("{field}~{}", quoted(text)));
        }
        self
    }

    /// `field:true`.
    pub(super) fn flag(mut self, field: &str, yes: bool) -> Self {
        self.clauses.push(format!("{field}:{yes}"));
        self
    }

    /// `metadata["key"]:"text"`.
    pub(super) fn metadata(self, key: &str, text: &str) -> Self {
        self.is(&format!("metadata[{}]", quoted(key)), text)
    }

    /// `field>=number` and `field<=number`, as far as there are ends.
    pub(super) fn within(mut self, field: &str, least: Option<i64>, most: Option<i64>) -> Self {
        self.clauses.extend(least.map(|least| format!("{field}>={least}")));
        self.clauses.extend(most.map(|most| format!("{field}<={most}")));
        self
    }

    /// The query's text; empty if it has no clause.
    pub(super) fn text(&self) -> String {
        self.clauses.join(if self.is_any { " OR " } else { " AND " })
    }
}

/// A text in quotes. Control characters are spaces: Stripe does not say what they mean.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            c if c.is_control() => write!(out, " "),
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}
