//! Pages (v2).

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::face;
use super::list;
use super::show::{With, page as shown, version};
use super::state::{Page, Site, Status, Version};
use super::text;

/// What is sent to create and to update.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    id: Option<Value>,
    space_id: Option<Value>,
    status: Option<String>,
    title: Option<String>,
    parent_id: Option<Value>,
    body: Option<Body>,
    version: Option<Number>,
}

#[derive(Deserialize)]
struct Body {
    representation: Option<String>,
    value: Option<String>,
    storage: Option<Box<Body>>,
}

#[derive(Deserialize)]
struct Number {
    number: Option<u64>,
    message: Option<String>,
}

/// `GET /wiki/api/v2/pages/{id}`.
pub(super) fn get(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?;
    // What was never published is there only for those who ask for drafts.
    if page.status == Status::Draft
        && ask.query("get-draft") != Some("true")
        && !statuses(ask).contains(&"draft")
    {
        return Err(face::missing(ask, "page"));
    }
    Ok(Answer::json(200, shown(site, ask, page, With::of(ask)?)))
}

fn statuses(ask: &Ask) -> Vec<&str> {
    ask.query_all("status").flat_map(|all| all.split(',')).collect()
}

/// `GET /wiki/api/v2/pages` and `/spaces/{id}/pages`.
pub(super) fn all(site: &mut Site, ask: &Ask) -> Reply {
    let (me, with, asked) = (site.me(ask), With::of(ask)?, statuses(ask));
    let known = ["current", "archived", "deleted", "trashed"];
    if let Some(unknown) = asked.iter().find(|status| !known.contains(status)) {
        return Err(face::error(
            ask,
            400,
            &format!("Provided value {{{unknown}}} for 'status' is not valid"),
        ));
    }
    let statuses = if asked.is_empty() { vec!["current", "archived"] } else { asked };
    let numbers = |name: &str| -> Vec<u64> {
        ask.query_all(name).flat_map(|all| all.split(',')).filter_map(|id| id.parse().ok()).collect()
    };
    let (ids, mut spaces) = (numbers("id"), numbers("space-id"));
    if ask.path.contains("/spaces/") {
        spaces.push(ask.param_as("id")?);
    }
    let mut rows: Vec<&Page> = site
        .pages
        .values()
        .filter(|page| statuses.contains(&page.status.name()) && site.sees(&me, page))
        .filter(|page| ids.is_empty() || ids.contains(&page.id))
        .filter(|page| spaces.is_empty() || spaces.contains(&page.space))
        .filter(|page| ask.query("title").is_none_or(|title| page.title == title))
        .collect();
    match ask.query("sort") {
        Some("-modified-date") => rows.sort_by_key(|page| std::cmp::Reverse(page.updated())),
        Some("modified-date") => rows.sort_by_key(|page| page.updated()),
        Some("title") => rows.sort_by(|a, b| a.title.cmp(&b.title)),
        _ => {}
    }
    list::answer(site, ask, rows, |page| shown(site, ask, page, with))
}

/// `POST /wiki/api/v2/pages`.
pub(super) fn create(site: &mut Site, ask: &Ask) -> Reply {
    let refuse = |why: &str| face::error(ask, 400, why);
    let sent: Sent = ask.json()?;
    let space = sent.space_id.as_ref().and_then(number).ok_or_else(|| refuse("spaceId must be provided"))?;
    site.space(space).ok_or_else(|| face::error(ask, 404, "Space not found"))?;
    let status = match sent.status.as_deref() {
        None | Some("current") => Status::Current,
        Some("draft") => Status::Draft,
        Some(other) => return Err(refuse(&format!("Provided value {{{other}}} for 'status' is not valid"))),
    };
    let title = sent.title.clone().unwrap_or_default();
    let storage = storage(ask, sent.body.as_ref())?.unwrap_or_default();
    let parent = sent
        .parent_id
        .as_ref()
        .map(|id| number(id).ok_or_else(|| refuse("parentId is not valid")))
        .transpose()?;
    let new = New { space, parent, title, status, storage };
    let id = new.create(site, ask)?;
    let page = &site.pages[&id];
    Ok(Answer::json(200, shown(site, ask, page, With { body: true, ..With::default() })))
}

