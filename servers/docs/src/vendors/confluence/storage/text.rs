//! A tree as Markdown.

use super::markdown;
use super::tree::{Block, Inline, Item, List, Row, Run, Style, tidy};

/// The blocks as Markdown, a blank line between them.
pub(super) fn written<'b>(blocks: impl IntoIterator<Item = &'b Block>) -> String {
    pieces(blocks).join("\n\n")
}

/// Each block by itself. Of two lists that follow one another the second has other marks, else they were one.
fn pieces<'b>(blocks: impl IntoIterator<Item = &'b Block>) -> Vec<String> {
    let (mut pieces, mut before, mut marks) = (Vec::new(), None, Marks::Usual);
    for each in blocks {
        let list = match each {
            Block::List(list) => Some(list.start.is_some()),
            _ => None,
        };
        marks = if list.is_some() && list == before && marks == Marks::Usual {
            Marks::Other
        } else {
            Marks::Usual
        };
        before = list;
        pieces.push(block(each, marks));
    }
    pieces.retain(|text| !text.is_empty());
    pieces
}

/// How the items of a list are marked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// `-`, `1.`
    Usual,
    /// `*`, `1)`
    Other,
}

fn block(block: &Block, marks: Marks) -> String {
    match block {
        // Never nothing: sections are counted by their headings.
        Block::Heading(level, runs) => {
            let marks = "#".repeat(usize::from(*level));
            let title = one_line(runs);
            if title.is_empty() { marks } else { format!("{marks} {title}") }
        }
        Block::Paragraph(runs) => inline(runs, Place::Paragraph),
        Block::List(list) => items(list, marks),
        Block::Quote(blocks) => indented(&written(blocks), "> ", "> "),
        Block::Code { language, text } => code_block(language, text),
        Block::Table(rows) => table(rows),
        Block::Rule => "---".into(),
    }
}

/// A heading's text: it ends with its line, and a run of `#` at its end would be taken for its closing.
fn one_line(runs: &[Run]) -> String {
    let flat = runs.iter().cloned().map(|run| match run.text {
        Inline::Break => Run::text(" ", Style::default()),
        _ => run,
    });
    inline(&tidy(flat.collect()), Place::Heading)
}

fn items(list: &List, marks: Marks) -> String {
    let loose = list.items.iter().any(needs_space);
    let mut number = list.start;
    let mut lines = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let marker = match number {
            Some(n) => format!("{n}{} ", if marks == Marks::Usual { '.' } else { ')' }),
            None => if marks == Marks::Usual { "- " } else { "* " }.to_owned(),
        };
        number = number.map(|n| n.saturating_add(1));
        lines.push(one_item(item, &marker, loose));
    }
    lines.join(if loose { "\n\n" } else { "\n" })
}

/// Whether an item's blocks need blank lines between them; then the whole list has them.
fn needs_space(item: &Item) -> bool {
    let is_list = |block: &Block| matches!(block, Block::List(_));
    item.blocks.iter().filter(|block| !is_list(block)).count() > 1
        || item.blocks.windows(2).any(|pair| match (&pair[0], &pair[1]) {
            // Text right behind an inner list would be read as the rest of that list's last item.
            (Block::List(_), after) => !is_list(after),
            // Only a list that begins with 1 and with a text may interrupt a paragraph; `-` alone would underline it.
            (_, Block::List(inner)) => {
                inner.start.is_some_and(|n| n != 1) || inner.items.first().is_none_or(is_bare)
            }
            _ => false,
        })
}

