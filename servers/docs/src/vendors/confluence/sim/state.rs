//! What a site holds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sandbox::Ask;
use sandbox::page::PageTokens;
use serde_json::Value;

/// A site.
pub(super) struct Site {
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    pub(super) spaces: Vec<Space>,
    pub(super) pages: BTreeMap<u64, Page>,
    pub(super) comments: BTreeMap<u64, Comment>,
    pub(super) templates: Vec<Template>,
    pub(super) cursors: PageTokens,
    last_id: u64,
}

/// An account.
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    /// The address is not shown to others.
    pub(super) hides_email: bool,
    pub(super) active: bool,
}

/// A group.
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
}

/// A space.
pub(super) struct Space {
    pub(super) id: u64,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) created: Timestamp,
    /// Ids of the groups that may read it.
    pub(super) readers: Vec<String>,
}

/// How far a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Current,
    Draft,
    Archived,
    Trashed,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Draft => "draft",
            Self::Archived => "archived",
            Self::Trashed => "trashed",
        }
    }
}

/// A page.
pub(super) struct Page {
    pub(super) id: u64,
    pub(super) space: u64,
    pub(super) parent: Option<u64>,
    pub(super) title: String,
    pub(super) status: Status,
    /// Account ids.
    pub(super) owner: Option<String>,
    pub(super) author: String,
    pub(super) created: Timestamp,
    /// Oldest first; never empty.
    pub(super) versions: Vec<Version>,
    pub(super) labels: Vec<String>,
    pub(super) properties: Vec<Property>,
    /// Account ids of those who alone may read it; everybody if empty.
    pub(super) readers: Vec<String>,
    pub(super) editors: Vec<String>,
}

/// One version of a page.
#[derive(Clone)]
pub(super) struct Version {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) author: String,
    pub(super) message: String,
    pub(super) minor: bool,
    pub(super) storage: String,
}

/// A content property.
pub(super) struct Property {
    pub(super) id: u64,
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) version: u64,
}

/// A footer or inline comment.
pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) page: u64,
    pub(super) author: String,
    pub(super) at: Timestamp,
    pub(super) storage: String,
    /// What an inline comment is hung on.
    pub(super) selection: Option<String>,
}

/// A page template.
pub(super) struct Template {
    pub(super) id: u64,
    pub(super) space: u64,
    pub(super) name: String,
    pub(super) storage: String,
}

impl Site {
    pub(super) fn new() -> Self {
        Self {
            users: Vec::new(),
            groups: Vec::new(),
            spaces: Vec::new(),
            pages: BTreeMap::new(),
            comments: BTreeMap::new(),
            templates: Vec::new(),
            cursors: PageTokens::new(std::time::Duration::from_hours(24)),
            last_id: 9_000_000,
        }
    }

    /// Ids of everything new, in one row, as Confluence gives them.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn space(&self, id: u64) -> Option<&Space> {
        self.spaces.iter().find(|space| space.id == id)
    }

    pub(super) fn space_called(&self, key: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.key == key)
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The account that asks.
    pub(super) fn me(&self, ask: &Ask) -> String {
        let user = self.users.iter().find(|user| user.email == ask.who());
        user.map(|user| user.id.clone()).unwrap_or_default()
    }

    /// Whether an account may see a page: it is among the readers of the page and of all above it, and a draft is its
    /// own.
    pub(super) fn sees(&self, me: &str, page: &Page) -> bool {
        let admitted =
            |page: &Page| page.readers.is_empty() || page.readers.iter().any(|reader| reader == me);
        let own =
            page.status != Status::Draft || page.author == me || !page.readers.is_empty() || page.is_shared();
        own && admitted(page) && self.above(page).into_iter().all(admitted)
    }

    /// The pages above a page, the highest first.
    pub(super) fn above(&self, page: &Page) -> Vec<&Page> {
        let mut above = Vec::new();
        let mut parent = page.parent;
        while let Some(next) = parent.and_then(|id| self.pages.get(&id)) {
            above.insert(0, next);
            parent = next.parent.filter(|_| above.len() < 50);
        }
        above
    }

    /// The page of an id in a path, if whoever asks may see it.
    pub(super) fn seen(&self, ask: &Ask) -> Option<&Page> {
        let id: u64 = ask.param("id").parse().ok()?;
        let me = self.me(ask);
        self.pages.get(&id).filter(|page| page.status != Status::Trashed && self.sees(&me, page))
    }
}

impl Page {
    pub(super) fn version(&self) -> &Version {
        // A page is created with its first version.
        &self.versions[self.versions.len() - 1]
    }

    pub(super) fn updated(&self) -> Timestamp {
        self.version().at
    }

    pub(super) fn property(&self, key: &str) -> Option<&Property> {
        self.properties.iter().find(|own| own.key == key)
    }

    /// Drafts of the demo company were shared with the agent by those who write them.
    fn is_shared(&self) -> bool {
        self.property("shared-draft").is_some()
    }
}