/// A page to be, of either version.
pub(super) struct New {
    pub(super) space: u64,
    pub(super) parent: Option<u64>,
    pub(super) title: String,
    pub(super) status: Status,
    pub(super) storage: String,
}

impl New {
    /// Creates it; its id.
    pub(super) fn create(self, site: &mut Site, ask: &Ask) -> Result<u64, Answer> {
        if self.parent.is_some_and(|id| site.pages.get(&id).is_none_or(|parent| parent.space != self.space)) {
            return Err(face::error(ask, 404, "Could not find parent page"));
        }
        if self.status == Status::Current {
            titled(site, ask, self.space, &self.title, None)?;
        }
        let me = site.me(ask);
        let id = site.next_id();
        let storage = text::kept(&self.storage, id).map_err(|why| malformed(ask, &why))?;
        let first = Version {
            number: 1,
            at: face::now(ask),
            author: me.clone(),
            message: String::new(),
            minor: false,
            storage,
        };
        let page = Page {
            id,
            space: self.space,
            parent: self.parent,
            title: self.title,
            status: self.status,
            owner: Some(me.clone()),
            author: me,
            created: face::now(ask),
            versions: vec![first],
            labels: Vec::new(),
            properties: Vec::new(),
            readers: Vec::new(),
            editors: Vec::new(),
        };
        site.pages.insert(id, page);
        Ok(id)
    }
}

/// A published page needs a title that no other of its space has.
fn titled(site: &Site, ask: &Ask, space: u64, title: &str, own: Option<u64>) -> Result<(), Answer> {
    if title.trim().is_empty() || title.len() > 255 {
        return Err(face::error(ask, 400, "Title must be provided and no longer than 255 characters"));
    }
    let same = |page: &&Page| page.space == space && page.title == title && page.status == Status::Current;
    match site.pages.values().filter(same).any(|page| Some(page.id) != own) {
        true => Err(face::error(
            ask,
            400,
            "A page with this title already exists: A page already exists with the same TITLE in this space",
        )),
        false => Ok(()),
    }
}

fn malformed(ask: &Ask, why: &str) -> Answer {
    face::error(ask, 400, &format!("Error parsing xhtml: {why}"))
}