fn one_item(item: &Item, marker: &str, loose: bool) -> String {
    let task = match (item.task, item.blocks.first()) {
        (Some(true), Some(Block::Paragraph(_))) => "[x] ",
        (Some(false), Some(Block::Paragraph(_))) => "[ ] ",
        _ => "",
    };
    let mut pieces = pieces(&item.blocks);
    if let [first, _, ..] = &mut pieces[..]
        && task.is_empty()
        && is_box(first)
    {
        // A box with nothing beside it would be a task without a text, and what is below it no part of the item.
        first.insert(0, '\\');
    }
    let mut body = pieces.join(if loose { "\n\n" } else { "\n" });
    if !item.blocks.is_empty() && is_bare(item) {
        body.insert(0, '\n');
    }
    let first = format!("{marker}{task}");
    indented(&body, &first, &" ".repeat(marker.len())).trim_end().to_owned()
}

/// Whether a text is the box of a task and nothing else.
fn is_box(text: &str) -> bool {
    matches!(text, "[ ]" | "[x]" | "[X]")
}

/// Whether the marker stands alone in its line: a fence beside it would look closed where it opens to those who read
/// line by line, and `- - -` is a rule.
fn is_bare(item: &Item) -> bool {
    match item.blocks.first() {
        None | Some(Block::Code { .. } | Block::List(_) | Block::Rule) => true,
        Some(Block::Paragraph(runs)) => runs.is_empty(),
        _ => false,
    }
}

/// The text with one prefix before its first line and another before the others; blank lines have none of spaces.
fn indented(text: &str, first: &str, rest: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (nth, line) in text.split('\n').enumerate() {
        let prefix = if nth == 0 { first } else { rest };
        if nth > 0 {
            out.push('\n');
        }
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
    if text.is_empty() { first.trim_end().to_owned() } else { out }
}

fn code_block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}")
}

fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let line = |row: &Row| {
        let cells = (0..width).map(|at| row.get(at).map_or(String::new(), |runs| inline(runs, Place::Cell)));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    if !lines.is_empty() && width > 0 {
        lines.insert(1, format!("|{}", "---|".repeat(width)));
    }
    lines.join("\n")
}

fn longest_run(text: &str, mark: char) -> usize {
    text.split(|c| c != mark).map(str::len).max().unwrap_or_default()
}

/// Where runs stand: each place has characters of its own that mean something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Paragraph,
    Heading,
    Cell,
}

/// Runs as Markdown that is read back as these very runs: with as few escapes as that takes, and without styles where
/// Markdown has no way to say them.
fn inline(runs: &[Run], place: Place) -> String {
    if runs.is_empty() {
        return String::new();
    }
    let styles = |styled: bool| {
        move |run: &Run| if styled { run.clone() } else { Run { style: Style::default(), ..run.clone() } }
    };
    let levels = [Escape::Begin, Escape::Needed, Escape::All];
    for (styled, escape) in [true, false].into_iter().flat_map(|styled| levels.map(|level| (styled, level))) {
        let wanted = tidy(runs.iter().map(styles(styled)).collect());
        let text = Writer { place, escape }.runs(&wanted);
        if is_read_as(&text, &wanted, place) {
            return text;
        }
    }
    let plain: String = runs.iter().map(|run| run.shown().replace('\n', " ")).collect();
    Writer { place, escape: Escape::All }.runs(&tidy(vec![Run::text(plain, Style::default())]))
}

fn is_read_as(text: &str, wanted: &[Run], place: Place) -> bool {
    let (source, found) = match place {
        Place::Paragraph => (text.to_owned(), None),
        Place::Heading => (format!("# {text}"), None),
        Place::Cell => (format!("| {text} |\n|---|"), Some(0)),
    };
    match (markdown::parse(&source).as_slice(), found) {
        ([Block::Paragraph(runs)], None) => place == Place::Paragraph && runs == wanted,
        ([Block::Heading(1, runs)], None) => place == Place::Heading && runs == wanted,
        ([Block::Table(rows)], Some(_)) => {
            matches!(rows.as_slice(), [row] if matches!(row.as_slice(), [runs] if runs == wanted))
        }
        _ => false,
    }
}

/// How much is escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    /// What stands at the beginning of a line, and backslashes.
    Begin,
    /// What nearly always means something.
    Needed,
    /// Every character that may.
    All,
}

