//! Reading wiki markup's blocks, line by line.

use super::super::{Block, Inline};
use super::inline;
use super::macros::{Macro, Macros, lines, monospaced};
use super::near;

/// The blocks of a text in wiki markup; macros of unknown kinds keep their text.
pub(in super::super::super) fn read(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let lines = lines(&text);
    let (mut blocks, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let (found, used) = begun(&lines[at..]);
        blocks.extend(found);
        at += used.max(1);
    }
    blocks
}

/// The blocks that begin with the lines, and how many lines they take.
fn begun(lines: &[&str]) -> (Vec<Block>, usize) {
    let (first, rest) = parts(lines[0]);
    let first = first.trim_start();
    if let Some((level, text)) = heading(first) {
        return (joined(Some(Block::Heading(level, inline::read(text.trim_end()))), rest), 1);
    }
    if let Some(text) = first.strip_prefix("bq. ") {
        return (joined(Some(Block::Quote(paragraph(text).into_iter().collect())), rest), 1);
    }
    if first.trim_end() == "----" {
        return (joined(Some(Block::Rule), rest), 1);
    }
    if first.starts_with('|') {
        let rows: Vec<&str> = lines.iter().map(|l| l.trim()).take_while(|l| l.starts_with('|')).collect();
        return (vec![Block::Table(rows.iter().map(|row| cells(row)).collect())], rows.len());
    }
    if markers(first).is_some() { items(lines) } else { paragraphs(lines) }
}

/// A line's text before its first macro, and each macro with the text behind it.
type Parts<'a> = (&'a str, Vec<(Block, &'a str)>);

fn parts(line: &str) -> Parts<'_> {
    let found: Vec<Macro<'_>> = Macros::of(line).collect();
    let ends = found.iter().skip(1).map(|next| next.range.start).chain([line.len()]);
    let parts = found.iter().zip(ends).map(|(one, end)| (block(one), &line[one.range.end..end]));
    (&line[..found.first().map_or(line.len(), |one| one.range.start)], parts.collect())
}

/// A macro as a block.
fn block(found: &Macro<'_>) -> Block {
    if found.name == "quote" {
        return Block::Quote(read(found.inside));
    }
    let named = found.options.split('|').next().filter(|name| !name.is_empty() && !name.contains('='));
    Block::Code { language: named.map(str::to_owned), text: found.inside.trim_matches('\n').to_owned() }
}

/// A block and what stands behind it on its line: the text there begins no other block, whatever it looks like.
fn joined(first: Option<Block>, rest: Vec<(Block, &str)>) -> Vec<Block> {
    let mut blocks: Vec<Block> = first.into_iter().collect();
    for (block, text) in rest {
        blocks.push(block);
        blocks.extend(paragraph(text));
    }
    blocks
}

fn paragraph(text: &str) -> Option<Block> {
    let text = text.trim();
    (!text.is_empty()).then(|| Block::Paragraph(inline::read(text)))
}

/// Lines of text up to what begins another block, and the macros among them.
fn paragraphs(lines: &[&str]) -> (Vec<Block>, usize) {
    let goes_on = |line: &str| markers(line).is_none() && !begins_another(line) && !line.starts_with('{');
    let used = 1 + lines[1..].iter().take_while(|line| goes_on(line.trim_start())).count();
    (said(lines[..used].iter().map(|line| parts(line))), used)
}

/// Whether a line ends the paragraph or the item above it.
fn begins_another(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line == "----"
        || line.starts_with('|')
        || line.starts_with("bq. ")
        || heading(line).is_some()
}

/// The paragraphs of some lines, and the macros between them.
fn said<'a>(lines: impl Iterator<Item = Parts<'a>>) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), Vec::new());
    for (text, rest) in lines {
        say(text, &mut open);
        for (block, text) in rest {
            close(&mut open, &mut blocks);
            blocks.push(block);
            say(text, &mut open);
        }
    }
    close(&mut open, &mut blocks);
    blocks
}

