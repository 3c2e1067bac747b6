//! Writing Markdown.

use super::super::{Block, Inline, MENTION, Marks, numbers};

/// The Markdown of some blocks.
pub(in super::super::super) fn write(blocks: &[Block]) -> String {
    joined(blocks, |_| "\n\n")
}

/// Blocks with gaps before them. Of two lists that follow one another the second has other signs: else they were one.
fn joined(blocks: &[Block], gap: fn(&Block) -> &'static str) -> String {
    let (mut out, mut before) = (String::new(), (None, Signs::Usual));
    for (nth, block) in blocks.iter().enumerate() {
        if nth > 0 {
            out.push_str(gap(block));
        }
        let ordered = match block {
            Block::List { start, .. } => Some(start.is_some()),
            _ => None,
        };
        let again = ordered.is_some() && before == (ordered, Signs::Usual);
        before = (ordered, if again { Signs::Other } else { Signs::Usual });
        out.push_str(&one(block, before.1));
    }
    out
}

/// What marks the items of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// `-`, `1.`
    Usual,
    /// `*`, `1)`
    Other,
}

fn list(start: Option<u32>, items: &[Vec<Block>], signs: Signs) -> String {
    let marker = |number: u32| match (start, signs) {
        (Some(_), Signs::Usual) => format!("{number}. "),
        (Some(_), Signs::Other) => format!("{number}) "),
        (None, Signs::Usual) => "- ".to_owned(),
        (None, Signs::Other) => "* ".to_owned(),
    };
    let numbered = numbers(start.unwrap_or(1)).zip(items);
    numbered.map(|(number, blocks)| item(marker(number), blocks)).collect::<Vec<_>>().join("\n")
}

fn one(block: &Block, signs: Signs) -> String {
    match block {
        Block::Paragraph(line) => guarded(&inline(line)),
        Block::Heading(level, line) => {
            format!("{} {}", "#".repeat(usize::from(*level)), inline(line).replace("\\\n", " "))
        }
        Block::Rule => "---".into(),
        Block::Code { language, text } => {
            let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            let gap = if text.is_empty() { "" } else { "\n" };
            format!("{fence}{}\n{text}{gap}{fence}", language.as_deref().unwrap_or_default())
        }
        Block::Quote(inside) => {
            let lines = write(inside);
            lines.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
        }
        Block::List { start, items } => list(*start, items, signs),
        Block::Table(rows) => table(rows),
    }
}

fn item(marker: String, blocks: &[Block]) -> String {
    let indent = " ".repeat(marker.len());
    let mut out = marker;
    for (nth, line) in tight(blocks).split('\n').enumerate() {
        if nth > 0 {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&indent);
            }
        }
        out.push_str(line);
    }
    out.trim_end_matches([' ', '\n']).to_owned()
}

/// A list right below the item's words belongs to them. One that does not begin with 1 would be more of these words.
fn tight(blocks: &[Block]) -> String {
    joined(blocks, |block| match block {
        Block::List { start: None | Some(1), .. } => "\n",
        _ => "\n\n",
    })
}

fn table(rows: &[Vec<Vec<Inline>>]) -> String {
    let row = |cells: &Vec<Vec<Inline>>| {
        let cells: Vec<String> =
            cells.iter().map(|cell| inline(cell).replace("\\\n", " ").replace('|', "\\|")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let width = rows.first().map_or(1, Vec::len).max(1);
    let mut lines: Vec<String> = rows.iter().map(row).collect();
    lines.insert(1.min(lines.len()), format!("|{}", " --- |".repeat(width)));
    lines.join("\n")
}

fn inline(line: &[Inline]) -> String {
    let mut out = String::new();
    for piece in line {
        match piece {
            Inline::Break => out.push_str("\\\n"),
            Inline::Mention(id, name) => {
                let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
                out.push_str(&format!("[@{}]({MENTION}{id})", escaped(name)));
            }
            Inline::Text(text, marks) => push_marked(&mut out, text, marks),
        }
    }
    out
}

/// Spaces at the edges stay outside of the marks: inside them Markdown would not see the marks.
fn push_marked(out: &mut String, text: &str, marks: &Marks) {
    let core = text.trim();
    if core.is_empty() || *marks == Marks::default() {
        out.push_str(&escaped(text));
        return;
    }
    let start = text.len() - text.trim_start().len();
    out.push_str(&text[..start]);
    let mut set = if marks.code { code(core) } else { escaped(core) };
    for (on, sign) in [(marks.em, "*"), (marks.strong, "**"), (marks.strike, "~~")] {
        if on {
            set = format!("{sign}{set}{sign}");
        }
    }
    if let Some(url) = &marks.link {
        let url = url.replace(' ', "%20").replace('(', "%28").replace(')', "%29").replace('\n', "");
        set = format!("[{set}]({url})");
    }
    out.push_str(&set);
    out.push_str(&text[start + core.len()..]);
}

fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('\n', " "))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let inside_word = before.is_alphanumeric() && chars.peek().is_some_and(|n| n.is_alphanumeric());
        let special = match c {
            '\\' => chars.peek().is_none_or(|n| n.is_ascii_punctuation()),
            '`' | '*' | '[' | ']' => true,
            '_' => !inside_word,
            '~' => before == '~' || chars.peek() == Some(&'~'),
            '<' => chars.peek().is_some_and(|n| n.is_ascii_alphabetic()),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
        before = c;
    }
    out
}

/// A paragraph whose words look like the beginning of another block says that they are none.
fn guarded(text: &str) -> String {
    let mut lines: Vec<String> = text.split('\n').map(guarded_line).collect();
    // Two spaces before a line's end would be a break.
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines.join("\n")
}

fn guarded_line(line: &str) -> String {
    let text = line.trim_start();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && digits <= 9 && text[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    if text.starts_with(['#', '>', '-', '+', '|', '=']) { format!("\\{text}") } else { text.to_owned() }
}
