//! Issues and what hangs on them.

use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Text, User};

/// A page of Cloud's `/search/jql`.
#[derive(Deserialize)]
pub(in super::super) struct TokenPage<'a> {
    #[serde(borrow, default)]
    pub(in super::super) issues: Vec<Issue<'a>>,
    #[serde(borrow, rename = "nextPageToken")]
    pub(in super::super) next: Option<Text<'a>>,
}

/// A page of Data Center's `/search` and of the agile API.
#[derive(Deserialize)]
pub(in super::super) struct OffsetPage<'a> {
    #[serde(borrow, default)]
    pub(in super::super) issues: Vec<Issue<'a>>,
    pub(in super::super) total: u64,
}

/// An issue.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Issue<'a> {
    #[serde(borrow)]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) key: Text<'a>,
    #[serde(borrow, default)]
    pub(in super::super) fields: Fields<'a>,
    #[serde(borrow)]
    pub(in super::super) changelog: Option<Changelog<'a>>,
}

/// The fields we map. Custom fields keep their value as it is.
#[derive(Debug, Default)]
pub(in super::super) struct Fields<'a> {
    pub(in super::super) summary: Option<Text<'a>>,
    pub(in super::super) status: Option<Status<'a>>,
    pub(in super::super) kind: Option<Named<'a>>,
    pub(in super::super) priority: Option<Named<'a>>,
    pub(in super::super) assignee: Option<User<'a>>,
    /// Who wrote the first text.
    pub(in super::super) creator: Option<User<'a>>,
    pub(in super::super) labels: Vec<Text<'a>>,
    pub(in super::super) due: Option<Text<'a>>,
    pub(in super::super) updated: Option<Text<'a>>,
    pub(in super::super) created: Option<Text<'a>>,
    pub(in super::super) resolved: Option<Text<'a>>,
    /// An Atlassian document, or wiki markup; decoded only where it is shown.
    pub(in super::super) description: Option<&'a RawValue>,
    pub(in super::super) links: Vec<Links<'a>>,
    /// `customfield_…` and value, without the empty ones; decoded only where they are shown.
    pub(in super::super) custom: Vec<(Text<'a>, &'a RawValue)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an issue's fields")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<'de>, M::Error> {
        let mut fields = Fields::default();
        while let Some(name) = map.next_key::<Text<'de>>()? {
            match &*name {
                "summary" => fields.summary = map.next_value()?,
                "status" => fields.status = map.next_value()?,
                "issuetype" => fields.kind = map.next_value()?,
                "priority" => fields.priority = map.next_value()?,
                "assignee" => fields.assignee = map.next_value()?,
                "creator" => fields.creator = map.next_value()?,
                "labels" => fields.labels = map.next_value::<Option<_>>()?.unwrap_or_default(),
                "duedate" => fields.due = map.next_value()?,
                "updated" => fields.updated = map.next_value()?,
                "created" => fields.created = map.next_value()?,
                "resolutiondate" => fields.resolved = map.next_value()?,
                "description" => fields.description = map.next_value()?,
                "issuelinks" => fields.links = map.next_value::<Option<_>>()?.unwrap_or_default(),
                custom if custom.starts_with("customfield_") => {
                    let value: &RawValue = map.next_value()?;
                    if value.get() != "null" {
                        fields.custom.push((name, value));
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

/// A status and its category.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Status<'a> {
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
    #[serde(borrow, rename = "statusCategory")]
    pub(in super::super) category: Option<Category<'a>>,
}

/// `new`, `indeterminate` or `done`.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Category<'a> {
    #[serde(borrow)]
    pub(in super::super) key: Text<'a>,
}

/// Anything with a name.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Named<'a> {
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
}

/// A link; exactly one of its sides is the other issue.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Links<'a> {
    #[serde(borrow, rename = "type")]
    pub(in super::super) kind: LinkType<'a>,
    #[serde(borrow, rename = "inwardIssue")]
    inward: Option<LinkedIssue<'a>>,
    #[serde(borrow, rename = "outwardIssue")]
    outward: Option<LinkedIssue<'a>>,
}

