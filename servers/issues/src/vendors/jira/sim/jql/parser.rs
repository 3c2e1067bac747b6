//! From tokens to a query.

use super::lexer::{Token, tokens};
use super::{Clause, Operand, Operator, Order, Query, Term};

/// Words that are no field or value unless quoted (Atlassian, "Reserved words", the common ones).
const RESERVED: [&str; 28] = [
    "and", "or", "not", "in", "is", "empty", "null", "order", "by", "was", "changed", "select", "from",
    "where", "like", "delete", "insert", "update", "join", "on", "union", "distinct", "having", "limit",
    "between", "exists", "to", "null",
];

/// Parentheses may nest this deep.
const DEPTH: usize = 60;

/// Reads a query. Errors: Jira's message.
pub(crate) fn parse(text: &str) -> Result<Query, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let clause = (!parser.done() && !parser.sees("order")).then(|| parser.or()).transpose()?;
    let order = if parser.take_word("order") { parser.order()? } else { Vec::new() };
    if parser.done() { Ok(Query { clause, order }) } else { Err(parser.expecting("either 'OR' or 'AND'")) }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Clause, String> {
        let mut parts = vec![self.and()?];
        while self.take_word("or") || self.take_sign("||") || self.take_sign("|") {
            parts.push(self.and()?);
        }
        Ok(one_or(parts, Clause::Or))
    }

    fn and(&mut self) -> Result<Clause, String> {
        let mut parts = vec![self.not()?];
        while self.take_word("and") || self.take_sign("&&") || self.take_sign("&") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Clause::And))
    }

    fn not(&mut self) -> Result<Clause, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("Error in the JQL Query: The query is nested too deep.".into());
        }
        let clause = if self.take_word("not") || self.take_sign("!") {
            Clause::Not(Box::new(self.not()?))
        } else if self.take_sign("(") {
            let inside = self.or()?;
            if !self.take_sign(")") {
                return Err(self.expecting("')'"));
            }
            inside
        } else {
            Clause::Term(self.term()?)
        };
        self.depth -= 1;
        Ok(clause)
    }

    fn term(&mut self) -> Result<Term, String> {
        let field = self.field()?;
        let operator = self.operator(&field)?;
        let operand = self.operand()?;
        let listed = matches!(operand, Operand::List(_));
        let wants_list = matches!(operator, Operator::In | Operator::NotIn);
        let function = matches!(operand, Operand::Function(..));
        if listed != wants_list && !(wants_list && function) {
            let kind = if wants_list { "only supports lists" } else { "does not support lists" };
            return Err(format!("Operator '{}' {kind} for field '{field}'.", operator.as_str()));
        }
        if matches!(operator, Operator::Is | Operator::IsNot) && operand != Operand::Empty {
            return Err(format!(
                "The operator '{}' only supports 'EMPTY' and 'NULL' for field '{field}'.",
                operator.as_str()
            ));
        }
        Ok(Term { field, operator, operand })
    }

    fn field(&mut self) -> Result<String, String> {
        let name = match self.next() {
            Some(Token::Quoted(text)) => text.clone(),
            Some(Token::Word(text)) if !RESERVED.contains(&text.to_lowercase().as_str()) => text.clone(),
            Some(Token::Word(text)) => {
                return Err(format!(
                    "Error in the JQL Query: '{text}' is a reserved JQL word. You must surround it in quotation marks \
                     to use it in a query."
                ));
            }
            _ => {
                self.at = self.at.saturating_sub(1);
                return Err(self.expecting("a field name"));
            }
        };
        let name = name.to_lowercase();
        if name != "cf" || !self.take_sign("[") {
            return Ok(name);
        }
        match (self.next().cloned(), self.take_sign("]")) {
            (Some(Token::Word(number)), true) if number.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(format!("cf[{number}]"))
            }
            _ => Err(self.expecting("a custom field's number in brackets")),
        }
    }

    fn operator(&mut self, field: &str) -> Result<Operator, String> {
        let signs = [
            ("=", Operator::Equals),
            ("!=", Operator::NotEquals),
            ("~", Operator::Contains),
            ("!~", Operator::NotContains),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (sign, operator) in signs {
            if self.take_sign(sign) {
                return Ok(operator);
            }
        }
        if self.take_word("in") {
            return Ok(Operator::In);
        }
        if self.take_word("is") {
            return Ok(if self.take_word("not") { Operator::IsNot } else { Operator::Is });
        }
        if self.take_word("not") && self.take_word("in") {
            return Ok(Operator::NotIn);
        }
        if self.sees("was") || self.sees("changed") {
            return Err(format!("History searches do not support the field '{field}'."));
        }
        Err(self.expecting(
            "an operator, which must be one of: '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'IS'",
        ))
    }

    fn operand(&mut self) -> Result<Operand, String> {
        if self.take_sign("(") {
            let mut list = vec![self.single()?];
            while self.take_sign(",") {
                list.push(self.single()?);
            }
            return if self.take_sign(")") {
                Ok(Operand::List(list))
            } else {
                Err(self.expecting("')' or ','"))
            };
        }
        self.single()
    }

    fn single(&mut self) -> Result<Operand, String> {
        match self.next().cloned() {
            Some(Token::Quoted(text)) => Ok(Operand::Text(text)),
            Some(Token::Word(text)) => {
                if self.take_sign("(") {
                    return Ok(Operand::Function(text.to_lowercase(), self.arguments()?));
                }
                match text.to_lowercase().as_str() {
                    "empty" | "null" => Ok(Operand::Empty),
                    word if RESERVED.contains(&word) => {
                        Err(format!("Error in the JQL Query: '{text}' is a reserved JQL word."))
                    }
                    _ => Ok(Operand::Text(text)),
                }
            }
            _ => {
                self.at = self.at.saturating_sub(1);
                Err(self.expecting("a value, list or function"))
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<String>, String> {
        let mut arguments = Vec::new();
        if self.take_sign(")") {
            return Ok(arguments);
        }
        loop {
            match self.next().cloned() {
                Some(Token::Quoted(text) | Token::Word(text)) => arguments.push(text),
                _ => return Err(self.expecting("an argument")),
            }
            if self.take_sign(")") {
                return Ok(arguments);
            }
            if !self.take_sign(",") {
                return Err(self.expecting("')' or ','"));
            }
        }
    }

    fn order(&mut self) -> Result<Vec<Order>, String> {
        if !self.take_word("by") {
            return Err(self.expecting("'BY'"));
        }
        let mut order = Vec::new();
        loop {
            let field = self.field()?;
            let descending = self.take_word("desc");
            if !descending {
                self.take_word("asc");
            }
            order.push(Order { field, descending });
            if !self.take_sign(",") {
                return Ok(order);
            }
        }
    }

    fn next(&mut self) -> Option<&Token> {
        let token = self.tokens.get(self.at);
        self.at += 1;
        token
    }

    fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn sees(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Word(text)) if text.eq_ignore_ascii_case(word))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let seen = self.sees(word);
        self.at += usize::from(seen);
        seen
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let seen = matches!(self.tokens.get(self.at), Some(Token::Sign(text)) if *text == sign);
        self.at += usize::from(seen);
        seen
    }

    fn expecting(&self, what: &str) -> String {
        let got = match self.tokens.get(self.at) {
            Some(Token::Word(text) | Token::Quoted(text)) => text.chars().take(40).collect(),
            Some(Token::Sign(sign)) => (*sign).to_owned(),
            None => "the end of the query".to_owned(),
        };
        format!("Error in the JQL Query: Expecting {what} but got '{got}'.")
    }
}

fn one_or(mut parts: Vec<Clause>, several: fn(Vec<Clause>) -> Clause) -> Clause {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            parts.extend(last);
            several(parts)
        }
    }
}