/// Adds a line to the paragraph that is open.
fn say(text: &str, open: &mut Vec<Inline>) {
    let text = text.trim();
    if !text.is_empty() {
        open.extend((!open.is_empty()).then_some(Inline::Break));
        open.extend(inline::read(text));
    }
}

fn close(open: &mut Vec<Inline>, blocks: &mut Vec<Block>) {
    if !open.is_empty() {
        blocks.push(Block::Paragraph(std::mem::take(open)));
    }
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest.bytes().next()?.checked_sub(b'0').filter(|l| (1..=6).contains(l))?;
    Some((level, rest[1..].strip_prefix(". ")?))
}

/// An item of a list: its markers, and what it says.
struct Bullet<'a> {
    marks: &'a str,
    blocks: Vec<Block>,
}

/// The lists that begin with the lines. An item goes on over the lines below it: code between two steps is part of the
/// first, and does not begin to count anew.
fn items(lines: &[&str]) -> (Vec<Block>, usize) {
    let goes_on = |line: &&&str| markers(line).is_some() || !begins_another(line);
    let used = 1 + lines[1..].iter().take_while(goes_on).count();
    let bullets: Vec<Bullet<'_>> =
        lines[..used].chunk_by(|_, next| markers(next).is_none()).filter_map(bullet).collect();
    (lists(&bullets, 1), used)
}

fn bullet<'a>(lines: &[&'a str]) -> Option<Bullet<'a>> {
    let (first, below) = lines.split_first()?;
    let (text, rest) = parts(first);
    let (marks, text) = markers(text)?;
    let below = below.iter().map(|line| parts(line));
    Some(Bullet { marks, blocks: said(std::iter::once((text, rest)).chain(below)) })
}

/// The markers and the text of a list item.
fn markers(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let count = line.bytes().take_while(|b| b"*#-".contains(b)).count();
    let (marks, rest) = line.split_at(count);
    (count > 0 && !(marks.starts_with('-') && count > 1)).then_some((marks, rest.strip_prefix(' ')?))
}

/// The lists of one level: another marker begins another list.
fn lists(bullets: &[Bullet<'_>], level: usize) -> Vec<Block> {
    let mark = |bullet: &Bullet<'_>| bullet.marks.chars().nth(level - 1);
    bullets.chunk_by(|one, next| mark(one) == mark(next)).map(|own| list(own, level)).collect()
}

fn list(bullets: &[Bullet<'_>], level: usize) -> Block {
    let ordered = bullets.first().and_then(|bullet| bullet.marks.chars().nth(level - 1)) == Some('#');
    let (mut items, mut at) = (Vec::new(), 0);
    while at < bullets.len() {
        let mut blocks = bullets[at].blocks.clone();
        let deeper = bullets[at + 1..].iter().take_while(|bullet| bullet.marks.len() > level).count();
        blocks.extend(lists(&bullets[at + 1..=at + deeper], level + 1));
        items.push(blocks);
        at += 1 + deeper;
    }
    Block::List { start: ordered.then_some(1), items }
}

/// The cells of a row, which begins with a bar. Bars in links, in monospaced text and behind a backslash end none.
fn cells(row: &str) -> Vec<Vec<Inline>> {
    let (mut cells, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = row[at..].find(['|', '\\', '[', '{']) {
        at += found;
        let rest = &row[at..];
        if rest.starts_with('|') {
            cells.push(&row[start..at]);
            start = at + if rest.starts_with("||") { 2 } else { 1 };
            at = start;
        } else {
            at += taken(rest);
        }
    }
    cells.extend(Some(&row[start..]).filter(|cell| !cell.trim().is_empty()));
    cells.into_iter().skip(1).map(|cell| inline::read(cell.trim())).collect()
}

/// How much of a row goes together with the sign that it begins with.
fn taken(row: &str) -> usize {
    match row.as_bytes()[0] {
        b'\\' => 1 + row[1..].chars().next().map_or(0, char::len_utf8),
        b'[' => near(row).find(']').map_or(1, |end| end + 1),
        _ if row.starts_with("{{") => monospaced(row),
        _ => 1,
    }
}
