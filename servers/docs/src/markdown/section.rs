//! The edit of one section.

use error::{Code, Error, Result};

use super::outline::{Outline, Section, Span};

/// One section's text before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The section.
    pub section: Section,
    /// The number of its heading in the document, from 0; `None` for what stands before the first.
    pub heading: Option<usize>,
    /// Its text as it is, below the heading, the sections below it included.
    pub before: String,
    /// Its text as it will be.
    pub after: String,
}

impl Edit {
    /// The edit that gives the section called `name` the text `after`. The heading stays; it may be repeated in
    /// `after`. A heading that would end the section is refused: it would swallow what follows.
    pub fn new(outline: &Outline<'_>, name: &str, after: &str) -> Result<Self> {
        let span = outline.find(name)?;
        let after = without_heading(outline, span, after);
        let level = span.section.level;
        let alone = outline.spans().len() == 1;
        let ends =
            |s: &&Span| s.heading.is_some() && if level == 0 { !alone } else { s.section.level <= level };
        if let Some(heading) = Outline::of(after).spans().iter().find(ends) {
            let problem = match level {
                0 => "text before the first heading cannot have a heading of its own".to_owned(),
                _ => format!(
                    "the heading `{}` would end the section `{}`; use headings below level {level}",
                    heading.section.title, span.section.anchor
                ),
            };
            return Err(Error::invalid("text", problem));
        }
        let body = outline.body(span);
        let after = framed(after, body.starts_with('\n'), span.body.end < outline.text().len());
        let edit =
            Self { section: span.section.clone(), heading: span.heading, before: body.to_owned(), after };
        Ok(edit)
    }

    /// Whether there is nothing to do: the same text, line ends and surrounding space aside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        same(&self.before, &self.after)
    }

    /// Whether the same tool can bring `text` back: the anchor still names what was edited, and not a part of it or
    /// nothing. Blank lines aside, which only set the section apart from its neighbours.
    #[must_use]
    pub fn goes_back(&self, text: &str) -> bool {
        let restored = || {
            let now = self.apply(text)?;
            let former = self.before.trim_matches('\n');
            Self::new(&Outline::of(&now), &self.section.anchor, former)?.apply(&now)
        };
        let lines = |text: &str| {
            let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        restored().is_ok_and(|restored: String| lines(&restored) == lines(text))
    }

    /// The whole text with the section replaced; `conflict` if the section is not as the edit found it.
    pub fn apply(&self, text: &str) -> Result<String> {
        let outline = Outline::of(text);
        let there = outline.spans().iter().find(|s| s.heading == self.heading);
        let Some(span) = there.filter(|s| outline.body(s) == self.before) else {
            return Err(Error::new(Code::Conflict, "the section is not as it was read"));
        };
        Ok([&text[..span.body.start], &self.after, &text[span.body.end..]].concat())
    }
}

/// Whether two texts say the same, space at line ends and around them aside.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    let lines = |text: &str| text.trim().lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>();
    lines(a) == lines(b)
}

/// Models like to give the heading back with the text below it.
fn without_heading<'t>(outline: &Outline<'_>, span: &Span, after: &'t str) -> &'t str {
    let given = Outline::of(after);
    match given.spans().first() {
        Some(first)
            if first.heading == Some(0)
                && outline.text()[span.head.clone()].trim() == after[first.head.clone()].trim() =>
        {
            &after[first.head.end..]
        }
        _ => after,
    }
}

/// The text between blank lines where the section had them, so that nothing runs into a heading.
fn framed(text: &str, apart: bool, followed: bool) -> String {
    let text = text.trim_matches(['\n', '\r']).trim_end();
    if text.is_empty() {
        return if followed { "\n".into() } else { String::new() };
    }
    let (before, after) = (if apart { "\n" } else { "" }, if followed { "\n\n" } else { "\n" });
    [before, text, after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Intro.\n\n# A\n\nold\n\n## B\nx\n\n# C\ny\n";

    fn edited(name: &str, after: &str) -> Result<String> {
        Edit::new(&Outline::of(TEXT), name, after)?.apply(TEXT)
    }

    #[test]
    fn one_section_changes_and_nothing_else() {
        assert_eq!(edited("a", "new\n").unwrap(), "Intro.\n\n# A\n\nnew\n\n# C\ny\n");
        assert_eq!(edited("a", "# A\n\nnew\n## D\nz").unwrap(), "Intro.\n\n# A\n\nnew\n## D\nz\n\n# C\ny\n");
        assert_eq!(edited("b", "z").unwrap(), "Intro.\n\n# A\n\nold\n\n## B\nz\n\n# C\ny\n");
        assert_eq!(edited("c", "").unwrap(), "Intro.\n\n# A\n\nold\n\n## B\nx\n\n# C\n");
        assert_eq!(edited("top", "Hello.").unwrap(), "Hello.\n\n# A\n\nold\n\n## B\nx\n\n# C\ny\n");
        assert!(Edit::new(&Outline::of(TEXT), "b", "x  \n").unwrap().is_empty());
    }

    #[test]
    fn a_heading_that_ends_the_section_is_refused() {
        for (name, after) in [("a", "# Z\nx"), ("b", "y\n\n# A"), ("b", "## Other\nz"), ("top", "# X")] {
            assert_eq!(edited(name, after).unwrap_err().code(), Code::InvalidArgument, "{name} {after}");
        }
    }

    #[test]
    fn an_edit_goes_back_where_its_anchor_still_names_the_same() {
        for (text, name, after, back) in [
            (TEXT, "a", "new\n## D\nz", true),
            (TEXT, "c", "", true),
            (TEXT, "top", "Hello.", true),
            (TEXT, "top", "", false),
            ("Only text.\n", "top", "Other text.", true),
            ("Only text.\n", "top", "Intro.\n\n# Now a heading\nx", false),
            ("Only text.\n", "top", "# Now a heading\nx", false),
        ] {
            let edit = Edit::new(&Outline::of(text), name, after).unwrap();
            assert_eq!(edit.goes_back(text), back, "{name}: {after}");
        }
    }

    #[test]
    fn a_section_that_moved_on_is_a_conflict() {
        let edit = Edit::new(&Outline::of(TEXT), "a", "new").unwrap();
        assert_eq!(edit.apply("# A\n\nother\n").unwrap_err().code(), Code::Conflict);
    }
}
