//! Rich text as the site keeps it: Atlassian documents (API v3) and wiki markup (API v2).
//!
//! Source: developer.atlassian.com/cloud/jira/platform/apis/document/structure, and Jira's own "Text Formatting
//! Notation Help".

use serde_json::{Value, json};

/// A text as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    /// What the demo company wrote: paragraphs, bullets, bold, code and links. It is a document to whoever reads it; kept as
    /// one, its texts would take most of the memory of a server with simulators.
    Markdown(String),
    /// An Atlassian document.
    Adf(Value),
    /// Wiki markup.
    Wiki(String),
}

impl Body {
    /// For API v3.
    pub(crate) fn adf(&self) -> Value {
        let content: Vec<Value> = match self {
            Self::Adf(document) => return document.clone(),
            Self::Markdown(text) => text.split("\n\n").flat_map(block).collect(),
            Self::Wiki(text) => text.split("\n\n").filter(|p| !p.is_empty()).map(paragraph).collect(),
        };
        json!({ "type": "doc", "version": 1, "content": content })
    }

    /// For API v2.
    pub(crate) fn wiki(&self) -> String {
        match self {
            Self::Wiki(text) => text.clone(),
            Self::Adf(_) | Self::Markdown(_) => {
                blocks(&self.adf()).iter().map(|b| wiki(b)).collect::<Vec<_>>().join("\n\n")
            }
        }
    }

    /// Its words, for the index.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Wiki(text) => text.clone(),
            Self::Markdown(text) => {
                text.lines().flat_map(spans).map(|span| format!("{} ", span.text)).collect()
            }
            Self::Adf(document) => {
                let mut words = String::new();
                gather(document, &mut words);
                words
            }
        }
    }
}

fn blocks(node: &Value) -> Vec<&Value> {
    node["content"].as_array().map(|list| list.iter().collect()).unwrap_or_default()
}

fn gather(node: &Value, words: &mut String) {
    if let Some(text) = node["text"].as_str() {
        words.push_str(text);
    }
    blocks(node).into_iter().for_each(|child| gather(child, words));
    if node["type"] != "text" {
        words.push(' ');
    }
}

fn block(text: &str) -> Vec<Value> {
    let (bullets, prose): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("- "));
    let mut found = Vec::new();
    if !prose.is_empty() {
        found.push(json!({ "type": "paragraph", "content": inline(&prose.join(" ")) }));
    }
    if !bullets.is_empty() {
        let item = |line: &&str| json!({ "type": "listItem", "content": [{ "type": "paragraph", "content": inline(&line[2..]) }] });
        found.push(json!({ "type": "bulletList", "content": bullets.iter().map(item).collect::<Vec<_>>() }));
    }
    found
}

fn inline(text: &str) -> Vec<Value> {
    spans(text).iter().map(Span::node).collect()
}

/// A stretch of text with at most one mark.
struct Span<'a> {
    text: &'a str,
    mark: Option<Mark<'a>>,
}

enum Mark<'a> {
    Strong,
    Code,
    Link(&'a str),
}

impl Span<'_> {
    fn node(&self) -> Value {
        let mark = match self.mark {
            None => return json!({ "type": "text", "text": self.text }),
            Some(Mark::Strong) => json!({ "type": "strong" }),
            Some(Mark::Code) => json!({ "type": "code" }),
            Some(Mark::Link(url)) => json!({ "type": "link", "attrs": { "href": url } }),
        };
        json!({ "type": "text", "text": self.text, "marks": [mark] })
    }
}

fn spans(text: &str) -> Vec<Span<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let marked = [("**", Mark::Strong), ("`", Mark::Code)].into_iter().filter_map(|(fence, mark)| {
            let at = rest.find(fence)?;
            let (inside, after) = rest[at + fence.len()..].split_once(fence)?;
            Some((at, inside, after, mark))
        });
        let linked = rest.find('[').and_then(|at| {
            let (label, after) = rest[at + 1..].split_once("](")?;
            let (url, after) = after.split_once(')')?;
            Some((at, label, after, Mark::Link(url)))
        });
        let Some((at, inside, after, mark)) = marked.chain(linked).min_by_key(|found| found.0) else {
            found.push(Span { text: rest, mark: None });
            break;
        };
        let spans = [Span { text: &rest[..at], mark: None }, Span { text: inside, mark: Some(mark) }];
        found.extend(spans.into_iter().filter(|span| !span.text.is_empty()));
        rest = after;
    }
    found
}

fn paragraph(text: &str) -> Value {
    let mut content = Vec::new();
    for (nth, line) in text.split('\n').enumerate() {
        if nth > 0 {
            content.push(json!({ "type": "hardBreak" }));
        }
        if !line.is_empty() {
            content.push(json!({ "type": "text", "text": line }));
        }
    }
    json!({ "type": "paragraph", "content": content })
}

