//! Words of a query.

use super::Fault;

/// A word and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A keyword or a name, with dots.
    Word(String),
    /// A quoted text: its characters, each with whether a backslash stood before it.
    Text(Vec<(char, bool)>),
    /// Digits and what may stand among them: a number, a date or a time.
    Number(String),
    /// `(`, `)`, `,`, `:` and the operators.
    Sign(&'static str),
}

const SIGNS: [&str; 12] = ["<=", ">=", "!=", "<>", "<", ">", "=", "(", ")", ",", ":", ";"];

/// Reads all words.
pub(super) fn read(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (kind, length) = one(text, at, c)?;
        tokens.push(Token { kind, at });
        at += length;
    }
    Ok(tokens)
}

fn one(text: &str, at: usize, c: char) -> Result<(Kind, usize), Fault> {
    let rest = &text[at..];
    if c == '\'' {
        return quoted(text, at);
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Kind::Sign(sign), sign.len()));
    }
    let run = |may: fn(char) -> bool| rest.find(|c: char| !may(c)).unwrap_or(rest.len());
    if c.is_ascii_alphabetic() || c == '_' {
        let length = run(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        return Ok((Kind::Word(rest[..length].to_owned()), length));
    }
    if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') {
        let length = run(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | ':'));
        return Ok((Kind::Number(rest[..length].to_owned()), length));
    }
    Err(Fault::malformed(text, at, &format!("unexpected token: '{c}'")))
}

/// A literal in single quotes. A backslash stands before the characters of the reference's table and no other.
fn quoted(text: &str, start: usize) -> Result<(Kind, usize), Fault> {
    let mut read = Vec::new();
    let mut chars = text[start + 1..].char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Ok((Kind::Text(read), at + 2)),
            '\\' => {
                let escaped = chars.next().map(|(_, c)| c);
                let meant = match escaped {
                    Some('n' | 'N') => '\n',
                    Some('r' | 'R') => '\r',
                    Some('t' | 'T') => '\t',
                    Some('b' | 'B') => '\u{8}',
                    Some('f' | 'F') => '\u{c}',
                    Some(c @ ('"' | '\'' | '\\' | '%' | '_')) => c,
                    Some('u') => unicode(&mut chars).ok_or_else(|| illegal(text, start, "\\u"))?,
                    other => {
                        return Err(illegal(text, start, &other.map_or("\\".into(), |c| format!("\\{c}"))));
                    }
                };
                read.push((meant, true));
            }
            c => read.push((c, false)),
        }
    }
    Err(Fault::malformed(text, start, "expecting a right single quote, found '<EOF>'"))
}

/// Four digits of base sixteen.
fn unicode(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
    u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4).and_then(char::from_u32)
}

fn illegal(text: &str, at: usize, sequence: &str) -> Fault {
    let what = format!("Invalid string literal: Illegal character sequence '{sequence}' in string literal");
    Fault::malformed(text, at, &what)
}
