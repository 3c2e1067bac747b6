//! A tree as storage format.

use super::read::leads;
use super::tree::{Block, Inline, List, Run};

/// The blocks in storage format.
pub(super) fn storage(blocks: &[Block]) -> String {
    let mut out = String::new();
    blocks.iter().for_each(|each| block(each, &mut out));
    out
}

fn block(block: &Block, out: &mut String) {
    match block {
        Block::Heading(level, runs) => element(&format!("h{level}"), out, |out| inline(runs, out)),
        Block::Paragraph(runs) => element("p", out, |out| inline(runs, out)),
        Block::List(own) => list(own, out),
        Block::Quote(blocks) => element("blockquote", out, |out| out.push_str(&storage(blocks))),
        Block::Code { language, text } => code(language, text, out),
        Block::Table(rows) => element("table", out, |out| {
            element("tbody", out, |out| {
                for (nth, row) in rows.iter().enumerate() {
                    let cell = if nth == 0 { "th" } else { "td" };
                    element("tr", out, |out| {
                        for runs in row {
                            element(cell, out, |out| element("p", out, |out| inline(runs, out)));
                        }
                    });
                }
            });
        }),
        Block::Rule => out.push_str("<hr />"),
    }
}

fn element(name: &str, out: &mut String, inner: impl FnOnce(&mut String)) {
    out.extend(["<", name, ">"]);
    inner(out);
    out.extend(["</", name, ">"]);
}

fn list(list: &List, out: &mut String) {
    if !list.items.is_empty() && list.items.iter().all(|item| item.task.is_some()) {
        return element("ac:task-list", out, |out| {
            list.items.iter().for_each(|item| task(item.task, &item.blocks, out))
        });
    }
    let name = match list.start {
        Some(start) if start != 1 => {
            out.push_str(&format!("<ol start=\"{start}\">"));
            "ol"
        }
        Some(_) => {
            out.push_str("<ol>");
            "ol"
        }
        None => {
            out.push_str("<ul>");
            "ul"
        }
    };
    for item in &list.items {
        element("li", out, |out| out.push_str(&storage(&item.blocks)));
    }
    out.extend(["</", name, ">"]);
}

fn task(done: Option<bool>, blocks: &[Block], out: &mut String) {
    element("ac:task", out, |out| {
        element("ac:task-status", out, |out| {
            out.push_str(if done == Some(true) { "complete" } else { "incomplete" });
        });
        element("ac:task-body", out, |out| match blocks {
            [Block::Paragraph(runs)] => inline(runs, out),
            blocks => out.push_str(&storage(blocks)),
        });
    });
}

fn code(language: &str, text: &str, out: &mut String) {
    out.push_str("<ac:structured-macro ac:name=\"code\">");
    let known =
        language.len() <= 30 && language.chars().all(|c| c.is_ascii_alphanumeric() || "+#-_.".contains(c));
    if known && !language.is_empty() {
        out.extend(["<ac:parameter ac:name=\"language\">", language, "</ac:parameter>"]);
    }
    // The one thing that character data cannot hold is its own end.
    let text: String = text.chars().filter(|c| is_allowed(*c)).collect();
    let text = text.replace("]]>", "]]]]><![CDATA[>");
    out.extend(["<ac:plain-text-body><![CDATA[", &text, "]]></ac:plain-text-body></ac:structured-macro>"]);
}

fn inline(runs: &[Run], out: &mut String) {
    for run in runs {
        let mut open: Vec<&str> = Vec::new();
        let style = [(run.style.bold, "strong"), (run.style.italic, "em"), (run.style.struck, "del")];
        let link = run.link.as_deref().filter(|to| leads(to));
        if let Some(to) = link {
            out.extend(["<a href=\"", &escaped(to), "\">"]);
        }
        for (_, name) in style.iter().filter(|(on, _)| *on) {
            open.push(name);
            out.extend(["<", name, ">"]);
        }
        match &run.text {
            Inline::Text(text) => out.push_str(&escaped(text)),
            Inline::Code(code) => out.extend(["<code>", &escaped(code), "</code>"]),
            Inline::Break => out.push_str("<br />"),
        }
        open.iter().rev().for_each(|name| out.extend(["</", name, ">"]));
        if link.is_some() {
            out.push_str("</a>");
        }
    }
}

/// Text as it stands between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars().filter(|c| is_allowed(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Characters that XML knows (XML 1.0, section 2.2).
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
}
