//! Lists of activities: five searches at once, merged by time.

use std::collections::{HashMap, VecDeque};

use call::Cx;
use error::{Code, Error, Result};
use futures::future::{try_join, try_join_all};
use tool::{Count, Fetch, Rows, Total};

use super::HubSpot;
use super::api::Object;
use super::hub::Hunt;
use super::map::{Lens, Named, body, subject};
use super::query::{Conditions, Filter, Sort};
use super::wire::Found;
use crate::book::ActivityQuery;
use crate::listing;
use crate::model::{Activity, Linked};

/// The records that activities are shown with: HubSpot associates an activity with many.
const SHOWN: [Object; 2] = [Object::Company, Object::Contact];

/// How far each kind has been read; `None` at its end.
type Offsets = [Option<u64>; 5];

/// A page of one kind.
struct Part {
    /// Its place among the kinds.
    kind: usize,
    /// In HubSpot's order, which is its own where moments are equal.
    rows: VecDeque<Activity>,
    /// How many of them the page has.
    taken: u64,
    total: u64,
}

/// Properties of an activity that are mapped.
pub(super) fn properties(object: Object) -> Vec<&'static str> {
    let own: &[&str] = match object {
        Object::Call => &["hs_call_duration"],
        Object::Meeting => &["hs_meeting_start_time", "hs_meeting_end_time"],
        Object::Email => &["hs_email_direction"],
        Object::Task => &["hs_task_status"],
        _ => &[],
    };
    let common = ["hs_timestamp", "hubspot_owner_id", body(object)];
    common.into_iter().chain(subject(object)).chain(own.iter().copied()).collect()
}

impl HubSpot {
    pub(super) async fn find_activities(
        &self,
        cx: &Cx,
        q: &ActivityQuery,
        page: &Fetch,
    ) -> Result<Rows<Activity>> {
        let lens = Lens::new(&self.hub, cx).await?;
        let offsets = offsets(q, page.token.as_deref())?;
        let conditions = conditions(q)?;
        let asked = Object::ACTIVITIES.into_iter().zip(offsets).enumerate();
        let parts = asked.filter_map(|(kind, (object, offset))| {
            Some(self.part(cx, &lens, kind, object, &conditions, page.limit, offset?))
        });
        let mut parts = try_join_all(parts).await?;
        let total = Total { count: parts.iter().map(|part| part.total).sum(), kind: Count::Exact };
        let mut rows = newest(&mut parts, page.limit as usize);
        let next = next(&offsets, &parts);
        rows.sort_by(|a, b| listing::newest(a).cmp(&listing::newest(b)));
        self.add_about(cx, &lens, q.about.as_deref(), &mut rows).await?;
        // The totals of the kinds add up on the first page only: later, kinds at their end are not asked.
        let total = page.token.is_none().then_some(total);
        Ok(Rows { rows, next, total, as_of: cx.now() })
    }

    #[allow(clippy::too_many_arguments, reason = "one search of several that differ in the last four")]
    async fn part(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        kind: usize,
        object: Object,
        conditions: &Conditions,
        limit: u32,
        offset: u64,
    ) -> Result<Part> {
        let sort = Sort::descending("hs_timestamp");
        let properties = properties(object);
        let hunt = Hunt { object, conditions, sort, properties: &properties, limit, offset };
        let reply = self.hub.search(cx, &hunt).await?;
        let found: Found<'_> = reply.json()?;
        let rows = found.results.iter().map(|record| lens.activity(object, record, Vec::new())).collect();
        // Where nothing is, nothing follows, whatever was counted.
        let total = if found.results.is_empty() { offset } else { found.total.unwrap_or(0) };
        Ok(Part { kind, rows, taken: 0, total })
    }

    /// Says of each activity what it is about: the record asked for, its companies and contacts.
    async fn add_about(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        asked: Option<&str>,
        rows: &mut [Activity],
    ) -> Result<()> {
        let of = |object: Object| -> Vec<String> {
            let natives = rows.iter().map(|row| row.id.native());
            natives.filter_map(|native| super::id_of(object, native).ok()).map(str::to_owned).collect()
        };
        let present = Object::ACTIVITIES.map(|object| (object, of(object)));
        let shown = try_join_all(SHOWN.map(|to| self.about(cx, lens, to, &present)));
        let named = async {
            match asked {
                Some(native) => self.named(cx, lens, native).await.map(Some),
                None => Ok(None),
            }
        };
        let (shown, named) = try_join(shown, named).await?;
        let mut about: HashMap<String, Vec<Linked>> = HashMap::new();
        for (native, linked) in shown.into_iter().flatten() {
            about.entry(native).or_default().push(linked);
        }
        for row in rows {
            row.about = about.remove(row.id.native()).unwrap_or_default();
            if let Some(linked) = named.clone().filter(|linked| row.about.iter().all(|l| l.id != linked.id)) {
                row.about.insert(0, linked);
            }
        }
        Ok(())
    }

