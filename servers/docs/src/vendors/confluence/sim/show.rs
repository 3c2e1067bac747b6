//! Pages as both versions show them.

use std::collections::BTreeSet;

use sandbox::Ask;
use serde_json::{Map, Value, json};

use super::face;
use super::people::by_id;
use super::state::{Page, Property, Site, Space, Version};

/// What v1 was asked to expand; what is not known is passed over.
pub(super) struct Expand(BTreeSet<String>);

impl Expand {
    pub(super) fn of(ask: &Ask) -> Self {
        Self(
            ask.query_all("expand")
                .flat_map(|all| all.split(','))
                .map(|path| path.trim().to_owned())
                .collect(),
        )
    }

    /// In searches the paths begin with `content.`.
    pub(super) fn of_search(ask: &Ask) -> Self {
        let Self(all) = Self::of(ask);
        Self(all.iter().filter_map(|path| path.strip_prefix("content.")).map(str::to_owned).collect())
    }

    pub(super) fn all() -> Self {
        let all = ["space", "version", "history", "history.lastUpdated", "body.storage", "ancestors"];
        Self(all.map(str::to_owned).into())
    }

    /// Whether a path or something below it was asked for.
    fn has(&self, path: &str) -> bool {
        self.0
            .iter()
            .any(|own| own == path || own.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }

    pub(super) fn has_body(&self) -> bool {
        self.has("body")
    }
}

/// A page as v1 shows it.
pub(super) fn content(site: &Site, ask: &Ask, page: &Page, expand: &Expand) -> Value {
    let own = format!("{}/rest/api/content/{}", face::wiki(ask), page.id);
    let mut out = json!({
        "id": page.id.to_string(),
        "type": "page",
        "status": page.status.name(),
        "title": page.title,
        "macroRenderedOutput": {},
        "extensions": { "position": 0 },
        "_links": { "webui": webui(site, page), "self": own, "tinyui": format!("/x/{:x}", page.id) },
    });
    let mut hidden = Map::new();
    let mut part = |name: &str, shown: &mut dyn FnMut() -> Value| match expand.has(name) {
        true => out[name] = shown(),
        false => drop(hidden.insert(name.into(), json!(format!("/rest/api/content/{}/{name}", page.id)))),
    };
    part("space", &mut || site.space(page.space).map_or(Value::Null, |space| space_v1(space, ask)));
    part("version", &mut || version_v1(site, ask, page.version()));
    part("history", &mut || history(site, ask, page, expand));
    part("body", &mut || body(page));
    part("metadata", &mut || metadata(page, expand));
    part("ancestors", &mut || {
        let above = site.above(page).into_iter();
        above.map(|above| content(site, ask, above, &Expand(BTreeSet::new()))).collect()
    });
    part("restrictions", &mut || restrictions(site, ask, page));
    part("childTypes", &mut || json!({}));
    part("children", &mut || json!({}));
    out["_expandable"] = hidden.into();
    out
}

fn body(page: &Page) -> Value {
    let value = &page.version().storage;
    json!({
        "storage": { "value": value, "representation": "storage", "embeddedContent": [] },
        "view": { "value": value, "representation": "view" },
    })
}

fn metadata(page: &Page, expand: &Expand) -> Value {
    let mut out = Map::new();
    if expand.has("metadata.labels") {
        let labels: Vec<Value> = page.labels.iter().map(|name| label(name)).collect();
        out.insert(
            "labels".into(),
            json!({ "results": labels, "start": 0, "limit": 200, "size": labels.len(), "_links": {} }),
        );
    }
    let asked = page.properties.iter().filter(|own| expand.has(&format!("metadata.properties.{}", own.key)));
    let mut properties: Map<String, Value> = asked.map(|own| (own.key.clone(), property_v1(own))).collect();
    properties.insert("_expandable".into(), json!({ "editor": "" }));
    if expand.has("metadata.properties") {
        out.insert("properties".into(), properties.into());
    }
    out.insert("_expandable".into(), json!({ "currentuser": "", "frontend": "" }));
    out.into()
}

/// A label of either version.
pub(super) fn label(name: &str) -> Value {
    let id =
        name.bytes().fold(7_u64, |id, byte| id.wrapping_mul(31).wrapping_add(byte.into())) % 1_000_000_007;
    json!({ "prefix": "global", "name": name, "id": id.to_string(), "label": name })
}

pub(super) fn property_v1(own: &Property) -> Value {
    json!({
        "id": own.id.to_string(),
        "key": own.key,
        "value": own.value,
        "version": { "number": own.version, "minorEdit": false },
        "_links": {},
        "_expandable": { "content": "" },
    })
}

pub(super) fn version_v1(site: &Site, ask: &Ask, version: &Version) -> Value {
    json!({
        "by": by_id(site, ask, &version.author),
        "when": version.at,
        "friendlyWhen": "recently",
        "message": version.message,
        "number": version.number,
        "minorEdit": version.minor,
        "_expandable": { "collaborators": "", "content": "" },
        "_links": {},
    })
}

/// Whose a page is, and who changed it last.
pub(super) fn history(site: &Site, ask: &Ask, page: &Page, expand: &Expand) -> Value {
    let mut out = json!({
        "latest": true,
        "createdBy": by_id(site, ask, &page.author),
        "createdDate": page.created,
        "_expandable": { "previousVersion": "", "contributors": "", "nextVersion": "" },
        "_links": {},
    });
    if expand.has("history.lastUpdated") {
        out["lastUpdated"] = version_v1(site, ask, page.version());
    }
    if expand.has("history.ownedBy")
        && let Some(owner) = &page.owner
    {
        out["ownedBy"] = by_id(site, ask, owner);
    }
    out
}

/// A space as v1 shows it.
pub(super) fn space_v1(space: &Space, ask: &Ask) -> Value {
    json!({
        "id": space.id,
        "key": space.key,
        "name": space.name,
        "type": "global",
        "status": "current",
        "_expandable": { "settings": "", "metadata": "", "operations": "", "homepage": "" },
        "_links": { "webui": format!("/spaces/{}", space.key), "self": format!("{}/rest/api/space/{}", face::wiki(ask), space.key) },
    })
}

/// `GET /content/{id}/restriction/byOperation`.
pub(super) fn restrictions(site: &Site, ask: &Ask, page: &Page) -> Value {
    let named = |operation: &str, ids: &[String]| {
        let users: Vec<Value> = ids.iter().map(|id| by_id(site, ask, id)).collect();
        json!({
            "operation": operation,
            "restrictions": {
                "user": { "results": users, "start": 0, "limit": 200, "size": users.len() },
                "group": { "results": [], "start": 0, "limit": 200, "size": 0 },
            },
            "_expandable": { "content": "" },
            "_links": {},
        })
    };
    json!({ "read": named("read", &page.readers), "update": named("update", &page.editors), "_links": {} })
}

fn webui(site: &Site, page: &Page) -> String {
    let key = site.space(page.space).map_or("", |space| &space.key);
    let words: Vec<&str> =
        page.title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    format!("/spaces/{key}/pages/{}/{}", page.id, words.join("+"))
}

/// What v2 shows of a page besides itself.
#[derive(Clone, Copy, Default)]
pub(super) struct With {
    pub(super) body: bool,
    pub(super) labels: bool,
    pub(super) properties: bool,
    pub(super) versions: bool,
}

impl With {
    pub(super) fn of(ask: &Ask) -> Result<Self, sandbox::Answer> {
        let on = |name: &str| ask.query(name) == Some("true");
        let body = match ask.query("body-format") {
            None => false,
            Some("storage" | "atlas_doc_format" | "view") => true,
            Some(other) => {
                return Err(face::error(
                    ask,
                    400,
                    &format!("Provided value {{{other}}} for 'body-format' is not valid"),
                ));
            }
        };
        Ok(Self {
            body,
            labels: on("include-labels"),
            properties: on("include-properties"),
            versions: on("include-versions"),
        })
    }
}

/// A page as v2 shows it.
pub(super) fn page(site: &Site, ask: &Ask, page: &Page, with: With) -> Value {
    let meta = || json!({ "hasMore": false });
    let mut out = json!({
        "id": page.id.to_string(),
        "status": page.status.name(),
        "title": page.title,
        "spaceId": page.space.to_string(),
        "parentId": page.parent.map(|id| id.to_string()),
        "parentType": page.parent.map(|_| "page"),
        "position": 0,
        "authorId": page.author,
        "ownerId": page.owner,
        "lastOwnerId": null,
        "createdAt": page.created,
        "version": version(page.version()),
        "body": {},
        "_links": {
            "webui": webui(site, page),
            "editui": format!("/pages/resumedraft.action?draftId={}", page.id),
            "tinyui": format!("/x/{:x}", page.id),
            "base": face::wiki(ask),
        },
    });
    if with.body {
        out["body"] = json!({ "storage": { "representation": "storage", "value": page.version().storage } });
    }
    if with.labels {
        out["labels"] = json!({ "results": page.labels.iter().map(|own| label(own)).collect::<Vec<_>>(), "meta": meta(), "_links": {} });
    }
    if with.properties {
        out["properties"] = json!({ "results": page.properties.iter().map(property).collect::<Vec<_>>(), "meta": meta(), "_links": {} });
    }
    if with.versions {
        out["versions"] = json!({ "results": page.versions.iter().rev().map(version).collect::<Vec<_>>(), "meta": meta(), "_links": {} });
    }
    out
}

/// A version as v2 shows it.
pub(super) fn version(version: &Version) -> Value {
    json!({
        "number": version.number,
        "message": version.message,
        "minorEdit": version.minor,
        "authorId": version.author,
        "createdAt": version.at,
        "ncsStepVersion": null,
    })
}

/// A content property as v2 shows it.
pub(super) fn property(own: &Property) -> Value {
    json!({ "id": own.id.to_string(), "key": own.key, "value": own.value, "version": { "number": own.version } })
}
