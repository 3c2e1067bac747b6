//! Stripe's search language (docs.stripe.com/search), read and applied.
//!
//! `clause (AND clause)*` or `clause (OR clause)*`; a space alone means AND; no parentheses, at most ten clauses. A
//! clause is `field:value`, `field~value` or a comparison, with `-` before it for the opposite.

mod evaluate;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

pub(in super::super) use evaluate::evaluate;
pub(in super::super) use parser::parse;

/// What kind of field it is, which decides what may be asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    /// Equality and parts, case aside.
    Text,
    /// Equality, case aside.
    Token,
    /// Comparisons.
    Number,
    /// `true` or `false`.
    Flag,
    /// `metadata["key"]`.
    Metadata,
}

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Query {
    /// One clause is enough.
    pub(in super::super) is_any: bool,
    pub(in super::super) clauses: Vec<Clause>,
}

/// A clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Clause {
    pub(in super::super) negated: bool,
    pub(in super::super) field: String,
    /// The metadata key.
    pub(in super::super) key: Option<String>,
    pub(in super::super) how: How,
    pub(in super::super) value: String,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum How {
    Is,
    Contains,
    Above,
    Below,
    AtLeast,
    AtMost,
}
