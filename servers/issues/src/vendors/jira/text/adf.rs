//! Atlassian documents.
//!
//! Source: developer.atlassian.com/cloud/jira/platform/apis/document/structure.

use serde_json::{Map, Value, json};

use super::{Block, HIGHEST, Inline, Marks, numbers, plain, push_text, words};

/// The blocks of a document; nodes of unknown kinds keep their text.
pub(in super::super) fn read(document: &Value) -> Vec<Block> {
    let mut blocks = Vec::new();
    read_blocks(document, &mut blocks);
    blocks
}

/// A document of some blocks.
pub(in super::super) fn write(blocks: &[Block]) -> Value {
    json!({ "type": "doc", "version": 1, "content": blocks.iter().map(block).collect::<Vec<_>>() })
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node.get("content").and_then(Value::as_array).into_iter().flatten()
}

fn attr<'a>(node: &'a Value, name: &str) -> Option<&'a str> {
    node.get("attrs")?.get(name)?.as_str()
}

fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn read_blocks(parent: &Value, out: &mut Vec<Block>) {
    let mut loose = Vec::new();
    for node in children(parent) {
        if is_inline(kind(node)) {
            read_inline(node, &mut loose);
            continue;
        }
        if !loose.is_empty() {
            out.push(Block::Paragraph(std::mem::take(&mut loose)));
        }
        read_block(node, out);
    }
    if !loose.is_empty() {
        out.push(Block::Paragraph(loose));
    }
}

fn is_inline(kind: &str) -> bool {
    matches!(kind, "text" | "hardBreak" | "mention" | "emoji" | "inlineCard" | "date" | "status")
}

fn read_block(node: &Value, out: &mut Vec<Block>) {
    match kind(node) {
        "paragraph" => {
            let line = line(node);
            if !line.is_empty() {
                out.push(Block::Paragraph(line));
            }
        }
        "heading" => {
            let level = node["attrs"]["level"].as_u64().and_then(|l| u8::try_from(l).ok()).unwrap_or(1);
            out.push(Block::Heading(level.clamp(1, 6), line(node)));
        }
        "bulletList" | "taskList" | "decisionList" => out.push(list(node, None)),
        "orderedList" => out.push(list(node, Some(order(node)))),
        "codeBlock" => {
            let language = attr(node, "language").filter(|l| !l.is_empty()).map(str::to_owned);
            out.push(Block::Code { language, text: words(&line(node)) });
        }
        "blockquote" | "panel" => out.push(Block::Quote(read(node))),
        "rule" => out.push(Block::Rule),
        "table" => {
            let rows: Vec<Vec<Vec<Inline>>> =
                children(node).map(|row| children(row).map(cell).collect()).collect();
            out.push(Block::Table(rows));
        }
        "expand" | "nestedExpand" => {
            if let Some(title) = attr(node, "title").filter(|t| !t.is_empty()) {
                out.push(Block::Paragraph(vec![Inline::Text(
                    title.into(),
                    Marks { strong: true, ..Marks::default() },
                )]));
            }
            read_blocks(node, out);
        }
        "media" => out.push(Block::Paragraph(vec![plain(format!(
            "[file {}]",
            attr(node, "alt").unwrap_or("attached")
        ))])),
        "blockCard" | "embedCard" => {
            let url = attr(node, "url").unwrap_or_default();
            out.push(Block::Paragraph(vec![linked(url)]));
        }
        _ => read_blocks(node, out),
    }
}

/// The number of a list's first item: 1 if it has none.
fn order(node: &Value) -> u32 {
    let order = node["attrs"]["order"].as_u64();
    order.map_or(1, |order| u32::try_from(order).map_or(HIGHEST, |order| order.min(HIGHEST)))
}

fn list(node: &Value, start: Option<u32>) -> Block {
    let items = children(node).map(|item| {
        let mut blocks = read(item);
        if kind(item) == "taskItem" {
            let done = attr(item, "state") == Some("DONE");
            blocks.insert(0, Block::Paragraph(vec![plain(if done { "[x]" } else { "[ ]" })]));
        }
        blocks
    });
    Block::List { start, items: items.collect() }
}

