//! Rich text between Jira and Markdown: Atlassian documents (Cloud) and wiki markup (Data Center).
//!
//! Both directions pass through one small model, so that a text read, kept for undo and written back stays what it
//! was. What the model does not know keeps its words.

pub(super) mod adf;
pub(super) mod markdown;
pub(super) mod wiki;

/// Markdown may nest this deep; deeper structure is kept as text.
const DEPTH: usize = 12;

/// A block of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading of level 1 to 6.
    Heading(u8, Vec<Inline>),
    /// A list; each item is blocks.
    List {
        /// The first number; a list of bullets if absent.
        start: Option<u32>,
        /// The items.
        items: Vec<Vec<Block>>,
    },
    /// Code, verbatim.
    Code {
        /// Its language, as the author named it.
        language: Option<String>,
        /// The code.
        text: String,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A line across.
    Rule,
    /// Rows of cells; the first row is the head.
    Table(Vec<Vec<Vec<Inline>>>),
}

/// The highest number that an item may have: Markdown knows nine digits (CommonMark 0.31, section 5.2).
const HIGHEST: u32 = 999_999_999;

/// The numbers of a list's items.
fn numbers(start: u32) -> impl Iterator<Item = u32> {
    (start..=HIGHEST).chain(std::iter::repeat(HIGHEST))
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    /// Words with their marks.
    Text(String, Marks),
    /// A line break.
    Break,
    /// A person: the tracker's id, and the name as shown.
    Mention(String, String),
}

/// How words are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Bold.
    pub(super) strong: bool,
    /// Italic.
    pub(super) em: bool,
    /// Struck out.
    pub(super) strike: bool,
    /// Monospaced.
    pub(super) code: bool,
    /// Leads here.
    pub(super) link: Option<String>,
}

/// The URL scheme by which Markdown names a person: `[@Ana](accountid:5b10)`.
const MENTION: &str = "accountid:";

/// Words without marks.
fn plain(text: impl Into<String>) -> Inline {
    Inline::Text(text.into(), Marks::default())
}

/// Adds words, joined to the last ones if they are set alike.
fn push_text(line: &mut Vec<Inline>, text: &str, marks: &Marks) {
    if text.is_empty() {
        return;
    }
    match line.last_mut() {
        Some(Inline::Text(last, of)) if of == marks => last.push_str(text),
        _ => line.push(Inline::Text(text.to_owned(), marks.clone())),
    }
}

/// The words of a line without marks, breaks as spaces.
fn words(line: &[Inline]) -> String {
    line.iter()
        .map(|piece| match piece {
            Inline::Text(text, _) => text.as_str(),
            Inline::Break => " ",
            Inline::Mention(_, name) => name.as_str(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
