//! What Markdown can say, as a tree: what storage format is read into and written from.

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Level 1 to 6.
    Heading(u8, Vec<Run>),
    Paragraph(Vec<Run>),
    List(List),
    Quote(Vec<Block>),
    Code {
        language: String,
        text: String,
    },
    /// The first row is the head.
    Table(Vec<Row>),
    Rule,
}

/// The cells of a row.
pub(super) type Row = Vec<Vec<Run>>;

/// A list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    /// The first number; a list of bullets if absent.
    pub(super) start: Option<u64>,
    pub(super) items: Vec<Item>,
}

/// What stands at one bullet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Whether it is done, if it is a task.
    pub(super) task: Option<bool>,
    pub(super) blocks: Vec<Block>,
}

/// Text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: Inline,
    pub(super) style: Style,
    /// Where it leads.
    pub(super) link: Option<String>,
}

/// What a run is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    Text(String),
    Code(String),
    /// A line ends here.
    Break,
}

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) struck: bool,
}

impl Default for Inline {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Run {
    pub(super) fn text(text: impl Into<String>, style: Style) -> Self {
        Self { text: Inline::Text(text.into()), style, link: None }
    }

    pub(super) fn bold(text: impl Into<String>) -> Self {
        Self::text(text, Style { bold: true, ..Style::default() })
    }

    /// The characters a reader sees.
    pub(super) fn shown(&self) -> &str {
        match &self.text {
            Inline::Text(text) | Inline::Code(text) => text,
            Inline::Break => "\n",
        }
    }
}

/// The runs as they are compared and written: white space is single, none stands at the edges or around breaks, no
/// style spans it, and runs that look alike are one.
pub(super) fn tidy(runs: Vec<Run>) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        match run.text {
            Inline::Text(text) => add_text(&mut out, &text, run.style, run.link),
            Inline::Code(code) => {
                let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
                if !code.is_empty() {
                    out.push(Run { text: Inline::Code(code), ..run });
                }
            }
            Inline::Break => {
                trim_end(&mut out);
                if !out.is_empty() {
                    out.push(Run { text: Inline::Break, ..Run::default() });
                }
            }
        }
    }
    while matches!(out.last(), Some(Run { text: Inline::Break, .. })) || ends_in_space(&out) {
        trim_end(&mut out);
        if matches!(out.last(), Some(Run { text: Inline::Break, .. })) {
            out.pop();
        }
    }
    out
}

/// Adds text, its white space folded. White space at the edge of a style belongs to no style but the link's.
fn add_text(out: &mut Vec<Run>, text: &str, style: Style, link: Option<String>) {
    let mut word = String::new();
    let mut pending = false;
    for c in text.chars() {
        if c.is_whitespace() || c == '\u{FEFF}' {
            pending = true;
            continue;
        }
        if pending {
            flush(out, &mut word, style, link.as_ref(), true);
            pending = false;
        }
        word.push(c);
    }
    flush(out, &mut word, style, link.as_ref(), false);
    if pending {
        space(out, Style::default(), link.as_ref());
    }
}

/// Writes the word at hand; then a space of its style if more of that style follows.
fn flush(out: &mut Vec<Run>, word: &mut String, style: Style, link: Option<&String>, more: bool) {
    if word.is_empty() {
        if more {
            space(out, Style::default(), link);
        }
        return;
    }
    join(out, std::mem::take(word), style, link);
    if more {
        space(out, style, link);
    }
}

fn space(out: &mut Vec<Run>, style: Style, link: Option<&String>) {
    let after_space = match out.last() {
        None => true,
        Some(last) => matches!(last.text, Inline::Break) || last.shown().ends_with(' '),
    };
    if !after_space {
        join(out, " ".into(), style, link);
    }
}

fn join(out: &mut Vec<Run>, text: String, style: Style, link: Option<&String>) {
    match out.last_mut() {
        Some(Run { text: Inline::Text(before), style: own, link: to }) if *own == style && to.as_ref() == link => {
            before.push_str(&text);
        }
        _ => out.push(Run { text: Inline::Text(text), style, link: link.cloned() }),
    }
}

fn ends_in_space(out: &[Run]) -> bool {
    matches!(out.last(), Some(Run { text: Inline::Text(text), .. }) if text.ends_with(' ') || text.is_empty())
}

fn trim_end(out: &mut Vec<Run>) {
    while ends_in_space(out) {
        if let Some(Run { text: Inline::Text(text), .. }) = out.last_mut() {
            text.truncate(text.trim_end().len());
            if text.is_empty() {
                out.pop();
            }
        }
    }
}
