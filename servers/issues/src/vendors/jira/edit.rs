//! Changing an issue's fields and state.

use std::collections::BTreeSet;

use call::Cx;
use error::{Code, Error, Result};
use jiff::Timestamp;
use outbound::Request;
use serde_json::{Map, Value, json};

use super::Jira;
use super::connection::Server;
use super::create::person;
use super::map;
use super::read::Held;
use super::wire::{Draft, Taken, TransitionId, TransitionTo, Transitions, Values};
use crate::tracker::{Changed, Edit, Transition, done_but_unread};

impl Jira {
    pub(super) async fn updated(
        &self,
        cx: &Cx,
        id: &str,
        edit: &Edit,
        expected: Option<Timestamp>,
    ) -> Result<Changed> {
        if let Some(marker) = edit.add_labels.iter().chain(&edit.remove_labels).find(|l| map::is_marker(l)) {
            return Err(Error::invalid("labels", format!("`{marker}` is this server's own")));
        }
        let before = self.held(cx, id).await?;
        unchanged_since(&before, expected)?;
        let draft = self.draft(cx, edit).await?;
        if draft.fields.is_empty() && draft.update.is_empty() {
            let after = before.issue.clone();
            return Ok(changed(before, after));
        }
        let server = self.connection.server(cx).await?;
        let key = before.issue.id.native();
        let request = Request::put("/rest/api/{version}/issue/{key}", &[server.version(), key]).json(&draft);
        self.connection.send(cx, &server, request).await?;
        self.remember(before.number);
        let after = self.now(cx, key).await.map_err(done_but_unread)?;
        Ok(changed(before, after))
    }

    async fn draft(&self, cx: &Cx, edit: &Edit) -> Result<Draft> {
        let (server, lexicon) = self.ready(cx).await?;
        let mut fields = Map::new();
        if let Some(title) = &edit.title {
            fields.insert("summary".into(), json!(title));
        }
        if let Some(text) = &edit.description {
            let empty = text.trim().is_empty();
            fields.insert(
                "description".into(),
                if empty { Value::Null } else { map::from_markdown(text, server.cloud) },
            );
        }
        if let Some(priority) = edit.priority {
            let id = lexicon
                .priority_to_set(priority, &self.configured.1)
                .ok_or_else(|| Error::invalid("priority", "this Jira has no priority that corresponds"))?;
            fields.insert("priority".into(), json!({ "id": id }));
        }
        if let Some(assignee) = &edit.assignee {
            let value = assignee.as_deref().map_or(Value::Null, |id| person(id, server.cloud));
            fields.insert("assignee".into(), value);
        }
        if let Some(due) = edit.due {
            fields.insert("duedate".into(), due.map_or(Value::Null, |d| json!(d.to_string())));
        }
        let added = edit.add_labels.iter().map(|label| json!({ "add": label }));
        let removed = edit.remove_labels.iter().map(|label| json!({ "remove": label }));
        // Operations and not a new list: labels that others add meanwhile, and our markers, stay.
        let labels: Vec<Value> = added.chain(removed).collect();
        let mut update = Map::new();
        if !labels.is_empty() {
            update.insert("labels".into(), json!(labels));
        }
        Ok(Draft { fields, update })
    }

    pub(super) async fn ways(&self, cx: &Cx, id: &str) -> Result<Vec<Transition>> {
        self.lies_within_reach(cx, id).await?;
        let server = self.connection.server(cx).await?;
        let request = Request::get("/rest/api/{version}/issue/{key}/transitions", &[server.version(), id])
            .query("expand", "transitions.fields");
        let reply = self.connection.send(cx, &server, request).await?;
        let found: Transitions<'_> = reply.json()?;
        let wanted: Vec<&str> =
            found.transitions.iter().flat_map(TransitionTo::wants).map(|(id, _)| id).collect();
        let empty = self.empty(cx, &server, id, wanted).await?;
        let way = |t: &TransitionTo<'_>| Transition {
            id: t.id.to_string(),
            to: t.to.name.to_string(),
            state: map::state(&t.to),
            wants: t.wants().filter(|(id, _)| empty.contains(*id)).map(|(_, name)| name.to_owned()).collect(),
        };
        Ok(found.transitions.iter().map(way).collect())
    }

    /// Which of these fields have no value on the issue.
    async fn empty<'f>(
        &self,
        cx: &Cx,
        server: &Server,
        id: &str,
        mut fields: Vec<&'f str>,
    ) -> Result<BTreeSet<&'f str>> {
        if fields.is_empty() {
            return Ok(BTreeSet::new());
        }
        fields.sort_unstable();
        fields.dedup();
        let request = Request::get("/rest/api/{version}/issue/{key}", &[server.version(), id])
            .query("fields", fields.join(","));
        let reply = self.connection.send(cx, server, request).await?;
        let held: Values<'_> = reply.json()?;
        Ok(fields.into_iter().filter(|id| !held.has(id)).collect())
    }

    pub(super) async fn moved(&self, cx: &Cx, id: &str, to: &Transition) -> Result<Changed> {
        let before = self.held(cx, id).await?;
        let server = self.connection.server(cx).await?;
        let key = before.issue.id.native();
        let body = Taken { transition: TransitionId { id: &to.id } };
        let request = Request::post("/rest/api/{version}/issue/{key}/transitions", &[server.version(), key])
            .json(&body);
        self.connection.send(cx, &server, request).await?;
        self.remember(before.number);
        let after = self.now(cx, key).await.map_err(done_but_unread)?;
        Ok(changed(before, after))
    }
}

/// Refuses to overwrite what the caller has not seen. Jira has no condition on writes: a change between this look
/// and the write goes unnoticed. Callers know times to the second.
fn unchanged_since(before: &Held, expected: Option<Timestamp>) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    if before.issue.updated.0.as_second() <= expected.as_second() {
        return Ok(());
    }
    let message = format!("the issue changed after {expected}: it is as of {}", before.issue.updated.0);
    Err(Error::new(Code::Conflict, message))
}

fn changed(before: Held, after: crate::model::Issue) -> Changed {
    Changed { before: before.issue, former: before.former, after }
}