fn wiki(node: &Value) -> String {
    let inner = |separator: &str| blocks(node).iter().map(|b| wiki(b)).collect::<Vec<_>>().join(separator);
    match node["type"].as_str().unwrap_or_default() {
        "text" => marked(node),
        "hardBreak" => "\n".into(),
        "heading" => format!("h{}. {}", node["attrs"]["level"], inner("")),
        "bulletList" => blocks(node).iter().map(|i| format!("* {}", wiki(i))).collect::<Vec<_>>().join("\n"),
        "orderedList" => blocks(node).iter().map(|i| format!("# {}", wiki(i))).collect::<Vec<_>>().join("\n"),
        "codeBlock" => format!("{{code}}\n{}\n{{code}}", inner("")),
        "blockquote" => format!("{{quote}}{}{{quote}}", inner("\n")),
        "rule" => "----".into(),
        "mention" => format!("[~accountid:{}]", node["attrs"]["id"].as_str().unwrap_or_default()),
        "listItem" => inner("\n"),
        _ => inner(""),
    }
}

fn marked(node: &Value) -> String {
    let mut text = node["text"].as_str().unwrap_or_default().to_owned();
    for mark in node["marks"].as_array().into_iter().flatten() {
        text = match mark["type"].as_str().unwrap_or_default() {
            "strong" => format!("*{text}*"),
            "em" => format!("_{text}_"),
            "code" => format!("{{{{{text}}}}}"),
            "strike" => format!("-{text}-"),
            "link" => format!("[{text}|{}]", mark["attrs"]["href"].as_str().unwrap_or_default()),
            _ => text,
        };
    }
    text
}

const BLOCKS: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "rule",
    "table",
    "panel",
    "mediaGroup",
    "mediaSingle",
    "expand",
    "taskList",
];
const INLINE: &[&str] = &["text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"];

/// Refuses what is no Atlassian document. Errors: where and why, for the log of a test; Jira says less.
pub(crate) fn check_adf(document: &Value) -> Result<(), String> {
    if document["type"] != "doc" || document["version"] != 1 || !document["content"].is_array() {
        return Err("the root is no doc of version 1".into());
    }
    check(document, BLOCKS)
}

fn check(node: &Value, allowed: &[&str]) -> Result<(), String> {
    for child in blocks(node) {
        let kind = child["type"].as_str().unwrap_or_default();
        if !allowed.contains(&kind) {
            return Err(format!("`{kind}` inside `{}`", node["type"]));
        }
        let inside: &[&str] = match kind {
            "paragraph" | "heading" => INLINE,
            "bulletList" | "orderedList" => &["listItem"],
            "listItem" => &["paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle"],
            "codeBlock" => &["text"],
            "blockquote" => {
                &["paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle", "mediaGroup"]
            }
            "table" => &["tableRow"],
            "tableRow" => &["tableHeader", "tableCell"],
            "tableHeader" | "tableCell" => &[
                "paragraph",
                "heading",
                "bulletList",
                "orderedList",
                "codeBlock",
                "blockquote",
                "rule",
                "panel",
            ],
            "panel" | "expand" => &["paragraph", "heading", "bulletList", "orderedList", "codeBlock", "rule"],
            _ => &[],
        };
        check_one(child, kind)?;
        check(child, inside)?;
    }
    Ok(())
}

fn check_one(node: &Value, kind: &str) -> Result<(), String> {
    let marks: Vec<&str> =
        node["marks"].as_array().into_iter().flatten().filter_map(|m| m["type"].as_str()).collect();
    match kind {
        "text" if node["text"].as_str().is_none_or(str::is_empty) => Err("an empty text node".into()),
        "text" => {
            const MARKS: &[&str] =
                &["strong", "em", "code", "strike", "link", "underline", "subsup", "textColor"];
            match marks.iter().find(|m| !MARKS.contains(m)) {
                Some(unknown) => Err(format!("the mark `{unknown}`")),
                None if marks.contains(&"code") && marks.iter().any(|m| !matches!(*m, "code" | "link")) => {
                    Err("`code` goes with no mark but `link`".into())
                }
                None => Ok(()),
            }
        }
        "heading" if !(1..=6).contains(&node["attrs"]["level"].as_u64().unwrap_or(0)) => {
            Err("a heading's level".into())
        }
        "mention" if node["attrs"]["id"].as_str().is_none() => Err("a mention without id".into()),
        "orderedList" if node["attrs"].get("order").is_some_and(|order| !order.is_u64()) => {
            Err("a list's first number".into())
        }
        "listItem" | "bulletList" | "orderedList" | "blockquote" | "table" | "tableRow"
            if blocks(node).is_empty() =>
        {
            Err(format!("an empty `{kind}`"))
        }
        "listItem"
            if !matches!(
                blocks(node)[0]["type"].as_str(),
                Some("paragraph" | "codeBlock" | "mediaSingle")
            ) =>
        {
            Err("a list item that begins with no paragraph".into())
        }
        _ => Ok(()),
    }
}
