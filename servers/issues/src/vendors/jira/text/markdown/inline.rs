//! Reading Markdown within a line.

use super::super::{Inline, MENTION, Marks, push_text};

/// The pieces of a paragraph's text.
pub(super) fn read(text: &str) -> Vec<Inline> {
    let mut line = Vec::new();
    Reader { line: &mut line, missing: Vec::new() }.read(text, &Marks::default());
    line
}

struct Reader<'a> {
    line: &'a mut Vec<Inline>,
    /// Signs that were looked for to the end of the text in vain: looking again would be quadratic.
    missing: Vec<(&'static str, usize)>,
}

impl Reader<'_> {
    fn read(&mut self, text: &str, marks: &Marks) {
        let mut rest = text;
        let mut before = None;
        while let Some(c) = rest.chars().next() {
            let used = self.special(rest, before, marks);
            if used == 0 {
                let end = rest[c.len_utf8()..].find(SPECIAL).map_or(rest.len(), |at| at + c.len_utf8());
                push_text(self.line, &rest[..end], marks);
                before = rest[..end].chars().next_back();
                rest = &rest[end..];
            } else {
                before = rest[..used].chars().next_back();
                rest = &rest[used..];
            }
        }
    }

    /// Reads within marks; what is missing there may be found further on.
    fn nested(&mut self, text: &str, marks: &Marks) {
        let missing = std::mem::take(&mut self.missing);
        self.read(text, marks);
        self.missing = missing;
    }

    /// Takes markup off the front; 0 if there is none.
    fn special(&mut self, text: &str, before: Option<char>, marks: &Marks) -> usize {
        match text.as_bytes()[0] {
            b'\\' => self.escape(text, marks),
            b'\n' => {
                push_text(self.line, " ", marks);
                1
            }
            b' ' if text.starts_with("  ") && text.trim_start_matches(' ').starts_with('\n') => {
                self.line.push(Inline::Break);
                text.len() - text.trim_start_matches(' ').len() + 1
            }
            b'`' => self.code(text, marks),
            b'[' => self.link(text, marks),
            b'<' => self.autolink(text, marks),
            b'*' if text.starts_with("**") => {
                self.delimited(text, "**", &Marks { strong: true, ..marks.clone() })
            }
            b'*' => self.delimited(text, "*", &Marks { em: true, ..marks.clone() }),
            // An underscore inside a word is part of it.
            b'_' if before.is_some_and(char::is_alphanumeric) => 0,
            b'_' if text.starts_with("__") => {
                self.delimited(text, "__", &Marks { strong: true, ..marks.clone() })
            }
            b'_' => self.delimited(text, "_", &Marks { em: true, ..marks.clone() }),
            b'~' if text.starts_with("~~") => {
                self.delimited(text, "~~", &Marks { strike: true, ..marks.clone() })
            }
            _ => 0,
        }
    }

    fn escape(&mut self, text: &str, marks: &Marks) -> usize {
        match text[1..].chars().next() {
            Some('\n') => {
                self.line.push(Inline::Break);
                2
            }
            Some(c) if c.is_ascii_punctuation() => {
                push_text(self.line, &text[1..2], marks);
                2
            }
            _ => {
                push_text(self.line, "\\", marks);
                1
            }
        }
    }

    fn code(&mut self, text: &str, marks: &Marks) -> usize {
        let count = text.bytes().take_while(|b| *b == b'`').count();
        let fence = &text[..count];
        let mut at = count;
        while let Some(found) = text[at..].find(fence) {
            let end = at + found;
            let run = text[end..].bytes().take_while(|b| *b == b'`').count();
            if run == count {
                let inside = &text[count..end];
                let padded = inside.len() > 2 && inside.starts_with(' ') && inside.ends_with(' ');
                let inside = if padded { &inside[1..inside.len() - 1] } else { inside };
                push_text(self.line, &inside.replace('\n', " "), &Marks { code: true, ..marks.clone() });
                return end + count;
            }
            at = end + run;
        }
        push_text(self.line, fence, marks);
        count
    }

    fn delimited(&mut self, text: &str, sign: &'static str, marks: &Marks) -> usize {
        let inside = &text[sign.len()..];
        // Markup begins before a word and ends after one.
        if inside.starts_with(char::is_whitespace)
            || self.missing.iter().any(|(s, len)| *s == sign && text.len() <= *len)
        {
            return 0;
        }
        match closing(inside, sign) {
            Some(end) => {
                self.nested(&inside[..end], marks);
                end + 2 * sign.len()
            }
            None => {
                self.missing.push((sign, text.len()));
                push_text(self.line, sign, &without(marks, sign));
                sign.len()
            }
        }
    }

    fn link(&mut self, text: &str, marks: &Marks) -> usize {
        let Some(label_end) = matching(text, '[', ']') else {
            return 0;
        };
        let Some(rest) = text[label_end + 1..].strip_prefix('(') else { return 0 };
        let Some(url_end) = near(rest).find([')', ' ', '\n']).filter(|at| rest[*at..].starts_with(')'))
        else {
            return 0;
        };
        let (label, url) = (&text[1..label_end], &rest[..url_end]);
        let used = label_end + 1 + 1 + url_end + 1;
        if let Some(id) = url.strip_prefix(MENTION) {
            let mut shown = Vec::new();
            Reader { line: &mut shown, missing: Vec::new() }.read(label, &Marks::default());
            let name = super::super::words(&shown);
            self.line.push(Inline::Mention(decoded(id), name.trim_start_matches('@').to_owned()));
        } else {
            self.nested(label, &Marks { link: Some(url.to_owned()), ..marks.clone() });
        }
        used
    }

    fn autolink(&mut self, text: &str, marks: &Marks) -> usize {
        let Some(end) = near(text).find(['>', ' ', '\n']).filter(|at| text[*at..].starts_with('>')) else {
            return 0;
        };
        let url = &text[1..end];
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            return 0;
        }
        push_text(self.line, url, &Marks { link: Some(url.to_owned()), ..marks.clone() });
        end + 1
    }
}

