//! `LIKE`: `%` is any text, `_` is any one character, case does not count.

/// Whether a text is of a pattern, whose escaped characters stand for themselves.
pub(super) fn is_like(text: &str, pattern: &[(char, bool)]) -> bool {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let pattern: Vec<Part> = pattern.iter().flat_map(|(c, escaped)| parts(*c, *escaped)).collect();
    // Greedy with one point of return: enough, for `%` is the only part of unknown length.
    let (mut at, mut of, mut mark, mut resume) = (0, 0, None, 0);
    while at < text.len() {
        match pattern.get(of) {
            Some(Part::Any) => {
                mark = Some(of);
                resume = at;
                of += 1;
            }
            Some(Part::One) => (at, of) = (at + 1, of + 1),
            Some(Part::Char(c)) if *c == text[at] => (at, of) = (at + 1, of + 1),
            _ => match mark {
                Some(any) => {
                    of = any + 1;
                    resume += 1;
                    at = resume;
                }
                None => return false,
            },
        }
    }
    pattern[of..].iter().all(|part| matches!(part, Part::Any))
}

enum Part {
    Any,
    One,
    Char(char),
}

fn parts(c: char, escaped: bool) -> Vec<Part> {
    match (c, escaped) {
        ('%', false) => vec![Part::Any],
        ('_', false) => vec![Part::One],
        (c, _) => c.to_lowercase().map(Part::Char).collect(),
    }
}
