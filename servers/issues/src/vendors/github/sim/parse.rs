//! GitHub's search language, read from its documents (docs.github.com, "Understanding the search syntax",
//! "Searching issues and pull requests"): words, "phrases", qualifiers, `-`, NOT, AND, OR, parentheses.

/// A query as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::vendors::github) enum Expr {
    /// All hold. Juxtaposition, AND.
    All(Vec<Expr>),
    /// One holds. OR.
    Any(Vec<Expr>),
    /// It does not hold. `-`, NOT.
    Not(Box<Expr>),
    /// This text occurs, case aside.
    Text(String),
    /// `name:value`, `name:"value","other"`.
    Qualifier {
        /// In lower case.
        name: String,
        /// What stands after the colon, separated by commas.
        values: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Minus,
    Text(String),
    Qualifier(String, Vec<String>),
}

/// Reads a query. Errors: a sentence for the caller.
pub(in crate::vendors::github) fn parse(query: &str) -> Result<Expr, String> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0 };
    let expr = parser.any()?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err("The search contains an unmatched parenthesis.".into()),
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

    fn next_is(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    /// a OR b OR c
    fn any(&mut self) -> Result<Expr, String> {
        let mut ways = vec![self.all()?];
        while self.next_is(&Token::Or) {
            ways.push(self.all()?);
        }
        Ok(match ways.len() {
            1 => ways.remove(0),
            _ => Expr::Any(ways),
        })
    }

    /// a b AND c
    fn all(&mut self) -> Result<Expr, String> {
        let mut parts = Vec::new();
        loop {
            while self.next_is(&Token::And) {}
            match self.peek() {
                None | Some(Token::Or | Token::Close) => return Ok(Expr::All(parts)),
                Some(_) => parts.push(self.one()?),
            }
        }
    }

    /// -a, NOT a, (a), a
    fn one(&mut self) -> Result<Expr, String> {
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Minus | Token::Not) => Ok(Expr::Not(Box::new(self.one()?))),
            Some(Token::Open) => {
                let inner = self.any()?;
                if self.next_is(&Token::Close) {
                    Ok(inner)
                } else {
                    Err("The search contains an unmatched parenthesis.".into())
                }
            }
            Some(Token::Text(text)) => Ok(Expr::Text(text)),
            Some(Token::Qualifier(name, values)) => Ok(Expr::Qualifier { name, values }),
            Some(Token::Close | Token::And | Token::Or) | None => Err("The search is incomplete.".into()),
        }
    }
}

fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            '-' if rest[1..].starts_with(|c: char| !c.is_whitespace()) => (Token::Minus, &rest[1..]),
            '"' => {
                let (text, after) = phrase(rest)?;
                (Token::Text(text), after)
            }
            _ => word(rest)?,
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// A quoted phrase; a backslash takes the next character as it is.
fn phrase(text: &str) -> Result<(String, &str), String> {
    let mut inner = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((inner, &text[at + 1..])),
            '\\' => inner.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => inner.push(c),
        }
    }
    Err("The search contains an unclosed quotation mark.".into())
}

/// A bare word: an operator, a qualifier, or text.
fn word(text: &str) -> Result<(Token, &str), String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | ':');
    let end = text.find(ends).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if let Some(values) = after.strip_prefix(':').filter(|_| is_name(name)) {
        let (values, after) = list(values)?;
        return Ok((Token::Qualifier(name.to_lowercase(), values), after));
    }
    // A colon without a name before it is a part of the text.
    let end = if after.starts_with(':') { end + 1 } else { end };
    let token = match &text[..end] {
        "AND" => Token::And,
        "OR" => Token::Or,
        "NOT" => Token::Not,
        plain => Token::Text(plain.to_owned()),
    };
    Ok((token, &text[end..]))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// `a,"b c",d`
fn list(text: &str) -> Result<(Vec<String>, &str), String> {
    let (mut values, mut rest) = (Vec::new(), text);
    loop {
        let (value, after) = match rest.starts_with('"') {
            true => phrase(rest)?,
            false => {
                let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '(' | ')');
                let end = rest.find(ends).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        values.push(value);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok((values, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qualifier(name: &str, values: &[&str]) -> Expr {
        Expr::Qualifier { name: name.into(), values: values.iter().map(|&v| v.to_owned()).collect() }
    }

    fn text(text: &str) -> Expr {
        Expr::Text(text.into())
    }

    #[test]
    fn every_form_of_the_documents_reads() {
        let query = r#"is:issue repo:acme/web -label:"won't fix",x NOT "blank frame" 3ds"#;
        let expected = [
            qualifier("is", &["issue"]),
            qualifier("repo", &["acme/web"]),
            Expr::Not(Box::new(qualifier("label", &["won't fix", "x"]))),
            Expr::Not(Box::new(text("blank frame"))),
            text("3ds"),
        ];
        assert_eq!(parse(query), Ok(Expr::All(expected.to_vec())));
        let nested = parse("is:pr (a OR b AND c)").unwrap();
        let ways = vec![Expr::All(vec![text("a")]), Expr::All(vec![text("b"), text("c")])];
        assert_eq!(nested, Expr::All(vec![qualifier("is", &["pr"]), Expr::Any(ways)]));
    }

    #[test]
    fn quotes_disarm_and_broken_queries_are_refused() {
        assert_eq!(parse(r#""repo:a/b OR (x""#), Ok(Expr::All(vec![text("repo:a/b OR (x")])));
        assert_eq!(parse(r#""a\"b" c"#), Ok(Expr::All(vec![text("a\"b"), text("c")])));
        for broken in ["\"open", "(a", "a)", "NOT", "a -(b"] {
            assert!(parse(broken).is_err(), "{broken}");
        }
        assert_eq!(parse("- a::b"), Ok(Expr::All(vec![text("-"), qualifier("a", &[":b"])])));
    }
}
