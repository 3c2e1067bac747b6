//! Storage format as a tree of what Markdown can say; what it cannot is shown in some readable way.

use super::tree::{Block, Inline, Item, List, Row, Run, Style, tidy};
use super::xml::{Element, Node};

/// Macros whose text stands in a frame: shown as quotations with their name or title.
const FRAMES: [&str; 7] = ["info", "note", "tip", "warning", "panel", "expand", "details"];

/// Macros that show nothing of their own.
const SILENT: [&str; 2] = ["anchor", "toc"];

/// The blocks of some nodes; text between blocks is a paragraph.
pub(super) fn blocks(nodes: &[Node]) -> Vec<Block> {
    let mut out = Vec::new();
    let mut loose: Vec<Run> = Vec::new();
    for node in nodes {
        match node {
            Node::Element(element) if is_block(element) => {
                close(&mut out, &mut loose);
                out.extend(block(element));
            }
            node => inline(node, Style::default(), None, &mut loose),
        }
    }
    close(&mut out, &mut loose);
    out
}

/// Whether an element stands by itself, not in a line of text.
pub(super) fn is_block(element: &Element) -> bool {
    match element.name.as_str() {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "table" | "blockquote" | "pre"
        | "hr" | "ac:task-list" | "ac:adf-extension" => true,
        "ac:structured-macro" | "ac:macro" => is_block_macro(element),
        _ => is_container(element),
    }
}

/// Whether an element only arranges what is in it: a column, a section.
pub(super) fn is_container(element: &Element) -> bool {
    matches!(element.name.as_str(), "ac:layout" | "ac:layout-section" | "ac:layout-cell" | "div" | "section")
}

fn is_block_macro(element: &Element) -> bool {
    element.child("ac:rich-text-body").is_some()
        || element.child("ac:plain-text-body").is_some()
        || macro_name(element) == "toc"
}

fn macro_name(element: &Element) -> &str {
    element.attribute("ac:name").unwrap_or("macro")
}

fn close(out: &mut Vec<Block>, loose: &mut Vec<Run>) {
    let runs = tidy(std::mem::take(loose));
    if !runs.is_empty() {
        out.push(Block::Paragraph(runs));
    }
}

fn block(element: &Element) -> Vec<Block> {
    let one = |block: Block| vec![block];
    match element.name.as_str() {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            let level = element.name.as_bytes()[1] - b'0';
            one(Block::Heading(level, runs(&element.children)))
        }
        "p" => {
            let runs = runs(&element.children);
            if runs.is_empty() { Vec::new() } else { one(Block::Paragraph(runs)) }
        }
        "ul" => one(list(element, None)),
        "ol" => {
            one(list(element, Some(element.attribute("start").and_then(|n| n.parse().ok()).unwrap_or(1))))
        }
        "ac:task-list" => one(tasks(element)),
        "table" => one(Block::Table(rows(element))),
        "blockquote" => one(Block::Quote(within(&element.children))),
        "pre" => one(Block::Code {
            language: String::new(),
            text: element.text().trim_end_matches('\n').to_owned(),
        }),
        "hr" => one(Block::Rule),
        "ac:structured-macro" | "ac:macro" => macro_blocks(element),
        // The fallback is what readers without the extension see.
        "ac:adf-extension" => {
            element.child("ac:adf-fallback").map(|f| within(&f.children)).unwrap_or_default()
        }
        _ => blocks(&element.children),
    }
}

/// Blocks below the top level, where headings are bold paragraphs: they begin no section.
fn within(nodes: &[Node]) -> Vec<Block> {
    let lowered = blocks(nodes).into_iter().map(|block| match block {
        Block::Heading(_, runs) => Block::Paragraph(tidy(runs.into_iter().map(emboldened).collect())),
        other => other,
    });
    lowered.filter(|block| !matches!(block, Block::Paragraph(runs) if runs.is_empty())).collect()
}

fn emboldened(run: Run) -> Run {
    Run { style: Style { bold: true, ..run.style }, ..run }
}

