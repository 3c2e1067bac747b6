//! What is written after `~`, read as Lucene's query parser reads it.

/// What a text must have: one of these, each with all of its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked(pub(crate) Vec<Vec<Condition>>);

/// Words that follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) words: Vec<String>,
    /// They must not occur.
    pub(crate) absent: bool,
    /// The last word is only the beginning of one.
    pub(crate) prefix: bool,
}

/// Reads a query. Errors: it is none.
pub(crate) fn read(query: &str) -> Result<Asked, String> {
    let (mut all, mut absent) = (vec![Vec::new()], false);
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (raw, quoted, tail) = match first {
            '"' => {
                let (raw, tail) = phrase(&rest[1..])?;
                (raw, true, tail)
            }
            '+' | '-' | '!' if rest[1..].starts_with(|c: char| !c.is_whitespace()) => {
                absent = first != '+';
                rest = &rest[1..];
                continue;
            }
            _ => {
                let (raw, tail) = word(rest)?;
                (raw, false, tail)
            }
        };
        rest = tail.trim_start();
        match (quoted, raw.as_str()) {
            (false, "OR" | "||") => all.push(Vec::new()),
            (false, "AND" | "&&") => {}
            (false, "NOT") => absent = true,
            _ => {
                let prefix = !quoted && raw.ends_with('*');
                let words = split(&raw);
                if !words.is_empty()
                    && let Some(last) = all.last_mut()
                {
                    last.push(Condition { words, absent, prefix });
                }
                absent = false;
            }
        }
    }
    all.retain(|conditions| !conditions.is_empty());
    if all.is_empty() { Err("nothing to search for".into()) } else { Ok(Asked(all)) }
}

fn phrase(rest: &str) -> Result<(String, &str), String> {
    let mut out = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((out, &rest[at + 1..])),
            '\\' => out.push(chars.next().ok_or("an escape of nothing")?.1),
            c => out.push(c),
        }
    }
    Err("a phrase without end".into())
}

fn word(rest: &str) -> Result<(String, &str), String> {
    let mut out = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c.is_whitespace() => return Ok((out, &rest[at..])),
            '\\' => out.push(chars.next().ok_or("an escape of nothing")?.1),
            '(' | ')' | '[' | ']' | '{' | '}' | '^' | ':' | '"' | '~' | '?' | '/' => {
                return Err(format!("`{c}` has a meaning that is not known here"));
            }
            c => out.push(c),
        }
    }
    Ok((out, ""))
}

/// The words of a text as they are indexed: letters, digits and underscores together, in lower case.
pub(crate) fn split(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

impl Asked {
    /// Whether a text of these words is what was asked for.
    pub(crate) fn matches(&self, text: &[String]) -> bool {
        self.0.iter().any(|conditions| conditions.iter().all(|c| c.holds(text) != c.absent))
    }
}

impl Condition {
    fn holds(&self, text: &[String]) -> bool {
        let same =
            |at: usize, (own, there): (&String, &String)| match self.prefix && at + 1 == self.words.len() {
                true => there.starts_with(own.as_str()),
                false => own == there,
            };
        text.windows(self.words.len())
            .any(|window| self.words.iter().zip(window).enumerate().all(|(at, pair)| same(at, pair)))
    }
}
