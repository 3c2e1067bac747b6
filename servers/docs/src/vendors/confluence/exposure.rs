//! Who can read and edit a page.

use std::collections::BTreeSet;

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use futures::future::try_join3;
use futures::stream::{StreamExt as _, TryStreamExt as _, iter};
use outbound::Request;
use tool::RecordId;

use super::Confluence;
use super::wire::{Ancestor, List, Permission, Restriction, Restrictions};
use crate::model::{Access, Audience, Exposure, Knowledge, PublicLink};

/// Pages above a page that are looked at.
const ANCESTORS: u32 = 25;

/// Groups whose names are asked for.
const GROUPS: usize = 20;

/// Requests of one kind under way at a time: a deep page must not take the whole site's attention.
const AT_ONCE: usize = 6;

/// Permissions of a space on one page of their list.
const PERMISSIONS: u32 = 250;

/// Pages of that list that are read.
const PAGES: usize = 4;

/// People whose names are asked for.
const PEOPLE: usize = 250;

/// People and groups.
#[derive(Clone, Debug, Default)]
struct Crowd {
    people: Vec<Label>,
    groups: Vec<Label>,
    /// It is more than these: part of it was not told, or is neither person nor group.
    partial: bool,
}

impl Crowd {
    fn is_empty(&self) -> bool {
        self.people.is_empty() && self.groups.is_empty() && !self.partial
    }
}

/// Who alone may read and edit one page; nobody named means everybody whom its space is open to.
#[derive(Clone, Debug, Default)]
struct Bounds {
    read: Crowd,
    update: Crowd,
}

/// Whom a space is open to.
#[derive(Clone, Debug, Default)]
struct Open {
    read: Crowd,
    write: Crowd,
}

impl Confluence {
    pub(super) async fn exposed(&self, cx: &Cx, id: &str) -> Result<Exposure> {
        let held = self.held(cx, id).await?;
        let own = self.bounds(cx, id);
        let told = try_join3(own, self.above(cx, id), self.open(cx, &held.space.id)).await;
        let (readers, editors) = match told {
            Ok((own, above, open)) => self.halves(own, &above, open),
            // Only administrators of a space see everything: what the account may not see is unknown, not absent.
            Err(error) if error.code() == Code::Permission => (Access::unknown(), Access::unknown()),
            Err(error) => return Err(error),
        };
        Ok(Exposure {
            id: held.document.id,
            title: held.document.title,
            url: held.document.url,
            readers,
            editors,
            public_link: PublicLink { status: Knowledge::Unknown, url: None },
            as_of: held.document.as_of,
        })
    }

    /// Readers and editors. To read a page one has to be among the readers of all pages above it, too; to edit it, one
    /// has to be able to read it.
    fn halves(&self, own: Bounds, above: &[(String, Bounds)], open: Open) -> (Access, Access) {
        let limiting: Vec<&(String, Bounds)> =
            above.iter().filter(|(_, bounds)| !bounds.read.is_empty()).collect();
        let inherited: Vec<RecordId> =
            limiting.iter().map(|(id, _)| RecordId::new(self.site.source(), id.as_str())).collect();
        let nearest = limiting.last().map(|(_, bounds)| bounds.read.clone());
        let read = if own.read.is_empty() { nearest } else { Some(own.read) };
        let update = Some(own.update).filter(|crowd| !crowd.is_empty()).or_else(|| read.clone());
        let half = |named: Option<Crowd>, everybody: Crowd| {
            let audience = if named.is_some() { Audience::Restricted } else { Audience::Space };
            let crowd = named.unwrap_or(everybody);
            if crowd.partial {
                return Access::unknown();
            }
            Access {
                status: Knowledge::Known,
                audience: Some(audience),
                people: crowd.people,
                groups: crowd.groups,
                inherited_from: inherited.clone(),
            }
        };
        (half(read, open.read), half(update, open.write))
    }

    async fn bounds(&self, cx: &Cx, id: &str) -> Result<Bounds> {
        let request = Request::get("/wiki/rest/api/content/{id}/restriction/byOperation", &[id])
            .query("expand", "read.restrictions.user,read.restrictions.group,update.restrictions.user,update.restrictions.group");
        let reply = self.site.send(cx, request).await?;
        let found: Restrictions<'_> = reply.json()?;
        Ok(Bounds { read: crowd(&found.read), update: crowd(&found.update) })
    }