fn list(element: &Element, start: Option<u64>) -> Block {
    let items = element.elements().filter(|e| e.name == "li");
    Block::List(List {
        start,
        items: items.map(|e| Item { task: None, blocks: within(&e.children) }).collect(),
    })
}

fn tasks(element: &Element) -> Block {
    let item = |task: &Element| Item {
        task: Some(task.child("ac:task-status").is_some_and(|status| status.text().trim() == "complete")),
        blocks: task.child("ac:task-body").map(|body| within(&body.children)).unwrap_or_default(),
    };
    let items = element.elements().filter(|e| e.name == "ac:task").map(item);
    Block::List(List { start: None, items: items.collect() })
}

fn rows(table: &Element) -> Vec<Row> {
    let parts = table.elements().flat_map(|part| match part.name.as_str() {
        "tr" => vec![part],
        "thead" | "tbody" | "tfoot" => part.elements().filter(|e| e.name == "tr").collect(),
        _ => Vec::new(),
    });
    let cells = |row: &Element| {
        let cells = row.elements().filter(|e| e.name == "td" || e.name == "th");
        cells.map(|cell| flat(&blocks(&cell.children))).collect()
    };
    parts.map(cells).collect()
}

/// Blocks in one line, as cells of tables have to be.
fn flat(blocks: &[Block]) -> Vec<Run> {
    let mut out = Vec::new();
    for block in blocks {
        out.push(Run { text: Inline::Break, ..Run::default() });
        match block {
            Block::Heading(_, runs) | Block::Paragraph(runs) => out.extend(runs.iter().cloned()),
            Block::Quote(inner) => out.extend(flat(inner)),
            Block::List(list) => {
                for (nth, item) in (0_u64..).zip(&list.items) {
                    let mark = list
                        .start
                        .map_or("• ".to_owned(), |start| format!("{}. ", start.saturating_add(nth)));
                    out.push(Run { text: Inline::Break, ..Run::default() });
                    out.push(Run::text(mark, Style::default()));
                    out.extend(flat(&item.blocks));
                }
            }
            Block::Code { text, .. } => out.push(Run { text: Inline::Code(text.clone()), ..Run::default() }),
            Block::Table(rows) => out.extend(rows.iter().flatten().flatten().cloned()),
            Block::Rule => {}
        }
    }
    tidy(out)
}

fn macro_blocks(element: &Element) -> Vec<Block> {
    let name = macro_name(element);
    if SILENT.contains(&name) {
        return Vec::new();
    }
    if let Some(body) = element.child("ac:plain-text-body") {
        let language = match name {
            "code" => element.parameter("language").unwrap_or_default(),
            "noformat" => String::new(),
            other => other.to_owned(),
        };
        let text = body.text();
        return vec![Block::Code { language, text: text.trim_end_matches('\n').to_owned() }];
    }
    let mut quoted = vec![Block::Paragraph(tidy(vec![Run::bold(frame_title(element))]))];
    quoted.extend(element.child("ac:rich-text-body").map(|body| within(&body.children)).unwrap_or_default());
    // An excerpt shows its text and nothing else.
    if name == "excerpt" {
        quoted.remove(0);
        return quoted;
    }
    vec![Block::Quote(quoted)]
}

fn frame_title(element: &Element) -> String {
    let name = macro_name(element);
    let title = element.parameter("title").filter(|title| !title.trim().is_empty());
    match title {
        Some(title) => title,
        None if FRAMES.contains(&name) => {
            let mut title = name.to_owned();
            title[..1].make_ascii_uppercase();
            title
        }
        None => format!("{{{name}}}"),
    }
}

fn runs(nodes: &[Node]) -> Vec<Run> {
    let mut out = Vec::new();
    nodes.iter().for_each(|node| inline(node, Style::default(), None, &mut out));
    tidy(out)
}