fn cell(node: &Value) -> Vec<Inline> {
    let mut cell = Vec::new();
    for block in read(node) {
        if !cell.is_empty() {
            cell.push(plain(" "));
        }
        flatten(&block, &mut cell);
    }
    cell
}

/// The words of a block on one line.
fn flatten(block: &Block, out: &mut Vec<Inline>) {
    match block {
        Block::Paragraph(line) | Block::Heading(_, line) => out.extend(line.iter().cloned()),
        Block::Code { text, .. } => {
            push_text(out, &text.replace('\n', " "), &Marks { code: true, ..Marks::default() });
        }
        Block::Quote(blocks) => blocks.iter().for_each(|b| flatten(b, out)),
        Block::List { start, items } => {
            for (number, blocks) in numbers(start.unwrap_or(1)).zip(items) {
                push_text(out, &start.map_or(String::new(), |_| format!("{number}. ")), &Marks::default());
                blocks.iter().for_each(|b| {
                    flatten(b, out);
                    push_text(out, " ", &Marks::default());
                });
            }
        }
        Block::Table(rows) => rows.iter().flatten().for_each(|cell| out.extend(cell.iter().cloned())),
        Block::Rule => {}
    }
}

fn line(node: &Value) -> Vec<Inline> {
    let mut line = Vec::new();
    children(node).for_each(|child| read_inline(child, &mut line));
    line
}

