//! What we read of Confluence's answers and write into its requests; nothing that is not mapped.
//!
//! Sources: developer.atlassian.com/cloud/confluence/rest/v2 for pages, spaces and comments, .../rest/v1 for search,
//! restrictions, labels and templates.

mod write;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) use write::{
    AccountIds, ChangedPage, NewComment, NewLabel, NewPage, NewVersion, Selection, Written,
};

/// A text, borrowed from the body where it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// `GET /_edge/tenant_info`.
#[derive(Debug, Deserialize)]
pub(super) struct TenantInfo<'a> {
    #[serde(borrow, rename = "cloudId")]
    pub(super) cloud_id: Text<'a>,
}

/// A list of either version.
#[derive(Debug, Deserialize)]
pub(super) struct List<'a, T> {
    pub(super) results: Vec<T>,
    #[serde(borrow, default, rename = "_links")]
    pub(super) links: Links<'a>,
    /// Of searches: how many match.
    #[serde(rename = "totalSize")]
    pub(super) total: Option<u64>,
}

/// Addresses.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Links<'a> {
    /// The wiki's address.
    #[serde(borrow)]
    pub(super) base: Option<Text<'a>>,
    /// What a person opens, below `base`.
    #[serde(borrow)]
    pub(super) webui: Option<Text<'a>>,
    /// The next page of a list: path and query.
    #[serde(borrow)]
    next: Option<Text<'a>>,
}

impl Links<'_> {
    /// The cursor of the next page.
    pub(super) fn cursor(&self) -> Option<String> {
        let (_, query) = self.next.as_deref()?.split_once('?')?;
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "cursor").map(|(_, cursor)| cursor.into_owned())
    }
}

/// A search result (v1).
#[derive(Debug, Deserialize)]
pub(super) struct Hit<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Content<'a>>,
    #[serde(borrow, default)]
    pub(super) excerpt: Text<'a>,
}

/// Content as v1 describes it, with what we have expanded.
#[derive(Debug, Deserialize)]
pub(super) struct Content<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) status: Text<'a>,
    #[serde(borrow, default)]
    pub(super) title: Text<'a>,
    #[serde(borrow)]
    pub(super) space: Option<SpaceName<'a>>,
    #[serde(borrow, default)]
    pub(super) history: History<'a>,
    #[serde(borrow)]
    pub(super) version: Option<ContentVersion<'a>>,
    #[serde(borrow, default)]
    pub(super) metadata: Metadata<'a>,
    #[serde(borrow, default)]
    pub(super) body: Body<'a>,
    #[serde(borrow, default, rename = "_links")]
    pub(super) links: Links<'a>,
}

/// A space in a content.
#[derive(Debug, Deserialize)]
pub(super) struct SpaceName<'a> {
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
}

/// Whose a content is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct History<'a> {
    #[serde(borrow, rename = "ownedBy")]
    pub(super) owner: Option<User<'a>>,
}

/// A content's last version.
#[derive(Debug, Deserialize)]
pub(super) struct ContentVersion<'a> {
    #[serde(borrow)]
    pub(super) by: Option<User<'a>>,
    pub(super) when: Timestamp,
    pub(super) number: u64,
}

/// Labels and content properties.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) labels: Labels<'a>,
    /// By key; Confluence mixes its own links among them.
    #[serde(borrow)]
    pub(super) properties: BTreeMap<Cow<'a, str>, Valued<'a>>,
}

/// Labels of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Labels<'a> {
    #[serde(borrow)]
    pub(super) results: Vec<Named<'a>>,
}

/// Something with a name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// A content property.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Valued<'a> {
    /// Given in lists, where the key is not the name of the field.
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    #[serde(borrow)]
    value: Option<Value<'a>>,
}

impl Valued<'_> {
    /// The value, if it is a text that says something.
    pub(super) fn text(&self) -> Option<&str> {
        match self.value.as_ref()? {
            Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            Value::Other(_) => None,
        }
    }
}

/// A property's value: any JSON, of which we read texts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value<'a> {
    Text(#[serde(borrow)] Text<'a>),
    Other(IgnoredAny),
}

/// A text in storage format.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    pub(super) storage: Option<Storage<'a>>,
}

impl Body<'_> {
    pub(super) fn text(&self) -> &str {
        self.storage.as_ref().map_or("", |storage| &storage.value)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Storage<'a> {
    #[serde(borrow)]
    pub(super) value: Text<'a>,
}

