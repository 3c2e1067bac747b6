//! The way to Notion, and what is remembered of it: data sources and people.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use content::Label;
use error::Result;
use futures::future;
use outbound::{Client, Reply, Request};
use serde::Serialize;
use tool::Person;

use super::judge::judge;
use super::settings::Mapping;
use super::wire;

/// How long data sources and people are taken for the same.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// How long they are served while newer ones are fetched.
const VALID: Duration = Duration::from_secs(60 * 60);

/// Pages of 100 data sources, and of people, that are listed.
const PAGES: usize = 10;

/// Sends requests to Notion.
pub(super) struct Hub {
    client: Client,
    version: String,
    spaces: Cached<Vec<Space>>,
    people: Cached<Vec<Person>>,
}

/// A data source: what the domain calls a space.
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: Label,
    /// The database it belongs to.
    pub(super) database: Option<String>,
    /// Its properties by name.
    columns: BTreeMap<String, Column>,
}

#[derive(Clone, Debug)]
struct Column {
    id: String,
    kind: String,
}

impl Space {
    /// The type of a property, if the data source has one of this name and one of these types.
    pub(super) fn kind(&self, name: &str, kinds: &[&'static str]) -> Option<&'static str> {
        let column = self.columns.get(name)?;
        kinds.iter().copied().find(|kind| *kind == column.kind)
    }

    /// The property of a type that every data source has at most one of.
    pub(super) fn only(&self, kind: &str) -> Option<&str> {
        self.columns.iter().find(|(_, column)| column.kind == kind).map(|(name, _)| name.as_str())
    }

    /// The ids of these properties and of the title, for `filter_properties`; empty if any is spelled in a way that
    /// Notion reads in two ways.
    pub(super) fn ids(&self, names: &[&str]) -> Vec<&str> {
        let wanted =
            |(name, column): &(&String, &Column)| column.kind == "title" || names.contains(&name.as_str());
        let ids: Vec<&str> =
            self.columns.iter().filter(wanted).map(|(_, column)| column.id.as_str()).collect();
        match ids.iter().all(|id| id.bytes().all(|b| b.is_ascii_alphanumeric())) {
            true => ids,
            false => Vec::new(),
        }
    }

    /// Whether a person means this one by `text`.
    pub(super) fn is_called(&self, text: &str) -> bool {
        super::link::id(text).is_some_and(|id| id == self.id)
            || self.name.as_str().to_lowercase() == text.trim().to_lowercase()
    }
}

impl Hub {
    pub(super) fn new(client: Client, version: String) -> Self {
        Self { client, version, spaces: Cached::new(), people: Cached::new() }
    }

    /// The source's name.
    pub(super) fn source(&self) -> &str {
        self.client.source()
    }

    /// Sends a request with the version, which every request must name.
    pub(super) async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        self.client.send(cx, request.header("notion-version", &self.version).judge(judge)).await
    }

    /// Every data source that is shared with the connection.
    pub(super) async fn spaces(self: &Arc<Self>, cx: &Cx) -> Result<Arc<Vec<Space>>> {
        let hub = Arc::clone(self);
        self.spaces
            .shared(cx, |cx| async move {
                let value = hub.list_spaces(&cx).await?;
                Ok(Fresh { value, fresh_for: FRESH, valid_for: VALID })
            })
            .await
    }

    /// Everybody of the workspace. Without the capability to read users nobody is known, which is no error.
    pub(super) async fn people(self: &Arc<Self>, cx: &Cx) -> Result<Arc<Vec<Person>>> {
        let hub = Arc::clone(self);
        self.people
            .shared(cx, |cx| async move {
                let value = match hub.list_people(&cx).await {
                    Err(error) if error.code() == error::Code::Permission => Vec::new(),
                    listed => listed?,
                };
                Ok(Fresh { value, fresh_for: FRESH, valid_for: VALID })
            })
            .await
    }

    /// Data sources and people at once: what rows are shown with.
    pub(super) async fn known(self: &Arc<Self>, cx: &Cx) -> Result<Known> {
        let (spaces, people) = future::try_join(self.spaces(cx), self.people(cx)).await?;
        Ok(Known { spaces, people })
    }

    async fn list_spaces(&self, cx: &Cx) -> Result<Vec<Space>> {
        #[derive(Serialize)]
        struct Ask {
            filter: OnlyDataSources,
            page_size: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            start_cursor: Option<String>,
        }
        #[derive(Clone, Copy, Serialize)]
        struct OnlyDataSources {
            property: &'static str,
            value: &'static str,
        }
        let filter = OnlyDataSources { property: "object", value: "data_source" };
        let (mut spaces, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES {
            let ask = Ask { filter, page_size: 100, start_cursor: cursor };
            let reply = self.send(cx, Request::post("/v1/search", &[]).json(&ask).reads()).await?;
            let list: wire::List<wire::DataSource<'_>> = reply.json()?;
            cursor = list.next();
            spaces.extend(list.results.iter().map(space));
            if cursor.is_none() {
                break;
            }
        }
        Ok(spaces)
    }

    async fn list_people(&self, cx: &Cx) -> Result<Vec<Person>> {
        let (mut people, mut cursor) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let request = Request::get("/v1/users", &[]).query("page_size", 100);
            let request = match &cursor {
                Some(cursor) => request.query("start_cursor", cursor),
                None => request,
            };
            let reply = self.send(cx, request).await?;
            let list: wire::List<wire::User<'_>> = reply.json()?;
            cursor = list.next();
            people.extend(list.results.iter().map(person));
            if cursor.is_none() {
                break;
            }
        }
        Ok(people)
    }
}

/// What rows are shown with.
pub(super) struct Known {
    spaces: Arc<Vec<Space>>,
    people: Arc<Vec<Person>>,
}

impl Known {
    /// All data sources.
    pub(super) fn spaces(&self) -> &[Space] {
        &self.spaces
    }

    /// The data source of this id.
    pub(super) fn space(&self, id: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.id == id)
    }

    /// The name of a user who may be known by id alone.
    pub(super) fn name(&self, user: &wire::User<'_>) -> Option<Label> {
        match &user.name {
            Some(name) => Some(Label::new(name)),
            None => self.people.iter().find(|p| p.id == user.id).map(|p| p.name.clone()),
        }
    }

    /// The data sources whose every page is of a kind.
    pub(super) fn hold(&self, mapping: &Mapping, kind: crate::model::Kind, id: &str) -> bool {
        let names = mapping.places(kind);
        self.space(id).is_some_and(|space| names.iter().any(|name| space.is_called(name)))
    }
}

fn space(source: &wire::DataSource<'_>) -> Space {
    let column = |(name, column): (&std::borrow::Cow<'_, str>, &wire::Column<'_>)| {
        (name.to_string(), Column { id: column.id.to_string(), kind: column.kind.to_string() })
    };
    Space {
        id: source.id.to_string(),
        name: Label::new(&wire::plain(&source.title)),
        database: source.parent.database_id.as_ref().map(ToString::to_string),
        columns: source.properties.iter().map(column).collect(),
    }
}

fn person(user: &wire::User<'_>) -> Person {
    let email = user.person.as_ref().and_then(|human| human.email.as_ref());
    Person {
        id: user.id.to_string(),
        name: Label::new(user.name.as_deref().unwrap_or_default()),
        email: email.map(ToString::to_string),
    }
}