    /// The pages above a page, the highest first, with their restrictions.
    async fn above(&self, cx: &Cx, id: &str) -> Result<Vec<(String, Bounds)>> {
        let request = Request::get("/wiki/api/v2/pages/{id}/ancestors", &[id]).query("limit", ANCESTORS);
        let reply = self.site.send(cx, request).await?;
        let list: List<'_, Ancestor<'_>> = reply.json()?;
        // Folders and whiteboards have restrictions, too, but no page's interface tells them.
        if list.results.iter().any(|ancestor| !ancestor.kind.is_empty() && &*ancestor.kind != "page") {
            return Err(Error::new(Code::Permission, "something above the page is no page"));
        }
        // Confluence gives no cursor here: a full list may have been cut.
        if list.results.len() >= ANCESTORS as usize {
            return Err(Error::new(Code::Permission, "there are more pages above than are told"));
        }
        let ids: Vec<String> = list.results.iter().map(|ancestor| ancestor.id.to_string()).collect();
        let bounds = ids.iter().map(|id| self.bounds(cx, id)).collect::<Vec<_>>();
        let bounds: Vec<Bounds> = iter(bounds).buffered(AT_ONCE).try_collect().await?;
        Ok(ids.into_iter().zip(bounds).collect())
    }

    /// Whom the space is open to.
    async fn open(&self, cx: &Cx, space: &str) -> Result<Open> {
        let (mut read, mut write) = (Principals::new(), Principals::new());
        let mut cursor = None::<String>;
        for _ in 0..PAGES {
            let mut request =
                Request::get("/wiki/api/v2/spaces/{id}/permissions", &[space]).query("limit", PERMISSIONS);
            if let Some(cursor) = &cursor {
                request = request.query("cursor", cursor);
            }
            let reply = self.site.send(cx, request).await?;
            let list: List<'_, Permission<'_>> = reply.json()?;
            read.extend(able(&list.results, "read", "space"));
            write.extend(able(&list.results, "create", "page"));
            cursor = list.links.cursor();
            if cursor.is_none() {
                break;
            }
        }
        let cut = cursor.is_some();
        Ok(Open { read: self.crowd_of(cx, &read, cut).await?, write: self.crowd_of(cx, &write, cut).await? })
    }

    /// The people and groups by name; `cut` if there are more principals than these.
    async fn crowd_of(&self, cx: &Cx, principals: &Principals, cut: bool) -> Result<Crowd> {
        let ids = |kind: &str| -> Vec<&str> {
            let of_kind = principals.iter().filter(|(own, _)| own == kind);
            of_kind.map(|(_, id)| id.as_str()).collect()
        };
        let (users, groups) = (ids("user"), ids("group"));
        let names = self.names(cx, users.iter().copied().take(PEOPLE)).await?;
        let others = principals.len() > users.len() + groups.len();
        let partial = cut || others || names.len() < users.len() || groups.len() > GROUPS;
        let groups: Vec<_> = groups.into_iter().take(GROUPS).map(|id| self.group(cx, id)).collect();
        let groups: Vec<Label> = iter(groups).buffered(AT_ONCE).try_collect().await?;
        Ok(Crowd { people: names.into_values().collect(), groups, partial })
    }
}

/// Kinds (in lower case) and ids of whom something is open to.
type Principals = BTreeSet<(String, String)>;

/// Who may do one thing.
fn able(permissions: &[Permission<'_>], key: &str, target: &str) -> Principals {
    let able = permissions.iter().filter(|p| &*p.operation.key == key && &*p.operation.target == target);
    able.map(|p| (p.principal.kind.to_lowercase(), p.principal.id.to_string())).collect()
}

fn crowd(restriction: &Restriction<'_>) -> Crowd {
    let subjects = &restriction.restrictions;
    Crowd {
        people: subjects.user.results.iter().map(|user| Label::new(&user.name)).collect(),
        groups: subjects.group.results.iter().map(|group| Label::new(&group.name)).collect(),
        partial: subjects.user.may_go_on() || subjects.group.may_go_on(),
    }
}