struct Writer {
    place: Place,
    escape: Escape,
}

impl Writer {
    fn runs(&self, runs: &[Run]) -> String {
        let mut out = String::new();
        let mut rest = runs;
        while let Some(first) = rest.first() {
            let end = rest.iter().take_while(|run| run.link == first.link).count();
            let (group, later) = rest.split_at(end);
            rest = later;
            match &first.link {
                Some(to) => out.push_str(&format!("[{}]({})", self.bold(group), destination(to))),
                None => out.push_str(&self.bold(group)),
            }
        }
        match self.place {
            Place::Paragraph => self.lines(&out),
            _ => out,
        }
    }

    fn bold(&self, runs: &[Run]) -> String {
        spanned(runs, |s| s.bold, "**", &|inner| {
            spanned(inner, |s| s.italic, "*", &|inner| {
                spanned(inner, |s| s.struck, "~~", &|inner| inner.iter().map(|run| self.one(run)).collect())
            })
        })
    }

    fn one(&self, run: &Run) -> String {
        match &run.text {
            Inline::Text(text) => self.escaped(text),
            Inline::Code(code) => {
                let code = if self.place == Place::Cell { code.replace('|', "\\|") } else { code.clone() };
                let marks = "`".repeat(longest_run(&code, '`') + 1);
                let pad = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
                format!("{marks}{pad}{code}{pad}{marks}")
            }
            Inline::Break if self.place == Place::Cell => "<br>".into(),
            Inline::Break => "\\\n".into(),
        }
    }

    fn escaped(&self, text: &str) -> String {
        let special = match self.escape {
            Escape::Begin => "\\|<",
            Escape::Needed => "\\*`[]<|",
            Escape::All => "\\*_`[]<>&~|!#()",
        };
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let pipe = c == '|' && self.place != Place::Cell && self.escape != Escape::All;
            if special.contains(c) && !pipe {
                out.push('\\');
            }
            out.push(c);
        }
        if self.place == Place::Heading && self.escape != Escape::All && out.ends_with('#') {
            out.insert(out.len() - 1, '\\');
        }
        out
    }

    /// Lines that would begin something else than a paragraph.
    fn lines(&self, text: &str) -> String {
        let lines: Vec<String> = text.split('\n').map(begun).collect();
        lines.join("\n")
    }
}

/// The line with an escape where its beginning would mean something.
fn begun(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let at = match line.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => Some(digits),
        Some(b'#' | b'>' | b'+' | b'-' | b'=' | b'~') if digits == 0 => Some(0),
        _ => None,
    };
    match at {
        // `-x` and `1.5` begin nothing, but `-` and `1.` do.
        Some(at) if !line[at + 1..].starts_with(|c: char| c.is_alphanumeric()) || at == 0 => {
            format!("{}\\{}", &line[..at], &line[at..])
        }
        _ => line.to_owned(),
    }
}

fn spanned(runs: &[Run], has: fn(Style) -> bool, mark: &str, inner: &dyn Fn(&[Run]) -> String) -> String {
    let mut out = String::new();
    let mut rest = runs;
    while let Some(first) = rest.first() {
        let styled = has(first.style);
        let end = rest.iter().take_while(|run| has(run.style) == styled).count();
        let (group, later) = rest.split_at(end);
        rest = later;
        let text = inner(group);
        if styled { out.extend([mark, &text, mark]) } else { out.push_str(&text) }
    }
    out
}

/// A link's target: in angle brackets where it has characters that would end it.
fn destination(to: &str) -> String {
    if to.is_empty() || to.contains(|c: char| c.is_whitespace() || c.is_control() || "()<>\\".contains(c)) {
        let inner: String = to.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        return format!("<{}>", inner.replace('\\', "\\\\").replace('<', "\\<").replace('>', "\\>"));
    }
    to.replace('|', "%7C")
}
