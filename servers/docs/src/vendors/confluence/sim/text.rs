//! Texts: Markdown as Confluence's editor would store it, stored texts as plain words.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_html5_entity};
use quick_xml::events::Event as Xml;

/// Markdown in storage format, as the editor's "paste Markdown" makes it.
pub(super) fn stored(markdown: &str) -> String {
    let mut out = String::new();
    let mut code = false;
    let mut head = false;
    // Items of tight lists have no paragraphs in Markdown, but in Confluence they do.
    let mut bare: Vec<bool> = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Item) => {
                out.push_str("<li>");
                bare.push(false);
            }
            Event::Start(Tag::Paragraph | Tag::List(_)) | Event::End(TagEnd::Item)
                if bare.last() == Some(&true) =>
            {
                out.push_str("</p>");
                if let Some(last) = bare.last_mut() {
                    *last = false;
                }
                again(&event, &mut out, &mut bare);
            }
            Event::Start(Tag::List(start)) => out.push_str(&list(start)),
            Event::End(TagEnd::List(ordered)) => out.push_str(if ordered { "</ol>" } else { "</ul>" }),
            Event::End(TagEnd::Item) => again(&event, &mut out, &mut bare),
            Event::Start(Tag::CodeBlock(kind)) => {
                code = true;
                out.push_str("<ac:structured-macro ac:name=\"code\" ac:schema-version=\"1\">");
                if let CodeBlockKind::Fenced(language) = kind
                    && !language.is_empty()
                {
                    out.push_str(&format!("<ac:parameter ac:name=\"language\">{language}</ac:parameter>"));
                }
                out.push_str("<ac:plain-text-body><![CDATA[");
            }
            Event::End(TagEnd::CodeBlock) => {
                code = false;
                out.push_str("]]></ac:plain-text-body></ac:structured-macro>");
            }
            Event::Text(text) if code => out.push_str(&text),
            Event::Text(text) => {
                open(&mut out, &mut bare);
                out.push_str(&escape(&*text));
            }
            Event::Code(text) => {
                open(&mut out, &mut bare);
                out.push_str(&format!("<code>{}</code>", escape(&*text)));
            }
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push_str("<br />"),
            Event::Rule => out.push_str("<hr />"),
            Event::Start(Tag::TableHead) => {
                head = true;
                out.push_str("<tr>");
            }
            Event::End(TagEnd::TableHead) => {
                head = false;
                out.push_str("</tr>");
            }
            Event::Start(Tag::TableCell) => out.push_str(if head { "<th><p>" } else { "<td><p>" }),
            Event::End(TagEnd::TableCell) => out.push_str(if head { "</p></th>" } else { "</p></td>" }),
            Event::Start(Tag::Link { dest_url, .. }) => {
                open(&mut out, &mut bare);
                out.push_str(&format!("<a href=\"{}\">", escape(&*dest_url)));
            }
            Event::Start(tag) => {
                if matches!(tag, Tag::Strong | Tag::Emphasis | Tag::Strikethrough) {
                    open(&mut out, &mut bare);
                }
                out.push_str(&format!("<{}>", element(tag.to_end())));
            }
            Event::End(tag) => out.push_str(&format!("</{}>", element(tag))),
            _ => {}
        }
    }
    out.replace("<table>", "<table><tbody>").replace("</table>", "</tbody></table>")
}

fn list(start: Option<u64>) -> String {
    match start {
        None => "<ul>".into(),
        Some(1) => "<ol>".into(),
        Some(start) => format!("<ol start=\"{start}\">"),
    }
}

fn again(event: &Event<'_>, out: &mut String, bare: &mut Vec<bool>) {
    match event {
        Event::Start(Tag::Paragraph) => out.push_str("<p>"),
        Event::Start(Tag::List(start)) => out.push_str(&list(*start)),
        _ => {
            bare.pop();
            out.push_str("</li>");
        }
    }
}

/// Opens the paragraph that text in an item stands in.
fn open(out: &mut String, bare: &mut [bool]) {
    if out.ends_with("<li>")
        && let Some(last) = bare.last_mut()
    {
        *last = true;
        out.push_str("<p>");
    }
}

fn element(tag: TagEnd) -> String {
    match tag {
        TagEnd::Heading(level) => format!("h{}", level as u8),
        TagEnd::BlockQuote(_) => "blockquote".into(),
        TagEnd::Strong => "strong".into(),
        TagEnd::Emphasis => "em".into(),
        TagEnd::Strikethrough => "del".into(),
        TagEnd::Table => "table".into(),
        TagEnd::TableRow => "tr".into(),
        TagEnd::Link => "a".into(),
        TagEnd::Paragraph => "p".into(),
        _ => "span".into(),
    }
}

/// The words of a stored text, a space between elements. Errors: why it is not well-formed.
pub(super) fn plain(storage: &str) -> Result<String, String> {
    let mut reader = Reader::from_str(storage);
    let (mut out, mut open, mut hidden) = (String::new(), 0_usize, 0_usize);
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Xml::Eof if open == 0 => return Ok(out),
            Xml::Eof => return Err("an element is not closed".into()),
            Xml::Start(tag) => {
                open += 1;
                hidden += usize::from(hidden > 0 || tag.name().as_ref() == "ac:parameter");
                attributes(&tag)?;
            }
            Xml::End(tag) => {
                open -= 1;
                hidden = hidden.saturating_sub(1);
                // Styles do not part words.
                if !matches!(tag.name().as_ref(), "strong" | "em" | "code" | "del" | "a" | "span") {
                    out.push('\n');
                }
            }
            Xml::Empty(tag) => {
                attributes(&tag)?;
                out.push(' ');
            }
            Xml::Text(text) if hidden == 0 => out.push_str(&text.into_inner()),
            Xml::CData(text) if hidden == 0 => out.push_str(&text.into_inner()),
            Xml::GeneralRef(reference) => {
                let name = reference.into_inner();
                let known = match name.strip_prefix('#') {
                    Some(_) => quick_xml::escape::unescape(&format!("&{name};")).ok().map(|c| c.into_owned()),
                    None => resolve_html5_entity(&name).map(str::to_owned),
                };
                let known = known
                    .ok_or_else(|| format!("The entity \"{name}\" was referenced, but not declared."))?;
                if hidden == 0 {
                    out.push_str(&known);
                }
            }
            _ => {}
        }
    }
}

fn attributes(tag: &quick_xml::events::BytesStart<'_>) -> Result<(), String> {
    tag.attributes().try_for_each(|attribute| attribute.map(drop).map_err(|e| e.to_string()))
}

/// A text as Confluence keeps it: it gives every macro an id and the version of its schema. Errors: it is not
/// well-formed.
pub(super) fn kept(storage: &str, id: u64) -> Result<String, String> {
    plain(storage)?;
    let mut out = String::with_capacity(storage.len());
    let mut rest = storage;
    let mut nth = 0;
    while let Some(at) = rest.find("<ac:structured-macro") {
        let (before, tag) = rest.split_at(at + "<ac:structured-macro".len());
        out.push_str(before);
        let end = tag.find('>').unwrap_or(tag.len());
        if !tag[..end].contains("ac:macro-id") {
            nth += 1;
            out.push_str(&format!(" ac:macro-id=\"00000000-0000-4000-8000-{id:08x}{nth:04x}\""));
        }
        rest = tag;
    }
    out.push_str(rest);
    Ok(out)
}
