//! Writing wiki markup.

use super::super::{Block, Inline, Marks};

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
        Block::List { ordered, items } => items_of(*ordered, items, ""),
        Block::Table(rows) => {
            let row = |(nth, cells): (usize, &Vec<Vec<Inline>>)| {
                let bar = if nth == 0 { "||" } else { "|" };
                let cells: Vec<String> = cells.iter().map(|cell| line_of(cell).replace('\n', " ")).collect();
                format!("{bar}{}{bar}", cells.join(bar))
            };
            rows.iter().enumerate().map(row).collect::<Vec<_>>().join("\n")
        }
    }
}

fn items_of(ordered: bool, items: &[Vec<Block>], outer: &str) -> String {
    let marks = format!("{outer}{}", if ordered { '#' } else { '*' });
    let mut lines = Vec::new();
    for blocks in items {
        let mut text = String::new();
        let mut below = Vec::new();
        for block in blocks {
            match block {
                Block::List { ordered, items } => below.push(items_of(*ordered, items, &marks)),
                other => {
                    if !text.is_empty() {
                        text.push_str(" \\\\ ");
                    }
                    text.push_str(&written(other).replace('\n', " "));
                }
            }
        }
        lines.push(format!("{marks} {text}"));
        lines.extend(below);
    }
    lines.join("\n")
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
                edge && c != '?' && !(c == '-' && after == ' ')
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
