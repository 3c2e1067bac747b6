//! The words of a filter.

/// A word of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a keyword, a function.
    Word(String),
    /// A quoted text, its doubled quotes made single.
    Text(String),
    /// What begins with a digit or a sign: a number, a date, a time.
    Figure(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `/`
    Slash,
    /// `:`
    Colon,
    /// A gap between words; it separates where a word must end.
    Gap,
}

/// Cuts a filter into words. Errors: what cannot be one.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' => quoted(rest)?,
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '/' => (Token::Slash, 1),
            ':' => (Token::Colon, 1),
            ' ' | '\t' => (Token::Gap, rest.len() - rest.trim_start_matches([' ', '\t']).len()),
            '-' | '0'..='9' => {
                taken(rest, |c| c.is_ascii_alphanumeric() || "-.:+".contains(c), Token::Figure)
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                taken(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.', Token::Word)
            }
            other => {
                return Err(format!(
                    "Invalid token detected at position {}: {other}",
                    text.len() - rest.len()
                ));
            }
        };
        tokens.push(token);
        rest = &rest[length..];
    }
    Ok(tokens)
}

fn taken(rest: &str, belongs: impl Fn(char) -> bool, token: fn(String) -> Token) -> (Token, usize) {
    let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    (token(rest[..length].to_owned()), length)
}

/// A text between quotes; two quotes inside stand for one.
fn quoted(rest: &str) -> Result<(Token, usize), String> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            value.push('\'');
        } else {
            return Ok((Token::Text(value), at + 1));
        }
    }
    Err("Unterminated string literal".to_owned())
}
