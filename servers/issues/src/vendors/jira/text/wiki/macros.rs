//! Macros of wiki markup whose text is a block of its own.

use std::ops::Range;

use super::near;

/// The macros that are read; others keep their text, braces and all.
const NAMES: [(&str, &str); 3] = [("code", "{code}"), ("noformat", "{noformat}"), ("quote", "{quote}")];

/// A macro in a text: `{code:java}..{code}`.
pub(super) struct Macro<'a> {
    /// `code`, `noformat` or `quote`.
    pub(super) name: &'static str,
    /// What stands behind the name's colon.
    pub(super) options: &'a str,
    /// What stands between its markers.
    pub(super) inside: &'a str,
    /// Where it stands, markers included.
    pub(super) range: Range<usize>,
}

/// The macros of a text, in order. One that is never closed is text, but at the beginning of a line the rest of the text
/// belongs to it.
pub(super) struct Macros<'a> {
    text: &'a str,
    at: usize,
    /// Those whose end was looked for in vain: looking again would be quadratic.
    unclosed: Vec<&'static str>,
}

impl<'a> Macros<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0, unclosed: Vec::new() }
    }

    fn begun(&mut self, start: usize) -> Option<Macro<'a>> {
        let (before, rest) = self.text.split_at(start);
        let (name, end) = NAMES.into_iter().find(|(name, _)| rest[1..].starts_with(name))?;
        let (options, inside) = head(name, &rest[1 + name.len()..])?;
        let begin = self.text.len() - inside.len();
        let length = if self.unclosed.contains(&name) { None } else { inside.find(end) };
        if let Some(length) = length {
            let range = start..begin + length + end.len();
            return Some(Macro { name, options, inside: &inside[..length], range });
        }
        self.unclosed.push(name);
        let line = before.trim_end_matches([' ', '\t']);
        let range = start..self.text.len();
        (line.is_empty() || line.ends_with('\n')).then_some(Macro { name, options, inside, range })
    }
}

impl<'a> Iterator for Macros<'a> {
    type Item = Macro<'a>;

    fn next(&mut self) -> Option<Macro<'a>> {
        while let Some(found) = self.text[self.at..].find('{') {
            let start = self.at + found;
            let (before, rest) = self.text.split_at(start);
            let escapes = before.len() - before.trim_end_matches('\\').len();
            if escapes % 2 == 1 {
                self.at = start + 1;
            } else if rest.starts_with("{{") {
                self.at = start + monospaced(rest);
            } else if let Some(found) = self.begun(start) {
                self.at = found.range.end;
                return Some(found);
            } else {
                self.at = start + 1;
            }
        }
        None
    }
}

/// The options of a macro, and the text behind its head. A quotation has none.
fn head<'a>(name: &str, text: &'a str) -> Option<(&'a str, &'a str)> {
    if let Some(inside) = text.strip_prefix('}') {
        return Some(("", inside));
    }
    let options = text.strip_prefix(':').filter(|_| name != "quote")?;
    let end = near(options).find(['}', '\n'])?;
    Some((&options[..end], options[end..].strip_prefix('}')?))
}

/// How long the text set in `{{` and `}}` is, or the braces that open it if they are never closed in their line.
pub(super) fn monospaced(text: &str) -> usize {
    let line = near(text).split('\n').next().unwrap_or_default();
    line.find("}}").map_or(2, |end| end + 2)
}

/// The lines of a text. What stands in a macro ends no line.
pub(super) fn lines(text: &str) -> Vec<&str> {
    let (mut lines, mut start, mut at) = (Vec::new(), 0, 0);
    let ranges = Macros::of(text).map(|found| found.range);
    for range in ranges.chain(std::iter::once(text.len()..text.len())) {
        for (end, _) in text[at..range.start].match_indices('\n') {
            lines.push(&text[start..at + end]);
            start = at + end + 1;
        }
        at = range.end;
    }
    lines.push(&text[start..]);
    lines
}
