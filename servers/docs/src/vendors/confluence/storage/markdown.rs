//! Markdown into a tree: CommonMark with tables, struck text and tasks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::tree::{Block, Inline, Item, List, Row, Run, Style, tidy};

/// Blocks within blocks, at most; what is deeper stands at this depth. Readers of the tree recurse.
const DEPTH: usize = 24;

/// The blocks of a text. Only ATX headings at the top level are headings, as everywhere in this server; others are bold
/// paragraphs. HTML is text.
pub(super) fn parse(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut builder = Builder { text, frames: vec![Frame::default()], ..Builder::empty() };
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        builder.take(event, range);
    }
    builder.close_paragraph();
    builder.frames.truncate(1);
    builder.frames.pop().map(|frame| frame.blocks).unwrap_or_default()
}

/// What is open: the document, a quote, an item.
#[derive(Default)]
struct Frame {
    blocks: Vec<Block>,
    task: Option<bool>,
}

struct Builder<'t> {
    text: &'t str,
    frames: Vec<Frame>,
    lists: Vec<List>,
    /// Quotes and items beyond the depth, which are not frames.
    beyond: usize,
    runs: Vec<Run>,
    bold: usize,
    italic: usize,
    struck: usize,
    links: Vec<String>,
    code: Option<(String, String)>,
    rows: Option<Vec<Row>>,
}

impl<'t> Builder<'t> {
    fn empty() -> Self {
        Self {
            text: "",
            frames: Vec::new(),
            lists: Vec::new(),
            beyond: 0,
            runs: Vec::new(),
            bold: 0,
            italic: 0,
            struck: 0,
            links: Vec::new(),
            code: None,
            rows: None,
        }
    }

    fn take(&mut self, event: Event<'t>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => self.say(&text),
            Event::Code(code) => self.run(Inline::Code(code.into_string())),
            Event::SoftBreak => self.say(" "),
            Event::HardBreak => self.run(Inline::Break),
            Event::InlineHtml(html) if is_break(&html) => self.run(Inline::Break),
            Event::InlineHtml(html) | Event::Html(html) => self.say(&html),
            Event::Rule => self.block(Block::Rule),
            Event::TaskListMarker(done) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.task = Some(done);
                }
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.say(&text)
            }
        }
    }

    fn start(&mut self, tag: Tag<'t>) {
        match tag {
            Tag::Strong => self.bold += 1,
            Tag::Emphasis => self.italic += 1,
            Tag::Strikethrough => self.struck += 1,
            Tag::Link { dest_url, .. } => self.links.push(dest_url.into_string()),
            Tag::Image { dest_url, .. } => self.links.push(dest_url.into_string()),
            Tag::CodeBlock(kind) => {
                self.close_paragraph();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split_whitespace().next().unwrap_or_default().to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(start) => {
                self.close_paragraph();
                self.lists.push(List { start, items: Vec::new() });
            }
            Tag::BlockQuote(_) | Tag::Item => {
                self.close_paragraph();
                match self.frames.len() > DEPTH {
                    true => self.beyond += 1,
                    false => self.frames.push(Frame::default()),
                }
            }
            Tag::Table(_) => {
                self.close_paragraph();
                self.rows = Some(Vec::new());
            }
            Tag::TableHead | Tag::TableRow => self.rows.iter_mut().for_each(|rows| rows.push(Row::new())),
            _ => self.close_paragraph(),
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strikethrough => self.struck = self.struck.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => drop(self.links.pop()),
            TagEnd::Heading(level) => self.heading(level, &range),
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
                    self.block(Block::Code { language, text });
                }
            }
            TagEnd::BlockQuote(_) => self.quoted(),
            TagEnd::Item => self.item(),
            TagEnd::List(_) => {
                if let Some(list) = self.lists.pop().filter(|list| !list.items.is_empty()) {
                    self.block(Block::List(of_one_kind(list)));
                }
            }
            TagEnd::TableCell => {
                let cell = tidy(std::mem::take(&mut self.runs));
                if let Some(row) = self.rows.as_mut().and_then(|rows| rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(rows) = self.rows.take() {
                    self.block(Block::Table(rows));
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {}
            _ => self.close_paragraph(),
        }
    }

    fn heading(&mut self, level: HeadingLevel, range: &Range<usize>) {
        let runs = tidy(std::mem::take(&mut self.runs));
        let atx = self.text[range.clone()].trim_start().starts_with('#');
        let block = match atx && self.frames.len() == 1 {
            true => Block::Heading(level as u8, runs),
            false => Block::Paragraph(tidy(runs.into_iter().map(emboldened).collect())),
        };
        self.block(block);
    }

    fn quoted(&mut self) {
        self.close_paragraph();
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(frame) = self.popped() {
            self.block(Block::Quote(frame.blocks));
        }
    }

    fn item(&mut self) {
        self.close_paragraph();
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        if let (Some(frame), Some(list)) = (self.popped(), self.lists.last_mut()) {
            list.items.push(Item { task: frame.task, blocks: frame.blocks });
        }
    }

    /// The innermost frame, closed; the document's stays.
    fn popped(&mut self) -> Option<Frame> {
        (self.frames.len() > 1).then(|| self.frames.pop()).flatten()
    }

    fn say(&mut self, text: &str) {
        match &mut self.code {
            Some((_, code)) => code.push_str(text),
            None => self.run(Inline::Text(text.to_owned())),
        }
    }

    fn run(&mut self, text: Inline) {
        let style = Style { bold: self.bold > 0, italic: self.italic > 0, struck: self.struck > 0 };
        self.runs.push(Run { text, style, link: self.links.last().cloned() });
    }

    fn close_paragraph(&mut self) {
        let runs = tidy(std::mem::take(&mut self.runs));
        if !runs.is_empty() {
            self.block(Block::Paragraph(runs));
        }
    }

    fn block(&mut self, block: Block) {
        if let Some(frame) = self.frames.last_mut() {
            frame.blocks.push(block);
        }
    }
}

/// Confluence knows tasks only in lists of nothing else: in others their boxes are text.
fn of_one_kind(mut list: List) -> List {
    let task = |item: &Item| item.task.is_some() && matches!(item.blocks.first(), Some(Block::Paragraph(_)));
    if list.items.iter().all(task) {
        return list;
    }
    for item in &mut list.items {
        let mark = match item.task.take() {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => continue,
        };
        let mut runs = vec![Run::text(mark, Style::default())];
        if let Some(Block::Paragraph(own)) = item.blocks.first_mut() {
            runs.append(own);
            *own = tidy(runs);
        } else {
            item.blocks.insert(0, Block::Paragraph(tidy(runs)));
        }
    }
    list
}

fn is_break(html: &str) -> bool {
    matches!(html.to_ascii_lowercase().replace(' ', "").as_str(), "<br>" | "<br/>")
}

fn emboldened(run: Run) -> Run {
    Run { style: Style { bold: true, ..run.style }, ..run }
}
