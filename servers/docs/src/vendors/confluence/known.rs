//! Spaces, people and groups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use content::Label;
use error::{Code, Error, Result};
use outbound::Request;
use tokio::time::Instant;
use tool::{Person, Place};

use super::Confluence;
use super::site::Site;
use super::wire::{self, AccountIds, List, Named, User, UserHit};

/// Pages of spaces at most, 250 on each.
const PAGES: usize = 20;

/// People, and groups, whose names are remembered.
const NAMES: usize = 5_000;

/// What the names of those who wrote may take of a call's time.
const FOR_NAMES: Duration = Duration::from_secs(3);

/// People at most that a name may mean.
const MOST_PEOPLE: usize = 10;

/// A space.
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// Confluence's number of it.
    pub(super) id: String,
    pub(super) key: String,
    pub(super) name: Label,
}

/// Names of groups by their ids, each asked for once an hour.
#[derive(Default)]
pub(super) struct Groups(Mutex<BTreeMap<String, Cached<Label>>>);

impl Groups {
    fn of(&self, id: &str) -> Cached<Label> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= NAMES {
            known.clear();
        }
        known.entry(id.to_owned()).or_default().clone()
    }
}

impl From<Space> for Place {
    fn from(space: Space) -> Self {
        Self { key: space.key, name: space.name }
    }
}

impl Confluence {
    /// The spaces within reach.
    pub(super) async fn all_spaces(&self, cx: &Cx) -> Result<Arc<Vec<Space>>> {
        let (site, keys) = (Arc::clone(&self.site), Arc::clone(&self.keys));
        let ask = |cx: Cx| async move {
            let (mut all, mut cursor) = (Vec::new(), None::<String>);
            for _ in 0..PAGES {
                let mut request =
                    Request::get("/wiki/api/v2/spaces", &[]).query("limit", 250).query("status", "current");
                if !keys.spaces.is_empty() {
                    request = request.query("keys", keys.spaces.join(","));
                }
                if let Some(cursor) = &cursor {
                    request = request.query("cursor", cursor);
                }
                let reply = site.send(&cx, request).await?;
                let list: List<'_, wire::Space<'_>> = reply.json()?;
                all.extend(list.results.iter().map(space));
                cursor = list.links.cursor();
                if cursor.is_none() {
                    break;
                }
            }
            Ok(Fresh { value: all, fresh_for: Duration::from_mins(5), valid_for: Duration::from_hours(1) })
        };
        self.spaces.shared(cx, ask).await
    }

    pub(super) async fn places(&self, cx: &Cx) -> Result<Vec<Place>> {
        let spaces = self.all_spaces(cx).await?;
        Ok(spaces.iter().cloned().map(Place::from).collect())
    }

    /// The space of this number, `not_found` if it is out of reach.
    pub(super) async fn space(&self, cx: &Cx, id: &str) -> Result<Space> {
        if let Some(space) = self.all_spaces(cx).await?.iter().find(|space| space.id == id) {
            return Ok(space.clone());
        }
        if !self.keys.spaces.is_empty() {
            return Err(Error::new(
                Code::NotFound,
                "the page's space is not one of those configured for this source",
            ));
        }
        let reply = self.site.send(cx, Request::get("/wiki/api/v2/spaces/{id}", &[id])).await?;
        Ok(space(&reply.json()?))
    }

    /// The space of this key.
    pub(super) async fn space_called(&self, cx: &Cx, key: &str) -> Result<Space> {
        let spaces = self.all_spaces(cx).await?;
        let found = spaces.iter().find(|space| space.key == key).cloned();
        found.ok_or_else(|| {
            Error::new(Code::NotFound, "there is no such space, or this account may not see it")
        })
    }

