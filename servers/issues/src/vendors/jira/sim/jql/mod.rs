//! The simulator's own JQL: read from Atlassian's advanced search reference, knowing nothing of our builder.
//!
//! Source: support.atlassian.com/jira-software-cloud/docs/what-is-advanced-search-in-jira-cloud and its pages on
//! fields, operators, keywords and functions.

mod check;
mod dates;
mod evaluate;
mod lexer;
mod names;
mod parser;

use jiff::Timestamp;

pub(super) use check::validate;
pub(super) use evaluate::{compare, matches};
pub(crate) use parser::parse;

/// A query: what to find and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// `None` for a query without a restriction.
    pub(crate) clause: Option<Clause>,
    /// Fields to sort by, most significant first.
    pub(crate) order: Vec<Order>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    /// All of them hold.
    And(Vec<Clause>),
    /// One of them holds.
    Or(Vec<Clause>),
    /// It does not hold.
    Not(Box<Clause>),
    /// One field compared.
    Term(Term),
}

/// One field compared with something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// The field's name as written, lower case; `cf[10021]` for a custom field by number.
    pub(crate) field: String,
    /// How it is compared.
    pub(crate) operator: Operator,
    /// What it is compared with.
    pub(crate) operand: Operand,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equals,
    NotEquals,
    Contains,
    NotContains,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

impl Operator {
    /// As it stands in a query and in Jira's error messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "=",
            Self::NotEquals => "!=",
            Self::Contains => "~",
            Self::NotContains => "!~",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Is => "is",
            Self::IsNot => "is not",
        }
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    /// `EMPTY` or `NULL`.
    Empty,
    /// A literal.
    Text(String),
    /// A function and its arguments.
    Function(String, Vec<String>),
    /// Several in parentheses.
    List(Vec<Operand>),
}

/// One field of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The field, lower case.
    pub(crate) field: String,
    /// Largest first.
    pub(crate) descending: bool,
}

/// Who asks, and when.
pub(crate) struct Asker<'a> {
    pub(crate) account: &'a str,
    pub(crate) now: Timestamp,
}

/// What stands in a list, or alone.
fn values(operand: &Operand) -> Vec<&Operand> {
    match operand {
        Operand::List(list) => list.iter().collect(),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests;
