//! What Markdown says whole, and what it shows but cannot say.

use error::Result;

use super::read::leads;
use super::xml::{self, Element, Node};
use super::{Page, markdown, text, write};

/// Attributes that tell a reader nothing.
const IDS: [&str; 5] = ["local-id", "ac:local-id", "ac:macro-id", "ac:schema-version", "ac:task-list-id"];

/// The document in one way of writing: blocks that Markdown says whole as they would be written anew, the others byte
/// for byte. Two documents that come to the same differ in nothing that Markdown cannot say.
pub(super) fn settled(storage: &str) -> Result<String> {
    let page = Page::read(storage)?;
    let (mut out, mut at) = (String::with_capacity(storage.len()), 0);
    for part in &page.parts {
        let own = &storage[part.range.clone()];
        out.push_str(storage[at..part.range.start].trim());
        let read = markdown::parse(&text::written(&part.blocks));
        match !part.blocks.is_empty() && read == part.blocks && xml::parse(own)?.iter().all(is_said) {
            true => out.push_str(&write::storage(&part.blocks)),
            false => out.push_str(own),
        }
        at = part.range.end;
    }
    out.push_str(storage[at..].trim());
    Ok(out)
}

/// Whether Markdown says all of a node at the top level.
fn is_said(node: &Node) -> bool {
    match node {
        Node::Element(element)
            if matches!(element.name.as_str(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6") =>
        {
            has_only(element, &[]) && element.children.iter().all(is_inner_said)
        }
        node => is_inner_said(node),
    }
}

/// The same below the top level, where there are no headings.
fn is_inner_said(node: &Node) -> bool {
    let Node::Element(element) = node else { return true };
    let attributes = match element.name.as_str() {
        "a" => return is_link(element) && element.children.iter().all(is_inner_said),
        "ac:structured-macro" => return is_code(element),
        "table" => return is_table(element),
        "ol" => &["start"][..],
        "p" | "ul" | "li" | "blockquote" | "hr" | "br" | "strong" | "b" | "em" | "i" | "del" | "s"
        | "code" | "ac:task-list" | "ac:task" | "ac:task-id" | "ac:task-uuid" | "ac:task-status"
        | "ac:task-body" => &[],
        _ => return false,
    };
    has_only(element, attributes) && element.children.iter().all(is_inner_said)
}

fn has_only(element: &Element, names: &[&str]) -> bool {
    element.attributes.iter().all(|(name, _)| names.contains(&name.as_str()) || IDS.contains(&name.as_str()))
}

fn is_link(element: &Element) -> bool {
    has_only(element, &["href"]) && element.attribute("href").is_some_and(leads)
}

/// Code with its language and nothing else.
fn is_code(element: &Element) -> bool {
    let is_part = |part: &Element| match part.name.as_str() {
        "ac:plain-text-body" => true,
        "ac:parameter" => part.attribute("ac:name") == Some("language"),
        _ => false,
    };
    has_only(element, &["ac:name"])
        && element.attribute("ac:name") == Some("code")
        && element.elements().all(is_part)
}

/// A head, rows below it, and cells of one line each; nothing merged, sized or colored.
fn is_table(table: &Element) -> bool {
    let rows: Vec<&Element> = table
        .elements()
        .flat_map(|part| if part.name == "tr" { vec![part] } else { part.elements().collect() })
        .collect();
    let is_part =
        |part: &Element| matches!(part.name.as_str(), "tr" | "thead" | "tbody") && has_only(part, &[]);
    let is_row = |(nth, row): (usize, &&Element)| {
        let name = if nth == 0 { "th" } else { "td" };
        row.name == "tr"
            && has_only(row, &[])
            && row.elements().all(|cell| cell.name == name && is_cell(cell))
    };
    // Confluence writes its own default, too.
    let usual = |(name, value): &(String, String)| {
        IDS.contains(&name.as_str()) || (name == "data-layout" && value == "default")
    };
    table.attributes.iter().all(usual) && table.elements().all(is_part) && rows.iter().enumerate().all(is_row)
}

fn is_cell(cell: &Element) -> bool {
    let is_line = |node: &Node| match node {
        Node::Element(element) => !super::read::is_block(element),
        Node::Text(..) => true,
    };
    let inner = match cell.children.as_slice() {
        [Node::Element(only)] if only.name == "p" && has_only(only, &[]) => &only.children,
        children => children,
    };
    has_only(cell, &[]) && inner.iter().all(|node| is_line(node) && is_inner_said(node))
}
