//! Confluence's query language, read as its documents describe it: developer.atlassian.com/cloud/confluence, "Advanced
//! searching using CQL", "CQL fields", "CQL operators", "CQL functions", "Performing text searches using CQL".

pub(super) mod evaluate;
mod lexer;
mod parser;
pub(crate) mod words;

pub(crate) use parser::parse;

/// A query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) clause: Clause,
    /// Fields to sort by, and whether downwards.
    pub(crate) order: Vec<(String, bool)>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clause {
    And(Vec<Clause>),
    Or(Vec<Clause>),
    Not(Box<Clause>),
    Term(Term),
}

/// A field compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// In lower case.
    pub(crate) field: String,
    pub(crate) operator: Operator,
    pub(crate) operand: Operand,
}

/// How.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equals,
    NotEquals,
    Contains,
    ContainsNot,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    In,
    NotIn,
}

/// With what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Text(String),
    Function(String, Vec<String>),
    List(Vec<Operand>),
}
