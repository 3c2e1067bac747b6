//! Reading Markdown's blocks, line by line.

use super::super::{Block, DEPTH, Inline};
use super::inline;

/// The blocks of a Markdown text. Never fails: what is no markup is text.
pub(in super::super::super) fn read(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    blocks(&lines, 0)
}

fn blocks(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let (block, used) = block(&lines[at..], depth);
        found.push(block);
        at += used.max(1);
    }
    found
}

/// The block that begins the lines, and how many lines it takes.
fn block(lines: &[&str], depth: usize) -> (Block, usize) {
    let first = lines[0];
    if let Some(fence) = fence(first) {
        return code(lines, fence);
    }
    if let Some((level, text)) = heading(first) {
        return (Block::Heading(level, inline::read(text)), 1);
    }
    if is_rule(first) {
        return (Block::Rule, 1);
    }
    if let Some(table) = table(lines) {
        return table;
    }
    if depth < DEPTH {
        if first.trim_start().starts_with('>') {
            return quote(lines, depth);
        }
        if let Some(marker) = marker(first) {
            return list(lines, &marker, depth);
        }
    }
    paragraph(lines, depth)
}

fn paragraph(lines: &[&str], depth: usize) -> (Block, usize) {
    let ends = |line: &&str| line.trim().is_empty() || begins_another(line, depth);
    let used = 1 + lines[1..].iter().take_while(|line| !ends(line)).count();
    (Block::Paragraph(inline::read(&joined(&lines[..used]))), used)
}

/// Lines of a paragraph: indentation goes, the two spaces that make a line break stay.
fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

fn begins_another(line: &str, depth: usize) -> bool {
    fence(line).is_some()
        || heading(line).is_some()
        || is_rule(line)
        || (depth < DEPTH && (line.trim_start().starts_with('>') || interrupts(line)))
}

/// Whether a list may begin at a line of a paragraph: `14. That was late` is a sentence (CommonMark 0.31, section 5.2).
fn interrupts(line: &str) -> bool {
    marker(line).is_some_and(|marker| marker.start.is_none_or(|number| number == 1))
}

/// The fence that a line opens: its characters.
fn fence(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let count = text.bytes().take_while(|b| *b == b'`').count();
    (count >= 3 && !text[count..].contains('`')).then(|| &text[..count])
}

fn code(lines: &[&str], fence: &str) -> (Block, usize) {
    let indent = lines[0].len() - lines[0].trim_start().len();
    let language = lines[0].trim().trim_start_matches('`').trim();
    let closes = |line: &&str| line.trim().starts_with(fence) && line.trim().bytes().all(|b| b == b'`');
    let inside: Vec<&str> = lines[1..].iter().take_while(|line| !closes(line)).copied().collect();
    let unindented = |line: &&str| {
        let spaces = line.bytes().take_while(|b| *b == b' ').count().min(indent);
        line[spaces..].to_owned()
    };
    let text = inside.iter().map(unindented).collect::<Vec<_>>().join("\n");
    let language = (!language.is_empty()).then(|| language.to_owned());
    (Block::Code { language, text }, inside.len() + 2)
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start();
    let level = text.bytes().take_while(|b| *b == b'#').count();
    let rest = text.get(level..)?;
    let level = u8::try_from(level).ok().filter(|l| (1..=6).contains(l))?;
    rest.starts_with(' ').then(|| (level, rest.trim()))
}

fn is_rule(line: &str) -> bool {
    let text: String = line.split_whitespace().collect();
    text.len() >= 3 && ["-", "*", "_"].iter().any(|c| text.replace(c, "").is_empty())
}

fn quote(lines: &[&str], depth: usize) -> (Block, usize) {
    let stripped: Vec<&str> = lines
        .iter()
        .map_while(|line| line.trim_start().strip_prefix('>'))
        .map(|rest| rest.strip_prefix(' ').unwrap_or(rest))
        .collect();
    (Block::Quote(blocks(&stripped, depth + 1)), stripped.len())
}

/// A list item's beginning.
struct Marker {
    /// What marks it; items marked by another sign are another list.
    sign: char,
    /// Its number, if it has one.
    start: Option<u32>,
    /// How far its text is indented.
    indent: usize,
}

fn marker(line: &str) -> Option<Marker> {
    let text = line.trim_start();
    let outer = line.len() - text.len();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let sign = rest.chars().next().filter(|c| if digits == 0 { "-*+" } else { ".)" }.contains(*c))?;
    let begins = digits <= 9 && (rest.len() == 1 || rest[1..].starts_with(' '));
    begins.then(|| Marker { sign, start: number.parse().ok(), indent: outer + digits + 2 })
}

fn list(lines: &[&str], first: &Marker, depth: usize) -> (Block, usize) {
    let outer = lines[0].len() - lines[0].trim_start().len();
    let (mut items, mut at) = (Vec::new(), 0);
    while let Some(line) = lines.get(at) {
        let own = line.len() - line.trim_start().len();
        let Some(here) = marker(line).filter(|m| m.sign == first.sign && own <= outer + 1 && !is_rule(line))
        else {
            break;
        };
        let (inside, used) = item(&lines[at..], here.indent);
        items.push(blocks(&inside, depth + 1));
        at += used;
    }
    (Block::List { start: first.start, items }, at)
}

/// The lines of one item without their indentation, and how many there are with trailing blank ones.
fn item<'a>(lines: &[&'a str], indent: usize) -> (Vec<&'a str>, usize) {
    let mut inside = vec![lines[0].get(indent..).unwrap_or_default()];
    for (nth, line) in lines.iter().enumerate().skip(1) {
        let own = line.len() - line.trim_start().len();
        let blank = line.trim().is_empty();
        let after_blank = lines[nth - 1].trim().is_empty();
        let lazy = !after_blank && own < indent && marker(line).is_none() && !begins_another(line, 0);
        if blank || own >= indent || lazy {
            inside.push(line.get(indent.min(own)..).unwrap_or_default());
        } else {
            break;
        }
    }
    let used = inside.len();
    (inside, used)
}

fn table(lines: &[&str]) -> Option<(Block, usize)> {
    let is_row = |line: &&&str| line.trim().starts_with('|');
    let separator = lines.get(1).filter(|line| is_row(line))?.trim();
    if !is_row(&&lines[0]) || !separator.bytes().all(|b| b"|-: ".contains(&b)) || !separator.contains('-') {
        return None;
    }
    let rows: Vec<&str> = lines.iter().take_while(is_row).copied().collect();
    if cells(lines[0]).is_empty() {
        return None;
    }
    let cells = rows.iter().enumerate().filter(|(nth, _)| *nth != 1).map(|(_, row)| cells(row)).collect();
    Some((Block::Table(cells), rows.len()))
}

/// The cells of `| a | b |`; an escaped bar belongs to its cell.
fn cells(row: &str) -> Vec<Vec<Inline>> {
    let row = row.trim().trim_start_matches('|');
    let (mut cells, mut cell, mut escaped) = (Vec::new(), String::new(), false);
    for c in row.chars() {
        match c {
            '|' if escaped => {
                cell.pop();
                cell.push('|');
            }
            '|' => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    if !cell.trim().is_empty() {
        cells.push(cell);
    }
    cells.iter().map(|cell| inline::read(cell.trim())).collect()
}
