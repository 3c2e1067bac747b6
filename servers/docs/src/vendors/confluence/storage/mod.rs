//! Confluence's storage format: shown as Markdown, written from Markdown, edited in place.
//!
//! A page is a row of blocks, each with its bytes in the storage document. An edit touches the bytes of the blocks that
//! change and no others: macros, layouts, mentions and whatever else Markdown cannot say stay as they are.

mod edit;
mod markdown;
mod plain;
mod read;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod write;
mod xml;

use std::ops::Range;

use error::Result;

use self::tree::Block;
use self::xml::Node;

pub(super) use self::edit::{comes_back, replaced, says_already};

/// A page's text, block by block.
#[derive(Clone, Debug)]
pub(super) struct Page {
    parts: Vec<Part>,
}

/// One block of the storage document.
#[derive(Clone, Debug)]
struct Part {
    /// Its bytes.
    range: Range<usize>,
    /// What it says; nothing for what shows nothing, such as an anchor.
    blocks: Vec<Block>,
}

impl Part {
    /// Its level, if it is a heading.
    fn level(&self) -> Option<u8> {
        match self.blocks.as_slice() {
            [Block::Heading(level, _)] => Some(*level),
            _ => None,
        }
    }
}

impl Page {
    /// Reads a storage document. `upstream_garbled` if it is none.
    pub(super) fn read(storage: &str) -> Result<Self> {
        let mut parts = Vec::new();
        collect(&xml::parse(storage)?, &mut parts);
        Ok(Self { parts })
    }

    /// Its text, Markdown; each heading that stands at the top level or in a column of it is an ATX heading.
    pub(super) fn text(&self) -> String {
        let mut text = text::written(self.parts.iter().flat_map(|part| &part.blocks));
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// The text of the n-th heading, or the first line before all headings: what a comment on that section is hung on.
    /// `None` if there is none that says anything.
    pub(super) fn place_of(&self, heading: Option<usize>) -> Option<Spot> {
        let at = match heading {
            Some(number) => {
                let headings = self.parts.iter().enumerate().filter(|(_, part)| part.level().is_some());
                headings.map(|(at, _)| at).nth(number)?
            }
            None => {
                self.parts.iter().position(|part| !shown(part).trim().is_empty() && part.level().is_none())?
            }
        };
        let selection = shown(&self.parts[at]).lines().next().unwrap_or_default().trim().to_owned();
        let count = |parts: &[Part]| parts.iter().map(|p| shown(p).matches(selection.as_str()).count()).sum();
        let (index, total): (usize, usize) = (count(&self.parts[..at]), count(&self.parts));
        (!selection.is_empty() && index < total).then_some(Spot { selection, index, total })
    }
}

/// A text on a page, to hang a comment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// The text.
    pub(super) selection: String,
    /// Which of its occurrences, from 0.
    pub(super) index: usize,
    /// How often it occurs.
    pub(super) total: usize,
}

/// Markdown in storage format.
pub(super) fn from_markdown(text: &str) -> String {
    write::storage(&markdown::parse(text))
}

/// Storage format as Markdown.
pub(super) fn to_markdown(storage: &str) -> Result<String> {
    Ok(Page::read(storage)?.text())
}

/// Text as it stands between tags.
pub(super) fn escaped(text: &str) -> String {
    write::escaped(text)
}

/// The blocks at the top level and in columns; text between them is a block of its own.
fn collect(nodes: &[Node], parts: &mut Vec<Part>) {
    let mut line: Vec<Node> = Vec::new();
    for node in nodes {
        match node {
            Node::Element(element) if read::is_container(element) => {
                close(&mut line, parts);
                collect(&element.children, parts);
            }
            Node::Element(element) if read::is_block(element) => {
                close(&mut line, parts);
                parts.push(Part { range: node.range(), blocks: read::blocks(std::slice::from_ref(node)) });
            }
            node if line.is_empty() && node.is_blank() => {}
            node => line.push(node.clone()),
        }
    }
    close(&mut line, parts);
}

fn close(line: &mut Vec<Node>, parts: &mut Vec<Part>) {
    if let (Some(first), Some(last)) = (line.first(), line.last()) {
        let range = first.range().start..last.range().end;
        parts.push(Part { range, blocks: read::blocks(line) });
        line.clear();
    }
}

/// The characters of a part, markup aside.
fn shown(part: &Part) -> String {
    let mut out = String::new();
    gather(&part.blocks, &mut out);
    out
}

fn gather(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Heading(_, runs) | Block::Paragraph(runs) => {
                runs.iter().for_each(|run| out.push_str(run.shown()));
            }
            Block::List(list) => list.items.iter().for_each(|item| gather(&item.blocks, out)),
            Block::Quote(inner) => gather(inner, out),
            Block::Code { text, .. } => out.push_str(text),
            Block::Table(rows) => rows.iter().flatten().flatten().for_each(|run| out.push_str(run.shown())),
            Block::Rule => {}
        }
        out.push('\n');
    }
}
