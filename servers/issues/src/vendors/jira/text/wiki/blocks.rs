//! Reading wiki markup's blocks, line by line.

use super::super::{Block, Inline};
use super::inline;

/// The blocks of a text in wiki markup; macros of unknown kinds keep their text.
pub(in super::super::super) fn read(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let (mut blocks, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        if lines[at].trim().is_empty() {
            at += 1;
            continue;
        }
        let (block, used) = block(&lines[at..]);
        blocks.push(block);
        at += used.max(1);
    }
    blocks
}

fn block(lines: &[&str]) -> (Block, usize) {
    let first = lines[0].trim_start();
    for (open, close) in [("{code", "{code}"), ("{noformat", "{noformat}"), ("{quote", "{quote}")] {
        if let Some(found) = first.starts_with(open).then(|| fenced(lines, close)).flatten() {
            return found;
        }
    }
    if let Some((level, text)) = heading(first) {
        return (Block::Heading(level, inline::read(text)), 1);
    }
    if let Some(text) = first.strip_prefix("bq. ") {
        return (Block::Quote(vec![Block::Paragraph(inline::read(text))]), 1);
    }
    if first.trim_end() == "----" {
        return (Block::Rule, 1);
    }
    if first.starts_with('|') {
        let rows: Vec<&str> = lines.iter().map(|l| l.trim()).take_while(|l| l.starts_with('|')).collect();
        return (Block::Table(rows.iter().map(|row| cells(row)).collect()), rows.len());
    }
    if bullet(first).is_some() {
        let bullets: Vec<(&str, &str)> = lines.iter().map_while(|line| bullet(line.trim_start())).collect();
        return (list(&bullets, 1), bullets.len());
    }
    let ends = |line: &&&str| {
        let line = line.trim_start();
        line.is_empty() || bullet(line).is_some() || heading(line).is_some() || line.starts_with(['|', '{'])
    };
    let used = 1 + lines[1..].iter().take_while(|line| !ends(line)).count();
    let mut content = Vec::new();
    for (nth, line) in lines[..used].iter().enumerate() {
        content.extend((nth > 0).then_some(Inline::Break));
        content.extend(inline::read(line.trim()));
    }
    (Block::Paragraph(content), used)
}

fn fenced(lines: &[&str], close: &str) -> Option<(Block, usize)> {
    let first = lines[0].trim_start();
    let (open, rest) = first.split_once('}')?;
    let mut inside = vec![rest];
    let mut used = 1;
    if let Some((within, _)) = rest.split_once(close) {
        inside = vec![within];
    } else {
        let body: Vec<&str> = lines[1..].iter().take_while(|line| !line.contains(close)).copied().collect();
        used += body.len() + 1;
        inside.extend(body);
        inside.extend(lines.get(used - 1).and_then(|line| line.split(close).next()));
    }
    let text = inside.join("\n").trim_matches('\n').to_owned();
    if close == "{quote}" {
        return Some((Block::Quote(read(&text)), used));
    }
    let named = open.split_once(':').map(|(_, name)| name.split('|').next().unwrap_or_default());
    let language = named.filter(|n| !n.is_empty() && !n.contains('=')).map(str::to_owned);
    Some((Block::Code { language, text }, used))
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest.bytes().next()?.checked_sub(b'0').filter(|l| (1..=6).contains(l))?;
    Some((level, rest[1..].strip_prefix(". ")?))
}

/// The markers and the text of a list item.
fn bullet(line: &str) -> Option<(&str, &str)> {
    let count = line.bytes().take_while(|b| b"*#-".contains(b)).count();
    let (marks, rest) = line.split_at(count);
    (count > 0 && !(marks.starts_with('-') && count > 1)).then_some((marks, rest.strip_prefix(' ')?))
}

fn list(bullets: &[(&str, &str)], level: usize) -> Block {
    let ordered = bullets.first().and_then(|(marks, _)| marks.chars().nth(level - 1)) == Some('#');
    let (mut items, mut at) = (Vec::new(), 0);
    while at < bullets.len() {
        let mut blocks = vec![Block::Paragraph(inline::read(bullets[at].1))];
        let deeper = bullets[at + 1..].iter().take_while(|(marks, _)| marks.len() > level).count();
        if deeper > 0 {
            blocks.push(list(&bullets[at + 1..=at + deeper], level + 1));
        }
        items.push(blocks);
        at += 1 + deeper;
    }
    Block::List { ordered, items }
}

fn cells(row: &str) -> Vec<Vec<Inline>> {
    let separator = if row.starts_with("||") { "||" } else { "|" };
    row.trim_matches('|').split(separator).map(|cell| inline::read(cell.trim())).collect()
}
