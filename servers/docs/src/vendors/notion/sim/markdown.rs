//! Notion-flavored Markdown, its first version: one block a line, children indented by a tab.

use serde_json::{Value, json};

use super::inline;
use super::state::{Block, Workspace, plain};

/// Markdown as blocks.
pub(super) fn parse(workspace: &mut Workspace, text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    let mut blocks = Vec::new();
    // The indentation of each open list item, outermost first.
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let indent = indentation(line);
        let inner = line.trim();
        if inner.is_empty() {
            at += 1;
            continue;
        }
        let (kind, value, children, used) = block(workspace, &lines[at..]);
        at += used;
        while open.last().is_some_and(|deepest| indent <= *deepest) {
            open.pop();
        }
        let block = Block { id: workspace.new_id(), kind: kind.to_owned(), value, children };
        let is_item = kind.ends_with("list_item") || kind == "to_do";
        place(&mut blocks, if indent > 0 { open.len() } else { 0 }, block);
        if indent == 0 {
            open.clear();
        }
        if is_item {
            open.push(indent);
        }
    }
    blocks
}

/// Blocks as Markdown.
pub(super) fn render(blocks: &[Block]) -> String {
    let mut lines = Vec::new();
    write(blocks, 0, &mut lines);
    lines.join("\n")
}

/// Puts a block below the last one that is `depth` levels deep.
fn place(blocks: &mut Vec<Block>, depth: usize, block: Block) {
    match (depth, blocks.last_mut()) {
        (0, _) | (_, None) => blocks.push(block),
        (_, Some(last)) => place(&mut last.children, depth - 1, block),
    }
}

fn indentation(line: &str) -> usize {
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).map(|c| if c == '\t' { 4 } else { 1 }).sum()
}

/// The block at the first of the lines: its type, its value, its children, and how many lines it takes.
fn block(workspace: &mut Workspace, lines: &[&str]) -> (&'static str, Value, Vec<Block>, usize) {
    let line = lines[0].trim();
    let text = |text: &str| json!({ "rich_text": inline::parse(text), "color": "default" });
    if let Some(info) = line.strip_prefix("```") {
        return code(lines, info);
    }
    if line == "<table>" || line.starts_with("<table ") || is_table(lines) {
        return table(workspace, lines);
    }
    let level = line.bytes().take_while(|b| *b == b'#').count();
    if (1..=6).contains(&level) && line[level..].starts_with(' ') {
        // Headings 5 and 6 become heading 4.
        let kind = ["heading_1", "heading_2", "heading_3", "heading_4"][level.min(4) - 1];
        let mut value = text(line[level..].trim());
        value["is_toggleable"] = json!(false);
        return (kind, value, Vec::new(), 1);
    }
    if matches!(line, "---" | "***" | "___") {
        return ("divider", json!({}), Vec::new(), 1);
    }
    for (mark, checked) in [("- [ ] ", false), ("- [x] ", true)] {
        if let Some(rest) = line.strip_prefix(mark) {
            let mut value = text(rest);
            value["checked"] = json!(checked);
            return ("to_do", value, Vec::new(), 1);
        }
    }
    if let Some(rest) = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)) {
        return ("bulleted_list_item", text(rest), Vec::new(), 1);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0
        && let Some(rest) = line[digits..].strip_prefix(". ").or_else(|| line[digits..].strip_prefix(") "))
    {
        return ("numbered_list_item", text(rest), Vec::new(), 1);
    }
    if let Some(rest) = line.strip_prefix("> ") {
        return ("quote", text(rest), Vec::new(), 1);
    }
    ("paragraph", text(line), Vec::new(), 1)
}

fn code(lines: &[&str], info: &str) -> (&'static str, Value, Vec<Block>, usize) {
    let end = lines.iter().skip(1).position(|line| line.trim() == "```").map_or(lines.len(), |at| at + 1);
    let text = lines[1..end].join("\n");
    let language = if info.trim().is_empty() { "plain text" } else { info.trim() };
    let value = json!({ "rich_text": super::state::rich(&text), "language": language, "caption": [] });
    ("code", value, Vec::new(), (end + 1).min(lines.len()))
}

/// A table in the way of GitHub, which Notion reads too.
fn is_table(lines: &[&str]) -> bool {
    let rule =
        |line: &&str| line.contains('-') && line.trim().chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
    lines[0].trim().starts_with('|') && lines.get(1).is_some_and(rule)
}

