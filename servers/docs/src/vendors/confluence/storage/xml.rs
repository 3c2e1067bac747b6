//! Storage format as a tree that remembers where each part stands.
//!
//! Source: confluence.atlassian.com, "Confluence Storage Format": XHTML with elements of the prefixes `ac:` and `ri:`,
//! HTML's entities, and no single root.

use std::ops::Range;

use error::{Code, Error, Result};
use quick_xml::Reader;
use quick_xml::escape::{resolve_html5_entity, unescape_with};
use quick_xml::events::{BytesStart, Event};

/// Elements within elements, at most: no editor nests deeper, and readers of the tree recurse.
const DEPTH: usize = 100;

/// A piece of a storage document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Text, decoded, and where it stands.
    Text(String, Range<usize>),
    /// An element.
    Element(Element),
}

/// An element with its name as written, prefix included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
    /// From the first byte of its start tag to behind its end tag.
    pub(super) range: Range<usize>,
}

impl Node {
    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Text(_, range) => range.clone(),
            Self::Element(element) => element.range.clone(),
        }
    }

    /// Text that shows nothing.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text, _) if text.trim().is_empty())
    }
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(..) => None,
        })
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// All text within, markup aside.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        gather(&self.children, &mut out);
        out
    }

    /// The parameter of a macro.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let own =
            |e: &&Element| e.name == "ac:parameter" && e.attribute("ac:name").unwrap_or_default() == name;
        self.elements().find(own).map(Element::text)
    }
}

fn gather(nodes: &[Node], out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text, _) => out.push_str(text),
            Node::Element(element) => gather(&element.children, out),
        }
    }
}

/// The tree of a document. `upstream_garbled` for what is no well-formed storage format.
pub(super) fn parse(storage: &str) -> Result<Vec<Node>> {
    let mut reader = Reader::from_str(storage);
    let mut open: Vec<Element> = Vec::new();
    let mut roots = Vec::new();
    loop {
        let start = position(&reader);
        let event = reader.read_event().map_err(|e| garbled(&e))?;
        let range = start..position(&reader);
        let node = match event {
            Event::Eof => break,
            Event::Start(tag) => {
                if open.len() >= DEPTH {
                    return Err(garbled(&"nested too deeply"));
                }
                open.push(element(&tag, range)?);
                continue;
            }
            Event::Empty(tag) => Node::Element(element(&tag, range)?),
            // The reader has seen to it that names match.
            Event::End(_) => match open.pop() {
                Some(mut closed) => {
                    closed.range.end = range.end;
                    Node::Element(closed)
                }
                None => continue,
            },
            Event::Text(text) => Node::Text(text.into_inner().into_owned(), range),
            Event::CData(text) => Node::Text(text.into_inner().into_owned(), range),
            Event::GeneralRef(reference) => {
                let raw = format!("&{};", &*reference.into_inner());
                Node::Text(decoded(&raw)?, range)
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
        };
        match open.last_mut() {
            Some(parent) => push(&mut parent.children, node),
            None => push(&mut roots, node),
        }
    }
    if open.is_empty() { Ok(roots) } else { Err(garbled(&"an element is not closed")) }
}

/// Texts that follow one another are one.
fn push(nodes: &mut Vec<Node>, node: Node) {
    match (nodes.last_mut(), node) {
        (Some(Node::Text(before, at)), Node::Text(text, range)) => {
            before.push_str(&text);
            at.end = range.end;
        }
        (_, node) => nodes.push(node),
    }
}

fn element(tag: &BytesStart<'_>, range: Range<usize>) -> Result<Element> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| garbled(&e))?;
        attributes.push((attribute.key.as_ref().to_owned(), decoded(&attribute.value)?));
    }
    Ok(Element { name: tag.name().as_ref().to_owned(), attributes, children: Vec::new(), range })
}

fn decoded(raw: &str) -> Result<String> {
    Ok(unescape_with(raw, resolve_html5_entity).map_err(|e| garbled(&e))?.into_owned())
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn garbled(why: &dyn std::fmt::Display) -> Error {
    Error::new(Code::UpstreamGarbled, "the page's text is not in Confluence's storage format")
        .detail(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_remembers_where_it_stands() {
        let storage = "<p>a &amp; &uuml; <b>c</b></p>\n<ac:structured-macro ac:name=\"toc\" />x";
        let nodes = parse(storage).unwrap();
        let shown: Vec<_> = nodes.iter().map(|node| &storage[node.range()]).collect();
        assert_eq!(
            shown,
            ["<p>a &amp; &uuml; <b>c</b></p>", "\n", "<ac:structured-macro ac:name=\"toc\" />", "x"]
        );
        let Node::Element(paragraph) = &nodes[0] else { panic!() };
        assert_eq!(paragraph.text(), "a & ü c");
    }

    #[test]
    fn parameters_and_plain_bodies_are_read() {
        let nodes = parse(
            "<ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">sh</ac:parameter>\
             <ac:plain-text-body><![CDATA[a < b]]]]><![CDATA[>]]></ac:plain-text-body></ac:structured-macro>",
        );
        let nodes = nodes.unwrap();
        let Node::Element(code) = &nodes[0] else { panic!() };
        assert_eq!(code.parameter("language").as_deref(), Some("sh"));
        assert_eq!(code.child("ac:plain-text-body").unwrap().text(), "a < b]]>");
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for storage in ["<p>", "<p></b>", "</p>", "<p a=b>x</p>", "&nosuchentity;", &"<b>".repeat(200)] {
            assert_eq!(parse(storage).unwrap_err().code(), Code::UpstreamGarbled, "{storage}");
        }
    }
}