/// Where something other than plain words may begin.
const SPECIAL: [char; 9] = ['\\', '\n', ' ', '`', '[', '<', '*', '_', '~'];

fn without(marks: &Marks, sign: &str) -> Marks {
    let mut marks = marks.clone();
    match sign {
        "**" | "__" => marks.strong = false,
        "*" | "_" => marks.em = false,
        _ => marks.strike = false,
    }
    marks
}

/// Where `sign` closes, outside of code and escapes and after something other than a space.
fn closing(text: &str, sign: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'`' => {
                let run = bytes[at..].iter().take_while(|b| **b == b'`').count();
                let after = &text[at + run..];
                at += run + after.find(&text[at..at + run]).map_or(0, |end| end + run) - 1;
            }
            b if b == sign.as_bytes()[0] => {
                let run = bytes[at..].iter().take_while(|c| **c == b).count();
                let closes =
                    run == sign.len() || (run == 3 && sign.len() < 3) || (run > sign.len() && run != 2);
                let word_after = sign.starts_with('_')
                    && text[at + run..].chars().next().is_some_and(char::is_alphanumeric);
                let space_before = at == 0 || bytes[at - 1].is_ascii_whitespace();
                if closes && !space_before && !word_after {
                    // Of three signs the inner mark takes its own; the outer one what is left.
                    return Some(at + if run == 3 && sign.len() == 2 { 1 } else { 0 });
                }
                at += run - 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// URLs are looked for this far: further would be quadratic.
const FAR: usize = 2_000;

fn near(text: &str) -> &str {
    content::cut(text, FAR)
}

/// Where the bracket that begins the text closes.
fn matching(text: &str, open: char, close: char) -> Option<usize> {
    let (mut depth, mut escaped) = (0u32, false);
    for (at, c) in text.char_indices().take(FAR) {
        match c {
            _ if escaped => {}
            _ if c == open => depth += 1,
            _ if c == close && depth == 1 => return Some(at),
            _ if c == close => depth -= 1,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

fn decoded(id: &str) -> String {
    url::form_urlencoded::parse(format!("id={id}").as_bytes())
        .next()
        .map_or_else(String::new, |(_, v)| v.into_owned())
}
