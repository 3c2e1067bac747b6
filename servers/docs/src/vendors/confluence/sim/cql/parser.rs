//! Words to conditions.

use super::lexer::{Token, tokens};
use super::{Clause, Operand, Operator, Query, Term};

/// Conditions within conditions, at most.
const DEPTH: usize = 50;

/// What each field can be compared with.
const FIELDS: [(&str, Kind); 17] = [
    ("ancestor", Kind::Value),
    ("content", Kind::Value),
    ("contributor", Kind::Value),
    ("created", Kind::Date),
    ("creator", Kind::Value),
    ("id", Kind::Value),
    ("label", Kind::Value),
    ("lastmodified", Kind::Date),
    ("parent", Kind::Value),
    ("space", Kind::Value),
    ("space.key", Kind::Value),
    ("space.type", Kind::Value),
    ("text", Kind::Text),
    ("title", Kind::Title),
    ("type", Kind::Value),
    ("user.accountid", Kind::Value),
    ("user.fullname", Kind::Text),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    Date,
    Text,
    Title,
}

/// Reads a query. Errors: Confluence's words for what is wrong with it.
pub(crate) fn parse(query: &str) -> Result<Query, String> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0 };
    let clause = parser.or(0)?;
    if is_negative(&clause) {
        return Err("a negative expression cannot be the first clause".into());
    }
    let order = parser.order()?;
    match parser.next() {
        None => Ok(Query { clause, order }),
        Some(token) => Err(format!("unexpected {token:?}")),
    }
}

/// "Currently a negative expression cannot be the first clause in a CQL statement" (CQL operators).
fn is_negative(clause: &Clause) -> bool {
    match clause {
        Clause::And(parts) | Clause::Or(parts) => parts.first().is_some_and(is_negative),
        Clause::Not(_) => true,
        Clause::Term(term) => {
            matches!(term.operator, Operator::NotEquals | Operator::ContainsNot | Operator::NotIn)
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn keyword(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(own)) if own.eq_ignore_ascii_case(word));
        self.at += usize::from(there);
        there
    }

    fn sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(own)) if *own == sign);
        self.at += usize::from(there);
        there
    }

    fn or(&mut self, depth: usize) -> Result<Clause, String> {
        let mut parts = vec![self.and(depth)?];
        while self.keyword("or") {
            parts.push(self.and(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Clause::Or(parts) })
    }

    fn and(&mut self, depth: usize) -> Result<Clause, String> {
        let mut parts = vec![self.not(depth)?];
        while self.keyword("and") {
            parts.push(self.not(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Clause::And(parts) })
    }

    fn not(&mut self, depth: usize) -> Result<Clause, String> {
        if depth > DEPTH {
            return Err("too many parentheses".into());
        }
        if self.keyword("not") {
            return Ok(Clause::Not(Box::new(self.not(depth + 1)?)));
        }
        if self.sign("(") {
            let inner = self.or(depth + 1)?;
            return if self.sign(")") { Ok(inner) } else { Err("missing ')'".into()) };
        }
        self.term().map(Clause::Term)
    }

    fn term(&mut self) -> Result<Term, String> {
        let field = match self.next() {
            Some(Token::Word(word)) => word.to_lowercase(),
            other => return Err(format!("a field was expected, not {other:?}")),
        };
        let known = FIELDS.iter().find(|(name, _)| *name == field);
        let Some((_, kind)) = known else { return Err(format!("No field exists with name: {field}")) };
        let operator = self.operator()?;
        let allowed = match operator {
            Operator::Equals | Operator::NotEquals => *kind != Kind::Text,
            Operator::In | Operator::NotIn => matches!(kind, Kind::Value | Kind::Title),
            Operator::Contains | Operator::ContainsNot => matches!(kind, Kind::Text | Kind::Title),
            _ => *kind == Kind::Date,
        };
        if !allowed {
            return Err(format!("the operator {operator:?} cannot be used with the field {field}"));
        }
        let operand = match operator {
            Operator::In | Operator::NotIn => self.list()?,
            _ => self.operand()?,
        };
        Ok(Term { field, operator, operand })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        if self.keyword("in") {
            return Ok(Operator::In);
        }
        if self.keyword("not") {
            return if self.keyword("in") { Ok(Operator::NotIn) } else { Err("IN was expected".into()) };
        }
        match self.next() {
            Some(Token::Sign("=")) => Ok(Operator::Equals),
            Some(Token::Sign("!=")) => Ok(Operator::NotEquals),
            Some(Token::Sign("~")) => Ok(Operator::Contains),
            Some(Token::Sign("!~")) => Ok(Operator::ContainsNot),
            Some(Token::Sign(">")) => Ok(Operator::Greater),
            Some(Token::Sign(">=")) => Ok(Operator::GreaterOrEqual),
            Some(Token::Sign("<")) => Ok(Operator::Less),
            Some(Token::Sign("<=")) => Ok(Operator::LessOrEqual),
            other => Err(format!("an operator was expected, not {other:?}")),
        }
    }

    fn list(&mut self) -> Result<Operand, String> {
        if !self.sign("(") {
            return self.operand();
        }
        let mut values = vec![self.operand()?];
        while self.sign(",") {
            values.push(self.operand()?);
        }
        if self.sign(")") { Ok(Operand::List(values)) } else { Err("missing ')'".into()) }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Operand::Text(text)),
            Some(Token::Word(word)) if self.sign("(") => {
                let mut arguments = Vec::new();
                while !self.sign(")") {
                    match self.next() {
                        Some(Token::Text(text) | Token::Word(text)) => arguments.push(text),
                        other => return Err(format!("an argument was expected, not {other:?}")),
                    }
                    self.sign(",");
                }
                Ok(Operand::Function(word.to_lowercase(), arguments))
            }
            Some(Token::Word(word))
                if !["and", "or", "not", "in", "order"].contains(&word.to_lowercase().as_str()) =>
            {
                Ok(Operand::Text(word))
            }
            other => Err(format!("a value was expected, not {other:?}")),
        }
    }

    fn order(&mut self) -> Result<Vec<(String, bool)>, String> {
        let mut order = Vec::new();
        if !self.keyword("order") {
            return Ok(order);
        }
        if !self.keyword("by") {
            return Err("BY was expected".into());
        }
        loop {
            let Some(Token::Word(field)) = self.next() else { return Err("a field was expected".into()) };
            let field = field.to_lowercase();
            if !["created", "lastmodified", "title", "space"].contains(&field.as_str()) {
                return Err(format!("the field {field} cannot be sorted by"));
            }
            let down = self.keyword("desc");
            if !down {
                self.keyword("asc");
            }
            order.push((field, down));
            if !self.sign(",") {
                return Ok(order);
            }
        }
    }
}