/// What a link is called from either side.
#[derive(Debug, Deserialize)]
pub(in super::super) struct LinkType<'a> {
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) inward: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) outward: Text<'a>,
}

/// The other issue.
#[derive(Debug, Deserialize)]
pub(in super::super) struct LinkedIssue<'a> {
    #[serde(borrow)]
    pub(in super::super) key: Text<'a>,
    #[serde(borrow, default)]
    pub(in super::super) fields: Fields<'a>,
}

impl<'a> Links<'a> {
    /// The relation in this issue's words, and the other issue.
    pub(in super::super) fn seen(&self) -> Option<(&str, &LinkedIssue<'a>)> {
        match (&self.inward, &self.outward) {
            (Some(other), _) => Some((&self.kind.inward, other)),
            (None, Some(other)) => Some((&self.kind.outward, other)),
            (None, None) => None,
        }
    }

    /// The issue that blocks this one.
    pub(in super::super) fn blocker(&self) -> Option<&LinkedIssue<'a>> {
        self.inward.as_ref().filter(|_| self.kind.blocks())
    }
}

impl LinkType<'_> {
    /// Whether the issue at its outward end is blocked: Jira's own `Blocks`, whatever its ends are called, or a type
    /// whose end says so.
    pub(in super::super) fn blocks(&self) -> bool {
        &*self.name == "Blocks" || self.inward.eq_ignore_ascii_case("is blocked by")
    }
}

/// The changes that came with an issue, newest first.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Changelog<'a> {
    #[serde(default)]
    pub(in super::super) total: usize,
    #[serde(borrow, default, alias = "values")]
    pub(in super::super) histories: Vec<Change<'a>>,
}

/// One change.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Change<'a> {
    #[serde(borrow)]
    pub(in super::super) author: Option<User<'a>>,
    #[serde(borrow)]
    pub(in super::super) created: Text<'a>,
    #[serde(borrow, default)]
    pub(in super::super) items: Vec<Item<'a>>,
}

/// One field of a change, with ids and with texts.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Item<'a> {
    #[serde(borrow)]
    pub(in super::super) field: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) from: Option<Text<'a>>,
    #[serde(borrow, rename = "fromString")]
    pub(in super::super) before: Option<Text<'a>>,
    #[serde(borrow, rename = "toString")]
    pub(in super::super) after: Option<Text<'a>>,
}

/// A page of comments.
#[derive(Deserialize)]
pub(in super::super) struct Comments<'a> {
    #[serde(borrow, default)]
    pub(in super::super) comments: Vec<Comment<'a>>,
}

/// A comment.
#[derive(Deserialize)]
pub(in super::super) struct Comment<'a> {
    #[serde(borrow)]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) author: Option<User<'a>>,
    /// An Atlassian document, or wiki markup.
    #[serde(default)]
    pub(in super::super) body: Value,
    #[serde(borrow)]
    pub(in super::super) created: Text<'a>,
    pub(in super::super) visibility: Option<IgnoredAny>,
    #[serde(rename = "jsdPublic")]
    pub(in super::super) public: Option<bool>,
    #[serde(borrow, default)]
    pub(in super::super) properties: Vec<Property<'a>>,
}

/// An entity property of a comment.
#[derive(Deserialize)]
pub(in super::super) struct Property<'a> {
    #[serde(borrow)]
    pub(in super::super) key: Text<'a>,
    pub(in super::super) value: Value,
}

/// A link to another system.
#[derive(Deserialize)]
pub(in super::super) struct RemoteLink<'a> {
    #[serde(borrow)]
    pub(in super::super) object: RemoteObject<'a>,
}

/// What a remote link leads to.
#[derive(Deserialize)]
pub(in super::super) struct RemoteObject<'a> {
    #[serde(borrow)]
    pub(in super::super) url: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) title: Text<'a>,
}
