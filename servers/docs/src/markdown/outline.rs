//! Where the sections of a document are.

use std::collections::HashSet;
use std::ops::Range;

use content::Label;
use error::{Candidate, Code, Error, Result};
use schemars::JsonSchema;
use serde::Serialize;

/// The anchor of what stands before the first heading.
pub const TOP: &str = "top";

/// Characters of an anchor.
const ANCHOR: usize = 60;

/// A heading and the section below it, as it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Section {
    /// What the section is called in tools: letters, digits and dashes of its title, numbered where it occurs twice.
    pub anchor: String,
    /// Its heading.
    pub title: Label,
    /// 1 to 6; 0 for what stands before the first heading.
    pub level: u8,
    /// Bytes of its text, the sections below it included.
    pub bytes: usize,
}

/// A section and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The section.
    pub section: Section,
    /// The number of its heading in the document, from 0; `None` for [`TOP`].
    pub heading: Option<usize>,
    /// The heading's line, its line end included; empty for [`TOP`].
    pub head: Range<usize>,
    /// Everything below it, to the next heading of the same or a higher level.
    pub body: Range<usize>,
}

/// The sections of a text, in order.
#[derive(Clone, Debug)]
pub struct Outline<'t> {
    text: &'t str,
    spans: Vec<Span>,
}

impl<'t> Outline<'t> {
    /// The outline of `text`. Without a heading, all of it is [`TOP`].
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let headings = headings(text);
        let mut spans = Vec::with_capacity(headings.len() + 1);
        let first = headings.first().map_or(text.len(), |h| h.line.start);
        if !text[..first].trim().is_empty() || headings.is_empty() {
            spans.push(Span { section: top(first), heading: None, head: 0..0, body: 0..first });
        }
        let mut taken = HashSet::from([TOP.to_owned()]);
        for (number, heading) in headings.iter().enumerate() {
            let below = headings.iter().skip(number + 1).find(|other| other.level <= heading.level);
            let body = heading.line.end..below.map_or(text.len(), |other| other.line.start);
            let section = Section {
                anchor: anchor(heading.title, &mut taken),
                title: Label::new(heading.title),
                level: heading.level,
                bytes: text[body.clone()].trim().len(),
            };
            spans.push(Span { section, heading: Some(number), head: heading.line.clone(), body });
        }
        Self { text, spans }
    }

    /// The text it is the outline of.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// All sections, in order.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The sections as they leave.
    #[must_use]
    pub fn sections(&self) -> Vec<Section> {
        self.spans.iter().map(|s| s.section.clone()).collect()
    }

    /// The section that `name` (an anchor, or a title, case aside) refers to; `not_found` names the nearest.
    pub fn find(&self, name: &str) -> Result<&Span> {
        let name = name.trim().trim_start_matches('#').trim();
        if let Some(span) = self.spans.iter().find(|s| s.section.anchor == name) {
            return Ok(span);
        }
        let same =
            |s: &&Span| s.section.title.as_str().to_lowercase() == Label::new(name).as_str().to_lowercase();
        let titled: Vec<&Span> = self.spans.iter().filter(same).collect();
        match titled.as_slice() {
            [only] => Ok(only),
            [] => Err(self.unknown(name)),
            several => {
                let message = format!("several sections are called `{}`", short(name));
                let error = Error::new(Code::AmbiguousReference, message);
                Err(several.iter().map(|s| candidate(&s.section)).fold(error, Error::candidate))
            }
        }
    }

    /// The text of a section, its heading included.
    #[must_use]
    pub fn whole(&self, span: &Span) -> &'t str {
        &self.text[span.head.start..span.body.end]
    }

    /// The text of a section below its heading.
    #[must_use]
    pub fn body(&self, span: &Span) -> &'t str {
        &self.text[span.body.clone()]
    }

    fn unknown(&self, name: &str) -> Error {
        let message = format!("the document has no section `{}`", short(name));
        let error =
            Error::new(Code::NotFound, message).hint("use an anchor of the outline that get_document gives");
        let mut near: Vec<&Section> = self.spans.iter().map(|s| &s.section).collect();
        near.sort_by_key(|s| strsim::osa_distance(&name.to_lowercase(), &s.anchor));
        near.into_iter().take(3).map(candidate).fold(error, Error::candidate)
    }
}

fn candidate(section: &Section) -> Candidate {
    Candidate::new(section.anchor.clone(), section.title.to_string())
}

/// Names come from callers and go into messages: cleaned and cut.
fn short(name: &str) -> Label {
    Label::new(content::cut(name, 80))
}

fn top(bytes: usize) -> Section {
    Section { anchor: TOP.into(), title: Label::new(""), level: 0, bytes }
}

