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

/// The runs as they are compared and written: white space is single, none stands at the edges or around breaks, a space
/// has the style that both its neighbors have, and runs that look alike are one.
pub(super) fn tidy(runs: Vec<Run>) -> Vec<Run> {
    let mut atoms: Vec<Atom> = Vec::new();
    for run in runs {
        let look = (run.style, run.link);
        match run.text {
            Inline::Text(text) => text.chars().for_each(|c| add(&mut atoms, c, &look)),
            Inline::Code(code) => {
                let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
                if !code.is_empty() {
                    atoms.push(Atom { what: Inline::Code(code), look });
                }
            }
            Inline::Break => {
                trim(&mut atoms, false);
                if !atoms.is_empty() {
                    atoms.push(Atom { what: Inline::Break, look: Look::default() });
                }
            }
        }
    }
    trim(&mut atoms, true);
    settle_spaces(&mut atoms);
    joined(atoms)
}

/// Style and link.
type Look = (Style, Option<String>);

/// A character, a piece of code or a break.
struct Atom {
    what: Inline,
    look: Look,
}

impl Atom {
    fn is_space(&self) -> bool {
        matches!(&self.what, Inline::Text(text) if text == " ")
    }

    fn is_break(&self) -> bool {
        self.what == Inline::Break
    }
}

fn add(atoms: &mut Vec<Atom>, c: char, look: &Look) {
    let space = c.is_whitespace() || c == '\u{FEFF}';
    if space && atoms.last().is_none_or(|last| last.is_space() || last.is_break()) {
        return;
    }
    let text = if space { " ".to_owned() } else { c.to_string() };
    atoms.push(Atom { what: Inline::Text(text), look: look.clone() });
}

fn trim(atoms: &mut Vec<Atom>, breaks: bool) {
    while atoms.last().is_some_and(|last| last.is_space() || (breaks && last.is_break())) {
        atoms.pop();
    }
}

fn settle_spaces(atoms: &mut [Atom]) {
    for at in 1..atoms.len().saturating_sub(1) {
        if !atoms[at].is_space() {
            continue;
        }
        let ((a, before), (b, after)) = (&atoms[at - 1].look, &atoms[at + 1].look);
        let style =
            Style { bold: a.bold && b.bold, italic: a.italic && b.italic, struck: a.struck && b.struck };
        let link = before.clone().filter(|_| before == after);
        atoms[at].look = (style, link);
    }
}

fn joined(atoms: Vec<Atom>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for Atom { what, look: (style, link) } in atoms {
        if let Some(last) = runs.last_mut().filter(|last| last.style == style && last.link == link) {
            match (&mut last.text, &what) {
                (Inline::Text(before), Inline::Text(text)) | (Inline::Code(before), Inline::Code(text)) => {
                    before.push_str(text);
                    continue;
                }
                _ => {}
            }
        }
        runs.push(Run { text: what, style, link });
    }
    runs
}