fn read_inline(node: &Value, out: &mut Vec<Inline>) {
    let text = |name| attr(node, name).unwrap_or_default();
    match kind(node) {
        "text" => push_text(out, node["text"].as_str().unwrap_or_default(), &marks(node)),
        "hardBreak" => out.push(Inline::Break),
        "mention" => {
            out.push(Inline::Mention(text("id").into(), text("text").trim_start_matches('@').to_owned()));
        }
        "emoji" => {
            let shown = attr(node, "text").filter(|t| !t.is_empty()).unwrap_or(text("shortName"));
            push_text(out, shown, &Marks::default());
        }
        "inlineCard" => out.push(linked(text("url"))),
        "status" => push_text(out, &format!("[{}]", text("text")), &Marks::default()),
        "date" => {
            let at = text("timestamp").parse().ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            let shown = at.map(|t| t.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
            push_text(out, &shown, &Marks::default());
        }
        _ => {
            push_text(out, attr(node, "text").unwrap_or_default(), &Marks::default());
            children(node).for_each(|child| read_inline(child, out));
        }
    }
}

fn linked(url: &str) -> Inline {
    Inline::Text(url.to_owned(), Marks { link: Some(url.to_owned()), ..Marks::default() })
}

fn marks(node: &Value) -> Marks {
    let mut marks = Marks::default();
    for mark in node.get("marks").and_then(Value::as_array).into_iter().flatten() {
        match kind(mark) {
            "strong" => marks.strong = true,
            "em" => marks.em = true,
            "strike" => marks.strike = true,
            "code" => marks.code = true,
            "link" => marks.link = attr(mark, "href").map(str::to_owned),
            _ => {}
        }
    }
    marks
}

fn block(block: &Block) -> Value {
    match block {
        Block::Paragraph(line) => paragraph(line),
        Block::Heading(level, line) => {
            json!({ "type": "heading", "attrs": { "level": level }, "content": inlines(line) })
        }
        Block::Code { language, text } => {
            let mut attrs = Map::new();
            attrs.extend(language.iter().map(|l| ("language".to_owned(), json!(l))));
            let content: Vec<Value> =
                (!text.is_empty()).then(|| json!({ "type": "text", "text": text })).into_iter().collect();
            json!({ "type": "codeBlock", "attrs": attrs, "content": content })
        }
        Block::Rule => json!({ "type": "rule" }),
        Block::Quote(inside) => {
            let content = nested(inside);
            let content = if content.is_empty() { vec![paragraph(&[])] } else { content };
            json!({ "type": "blockquote", "content": content })
        }
        Block::List { start, items } => {
            let content: Vec<Value> = items.iter().map(|i| item(i)).collect();
            match start {
                None => json!({ "type": "bulletList", "content": content }),
                Some(1) => json!({ "type": "orderedList", "content": content }),
                Some(order) => {
                    json!({ "type": "orderedList", "attrs": { "order": order }, "content": content })
                }
            }
        }
        // A table has a row, and a row a cell.
        Block::Table(rows) if rows.iter().all(Vec::is_empty) => paragraph(&[]),
        Block::Table(rows) => {
            let row = |(nth, cells): (usize, &Vec<Vec<Inline>>)| {
                let kind = if nth == 0 { "tableHeader" } else { "tableCell" };
                let cell =
                    |line: &Vec<Inline>| json!({ "type": kind, "attrs": {}, "content": [paragraph(line)] });
                json!({ "type": "tableRow", "content": cells.iter().map(cell).collect::<Vec<_>>() })
            };
            let filled = rows.iter().filter(|cells| !cells.is_empty()).enumerate();
            json!({ "type": "table", "content": filled.map(row).collect::<Vec<_>>() })
        }
    }
}

fn paragraph(line: &[Inline]) -> Value {
    json!({ "type": "paragraph", "content": inlines(line) })
}

/// A list item begins with a paragraph or code.
fn item(blocks: &[Block]) -> Value {
    let mut content = nested(blocks);
    let begins = content.first().map(kind).is_some_and(|k| matches!(k, "paragraph" | "codeBlock"));
    if !begins {
        content.insert(0, paragraph(&[]));
    }
    json!({ "type": "listItem", "content": content })
}

/// Inside lists and quotations only paragraphs, lists and code may stand; the rest is turned into those.
fn nested(blocks: &[Block]) -> Vec<Value> {
    let mut content = Vec::new();
    for inner in blocks {
        match inner {
            Block::Paragraph(_) | Block::Code { .. } | Block::List { .. } => content.push(block(inner)),
            Block::Heading(_, line) => {
                let strong = |piece: &Inline| match piece {
                    Inline::Text(text, marks) => {
                        Inline::Text(text.clone(), Marks { strong: true, ..marks.clone() })
                    }
                    other => other.clone(),
                };
                content.push(paragraph(&line.iter().map(strong).collect::<Vec<_>>()));
            }
            Block::Quote(inside) => content.extend(nested(inside)),
            Block::Table(rows) => {
                for cells in rows {
                    let mut line = Vec::new();
                    for (nth, cell) in cells.iter().enumerate() {
                        line.extend((nth > 0).then(|| plain(" | ")));
                        line.extend(cell.iter().cloned());
                    }
                    content.push(paragraph(&line));
                }
            }
            Block::Rule => {}
        }
    }
    content
}

fn inlines(line: &[Inline]) -> Vec<Value> {
    line.iter()
        .filter_map(|piece| match piece {
            Inline::Break => Some(json!({ "type": "hardBreak" })),
            Inline::Mention(id, name) => {
                Some(json!({ "type": "mention", "attrs": { "id": id, "text": format!("@{name}") } }))
            }
            Inline::Text(text, _) if text.is_empty() => None,
            Inline::Text(text, marks) => {
                let set = written(marks);
                Some(if set.is_empty() {
                    json!({ "type": "text", "text": text })
                } else {
                    json!({ "type": "text", "text": text, "marks": set })
                })
            }
        })
        .collect()
}

/// `code` goes with no other mark but a link.
fn written(marks: &Marks) -> Vec<Value> {
    let plain = !marks.code;
    let names = [
        (marks.strong && plain, "strong"),
        (marks.em && plain, "em"),
        (marks.strike && plain, "strike"),
        (marks.code, "code"),
    ];
    let mut set: Vec<Value> =
        names.iter().filter(|(on, _)| *on).map(|(_, name)| json!({ "type": name })).collect();
    set.extend(marks.link.iter().map(|url| json!({ "type": "link", "attrs": { "href": url } })));
    set
}
