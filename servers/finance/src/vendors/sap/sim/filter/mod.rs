//! `$filter`, read as SAP's two gateways read it: OData 2.0 URI conventions (section 4.5) and OData 4.0 URL conventions
//! (section 5.1.1).

mod check;
mod evaluate;
mod lexer;
mod parser;

use super::schema::Version;
use super::value::Value;

pub(super) use check::check;
pub(super) use evaluate::{Scope, holds};

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    /// All of these.
    And(Vec<Expression>),
    /// One of these.
    Or(Vec<Expression>),
    /// Not this.
    Not(Box<Expression>),
    /// Two operands compared.
    Compare(Operand, Comparison, Operand),
    /// An operand that is true by itself.
    Holds(Operand),
    /// A condition on some or all of the entities that a navigation leads to.
    Lambda {
        /// The way, from the entity or a bound variable.
        path: Vec<String>,
        /// On all of them.
        all: bool,
        /// The name of each of them in the condition.
        variable: String,
        /// The condition; none asks whether there is any.
        body: Option<Box<Expression>>,
    },
}

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A property, with the way to it.
    Path(Vec<String>),
    /// A value.
    Literal(Value),
    /// A function of others.
    Call(Function, Vec<Operand>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
}

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// `substringof(part, whole)` of version 2.
    SubstringOf,
    /// `contains(whole, part)` of version 4.
    Contains,
    /// `startswith(whole, part)`
    StartsWith,
    /// `endswith(whole, part)`
    EndsWith,
    /// `tolower(text)`
    ToLower,
    /// `toupper(text)`
    ToUpper,
    /// `length(text)`
    Length,
    /// `trim(text)`
    Trim,
}

/// Reads a filter. Errors: what is wrong with it, in words.
pub(crate) fn parse(text: &str, version: Version) -> Result<Expression, String> {
    let tokens = lexer::tokens(text)?;
    parser::Parser::new(tokens, version).whole()
}

#[cfg(test)]
mod tests;
