//! The grammar.

use super::lexer::{self, Kind, Token};
use super::{Condition, Fault, Function, Item, Name, Operand, Operator, Order, Query, Range};

/// Reads a query. Errors: `MALFORMED_QUERY`.
pub(crate) fn parse(text: &str) -> Result<Query, Fault> {
    let mut parser = Parser { text, tokens: lexer::read(text)?, next: 0, depth: 0 };
    let query = parser.query()?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

/// A query within a query within a query, and parentheses: no deeper than this.
const DEEPEST: usize = 40;

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

type Parsed<T> = Result<T, Fault>;

impl Parser<'_> {
    fn query(&mut self) -> Parsed<Query> {
        self.deeper()?;
        self.demand("SELECT")?;
        let select = self.list(Self::item)?;
        self.demand("FROM")?;
        let from = self.name()?;
        let condition = if self.take("WHERE") { Some(self.condition()?) } else { None };
        let group = if self.take_both("GROUP", "BY") { self.list(Self::name)? } else { Vec::new() };
        let order = if self.take_both("ORDER", "BY") { self.list(Self::order)? } else { Vec::new() };
        let limit = if self.take("LIMIT") { Some(self.count()?) } else { None };
        let offset = if self.take("OFFSET") { Some(self.count()?) } else { None };
        self.depth -= 1;
        Ok(Query { select, from, condition, group, order, limit, offset })
    }

    fn item(&mut self) -> Parsed<Item> {
        if self.sign("(") {
            let query = self.query()?;
            self.demand_sign(")")?;
            return Ok(Item::Children(Box::new(query)));
        }
        let name = self.name()?;
        if !self.sign("(") {
            return Ok(Item::Field(name));
        }
        if name.text.eq_ignore_ascii_case("FIELDS") {
            self.name()?;
            self.demand_sign(")")?;
            return Ok(Item::Every);
        }
        let function = match name.text.to_ascii_uppercase().as_str() {
            "COUNT" => Function::Count,
            "COUNT_DISTINCT" => Function::CountDistinct,
            "SUM" => Function::Sum,
            "AVG" => Function::Avg,
            "MIN" => Function::Min,
            "MAX" => Function::Max,
            _ => {
                return Err(Fault::malformed(
                    self.text,
                    name.at,
                    &format!("unexpected token: '{}'", name.text),
                ));
            }
        };
        let of = if self.is_sign(")") { None } else { Some(self.name()?) };
        self.demand_sign(")")?;
        if of.is_none() && function != Function::Count {
            return Err(self.unexpected());
        }
        Ok(Item::Aggregate(function, of, self.alias()))
    }

    /// A name that is no keyword may follow an aggregate.
    fn alias(&mut self) -> Option<String> {
        let Some(Kind::Word(word)) = self.peek() else { return None };
        let word = word.clone();
        if word.contains('.') || ["FROM", "AS"].iter().any(|k| word.eq_ignore_ascii_case(k)) {
            return None;
        }
        self.next += 1;
        Some(word)
    }

    /// `AND` and `OR` never stand side by side without parentheses.
    fn condition(&mut self) -> Parsed<Condition> {
        let first = self.simple()?;
        let mut all = vec![first];
        let joined = ["AND", "OR"].into_iter().find(|word| self.is(word));
        let Some(word) = joined else { return Ok(all.remove(0)) };
        while self.take(word) {
            all.push(self.simple()?);
        }
        if self.is("AND") || self.is("OR") {
            return Err(self.unexpected());
        }
        Ok(if word == "AND" { Condition::All(all) } else { Condition::Any(all) })
    }

    fn simple(&mut self) -> Parsed<Condition> {
        self.deeper()?;
        let read = if self.take("NOT") {
            Condition::Not(Box::new(self.simple()?))
        } else if self.sign("(") {
            let inner = self.condition()?;
            self.demand_sign(")")?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(read)
    }

    fn comparison(&mut self) -> Parsed<Condition> {
        let field = self.name()?;
        if self.take("LIKE") {
            return Ok(Condition::Compare(field, Operator::Like, self.operand()?));
        }
        let denied = self.take("NOT");
        if self.take("IN") {
            return Ok(Condition::Within(field, denied, self.range()?));
        }
        let operator = match self.peek() {
            Some(Kind::Sign("=")) => Operator::Equal,
            Some(Kind::Sign("!=" | "<>")) => Operator::NotEqual,
            Some(Kind::Sign("<")) => Operator::Less,
            Some(Kind::Sign("<=")) => Operator::AtMost,
            Some(Kind::Sign(">")) => Operator::Greater,
            Some(Kind::Sign(">=")) => Operator::AtLeast,
            _ => return Err(self.unexpected()),
        };
        if denied {
            return Err(self.unexpected());
        }
        self.next += 1;
        Ok(Condition::Compare(field, operator, self.operand()?))
    }

    fn range(&mut self) -> Parsed<Range> {
        self.demand_sign("(")?;
        let range = if self.is("SELECT") {
            Range::Query(Box::new(self.query()?))
        } else {
            Range::List(self.list(Self::operand)?)
        };
        self.demand_sign(")")?;
        Ok(range)
    }

    fn operand(&mut self) -> Parsed<Operand> {
        let operand = match self.peek() {
            Some(Kind::Text(chars)) => Operand::Text(chars.clone()),
            Some(Kind::Number(written)) => super::dates::literal(written).ok_or_else(|| self.unexpected())?,
            Some(Kind::Word(word)) => {
                let word = word.clone();
                return self.named(&word);
            }
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(operand)
    }

    /// `null`, `true`, `TODAY`, `LAST_N_DAYS:7`, `EUR5000`.
    fn named(&mut self, word: &str) -> Parsed<Operand> {
        let upper = word.to_ascii_uppercase();
        let plain = match upper.as_str() {
            "NULL" => Some(Operand::Null),
            "TRUE" => Some(Operand::Bool(true)),
            "FALSE" => Some(Operand::Bool(false)),
            _ => None,
        };
        if let Some(operand) = plain.or_else(|| money(&upper)) {
            self.next += 1;
            return Ok(operand);
        }
        if !super::dates::is_named(&upper) {
            return Err(self.unexpected());
        }
        self.next += 1;
        let wants = super::dates::wants_number(&upper);
        if wants != self.sign(":") {
            return Err(self.unexpected());
        }
        let number = if wants { Some(i64::try_from(self.count()?).unwrap_or(i64::MAX)) } else { None };
        Ok(Operand::Named(upper, number))
    }

    fn order(&mut self) -> Parsed<Order> {
        let field = self.name()?;
        let descending = !self.take("ASC") && self.take("DESC");
        let mut nulls_last = false;
        if self.take("NULLS") {
            nulls_last = self.take("LAST");
            if !nulls_last {
                self.demand("FIRST")?;
            }
        }
        Ok(Order { field, descending, nulls_last })
    }

    fn count(&mut self) -> Parsed<usize> {
        let Some(Kind::Number(written)) = self.peek() else { return Err(self.unexpected()) };
        let number = written.parse().map_err(|_| self.unexpected())?;
        self.next += 1;
        Ok(number)
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn name(&mut self) -> Parsed<Name> {
        let at = self.place();
        let Some(Kind::Word(word)) = self.peek() else { return Err(self.unexpected()) };
        if KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword)) || word.ends_with('.') {
            return Err(self.unexpected());
        }
        let text = word.clone();
        self.next += 1;
        Ok(Name { text, at })
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(self.unexpected()) } else { Ok(()) }
    }

    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.next).map_or(self.text.len(), |token| token.at)
    }

    fn is(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Kind::Word(word)) if word.eq_ignore_ascii_case(keyword))
    }

    fn take(&mut self, keyword: &str) -> bool {
        let is = self.is(keyword);
        self.next += usize::from(is);
        is
    }

    fn take_both(&mut self, first: &str, second: &str) -> bool {
        let after = self.tokens.get(self.next + 1).map(|token| &token.kind);
        let follows = matches!(after, Some(Kind::Word(word)) if word.eq_ignore_ascii_case(second));
        let both = self.is(first) && follows;
        self.next += if both { 2 } else { 0 };
        both
    }

    fn demand(&mut self, keyword: &str) -> Parsed<()> {
        if self.take(keyword) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Kind::Sign(own)) if *own == sign)
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        self.next += usize::from(is);
        is
    }

    fn demand_sign(&mut self, sign: &str) -> Parsed<()> {
        if self.sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Fault {
        let shown = match self.peek() {
            None => "<EOF>".to_owned(),
            Some(Kind::Word(word) | Kind::Number(word)) => word.clone(),
            Some(Kind::Sign(sign)) => (*sign).to_owned(),
            Some(Kind::Text(chars)) => chars.iter().map(|(c, _)| c).collect(),
        };
        Fault::malformed(self.text, self.place(), &format!("unexpected token: '{shown}'"))
    }
}

/// Words that name nothing.
const KEYWORDS: [&str; 17] = [
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "LIMIT", "OFFSET", "ASC", "DESC", "NULLS",
    "HAVING", "WITH", "USING", "FOR",
];

/// A number in a currency: `EUR5000`.
fn money(upper: &str) -> Option<Operand> {
    let (currency, number) = upper.split_at_checked(3)?;
    let is_money = currency.bytes().all(|b| b.is_ascii_alphabetic()) && number.parse::<f64>().is_ok();
    let digits = number.starts_with(|c: char| c.is_ascii_digit());
    (is_money && digits).then(|| Operand::Money(currency.to_owned(), number.to_owned()))
}