fn storage(ask: &Ask, body: Option<&Body>) -> Result<Option<String>, Answer> {
    let Some(body) = body else { return Ok(None) };
    // The nested form names the representation by its key.
    let (named, body) = match body.storage.as_deref() {
        Some(nested) => (nested.representation.as_deref().or(Some("storage")), nested),
        None => (body.representation.as_deref(), body),
    };
    match (named, &body.value) {
        (Some("storage"), Some(value)) => Ok(Some(value.clone())),
        (Some("storage"), None) => Err(face::error(ask, 400, "body.value must be provided")),
        (Some(other), _) => {
            Err(face::error(ask, 400, &format!("The representation {other} is not served here")))
        }
        (None, _) => Err(face::error(ask, 400, "body.representation must be provided")),
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// `PUT /wiki/api/v2/pages/{id}`.
pub(super) fn update(site: &mut Site, ask: &Ask) -> Reply {
    let refuse = |why: &str| face::error(ask, 400, why);
    let id = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?.id;
    let sent: Sent = ask.json()?;
    if sent.id.as_ref().and_then(number) != Some(id) {
        return Err(refuse("The id in the body is not that of the path"));
    }
    let given = sent.version.as_ref().and_then(|version| version.number);
    let change = Change {
        id,
        status: sent.status.clone().ok_or_else(|| refuse("status must be provided"))?,
        title: sent.title.clone().ok_or_else(|| refuse("title must be provided"))?,
        storage: Some(storage(ask, sent.body.as_ref())?.ok_or_else(|| refuse("body must be provided"))?),
        number: given.ok_or_else(|| refuse("version.number must be provided"))?,
        message: sent.version.and_then(|version| version.message).unwrap_or_default(),
    };
    change.make(site, ask)?;
    let page = &site.pages[&id];
    Ok(Answer::json(200, shown(site, ask, page, With { body: true, ..With::default() })))
}

/// A change of a page, of either version.
pub(super) struct Change {
    pub(super) id: u64,
    pub(super) status: String,
    pub(super) title: String,
    pub(super) storage: Option<String>,
    pub(super) number: u64,
    pub(super) message: String,
}

impl Change {
    pub(super) fn make(self, site: &mut Site, ask: &Ask) -> Result<(), Answer> {
        let me = site.me(ask);
        let Some(page) = site.pages.get(&self.id) else { return Err(face::missing(ask, "page")) };
        if !page.editors.is_empty() && !page.editors.contains(&me) {
            return Err(face::error(ask, 403, "The user may not edit this page"));
        }
        let (now, space) = (page.version().number, page.space);
        let status = match (self.status.as_str(), page.status) {
            ("current", Status::Draft | Status::Current) => Status::Current,
            ("draft", Status::Draft) => Status::Draft,
            (other, own) => {
                let why = format!("A page that is {} cannot become {other}", own.name());
                return Err(face::error(ask, 400, &why));
            }
        };
        let published = page.status == Status::Current;
        if !published && self.number != 1 {
            return Err(face::error(ask, 400, "When you update a draft, the version number must be 1"));
        }
        if published && self.number != now + 1 {
            let why = format!(
                "Version must be incremented when updating a page. Current Version: {now}. Provided version: {}",
                self.number
            );
            return Err(face::error(ask, 409, &why));
        }
        if status == Status::Current {
            titled(site, ask, space, &self.title, Some(self.id))?;
        }
        let kept = self.storage.map(|storage| text::kept(&storage, self.id)).transpose();
        let kept = kept.map_err(|why| malformed(ask, &why))?;
        let Some(page) = site.pages.get_mut(&self.id) else { return Err(face::missing(ask, "page")) };
        let storage = kept.unwrap_or_else(|| page.version().storage.clone());
        let version = Version {
            number: self.number,
            at: face::now(ask),
            author: me,
            message: self.message,
            minor: false,
            storage,
        };
        if !published {
            page.versions.clear();
        }
        page.versions.push(version);
        (page.title, page.status) = (self.title, status);
        Ok(())
    }
}

/// `DELETE` of a page, of either version: into the trash.
pub(super) fn delete(site: &mut Site, ask: &Ask) -> Reply {
    let id = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?.id;
    if let Some(page) = site.pages.get_mut(&id) {
        page.status = Status::Trashed;
    }
    Ok(Answer::empty(204))
}

/// `GET /wiki/api/v2/pages/{id}/versions`.
pub(super) fn versions(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?;
    let mut rows: Vec<&Version> = page.versions.iter().collect();
    // "-modified-date" is the default.
    if ask.query("sort") != Some("modified-date") {
        rows.reverse();
    }
    list::answer(site, ask, rows, |own| version(own))
}

/// `GET /wiki/api/v2/pages/{id}/ancestors`: the highest first.
pub(super) fn ancestors(site: &mut Site, ask: &Ask) -> Reply {
    let page = site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?;
    let rows = site.above(page);
    list::answer(site, ask, rows, |above| json!({ "id": above.id.to_string(), "type": "page" }))
}

/// `GET /wiki/api/v2/pages/{id}/children`.
pub(super) fn children(site: &mut Site, ask: &Ask) -> Reply {
    let (me, id) = (site.me(ask), site.seen(ask).ok_or_else(|| face::missing(ask, "page"))?.id);
    let below =
        |page: &&Page| page.parent == Some(id) && page.status == Status::Current && site.sees(&me, page);
    let rows: Vec<&Page> = site.pages.values().filter(below).collect();
    list::answer(site, ask, rows, |page| {
        json!({ "id": page.id.to_string(), "status": "current", "title": page.title,
                "spaceId": page.space.to_string(), "childPosition": 0 })
    })
}
