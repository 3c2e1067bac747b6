//! What records are associated with: companies of deals and tickets, notes and e-mails of tickets.

use std::collections::HashMap;

use call::Cx;
use error::{Code, Error, Result};

use super::HubSpot;
use super::api::Object;
use super::map::{Companies, Lens, Named, full_name};
use super::wire::{Associations, Found, Inputs, Place};
use crate::book::CaseQuery;
use crate::model::CustomerCase;

/// Records whose associations are read at once.
const BATCH: usize = 100;

/// Pages of associations that are read of a record, at most: tens of thousands of associated records.
const PAGES: usize = 100;

/// One associated record.
pub(super) struct Related {
    pub(super) id: String,
    /// It stands for all where there are several.
    pub(super) primary: bool,
}

impl HubSpot {
    /// For each record that has any, its associated records of another kind.
    pub(super) async fn related(
        &self,
        cx: &Cx,
        from: Object,
        to: Object,
        ids: &[String],
    ) -> Result<HashMap<String, Vec<Related>>> {
        let batches = ids.chunks(BATCH).map(|some| self.related_of_some(cx, from, to, some));
        Ok(futures::future::try_join_all(batches).await?.into_iter().flatten().collect())
    }

    /// The same of one batch. HubSpot tells the oldest first, so the newest are known when all pages are read. Errors:
    /// `too_broad` for more pages than are read.
    async fn related_of_some(
        &self,
        cx: &Cx,
        from: Object,
        to: Object,
        ids: &[String],
    ) -> Result<HashMap<String, Vec<Related>>> {
        let mut related: HashMap<String, Vec<Related>> = HashMap::new();
        let mut places: Vec<(String, Option<String>)> = ids.iter().map(|id| (id.clone(), None)).collect();
        for _ in 0..PAGES {
            let inputs = places.iter().map(|(id, after)| Place { id, after: after.as_deref() }).collect();
            let request = self.hub.api.associations(from, to).json(&Inputs { inputs });
            let reply = self.hub.send(cx, request).await?;
            let found: Associations<'_> = reply.json()?;
            places.clear();
            for one in &found.results {
                let to = one.to.iter().map(|to| Related { id: to.id(), primary: to.is_primary() });
                related.entry(one.from.id.to_string()).or_default().extend(to);
                let next = one.paging.next.as_ref();
                places.extend(next.map(|next| (one.from.id.to_string(), Some(next.after.to_string()))));
            }
            if places.is_empty() {
                return Ok(related);
            }
        }
        let message = format!("a {} has more {} than can be looked through", from.singular(), to.plural());
        Err(Error::new(Code::TooBroad, message).hint("look for them in HubSpot"))
    }

    /// For each record its company: the primary one, else the first.
    pub(super) async fn companies_of(&self, cx: &Cx, from: Object, ids: &[String]) -> Result<Companies> {
        let related = self.related(cx, from, Object::Company, ids).await?;
        let main = |to: &[Related]| to.iter().find(|r| r.primary).or(to.first()).map(|r| r.id.clone());
        let chosen: HashMap<String, String> =
            related.into_iter().filter_map(|(id, to)| Some((id, main(&to)?))).collect();
        let names = self.names(cx, Object::Company, chosen.values()).await?;
        let named = |company: String| {
            let name = names.get(&company)?.clone();
            Some(Named { id: company, name })
        };
        Ok(chosen.into_iter().filter_map(|(id, company)| Some((id, named(company)?))).collect())
    }

    /// What records are called; those that do not exist are missing.
    pub(super) async fn names<'i>(
        &self,
        cx: &Cx,
        object: Object,
        ids: impl IntoIterator<Item = &'i String>,
    ) -> Result<HashMap<String, String>> {
        let mut ids: Vec<String> = ids.into_iter().cloned().collect();
        ids.sort_unstable();
        ids.dedup();
        let properties = name_properties(object);
        let mut names = HashMap::new();
        for reply in self.hub.batch(cx, object, &ids, properties).await? {
            let found: Found<'_> = reply.json()?;
            for record in &found.results {
                let name = match object {
                    Object::Contact => full_name(record),
                    _ => properties.first().and_then(|p| record.get(p)).unwrap_or_default().to_owned(),
                };
                names.insert(record.id.to_string(), name);
            }
        }
        Ok(names)
    }

    /// Gives tickets their newest notes and e-mails. `ids` are in the order of `rows`.
    pub(super) async fn add_comments(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        ids: &[String],
        rows: &mut [CustomerCase],
    ) -> Result<()> {
        for object in [Object::Note, Object::Email] {
            let related = self.related(cx, Object::Ticket, object, ids).await?;
            let wanted: Vec<String> =
                related.values().flat_map(|to| newest(to, CaseQuery::COMMENTS)).collect();
            let properties =
                ["hs_timestamp", "hubspot_owner_id", super::map::body(object), "hs_email_direction"];
            for reply in self.hub.batch(cx, object, &wanted, &properties).await? {
                let found: Found<'_> = reply.json()?;
                for record in &found.results {
                    let of =
                        |id: &String| related.get(id).is_some_and(|to| to.iter().any(|r| r.id == *record.id));
                    for (_, row) in ids.iter().zip(&mut *rows).filter(|(id, _)| of(id)) {
                        row.comments.push(lens.comment(object, record));
                    }
                }
            }
        }
        for row in rows {
            row.comments.sort_by_key(|comment| std::cmp::Reverse(comment.at));
            row.comments.truncate(CaseQuery::COMMENTS);
        }
        Ok(())
    }
}

/// The newest ids: HubSpot counts upwards.
pub(super) fn newest(related: &[Related], most: usize) -> Vec<String> {
    let mut ids: Vec<u64> = related.iter().filter_map(|r| r.id.parse().ok()).collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.dedup();
    ids.iter().take(most).map(u64::to_string).collect()
}

/// The properties that hold a record's name, the one that is it first.
pub(super) const fn name_properties(object: Object) -> &'static [&'static str] {
    match object {
        Object::Company => &["name"],
        Object::Contact => &["firstname", "lastname", "email"],
        Object::Deal => &["dealname"],
        _ => &["subject"],
    }
}
