//! Jira's wiki markup, for Data Center.
//!
//! Source: Jira, "Text Formatting Notation Help" (`/secure/WikiRendererHelpAction.jspa?section=all`).

use super::{Block, Inline, Marks, push_text};

/// The blocks of a text in wiki markup; macros of unknown kinds keep their text.
pub(in super::super) fn read(text: &str) -> Vec<Block> {
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
        return (Block::Heading(level, inline(text)), 1);
    }
    if let Some(text) = first.strip_prefix("bq. ") {
        return (Block::Quote(vec![Block::Paragraph(inline(text))]), 1);
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
        content.extend(inline(line.trim()));
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
        let mut blocks = vec![Block::Paragraph(inline(bullets[at].1))];
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
    row.trim_matches('|').split(separator).map(|cell| inline(cell.trim())).collect()
}

fn inline(text: &str) -> Vec<Inline> {
    let mut line = Vec::new();
    read_inline(text, &Marks::default(), &mut line);
    line
}

fn read_inline(text: &str, marks: &Marks, out: &mut Vec<Inline>) {
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let used = special(rest, before, marks, out);
        let used = if used == 0 {
            push_text(out, &rest[..c.len_utf8()], marks);
            c.len_utf8()
        } else {
            used
        };
        before = rest[..used].chars().next_back().unwrap_or(' ');
        rest = &rest[used..];
    }
}

/// Takes markup off the front; 0 if there is none.
fn special(text: &str, before: char, marks: &Marks, out: &mut Vec<Inline>) -> usize {
    if text.starts_with("\\\\") {
        out.push(Inline::Break);
        return 2;
    }
    if let Some(next) =
        text.strip_prefix('\\').and_then(|rest| rest.chars().next()).filter(char::is_ascii_punctuation)
    {
        push_text(out, next.encode_utf8(&mut [0; 4]), marks);
        return 2;
    }
    if let Some((inside, _)) = text.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) {
        push_text(out, inside, &Marks { code: true, ..marks.clone() });
        return inside.len() + 4;
    }
    if let Some((inside, _)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return link(inside, marks, out);
    }
    if before.is_alphanumeric() {
        return 0;
    }
    for (sign, set) in [
        ('*', Marks { strong: true, ..marks.clone() }),
        ('_', Marks { em: true, ..marks.clone() }),
        ('-', Marks { strike: true, ..marks.clone() }),
    ] {
        let Some(rest) = text.strip_prefix(sign).filter(|r| !r.starts_with([' ', sign])) else { continue };
        let ends = |at: &usize| {
            let after = rest[at + 1..].chars().next();
            !rest[..*at].ends_with([' ', '\\']) && after.is_none_or(|c| !c.is_alphanumeric())
        };
        if let Some(end) =
            content::cut(rest, 2_000).match_indices(sign).map(|(at, _)| at).find(ends).filter(|at| *at > 0)
        {
            read_inline(&rest[..end], &set, out);
            return end + 2;
        }
    }
    0
}

fn link(inside: &str, marks: &Marks, out: &mut Vec<Inline>) -> usize {
    if let Some(name) = inside.strip_prefix('~') {
        let name = name.trim_start_matches("accountid:");
        out.push(Inline::Mention(name.to_owned(), name.to_owned()));
        return inside.len() + 2;
    }
    let (label, url) = inside.rsplit_once('|').unwrap_or((inside, inside));
    if !url.contains("://") && !url.starts_with("mailto:") {
        return 0;
    }
    read_inline(label, &Marks { link: Some(url.to_owned()), ..marks.clone() }, out);
    inside.len() + 2
}

/// Wiki markup of some blocks.
pub(in super::super) fn write(blocks: &[Block]) -> String {
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
