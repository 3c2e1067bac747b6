//! What `~` means: Jira hands the value to Lucene's query parser a second time.
//!
//! Source: confluence.atlassian.com/jirasoftwareserver/search-syntax-for-text-fields-939938747.html.

/// Alternatives, each a list of conditions that hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked(pub(crate) Vec<Vec<Condition>>);

/// One word or phrase that must, or must not, be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// Lower-case words in sequence.
    pub(crate) words: Vec<String>,
    /// The last word is only the beginning of one.
    pub(crate) prefix: bool,
    /// It must not be there.
    pub(crate) absent: bool,
}

/// Why a text query is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It begins with a wildcard.
    Wildcard(char),
    /// Lucene cannot read it.
    Syntax,
}

/// Reads the value of `~`.
pub(crate) fn read(value: &str) -> Result<Asked, Fault> {
    if value.trim().is_empty() {
        return Err(Fault::Syntax);
    }
    let mut groups = vec![Vec::new()];
    let mut absent = false;
    let mut rest = value.trim();
    while !rest.is_empty() {
        let (piece, after) = piece(rest)?;
        rest = after.trim_start();
        match piece {
            Piece::Or => groups.push(Vec::new()),
            Piece::And => {}
            Piece::Not => absent = true,
            Piece::Term(text, prefix) => {
                let words = split(&text);
                if let (false, Some(group)) = (words.is_empty(), groups.last_mut()) {
                    group.push(Condition { words, prefix, absent });
                }
                absent = false;
            }
        }
    }
    Ok(Asked(groups))
}

enum Piece {
    And,
    Or,
    Not,
    Term(String, bool),
}

/// Takes one piece off the front.
fn piece(text: &str) -> Result<(Piece, &str), Fault> {
    for (sign, piece) in
        [("&&", Piece::And), ("||", Piece::Or), ("!", Piece::Not), ("-", Piece::Not), ("+", Piece::And)]
    {
        if let Some(rest) = text.strip_prefix(sign) {
            return Ok((piece, rest));
        }
    }
    if let Some(wildcard) = text.chars().next().filter(|c| matches!(c, '*' | '?')) {
        return Err(Fault::Wildcard(wildcard));
    }
    if let Some(rest) = text.strip_prefix('"') {
        let (phrase, after) = until_quote(rest)?;
        return Ok((Piece::Term(phrase, false), after));
    }
    let (mut term, mut prefix, mut chars) = (String::new(), false, text.char_indices());
    let mut escaped = false;
    let end = loop {
        match chars.next() {
            None => break text.len(),
            Some((at, c)) if c.is_whitespace() => break at,
            Some((_, '\\')) => {
                escaped = true;
                term.push(chars.next().ok_or(Fault::Syntax)?.1);
            }
            Some((_, '*')) => prefix = true,
            Some((_, '(' | ')' | '{' | '}' | '[' | ']' | '^' | '~' | '?' | ':' | '"' | '/')) => {
                return Err(Fault::Syntax);
            }
            Some((_, c)) => term.push(c),
        }
    };
    let piece = match term.as_str() {
        "AND" if !escaped => Piece::And,
        "OR" if !escaped => Piece::Or,
        "NOT" if !escaped => Piece::Not,
        _ => Piece::Term(term, prefix),
    };
    Ok((piece, &text[end..]))
}

fn until_quote(text: &str) -> Result<(String, &str), Fault> {
    let mut phrase = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((phrase, &text[at + 1..])),
            '\\' => phrase.push(chars.next().ok_or(Fault::Syntax)?.1),
            _ => phrase.push(c),
        }
    }
    Err(Fault::Syntax)
}

/// The words of a text, as the analyzer sees them: letters and digits, lower case.
pub(crate) fn split(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

/// The words of an issue's texts.
pub(crate) struct Words(Vec<Vec<String>>);

impl Words {
    pub(crate) fn of(texts: &[String]) -> Self {
        Self(texts.iter().map(|text| split(text)).collect())
    }

    pub(crate) fn satisfy(&self, asked: &Asked) -> bool {
        let met = |c: &Condition| self.0.iter().any(|words| phrase(words, c)) != c.absent;
        asked.0.iter().any(|group| !group.is_empty() && group.iter().all(met))
    }
}

fn phrase(words: &[String], asked: &Condition) -> bool {
    words.windows(asked.words.len().max(1)).any(|window| {
        let last = asked.words.len() - 1;
        window.iter().zip(&asked.words).enumerate().all(|(at, (word, wanted))| {
            if asked.prefix && at == last { word.starts_with(wanted.as_str()) } else { word == wanted }
        })
    })
}
