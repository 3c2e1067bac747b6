//! Words of a query.

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A field, a number, `AND`, `OR`, `null`.
    Bare(String),
    /// What stood in quotes.
    Quoted(String),
    /// `:`, `~`, `>`, `<`, `>=`, `<=`.
    Sign(&'static str),
    /// `-` right before a field.
    Not,
    /// `[` and `]`.
    Open,
    Close,
    /// One space or more.
    Gap,
}

/// Errors: why the text is no query.
pub(super) fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let word = match c {
            ' ' | '\t' | '\n' | '\r' => {
                while rest.next_if(|c| c.is_whitespace()).is_some() {}
                Word::Gap
            }
            '"' | '\'' => Word::Quoted(quoted(&mut rest, c)?),
            ':' => Word::Sign(":"),
            '~' => Word::Sign("~"),
            '>' if rest.next_if_eq(&'=').is_some() => Word::Sign(">="),
            '<' if rest.next_if_eq(&'=').is_some() => Word::Sign("<="),
            '>' => Word::Sign(">"),
            '<' => Word::Sign("<"),
            '[' => Word::Open,
            ']' => Word::Close,
            '-' if !matches!(words.last(), Some(Word::Sign(_))) => Word::Not,
            c if is_bare(c) || c == '-' => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| is_bare(*c) || *c == '-') {
                    word.push(c);
                }
                Word::Bare(word)
            }
            other => return Err(format!("unexpected `{other}`")),
        };
        words.push(word);
    }
    Ok(words)
}

fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '@')
}

/// A backslash takes the next character as it is.
fn quoted(rest: &mut impl Iterator<Item = char>, end: char) -> Result<String, String> {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.push(rest.next().ok_or("a backslash at the end")?),
            c if c == end => return Ok(text),
            c => text.push(c),
        }
    }
    Err("an unclosed quote".into())
}
