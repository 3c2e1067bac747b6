//! SOQL as Salesforce reads it: words, grammar, names against the schema, rows.
//!
//! Source: SOQL and SOSL Reference (SELECT syntax, quoted string escapes, semi-joins, aggregate functions).

mod check;
mod dates;
mod evaluate;
mod group;
mod lexer;
mod like;
mod parser;
#[cfg(test)]
mod tests;

pub(super) use evaluate::run;
#[cfg(test)]
pub(crate) use parser::parse;

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) select: Vec<Item>,
    pub(crate) from: Name,
    pub(crate) condition: Option<Condition>,
    pub(crate) group: Vec<Name>,
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<usize>,
    pub(crate) offset: Option<usize>,
}

/// A name as it was written, and where.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) at: usize,
}

/// Where a name stands is no part of what it says.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// A field, perhaps of a related record: `Account.Name`.
    Field(Name),
    /// An aggregate over a field and its alias; without a field it is `COUNT()`.
    Aggregate(Function, Option<Name>, Option<String>),
    /// `(SELECT ... FROM Contacts)`.
    Children(Box<Query>),
    /// `FIELDS(ALL)` and the like.
    Every,
}

/// An aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// A field, an operator and a value.
    Compare(Name, Operator, Operand),
    /// A field in a list or in the result of a query; the flag denies it.
    Within(Name, bool, Range),
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Like,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A quoted text: its characters, each with whether a backslash stood before it.
    Text(Vec<(char, bool)>),
    /// A number as it was written.
    Number(String),
    /// `EUR5000`.
    Money(String, String),
    Date(jiff::civil::Date),
    Time(jiff::Timestamp),
    /// `TODAY`, `LAST_N_DAYS:7`.
    Named(String, Option<i64>),
    Bool(bool),
    Null,
}

impl Operand {
    /// The characters of a text.
    pub(crate) fn plain(&self) -> Option<String> {
        match self {
            Self::Text(chars) => Some(chars.iter().map(|(c, _)| c).collect()),
            _ => None,
        }
    }
}

/// What a field is looked for in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Range {
    List(Vec<Operand>),
    Query(Box<Query>),
}

/// One key of the order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) field: Name,
    pub(crate) descending: bool,
    pub(crate) nulls_last: bool,
}

/// Why a query is refused: code and message, as the API writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Fault {
    /// A fault at a place of the query's text, which the message shows.
    fn at(code: &'static str, text: &str, at: usize, what: &str) -> Self {
        let upto = text.get(..at).unwrap_or(text);
        let row = upto.matches('\n').count() + 1;
        let column = upto.rsplit('\n').next().unwrap_or_default().chars().count();
        let line = text.lines().nth(row - 1).unwrap_or_default();
        let message = format!("\n{line}\n{:column$}^\nERROR at Row:{row}:Column:{}\n{what}", "", column + 1);
        Self { code, message }
    }

    fn malformed(text: &str, at: usize, what: &str) -> Self {
        Self::at("MALFORMED_QUERY", text, at, what)
    }

    fn plain(code: &'static str, message: String) -> Self {
        Self { code, message }
    }
}