fn inline(node: &Node, style: Style, link: Option<&str>, out: &mut Vec<Run>) {
    let element = match node {
        Node::Text(text, _) => return out.push(say(text.clone(), style, link)),
        Node::Element(element) => element,
    };
    let inner = |style: Style, link: Option<&str>, out: &mut Vec<Run>| {
        element.children.iter().for_each(|child| inline(child, style, link, out));
    };
    match element.name.as_str() {
        "strong" | "b" => inner(Style { bold: true, ..style }, link, out),
        "em" | "i" | "cite" => inner(Style { italic: true, ..style }, link, out),
        "del" | "s" | "strike" => inner(Style { struck: true, ..style }, link, out),
        "code" | "tt" => {
            out.push(Run { text: Inline::Code(element.text()), style, link: link.map(str::to_owned) });
        }
        "br" => out.push(Run { text: Inline::Break, ..Run::default() }),
        "a" => inner(style, element.attribute("href").filter(|to| leads(to)).or(link), out),
        "time" => out.push(say(element.attribute("datetime").unwrap_or_default().to_owned(), style, link)),
        "ac:emoticon" => out.push(say(emoticon(element), style, link)),
        "ac:link" => out.push(say(internal(element), style, link)),
        "ac:image" => image(element, style, out),
        "ac:structured-macro" | "ac:macro" => {
            out.extend(inline_macro(element).map(|text| say(text, style, link)))
        }
        "ac:placeholder" | "ac:parameter" => {}
        // Blocks where only a line fits.
        "p" | "li" | "div" => {
            inner(style, link, out);
            out.push(Run { text: Inline::Break, ..Run::default() });
        }
        _ => inner(style, link, out),
    }
}

fn say(text: String, style: Style, link: Option<&str>) -> Run {
    Run { text: Inline::Text(text), style, link: link.map(str::to_owned) }
}

/// Whether a target is one that people follow; a script is shown as its text alone.
pub(super) fn leads(to: &str) -> bool {
    let to = to.trim().to_ascii_lowercase();
    ["http://", "https://", "mailto:", "/", "#"].iter().any(|start| to.starts_with(start))
}

fn emoticon(element: &Element) -> String {
    let fallback = element.attribute("ac:emoji-fallback").filter(|text| !text.is_empty());
    fallback.map_or_else(|| format!(":{}:", element.attribute("ac:name").unwrap_or("emoji")), str::to_owned)
}

/// A link to a page, a person or a file of the site: its text, else the name of where it leads.
fn internal(element: &Element) -> String {
    let body = element.child("ac:link-body").or(element.child("ac:plain-text-link-body")).map(Element::text);
    if let Some(body) = body.filter(|text| !text.trim().is_empty()) {
        return body;
    }
    let target = element.elements().find(|e| e.name.starts_with("ri:"));
    let named = |names: &[&str]| names.iter().find_map(|name| target?.attribute(name)).unwrap_or_default();
    match target.map(|t| t.name.as_str()) {
        Some("ri:user") => format!("@{}", named(&["ri:account-id", "ri:userkey", "ri:username"])),
        Some(_) => named(&["ri:content-title", "ri:filename", "ri:space-key", "ri:value"]).to_owned(),
        None => element.attribute("ac:anchor").unwrap_or_default().to_owned(),
    }
}

fn image(element: &Element, style: Style, out: &mut Vec<Run>) {
    let alt = element.attribute("ac:alt").filter(|alt| !alt.trim().is_empty());
    let (name, link) = match element.elements().find(|e| e.name.starts_with("ri:")) {
        Some(target) if target.name == "ri:url" => {
            let to = target.attribute("ri:value").unwrap_or_default();
            (alt.unwrap_or("image"), Some(to).filter(|to| leads(to)))
        }
        Some(target) => (alt.or(target.attribute("ri:filename")).unwrap_or("image"), None),
        None => (alt.unwrap_or("image"), None),
    };
    out.push(say(format!("[{name}]"), style, link));
}

/// What a macro in a line of text says.
fn inline_macro(element: &Element) -> Option<String> {
    match macro_name(element) {
        name if SILENT.contains(&name) => None,
        "status" => element.parameter("title"),
        "jira" => element.parameter("key").or_else(|| Some("{jira}".into())),
        name => Some(format!("{{{name}}}")),
    }
}
