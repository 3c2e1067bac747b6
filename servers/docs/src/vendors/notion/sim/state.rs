//! What the workspace holds.

use std::collections::BTreeMap;

use sandbox::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Everything that is shared with the connection, and some that is not.
pub(in super::super) struct Workspace {
    /// People, then the bot.
    pub(super) users: Vec<User>,
    pub(super) sources: Vec<DataSource>,
    pub(super) pages: BTreeMap<String, Page>,
    pub(super) comments: Vec<Comment>,
    /// Counts what was made, for ids that never repeat.
    made: u64,
}

/// A person or a bot.
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    /// A bot has none.
    pub(super) email: Option<String>,
}

/// A data source, the only one of its database.
pub(super) struct DataSource {
    pub(super) id: String,
    pub(super) database: String,
    pub(super) title: String,
    pub(super) columns: Vec<Column>,
    pub(super) created: Timestamp,
}

/// A property of a data source.
#[derive(Clone)]
pub(in super::super) struct Column {
    pub(super) id: String,
    pub(in super::super) name: String,
    pub(in super::super) kind: &'static str,
    /// Of a select, multi-select or status.
    pub(super) options: Vec<Choice>,
}

/// An option.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
}

/// A page.
#[derive(Clone)]
pub(in super::super) struct Page {
    pub(super) id: String,
    pub(super) parent: Parent,
    /// Values by the name of their property, as they are shown.
    pub(in super::super) properties: BTreeMap<String, Value>,
    pub(super) blocks: Vec<Block>,
    pub(super) created: Timestamp,
    pub(in super::super) edited: Timestamp,
    pub(super) creator: String,
    pub(super) editor: String,
    pub(super) trashed: bool,
    pub(super) public: bool,
    /// New pages of the data source may start from it; it is not among its pages.
    pub(super) template: bool,
    /// The connection sees it.
    pub(super) shared: bool,
    /// As it was given.
    pub(super) icon: Value,
}

/// What a page lies in.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Parent {
    DataSource(String),
    Page(String),
}

/// A block: its type, the value of that type without children, and its children.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) value: Value,
    pub(super) children: Vec<Block>,
}

/// A comment on a page.
pub(super) struct Comment {
    pub(super) id: String,
    pub(super) page: String,
    pub(super) author: String,
    pub(super) created: Timestamp,
    pub(super) rich_text: Value,
}

impl Workspace {
    pub(super) fn new() -> Self {
        Self { users: Vec::new(), sources: Vec::new(), pages: BTreeMap::new(), comments: Vec::new(), made: 0 }
    }

    /// An id that nothing else has.
    pub(super) fn new_id(&mut self) -> String {
        self.made += 1;
        id_of(&format!("made {}", self.made))
    }

    /// The bot that stands for the connection.
    pub(super) fn bot(&self) -> &str {
        self.users.iter().find(|user| user.email.is_none()).map_or("", |bot| &bot.id)
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn source(&self, id: &str) -> Option<&DataSource> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// A page that the connection sees.
    pub(super) fn page(&self, id: &str) -> Option<&Page> {
        self.pages.get(id).filter(|page| page.shared)
    }

    pub(super) fn page_mut(&mut self, id: &str) -> Option<&mut Page> {
        self.pages.get_mut(id).filter(|page| page.shared)
    }

    /// The page that holds a block, which may be the page itself.
    pub(super) fn holder(&self, block: &str) -> Option<&Page> {
        let holds = |page: &&Page| page.id == block || page.blocks.iter().any(|b| b.find(block).is_some());
        self.pages.values().filter(|page| page.shared).find(holds)
    }
}

#[cfg(test)]
impl Column {
    /// A column without options.
    pub(in super::super) fn named(name: &str, kind: &'static str) -> Self {
        Self { id: name.to_lowercase(), name: name.to_owned(), kind, options: Vec::new() }
    }
}

#[cfg(test)]
impl Page {
    /// A page with these properties and nothing else.
    pub(in super::super) fn of(properties: BTreeMap<String, Value>) -> Self {
        let (id, user, now) = (id_of("test"), id_of("nobody"), Timestamp::UNIX_EPOCH);
        let parent = Parent::Page(id.clone());
        let (creator, editor) = (user.clone(), user);
        Self {
            id,
            parent,
            properties,
            blocks: Vec::new(),
            created: now,
            edited: now,
            creator,
            editor,
            trashed: false,
            public: false,
            template: false,
            shared: true,
            icon: Value::Null,
        }
    }
}

impl Page {
    pub(super) fn title(&self) -> String {
        let title = self.properties.values().find_map(|value| value.get("title"));
        title.map(plain).unwrap_or_default()
    }

    /// Notion rounds the moments of changes down to the minute.
    pub(super) fn edited_minute(&self) -> Timestamp {
        let second = self.edited.as_second();
        Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(self.edited)
    }

    /// Something about it was changed by `who`.
    pub(super) fn touch(&mut self, who: &str, now: Timestamp) {
        self.edited = now;
        who.clone_into(&mut self.editor);
    }
}

impl Block {
    /// The block of this id, this one or one below it.
    pub(super) fn find(&self, id: &str) -> Option<&Self> {
        if self.id == id {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(id))
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Self> {
        if self.id == id {
            return Some(self);
        }
        self.children.iter_mut().find_map(|child| child.find_mut(id))
    }
}

/// The plain text of rich text.
pub(super) fn plain(rich_text: &Value) -> String {
    let pieces = rich_text.as_array().into_iter().flatten();
    pieces.filter_map(|piece| piece["plain_text"].as_str()).collect()
}

/// One piece of rich text without any style.
pub(super) fn rich(text: &str) -> Value {
    match text.is_empty() {
        true => json!([]),
        false => json!([super::inline::piece(text, &super::inline::Style::default())]),
    }
}

/// An id that is always the same for the same name.
pub(super) fn id_of(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let digits = call::hex(&digest[..16]);
    // A version 4 UUID (RFC 9562), as Notion's are.
    uuid(&format!("{}4{}8{}", &digits[..12], &digits[13..16], &digits[17..]))
}

/// 32 digits with dashes.
pub(super) fn uuid(digits: &str) -> String {
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}
