//! The site's own words: custom fields and priorities.

use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use error::{Code, Result};
use futures::future::try_join3;
use outbound::Request;

use super::connection::{Connection, Server};
use super::settings::{Keys, Mapping};
use super::wire::{Field, LinkTypes, Priorities};
use crate::model::Priority;

/// Custom fields that one request may ask for.
const MOST_FIELDS: usize = 100;

/// What the site calls things.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// The field that says that something is in the way: `customfield_10021`.
    pub(super) flagged: Option<String>,
    /// Custom fields to show: id and name.
    pub(super) custom: Vec<(String, String)>,
    /// What links are called from the side of an issue that is blocked: `is blocked by`.
    pub(super) blocked_by: Vec<String>,
    /// The site's priorities, worst first: id, name, and ours.
    pub(super) priorities: Vec<(String, String, Option<Priority>)>,
}

impl Lexicon {
    /// What the site's priority means to us.
    pub(super) fn priority(&self, name: &str) -> Option<Priority> {
        self.priorities.iter().find(|(_, n, _)| n == name)?.2
    }

    /// Ids of the site's priorities of this rank.
    pub(super) fn priority_ids(&self, wanted: impl Fn(Priority) -> bool) -> Vec<String> {
        self.priorities.iter().filter(|(.., p)| p.is_some_and(&wanted)).map(|(id, ..)| id.clone()).collect()
    }

    /// The id of the site's priority to set for ours: the configured one, else the worst of its rank.
    pub(super) fn priority_to_set(&self, wanted: Priority, map: &Mapping) -> Option<&str> {
        let configured = map.priorities.get(&wanted).and_then(|names| names.first());
        let named =
            configured.and_then(|name| self.priorities.iter().find(|(_, n, _)| n.eq_ignore_ascii_case(name)));
        let found = named.or_else(|| self.priorities.iter().find(|(.., p)| *p == Some(wanted)));
        found.map(|(id, ..)| id.as_str())
    }

    /// Whether [`Lexicon::priority_to_set`] leads back from our word for a priority to this very one.
    pub(super) fn comes_back(&self, name: &str, map: &Mapping) -> bool {
        let known = self.priorities.iter().find(|(_, n, _)| n == name);
        known.is_some_and(|(id, _, ours)| {
            ours.is_some_and(|ours| self.priority_to_set(ours, map) == Some(id.as_str()))
        })
    }

    /// The number of the flag's field, for JQL.
    pub(super) fn flag_number(&self) -> Option<u64> {
        self.flagged.as_deref()?.strip_prefix("customfield_")?.parse().ok()
    }
}

/// The lexicon, kept for ten minutes and used for an hour.
pub(super) async fn lexicon(
    cache: &Cached<Lexicon>,
    cx: &Cx,
    connection: &Arc<Connection>,
    configured: &Arc<(Keys, Mapping)>,
) -> Result<Arc<Lexicon>> {
    let (connection, configured) = (Arc::clone(connection), Arc::clone(configured));
    cache
        .shared(cx, |cx| async move {
            let value = ask(&cx, &connection, &configured.0, &configured.1).await?;
            Ok(Fresh { value, fresh_for: Duration::from_mins(10), valid_for: Duration::from_hours(1) })
        })
        .await
}

async fn ask(cx: &Cx, connection: &Arc<Connection>, keys: &Keys, map: &Mapping) -> Result<Lexicon> {
    let server = connection.server(cx).await?;
    let version = &[server.version()];
    let priorities = if server.cloud {
        Request::get("/rest/api/{version}/priority/search", version).query("maxResults", 50)
    } else {
        Request::get("/rest/api/{version}/priority", version)
    };
    let fields = Request::get("/rest/api/{version}/field", version);
    let (fields, priorities, blocked_by) = try_join3(
        connection.send(cx, &server, fields),
        connection.send(cx, &server, priorities),
        blocked_by(cx, connection, &server),
    )
    .await?;
    let fields: Vec<Field<'_>> = fields.json()?;
    let priorities = match priorities.json()? {
        Priorities::Page { values } | Priorities::List(values) => values,
    };
    Ok(Lexicon {
        flagged: fields.iter().find(|f| f.custom && &*f.name == "Flagged").map(|f| f.id.to_string()),
        custom: shown(&fields, keys),
        blocked_by,
        priorities: priorities
            .iter()
            .map(|p| (p.id.to_string(), p.name.to_string(), rank(&p.name, map)))
            .collect(),
    })
}

async fn blocked_by(cx: &Cx, connection: &Connection, server: &Server) -> Result<Vec<String>> {
    let request = Request::get("/rest/api/{version}/issueLinkType", &[server.version()]);
    let reply = match connection.send(cx, server, request).await {
        // A site may have no links between issues at all.
        Err(error) if error.code() == Code::NotFound => return Ok(Vec::new()),
        reply => reply?,
    };
    let found: LinkTypes<'_> = reply.json()?;
    Ok(found.types.iter().filter(|kind| kind.blocks()).map(|kind| kind.inward.to_string()).collect())
}

fn shown(fields: &[Field<'_>], keys: &Keys) -> Vec<(String, String)> {
    let wanted = |f: &&Field<'_>| {
        let named = |w: &String| *w == *f.id || w.eq_ignore_ascii_case(&f.name);
        keys.custom_fields.is_empty() || keys.custom_fields.iter().any(named)
    };
    // Ranks and the like are for machines.
    let readable = |f: &&Field<'_>| f.schema.as_ref().is_none_or(|s| &*s.kind != "any");
    let own = |f: &&Field<'_>| f.custom && &*f.name != "Flagged";
    fields
        .iter()
        .filter(own)
        .filter(wanted)
        .filter(readable)
        .take(MOST_FIELDS)
        .map(|f| (f.id.to_string(), f.name.to_string()))
        .collect()
}

/// Ours for the site's: as configured, else by Jira's own names, present and former.
fn rank(name: &str, map: &Mapping) -> Option<Priority> {
    let configured =
        map.priorities.iter().find(|(_, names)| names.iter().any(|n| n.eq_ignore_ascii_case(name)));
    if let Some((priority, _)) = configured {
        return Some(*priority);
    }
    match name.to_lowercase().as_str() {
        "highest" | "blocker" | "critical" | "urgent" => Some(Priority::Critical),
        "high" | "major" => Some(Priority::High),
        "medium" | "normal" => Some(Priority::Medium),
        "low" | "lowest" | "minor" | "trivial" => Some(Priority::Low),
        _ => None,
    }
}
