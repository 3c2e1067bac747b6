//! Letters to words.

/// A word of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Without quotes: a field, an operator, a value.
    Word(String),
    /// With quotes.
    Text(String),
    /// `=`, `!=`, `~`, `!~`, `<`, `<=`, `>`, `>=`, `(`, `)`, `,`
    Sign(&'static str),
}

/// Longest first.
const SIGNS: [&str; 11] = ["!=", "!~", "<=", ">=", "=", "~", "<", ">", "(", ")", ","];

/// Characters that no unquoted word has.
const RESERVED: &str = "=!~<>(),\"'\\;&|*/%^$#@[]{}?`+";

/// The words of a query. Errors: what cannot be one.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = query;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        if first == '"' || first == '\'' {
            let (text, tail) = quoted(&rest[1..], first)?;
            tokens.push(Token::Text(text));
            rest = tail;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || RESERVED.contains(c)).unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("token recognition error at: '{first}'"));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
}

fn quoted(rest: &str, quote: char) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((text, &rest[at + 1..])),
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\'' | '\\'))) => text.push(c),
                _ => return Err("an escape that is none".into()),
            },
            c if c.is_control() => return Err("a control character in a text".into()),
            c => text.push(c),
        }
    }
    Err("a text without end".into())
}