fn table(workspace: &mut Workspace, lines: &[&str]) -> (&'static str, Value, Vec<Block>, usize) {
    let (rows, used): (Vec<Vec<String>>, usize) = match is_table(lines) {
        true => {
            let used = lines.iter().take_while(|line| line.trim().starts_with('|')).count();
            let cells = |line: &&str| -> Vec<String> {
                line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
            };
            let rows = lines[..used].iter().enumerate().filter(|(at, _)| *at != 1);
            (rows.map(|(_, line)| cells(line)).collect(), used)
        }
        false => {
            let end = lines.iter().position(|line| line.trim() == "</table>").unwrap_or(lines.len() - 1);
            let whole = lines[..=end].join("\n");
            let rows = whole.split("<tr>").skip(1).map(|row| {
                let cells = row.split("<td>").skip(1).filter_map(|cell| cell.split("</td>").next());
                cells.map(str::to_owned).collect()
            });
            (rows.collect(), end + 1)
        }
    };
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let row = |cells: Vec<String>| Block {
        id: workspace.new_id(),
        kind: "table_row".into(),
        value: json!({ "cells": cells.iter().map(|cell| inline::parse(cell)).collect::<Vec<_>>() }),
        children: Vec::new(),
    };
    let children = rows.into_iter().map(row).collect();
    let value = json!({ "table_width": width, "has_column_header": true, "has_row_header": false });
    ("table", value, children, used)
}

fn write(blocks: &[Block], depth: usize, lines: &mut Vec<String>) {
    let indent = "\t".repeat(depth);
    let mut number = 0;
    for block in blocks {
        number = if block.kind == "numbered_list_item" { number + 1 } else { 0 };
        let text = inline::render(&block.value["rich_text"]);
        let line = match block.kind.as_str() {
            "heading_1" => format!("# {text}"),
            "heading_2" => format!("## {text}"),
            "heading_3" => format!("### {text}"),
            "heading_4" => format!("#### {text}"),
            "bulleted_list_item" => format!("- {text}"),
            "numbered_list_item" => format!("{number}. {text}"),
            "to_do" => format!("- [{}] {text}", if block.value["checked"] == true { "x" } else { " " }),
            "quote" => format!("> {text}"),
            "divider" => "---".to_owned(),
            "code" => code_lines(block),
            "table" => table_lines(block),
            "paragraph" if text.is_empty() => "<empty-block/>".to_owned(),
            "paragraph" => text,
            _ => format!(
                "<unknown url=\"https://www.notion.so/{}\" alt=\"{}\"/>",
                block.id.replace('-', ""),
                block.kind
            ),
        };
        lines.extend(line.lines().map(|line| format!("{indent}{line}")));
        if block.kind != "table" {
            write(&block.children, depth + 1, lines);
        }
    }
}

fn code_lines(block: &Block) -> String {
    let language = block.value["language"].as_str().filter(|l| *l != "plain text").unwrap_or_default();
    format!("```{language}\n{}\n```", plain(&block.value["rich_text"]))
}

fn table_lines(block: &Block) -> String {
    let mut out = "<table header-row=\"true\">".to_owned();
    for row in &block.children {
        out.push_str("\n<tr>");
        for cell in row.value["cells"].as_array().into_iter().flatten() {
            out.push_str(&format!("\n<td>{}</td>", inline::render(cell)));
        }
        out.push_str("\n</tr>");
    }
    out + "\n</table>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_notion_writes_it_reads_the_same() {
        let text = "Intro **bold**.\n\n# One\n- a\n    - b\n\t- c\n- d\n\n1. x\n2. y\n\n```sh\n# no heading\n\nls\n```\n> said\n\
                    - [x] done\n---\n| k | v |\n|---|---|\n| a | `b` |\n##### Deep\nlast";
        let mut workspace = Workspace::new();
        let first = render(&parse(&mut workspace, text));
        assert_eq!(
            first,
            "Intro **bold**.\n# One\n- a\n\t- b\n\t- c\n- d\n1. x\n2. y\n```sh\n# no heading\n\nls\n```\n> said\n- [x] done\n\
             ---\n<table header-row=\"true\">\n<tr>\n<td>k</td>\n<td>v</td>\n</tr>\n<tr>\n<td>a</td>\n<td>`b`</td>\n</tr>\n\
             </table>\n#### Deep\nlast"
        );
        assert_eq!(render(&parse(&mut workspace, &first)), first);
    }
}
