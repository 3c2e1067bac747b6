//! Writing wiki markup.

use super::super::{Block, Inline, Marks, numbers};

/// Wiki markup of some blocks.
pub(in super::super::super) fn write(blocks: &[Block]) -> String {
    blocks.iter().map(written).collect::<Vec<_>>().join("\n\n")
}

fn written(block: &Block) -> String {
    match block {
        Block::Paragraph(line) => line_of(line),
        Block::Heading(level, line) => format!("h{level}. {}", line_of(line).replace('\n', " ")),
        Block::Rule => "----".into(),
        Block::Code { language, text } => {
            let language = language.as_deref().map(|l| format!(":{l}")).unwrap_or_default();
            // The macro knows no escape for its own end.
            format!("{{code{language}}}\n{}\n{{code}}", text.replace("{code}", "{ code}"))
        }
        Block::Quote(inside) => format!("{{quote}}\n{}\n{{quote}}", write(inside)),
        Block::List { start, items } => items_of(*start, items, ""),
        Block::Table(rows) => {
            let row = |(nth, cells): (usize, &Vec<Vec<Inline>>)| {
                let bar = if nth == 0 { "||" } else { "|" };
                let cells: Vec<String> = cells.iter().map(|line| cell(line)).collect();
                format!("{bar}{}{bar}", cells.join(bar))
            };
            rows.iter().enumerate().map(row).collect::<Vec<_>>().join("\n")
        }
    }
}

/// A cell on one line. One without a text has a space: two bars side by side are the mark of a head.
fn cell(line: &[Inline]) -> String {
    let text = line_of(line).replace('\n', " ");
    if text.trim().is_empty() { " ".into() } else { text }
}

/// The items of a list, each on its line. `#` counts from 1 and knows no other beginning: there the numbers are text. It
/// is no list then, but who is sent to step 3 finds a 3, and not the third 1.
fn items_of(start: Option<u32>, items: &[Vec<Block>], outer: &str) -> String {
    let (mark, counted) = match start {
        None => ("*", false),
        Some(1) => ("#", false),
        Some(_) => ("", true),
    };
    let marks = format!("{outer}{mark}");
    let one = |(number, blocks): (u32, &Vec<Block>)| {
        let marker = if counted { format!("{number}.") } else { marks.clone() };
        format!("{marker} {}", item(blocks, &marks))
    };
    let lines: Vec<String> = numbers(start.unwrap_or(1)).zip(items).map(one).collect();
    // A line right behind a list is part of its last item.
    let is_list = |block| matches!(block, &Block::List { .. });
    let apart = counted && outer.is_empty() && items.iter().flatten().any(is_list);
    lines.join(if apart { "\n\n" } else { "\n" })
}

/// What an item says: words on its line, the rest right below. Macros keep their lines: Jira takes them for one.
fn item(blocks: &[Block], marks: &str) -> String {
    let (mut text, mut words_before) = (String::new(), false);
    for (nth, block) in blocks.iter().enumerate() {
        let (own, words) = match block {
            Block::List { start, items } => (format!("\n{}", items_of(*start, items, marks)), false),
            Block::Code { .. } | Block::Quote(_) if nth == 0 => (written(block), false),
            Block::Code { .. } | Block::Quote(_) => (format!("\n{}", written(block)), false),
            Block::Paragraph(line) => (without_blank_lines(&line_of(line)), true),
            other => (written(other).replace('\n', " "), true),
        };
        if words && nth > 0 {
            text.push_str(if words_before { " \\\\ " } else { "\n" });
        }
        text.push_str(&own);
        words_before = words;
    }
    text
}

/// A blank line would end the list.
fn without_blank_lines(text: &str) -> String {
    text.split('\n').filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

fn line_of(line: &[Inline]) -> String {
    let mut out = String::new();
    for piece in line {
        match piece {
            Inline::Break => out.push('\n'),
            Inline::Mention(id, _) => out.push_str(&format!("[~{id}]")),
            Inline::Text(text, marks) => push_marked(&mut out, text, marks),
        }
    }
    out
}

fn push_marked(out: &mut String, text: &str, marks: &Marks) {
    let core = text.trim();
    if core.is_empty() || *marks == Marks::default() {
        out.push_str(&escaped(text));
        return;
    }
    let start = text.len() - text.trim_start().len();
    out.push_str(&text[..start]);
    let mut set = if marks.code { format!("{{{{{core}}}}}") } else { escaped(core) };
    for (on, sign) in [(marks.em, "_"), (marks.strong, "*"), (marks.strike, "-")] {
        if on && !marks.code {
            set = format!("{sign}{set}{sign}");
        }
    }
    if let Some(url) = &marks.link {
        set = format!("[{set}|{}]", url.replace(['|', ']', '\n'], ""));
    }
    out.push_str(&set);
    out.push_str(&text[start + core.len()..]);
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        let before = text[..at].chars().next_back().unwrap_or(' ');
        let after = text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        let edge = !before.is_alphanumeric() || !after.is_alphanumeric();
        let special = match c {
            '{' | '}' | '[' | ']' | '|' | '\\' => true,
            '*' | '_' | '-' | '#' | '+' | '^' | '~' | '!' | '?' => {
                // With a space behind it a dash means something only where a line begins.
                edge && c != '?' && !(c == '-' && after == ' ' && at > 0)
            }
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