    /// People's names by account id, as far as Confluence tells.
    pub(super) async fn names<'i>(
        &self,
        cx: &Cx,
        ids: impl Iterator<Item = &'i str>,
    ) -> Result<BTreeMap<String, Label>> {
        let ids: BTreeSet<&str> = ids.filter(|id| !id.is_empty()).collect();
        let mut names = self.remembered_names(&ids);
        let missing: Vec<&str> = ids.into_iter().filter(|id| !names.contains_key(*id)).collect();
        if missing.is_empty() {
            return Ok(names);
        }
        let body = AccountIds { account_ids: &missing };
        let request = Request::post("/wiki/api/v2/users-bulk", &[]).json(&body).reads();
        let reply = match self.site.send(cx, request).await {
            // Without the scope to read people, pages are worth more than names.
            Err(error) if error.code() == Code::Permission => return Ok(names),
            reply => reply?,
        };
        let list: List<'_, User<'_>> = reply.json()?;
        let found: Vec<(String, Label)> =
            list.results.iter().map(|user| (user.id.to_string(), Label::new(&user.name))).collect();
        let mut known = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() + found.len() > NAMES {
            known.clear();
        }
        known.extend(found.iter().cloned());
        names.extend(found);
        Ok(names)
    }

    /// The names of those who wrote something, as far as they are known or come in time: what was written, and that it
    /// was, is worth more than by whom.
    pub(super) async fn writers(&self, cx: &Cx, ids: &[&str]) -> BTreeMap<String, Label> {
        let brief = cx.clone().with_deadline(Instant::now() + FOR_NAMES);
        match self.names(&brief, ids.iter().copied()).await {
            Ok(names) => names,
            Err(_) => self.remembered_names(&ids.iter().copied().collect()),
        }
    }

    fn remembered_names(&self, ids: &BTreeSet<&str>) -> BTreeMap<String, Label> {
        let known = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(|id| Some(((*id).to_owned(), known.get(*id)?.clone()))).collect()
    }

    /// A group's name; its id where Confluence does not tell.
    pub(super) async fn group(&self, cx: &Cx, id: &str) -> Result<Label> {
        let (site, id) = (Arc::clone(&self.site), id.to_owned());
        let name = self.groups.of(&id);
        let name = name.shared(cx, |cx| async move { group_name(&site, &cx, &id).await }).await?;
        Ok(Label::clone(&name))
    }

    /// People whose name, account id or address is `text`.
    pub(super) async fn called(&self, cx: &Cx, text: &str) -> Result<Vec<Person>> {
        let Some(cql) = who(text) else { return Ok(Vec::new()) };
        let request = Request::get("/wiki/rest/api/search/user", &[]).query("cql", cql).query("limit", 50);
        let reply = self.site.send(cx, request).await?;
        let list: List<'_, UserHit<'_>> = reply.json()?;
        let users = list.results.iter().filter_map(|hit| hit.user.as_ref());
        let meant = users.filter(|user| is_called(user, text));
        let person = |user: &User<'_>| Person {
            id: user.id.to_string(),
            name: Label::new(&user.name),
            email: user.email.as_deref().filter(|email| !email.is_empty()).map(str::to_owned),
        };
        Ok(meant.take(MOST_PEOPLE).map(person).collect())
    }
}

async fn group_name(site: &Site, cx: &Cx, id: &str) -> Result<Fresh<Label>> {
    let request = Request::get("/wiki/rest/api/group/by-id", &[]).query("id", id);
    let (value, minutes) = match site.send(cx, request).await {
        Ok(reply) => (Label::new(&reply.json::<Named<'_>>()?.name), 60),
        // A scope may be granted any minute.
        Err(error) if matches!(error.code(), Code::NotFound | Code::Permission) => (Label::new(id), 5),
        Err(error) => return Err(error),
    };
    let lasts = Duration::from_mins(minutes);
    Ok(Fresh { value, fresh_for: lasts, valid_for: lasts })
}

fn space(space: &wire::Space<'_>) -> Space {
    let name = if space.name.is_empty() { &space.key } else { &space.name };
    Space { id: space.id.to_string(), key: space.key.to_string(), name: Label::new(name) }
}

/// The search for a person. Confluence finds people by name and id, not by address: of an address, the words before
/// the `@` are looked for as a name, and the address is compared with what is found.
fn who(text: &str) -> Option<String> {
    if is_account_id(text) {
        return Some(format!("user.accountid = \"{text}\""));
    }
    let name = text.split('@').next().unwrap_or_default();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    // Letters and digits alone: nothing in them needs an escape, and in lower case none is an operator.
    let clauses: Vec<String> =
        words.take(6).map(|word| format!("user.fullname ~ \"{}\"", word.to_lowercase())).collect();
    (!clauses.is_empty()).then(|| clauses.join(" AND "))
}

fn is_called(user: &User<'_>, text: &str) -> bool {
    let same = |own: &str| own.to_lowercase() == text.to_lowercase();
    same(&user.name) || *user.id == *text || user.email.as_deref().is_some_and(same)
}

/// `5b10ac8d82e05b22cc7d4ef5`, `712020:4f5c0e6b-…`.
fn is_account_id(text: &str) -> bool {
    let hex = |part: &str| part.len() >= 24 && part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match text.split_once(':') {
        Some((realm, id)) => !realm.is_empty() && realm.bytes().all(|b| b.is_ascii_alphanumeric()) && hex(id),
        None => hex(text),
    }
}