/// An account.
#[derive(Debug, Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow, default, rename = "accountId")]
    pub(super) id: Text<'a>,
    #[serde(borrow, default, rename = "displayName")]
    pub(super) name: Text<'a>,
    /// Empty where the account hides it.
    #[serde(borrow, default)]
    pub(super) email: Option<Text<'a>>,
}

/// A result of the search for people.
#[derive(Debug, Deserialize)]
pub(super) struct UserHit<'a> {
    #[serde(borrow)]
    pub(super) user: Option<User<'a>>,
}

/// A page (v2).
#[derive(Debug, Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    #[serde(borrow, default)]
    pub(super) title: Text<'a>,
    #[serde(borrow, rename = "spaceId")]
    pub(super) space_id: Text<'a>,
    #[serde(borrow, rename = "ownerId")]
    pub(super) owner_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) version: Version<'a>,
    #[serde(borrow, default)]
    pub(super) body: Body<'a>,
    #[serde(borrow, default)]
    pub(super) labels: Labels<'a>,
    #[serde(borrow, default)]
    pub(super) properties: PropertyList<'a>,
    #[serde(borrow, default, rename = "_links")]
    pub(super) links: Links<'a>,
}

/// Content properties of a page (v2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PropertyList<'a> {
    #[serde(borrow)]
    pub(super) results: Vec<Valued<'a>>,
}

/// One version of a page or comment (v2).
#[derive(Debug, Deserialize)]
pub(super) struct Version<'a> {
    pub(super) number: u64,
    #[serde(rename = "createdAt")]
    pub(super) created: Timestamp,
    #[serde(borrow, default)]
    pub(super) message: Option<Text<'a>>,
    #[serde(borrow, rename = "authorId")]
    pub(super) author_id: Option<Text<'a>>,
}

/// A space (v2).
#[derive(Debug, Deserialize)]
pub(super) struct Space<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
}

/// One thing that somebody may do in a space (v2).
#[derive(Debug, Deserialize)]
pub(super) struct Permission<'a> {
    #[serde(borrow)]
    pub(super) principal: Principal<'a>,
    #[serde(borrow)]
    pub(super) operation: Operation<'a>,
}

/// Who may.
#[derive(Debug, Deserialize)]
pub(super) struct Principal<'a> {
    /// `user`, `group`, `role`.
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

/// What they may.
#[derive(Debug, Deserialize)]
pub(super) struct Operation<'a> {
    /// `read`, `create`, `delete` and others.
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    /// `space`, `page`, `comment` and others.
    #[serde(borrow, rename = "targetType")]
    pub(super) target: Text<'a>,
}

/// A page above another (v2).
#[derive(Debug, Deserialize)]
pub(super) struct Ancestor<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Text<'a>,
}

/// `GET /content/{id}/restriction/byOperation` (v1).
#[derive(Debug, Deserialize)]
pub(super) struct Restrictions<'a> {
    #[serde(borrow)]
    pub(super) read: Restriction<'a>,
    #[serde(borrow)]
    pub(super) update: Restriction<'a>,
}

/// Who alone may do something; everybody if nobody is named.
#[derive(Debug, Deserialize)]
pub(super) struct Restriction<'a> {
    #[serde(borrow)]
    pub(super) restrictions: Subjects<'a>,
}

/// People and groups.
#[derive(Debug, Deserialize)]
pub(super) struct Subjects<'a> {
    #[serde(borrow)]
    pub(super) user: Beginning<User<'a>>,
    #[serde(borrow)]
    pub(super) group: Beginning<Named<'a>>,
}

/// The beginning of a list, as a rule all of it.
#[derive(Debug, Deserialize)]
pub(super) struct Beginning<T> {
    pub(super) results: Vec<T>,
    /// How many are given at most.
    limit: Option<usize>,
}

impl<T> Beginning<T> {
    /// Whether there may be more.
    pub(super) fn may_go_on(&self) -> bool {
        self.limit.is_some_and(|limit| self.results.len() >= limit)
    }
}

/// A template (v1).
#[derive(Debug, Deserialize)]
pub(super) struct Template<'a> {
    #[serde(borrow, default)]
    pub(super) name: Text<'a>,
    #[serde(borrow, default)]
    pub(super) body: Body<'a>,
}

/// A footer or inline comment (v2).
#[derive(Debug, Deserialize)]
pub(super) struct Comment<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) version: Version<'a>,
    #[serde(borrow, default)]
    pub(super) body: Body<'a>,
}

#[cfg(test)]
mod tests;