    /// Pairs of an activity's native id and a record of the kind `to` that it is about.
    async fn about(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        to: Object,
        present: &[(Object, Vec<String>)],
    ) -> Result<Vec<(String, Linked)>> {
        let asked = present.iter().filter(|(_, ids)| !ids.is_empty()).map(|(from, ids)| async move {
            let related = self.related(cx, *from, to, ids).await?;
            let pairs =
                related.into_iter().flat_map(|(id, to)| to.into_iter().map(move |r| (id.clone(), r.id)));
            Ok::<_, Error>(pairs.map(|(id, to)| (super::native(*from, &id), to)).collect::<Vec<_>>())
        });
        let pairs: Vec<(String, String)> = try_join_all(asked).await?.into_iter().flatten().collect();
        let names = self.names(cx, to, pairs.iter().map(|(_, id)| id)).await?;
        let linked = |(native, id): (String, String)| {
            let named = Named { name: names.get(&id)?.clone(), id };
            Some((native, lens.linked(to, &named)))
        };
        Ok(pairs.into_iter().filter_map(linked).collect())
    }

    /// A record by id and name. Errors: `not_found`.
    pub(super) async fn named(&self, cx: &Cx, lens: &Lens<'_>, native: &str) -> Result<Linked> {
        let (object, id) = super::parsed(native)?;
        let names = self.names(cx, object, [&id.to_owned()]).await?;
        let name = names.get(id).ok_or_else(|| super::missing(object, id))?;
        Ok(lens.linked(object, &Named { id: id.to_owned(), name: name.clone() }))
    }
}

fn conditions(q: &ActivityQuery) -> Result<Conditions> {
    let mut conditions = Conditions::none();
    conditions.and_all(q.after.map(|at| Filter::gte("hs_timestamp", at.as_millisecond())));
    conditions.and_all(q.before.map(|at| Filter::lt("hs_timestamp", at.as_millisecond())));
    if let Some(native) = &q.about {
        let (object, id) = super::parsed(native)?;
        conditions.and(Filter::associated(object.singular(), id));
    }
    Ok(conditions)
}

/// Where each kind goes on: `12.0.x.5.3`, `x` for a kind at its end or not asked for.
fn offsets(q: &ActivityQuery, token: Option<&str>) -> Result<Offsets> {
    let wanted = |object: Object| {
        q.kinds.is_empty() || q.kinds.iter().any(|kind| Object::of_activity(*kind) == object)
    };
    let Some(token) = token else { return Ok(Object::ACTIVITIES.map(|object| wanted(object).then_some(0))) };
    let expired = || Error::new(Code::CursorExpired, "the page token is none of ours");
    let read = |part: &str| match part {
        "x" => Ok(None),
        number => number.parse().map(Some).map_err(|_| expired()),
    };
    let parts = token.split('.').map(read).collect::<Result<Vec<_>>>()?;
    parts.try_into().map_err(|_| expired())
}

/// Takes the newest of all kinds, of each from its front: what is left of a kind must be what its next page begins with.
fn newest(parts: &mut [Part], most: usize) -> Vec<Activity> {
    let mut rows = Vec::new();
    while rows.len() < most {
        let fronts = parts.iter_mut().filter(|part| !part.rows.is_empty());
        let first = fronts
            .min_by(|a, b| a.rows.front().map(listing::newest).cmp(&b.rows.front().map(listing::newest)));
        let Some(part) = first else { break };
        part.taken += 1;
        rows.extend(part.rows.pop_front());
    }
    rows
}

/// The token of the next page, if there is one.
fn next(offsets: &Offsets, parts: &[Part]) -> Option<String> {
    let mut after = [None; 5];
    for part in parts {
        let end = offsets.get(part.kind).copied().flatten().unwrap_or(0) + part.taken;
        if let Some(place) = after.get_mut(part.kind) {
            *place = (end < part.total).then_some(end);
        }
    }
    let word = |offset: Option<u64>| offset.map_or_else(|| "x".to_owned(), |o| o.to_string());
    after.iter().any(Option::is_some).then(|| after.map(word).join("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ActivityKind;

    #[test]
    fn a_token_says_where_each_kind_goes_on() {
        let query =
            ActivityQuery { kinds: vec![ActivityKind::Note, ActivityKind::Call], ..ActivityQuery::default() };
        assert_eq!(offsets(&query, None).unwrap(), [Some(0), None, None, Some(0), None]);
        assert_eq!(offsets(&query, Some("3.x.x.12.x")).unwrap(), [Some(3), None, None, Some(12), None]);
        for wrong in ["", "1.2", "a.x.x.x.x", "1.x.x.x.x.x"] {
            assert_eq!(offsets(&query, Some(wrong)).unwrap_err().code(), Code::CursorExpired, "{wrong}");
        }
    }
}
