//! The structure of a filter.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::lexer::Token;
use super::{Comparison, Expression, Function, Operand};
use crate::vendors::sap::sim::schema::Version;
use crate::vendors::sap::sim::value::Value;

/// Conditions may be nested this deep.
const DEEPEST: usize = 50;

/// Reads words from first to last.
pub(super) struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    version: Version,
}

impl Parser {
    pub(super) fn new(tokens: Vec<Token>, version: Version) -> Self {
        Self { tokens, at: 0, depth: 0, version }
    }

    /// The whole text as one condition.
    pub(super) fn whole(mut self) -> Result<Expression, String> {
        self.skip_gap();
        let expression = self.either()?;
        self.skip_gap();
        match self.peek() {
            None => Ok(expression),
            Some(token) => Err(format!("Unexpected {token:?} after the expression")),
        }
    }

    fn either(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("The expression is nested too deeply".to_owned());
        }
        let parts = self.joined("or", Self::both)?;
        self.depth -= 1;
        Ok(single(parts, Expression::Or))
    }

    fn both(&mut self) -> Result<Expression, String> {
        let parts = self.joined("and", Self::negated)?;
        Ok(single(parts, Expression::And))
    }

    fn joined(
        &mut self,
        keyword: &str,
        part: fn(&mut Self) -> Result<Expression, String>,
    ) -> Result<Vec<Expression>, String> {
        let mut parts = vec![part(self)?];
        while self.keyword_between(keyword) {
            parts.push(part(self)?);
        }
        Ok(parts)
    }

    fn negated(&mut self) -> Result<Expression, String> {
        if self.word_ahead("not") && matches!(self.tokens.get(self.at + 1), Some(Token::Gap | Token::Open)) {
            self.at += 1;
            self.skip_gap();
            return Ok(Expression::Not(Box::new(self.negated()?)));
        }
        if self.take(&Token::Open) {
            self.skip_gap();
            let inner = self.either()?;
            self.skip_gap();
            self.require(&Token::Close)?;
            return Ok(inner);
        }
        self.compared()
    }

    fn compared(&mut self) -> Result<Expression, String> {
        let left = match self.operand()? {
            Side::Lambda(lambda) => return Ok(lambda),
            Side::Operand(operand) => operand,
        };
        let before = self.at;
        if self.take(&Token::Gap)
            && let Some(comparison) = self.comparison()
        {
            self.require(&Token::Gap)?;
            return match self.operand()? {
                Side::Operand(right) => Ok(Expression::Compare(left, comparison, right)),
                Side::Lambda(_) => Err("A condition cannot be compared".to_owned()),
            };
        }
        self.at = before;
        Ok(Expression::Holds(left))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let Some(Token::Word(word)) = self.peek() else { return None };
        let comparison = match word.as_str() {
            "eq" => Comparison::Equal,
            "ne" => Comparison::NotEqual,
            "lt" => Comparison::Less,
            "le" => Comparison::LessOrEqual,
            "gt" => Comparison::Greater,
            "ge" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.at += 1;
        Some(comparison)
    }

    fn operand(&mut self) -> Result<Side, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Side::literal(Value::Text(text))),
            Some(Token::Figure(figure)) => Ok(Side::literal(self.figure(&figure)?)),
            Some(Token::Word(word)) => self.named(word),
            Some(token) => Err(format!("Unexpected {token:?}")),
            None => Err("The expression ends too early".to_owned()),
        }
    }

    /// What begins with a word: a literal, a function, a path, a condition on a path.
    fn named(&mut self, word: String) -> Result<Side, String> {
        match word.as_str() {
            "true" => return Ok(Side::literal(Value::Flag(true))),
            "false" => return Ok(Side::literal(Value::Flag(false))),
            "null" => return Ok(Side::literal(Value::Null)),
            _ => {}
        }
        match self.peek() {
            Some(Token::Text(_)) if self.version == Version::V2 => self.typed(&word),
            Some(Token::Open) => self.call(&word),
            _ => self.path(word),
        }
    }

    fn path(&mut self, first: String) -> Result<Side, String> {
        let mut path = vec![first];
        while self.take(&Token::Slash) {
            let Some(Token::Word(word)) = self.next() else {
                return Err("A path ends with a slash".to_owned());
            };
            if matches!(word.as_str(), "any" | "all") && self.peek() == Some(&Token::Open) {
                return self.lambda(path, word == "all");
            }
            path.push(word);
        }
        Ok(Side::Operand(Operand::Path(path)))
    }

    fn lambda(&mut self, path: Vec<String>, all: bool) -> Result<Side, String> {
        if self.version == Version::V2 {
            return Err("Lambda operators are not supported".to_owned());
        }
        self.require(&Token::Open)?;
        if !all && self.take(&Token::Close) {
            return Ok(Side::Lambda(Expression::Lambda { path, all, variable: String::new(), body: None }));
        }
        let Some(Token::Word(variable)) = self.next() else {
            return Err("A lambda expression names no variable".to_owned());
        };
        self.require(&Token::Colon)?;
        self.skip_gap();
        let body = Some(Box::new(self.either()?));
        self.skip_gap();
        self.require(&Token::Close)?;
        Ok(Side::Lambda(Expression::Lambda { path, all, variable, body }))
    }

    fn call(&mut self, name: &str) -> Result<Side, String> {
        let (function, arguments) = match (name, self.version) {
            ("substringof", Version::V2) => (Function::SubstringOf, 2),
            ("contains", Version::V4) => (Function::Contains, 2),
            ("startswith", _) => (Function::StartsWith, 2),
            ("endswith", _) => (Function::EndsWith, 2),
            ("tolower", _) => (Function::ToLower, 1),
            ("toupper", _) => (Function::ToUpper, 1),
            ("length", _) => (Function::Length, 1),
            ("trim", _) => (Function::Trim, 1),
            _ => return Err(format!("Function '{name}' is not supported")),
        };
        self.require(&Token::Open)?;
        let mut given = Vec::new();
        loop {
            self.skip_gap();
            match self.operand()? {
                Side::Operand(operand) => given.push(operand),
                Side::Lambda(_) => return Err("A condition is no argument".to_owned()),
            }
            self.skip_gap();
            if !self.take(&Token::Comma) {
                break;
            }
        }
        self.require(&Token::Close)?;
        if given.len() != arguments {
            return Err(format!("Function '{name}' takes {arguments} arguments"));
        }
        Ok(Side::Operand(Operand::Call(function, given)))
    }

    /// A literal of version 2 that tells its type: `datetime'2026-11-21T00:00:00'`.
    fn typed(&mut self, kind: &str) -> Result<Side, String> {
        let Some(Token::Text(text)) = self.next() else { return Err("A literal is missing".to_owned()) };
        let wrong = || format!("Malformed literal {kind}'{text}'");
        let value = match kind {
            "datetime" => {
                let at: DateTime = text.parse().map_err(|_| wrong())?;
                match at.time() == jiff::civil::Time::midnight() && text.contains('T') {
                    true => Value::Date(at.date()),
                    false if text.contains('T') => Value::Moment(utc(at).ok_or_else(wrong)?),
                    false => return Err(wrong()),
                }
            }
            "datetimeoffset" => Value::Moment(text.parse().map_err(|_| wrong())?),
            "guid" => Value::Text(text.clone()),
            _ => return Err(wrong()),
        };
        Ok(Side::literal(value))
    }

    /// A number, and in version 4 a date or a time.
    fn figure(&self, figure: &str) -> Result<Value, String> {
        let wrong = || format!("Malformed literal {figure}");
        if self.version == Version::V2 {
            let digits = figure.strip_suffix(['M', 'm', 'L', 'l', 'D', 'd', 'F', 'f']).unwrap_or(figure);
            return number(digits).ok_or_else(wrong);
        }
        let is_date = figure.len() >= 10 && figure.as_bytes().get(4) == Some(&b'-');
        if !is_date {
            return number(figure).ok_or_else(wrong);
        }
        if figure.len() == 10 {
            return figure.parse::<Date>().map(Value::Date).map_err(|_| wrong());
        }
        figure.parse::<Timestamp>().map(Value::Moment).map_err(|_| wrong())
    }

    fn keyword_between(&mut self, keyword: &str) -> bool {
        let before = self.at;
        let is_there = self.take(&Token::Gap)
            && self.word_ahead(keyword)
            && matches!(self.tokens.get(self.at + 1), Some(Token::Gap | Token::Open));
        if !is_there {
            // After a bracket the gap may be left out.
            self.at = before;
            let closes = before > 0 && self.tokens.get(before - 1) == Some(&Token::Close);
            if !(closes && self.word_ahead(keyword)) {
                return false;
            }
        }
        self.at += 1;
        self.skip_gap();
        true
    }

    fn word_ahead(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word == keyword)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn take(&mut self, token: &Token) -> bool {
        let is_there = self.peek() == Some(token);
        self.at += usize::from(is_there);
        is_there
    }

    fn require(&mut self, token: &Token) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(format!("Expected {token:?}, found {:?}", self.peek())) }
    }

    fn skip_gap(&mut self) {
        self.take(&Token::Gap);
    }
}

/// What an operand turned out to be.
enum Side {
    Operand(Operand),
    Lambda(Expression),
}

impl Side {
    fn literal(value: Value) -> Self {
        Self::Operand(Operand::Literal(value))
    }
}

fn single(mut parts: Vec<Expression>, several: fn(Vec<Expression>) -> Expression) -> Expression {
    if parts.len() == 1 { parts.remove(0) } else { several(parts) }
}

fn number(text: &str) -> Option<Value> {
    Decimal::from_str_exact(text).ok().map(Value::Number)
}

fn utc(at: DateTime) -> Option<Timestamp> {
    at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