/// The title as an anchor that no other section has.
fn anchor(title: &str, taken: &mut HashSet<String>) -> String {
    let mut base = String::new();
    for c in Label::new(title).as_str().chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            base.push(c);
        } else if !base.is_empty() && !base.ends_with('-') {
            base.push('-');
        }
    }
    let end = base.char_indices().nth(ANCHOR).map_or(base.len(), |(at, _)| at);
    base.truncate(end);
    let base = base.trim_end_matches('-');
    let base = if base.is_empty() { "section" } else { base };
    let numbered = (2..).map(|n| format!("{base}-{n}"));
    let free = std::iter::once(base.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// A heading as it stands in a text.
struct Heading<'t> {
    level: u8,
    title: &'t str,
    line: Range<usize>,
}

/// The ATX headings outside of fenced code.
fn headings(text: &str) -> Vec<Heading<'_>> {
    let mut found = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        match (fence, fence_of(line)) {
            (Some((mark, length)), Some((other, run, bare))) if other == mark && run >= length && bare => {
                fence = None
            }
            (Some(_), _) => {}
            (None, Some((mark, run, _))) => fence = Some((mark, run)),
            (None, None) => {
                found.extend(heading(line).map(|(level, title)| Heading { level, title, line: range }))
            }
        }
    }
    found
}

/// The character, the length and the bareness of a code fence, if the line is one.
fn fence_of(line: &str) -> Option<(char, usize, bool)> {
    let inner = indented(line)?.trim_end();
    let mark = inner.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let run = inner.chars().take_while(|c| *c == mark).count();
    let info = &inner[run..];
    (run >= 3 && !(mark == '`' && info.contains('`'))).then(|| (mark, run, info.trim().is_empty()))
}

/// Level and title of an ATX heading, if the line is one.
fn heading(line: &str) -> Option<(u8, &str)> {
    let inner = indented(line)?.trim_end();
    let level = inner.bytes().take_while(|b| *b == b'#').count();
    let rest = &inner[level..];
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let title = rest.trim();
    let bare = title.trim_end_matches('#');
    let closed = bare.is_empty() || bare.ends_with([' ', '\t']);
    Some((u8::try_from(level).ok()?, if closed { bare.trim_end() } else { title }))
}

/// The line without its indentation, if that is less than that of code.
fn indented(line: &str) -> Option<&str> {
    let inner = line.trim_start_matches(' ');
    (line.len() - inner.len() < 4).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Intro.\n\n# Runbook\n\nWhy.\n\n## Steps\n\n1. one\n\n```sh\n# no heading\n```\n\n### Detail\nx\n\
                        ## Steps ##\nagain\n# Ende: Größe & mehr\n";

    #[test]
    fn sections_reach_to_the_next_heading_of_their_level() {
        let outline = Outline::of(TEXT);
        let seen: Vec<_> =
            outline.spans().iter().map(|s| (s.section.anchor.as_str(), s.section.level)).collect();
        let wanted =
            [("top", 0), ("runbook", 1), ("steps", 2), ("detail", 3), ("steps-2", 2), ("ende-größe-mehr", 1)];
        assert_eq!(seen, wanted);
        let steps = outline.find("steps").unwrap();
        assert!(
            outline.body(steps).starts_with("\n1. one") && outline.body(steps).ends_with("### Detail\nx\n")
        );
        assert!(outline.whole(steps).starts_with("## Steps\n"));
        assert!(outline.body(outline.find("runbook").unwrap()).ends_with("again\n"));
        assert_eq!(outline.body(outline.find("TOP").unwrap_or(&outline.spans()[0])), "Intro.\n\n");
    }

    #[test]
    fn sections_are_found_by_title_and_never_guessed() {
        let outline = Outline::of(TEXT);
        assert_eq!(outline.find("Ende: Größe & mehr").unwrap().section.anchor, "ende-größe-mehr");
        assert_eq!(outline.find("STEPS").unwrap_err().code(), Code::AmbiguousReference);
        assert_eq!(outline.find("nowhere").unwrap_err().code(), Code::NotFound);
    }

    #[test]
    fn a_text_without_headings_is_one_section() {
        for text in ["", "just text\n", "    # code\n", "#tag\n", "~~~\n# in\n~~~ x\n# still in"] {
            let outline = Outline::of(text);
            assert_eq!(outline.spans().len(), 1, "{text:?}");
            assert_eq!(outline.body(&outline.spans()[0]), text);
        }
    }

    #[test]
    fn headings_are_what_commonmark_says() {
        for (line, level, title) in [
            ("# a", 1, "a"),
            ("   ###### b ######  \n", 6, "b"),
            ("#", 1, ""),
            ("## ##", 2, ""),
            ("# c#", 1, "c#"),
            ("#\td", 1, "d"),
        ] {
            assert_eq!(heading(line), Some((level, title)), "{line:?}");
        }
        for line in ["####### seven", "#hash", "\\# no", "    # code"] {
            assert_eq!(heading(line), None, "{line:?}");
        }
    }
}
