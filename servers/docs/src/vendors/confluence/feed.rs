//! One list out of Confluence's search, by the last change.
//!
//! Confluence sorts by the last change and says nothing about the order of pages changed at the same moment, and some
//! conditions are ours alone. The list has an order of its own: by change, then by id. So a row is given out only when
//! its moment has been read to the end, and the token says how far the search was read and which row was the last.

use std::cmp::Ordering;

use call::Cx;
use error::{Code, Error, Result};
use jiff::Timestamp;
use outbound::Request;
use serde::{Deserialize, Serialize};
use tool::{Count, Fetch, Rows, Total};

use super::Confluence;
use super::cql::Cql;
use super::map::{Lens, Row};
use super::settings::Mapping;
use super::wire::{Hit, List};

/// Pages of the search that are read for one page of the list.
const READS: usize = 6;

/// Rows of a page of the search, at most; with texts Confluence gives no more than 25.
const ROWS: u32 = 100;
const ROWS_WITH_TEXT: u32 = 25;

/// A list to be read.
pub(super) struct Feed<'a> {
    pub(super) cql: Cql,
    /// Statuses that are looked in, as Confluence calls them.
    pub(super) statuses: &'a [&'a str],
    /// Newest change first, or last.
    pub(super) newest: bool,
    /// Nothing changed before this belongs to it; for lists with the newest first.
    pub(super) floor: Option<Timestamp>,
    /// With texts.
    pub(super) full: bool,
    /// With the places where the words stand.
    pub(super) snippets: bool,
    /// Confluence's count is that of the list: nothing is sorted out.
    pub(super) counted: bool,
    /// What belongs to it.
    #[allow(clippy::type_complexity, reason = "one closure, named nowhere else")]
    pub(super) keep: Box<dyn Fn(&Row) -> bool + Send + Sync + 'a>,
}

/// How far a list was read.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    /// The page of the search to read next; absent for the first.
    cursor: Option<String>,
    /// The last row that was given out or passed over.
    after: Option<(Timestamp, String)>,
}

/// A row as it was read.
struct Read {
    at: Timestamp,
    id: String,
    /// The row, if it belongs to the list.
    row: Option<Row>,
    /// The number of the page it came with.
    page: usize,
}

/// What was read.
struct Part {
    rows: Vec<Read>,
    /// The cursor of each page that was read, and of the one after them if there is one.
    cursors: Vec<Option<String>>,
    more: bool,
    total: Option<u64>,
}

impl Part {
    /// The moment from which on there may be rows that were not read; `None` if all were.
    fn horizon(&self) -> Option<Timestamp> {
        self.rows.last().filter(|_| self.more).map(|read| read.at)
    }
}

impl Feed<'_> {
    /// The next page.
    pub(super) async fn page(&self, confluence: &Confluence, cx: &Cx, fetch: &Fetch) -> Result<Rows<Row>> {
        let place: Place = match &fetch.token {
            Some(token) => serde_json::from_str(token).map_err(|e| {
                Error::new(Code::CursorExpired, "the place in the list cannot be read").source(e)
            })?,
            None => Place::default(),
        };
        let part = self.read(confluence, cx, &place, fetch).await?;
        let first = fetch.token.is_none();
        let (total, horizon) = (part.total, part.horizon());
        let (rows, next) = self.cut(part, place.after, horizon, fetch.limit as usize)?;
        let total = match (first, &next, self.counted.then_some(total).flatten()) {
            (false, ..) => None,
            (true, None, _) => Some(Total { count: rows.len() as u64, kind: Count::Exact }),
            (true, Some(_), Some(count)) => Some(Total { count, kind: Count::Estimate }),
            (true, Some(_), None) => None,
        };
        Ok(Rows { rows, next, total, as_of: cx.now() })
    }

    /// Reads the search until there are enough rows whose moment is complete.
    async fn read(&self, confluence: &Confluence, cx: &Cx, place: &Place, fetch: &Fetch) -> Result<Part> {
        let mut part =
            Part { rows: Vec::new(), cursors: vec![place.cursor.clone()], more: true, total: None };
        let lens = confluence.lens(cx);
        for page in 0..READS {
            let cursor = part.cursors[page].as_deref();
            let request = self.request(&confluence.mapping, cursor, fetch.limit);
            let reply = confluence.site.send(cx, request).await.map_err(|error| expired(error, cursor))?;
            let list: List<'_, Hit<'_>> = reply.json()?;
            for hit in &list.results {
                let Some(row) = lens.row(hit, list.links.base.as_ref(), self.full)? else { continue };
                let (at, id) = (row.document.updated.0, row.document.id.native().to_owned());
                let keep = (self.keep)(&row);
                part.rows.push(Read { at, id, row: keep.then_some(row), page });
            }
            let next = list.links.cursor();
            let below = part.rows.last().is_some_and(|read| self.floor.is_some_and(|floor| read.at < floor));
            part.more = next.is_some() && !below && !list.results.is_empty();
            part.total = part.total.or(list.total);
            part.cursors.extend(next.map(Some));
            if !part.more || self.complete(&part, place.after.as_ref()) >= fetch.limit as usize {
                break;
            }
        }
        Ok(part)
    }

    fn request(&self, mapping: &Mapping, cursor: Option<&str>, limit: u32) -> Request {
        let most = if self.full { ROWS_WITH_TEXT } else { ROWS };
        let request = Request::get("/wiki/rest/api/search", &[])
            .query("cql", self.cql.text(self.newest))
            // A few more than wanted, so that the last moment is complete as a rule.
            .query("limit", (limit + 5).clamp(10, most))
            .query("excerpt", if self.snippets { "highlight" } else { "none" })
            .query("expand", self.expansions(mapping));
        let request = match self.statuses {
            ["current"] => request,
            statuses => request.query("cqlcontext", serde_json::json!({ "contentStatuses": statuses })),
        };
        match cursor {
            Some(cursor) => request.query("cursor", cursor),
            None => request,
        }
    }

    fn expansions(&self, mapping: &Mapping) -> String {
        let names = &mapping.properties;
        let properties = [&names.service, &names.effective, &names.review].into_iter().flatten();
        let mut all: Vec<String> =
            ["space", "version", "history.ownedBy", "metadata.labels"].map(str::to_owned).into();
        all.extend(properties.map(|key| format!("metadata.properties.{key}")));
        all.extend(self.full.then(|| "body.storage".to_owned()));
        all.iter().map(|path| format!("content.{path}")).collect::<Vec<_>>().join(",")
    }

    /// Rows that can be given out.
    fn complete(&self, part: &Part, after: Option<&(Timestamp, String)>) -> usize {
        let horizon = part.horizon();
        let ready = |read: &&Read| {
            read.row.is_some() && self.is_complete(read.at, horizon) && self.is_behind(read, after)
        };
        part.rows.iter().filter(ready).count()
    }

    /// At most `limit` rows, and where to go on.
    fn cut(
        &self,
        part: Part,
        after: Option<(Timestamp, String)>,
        horizon: Option<Timestamp>,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<String>)> {
        let Part { rows: read, cursors, more, .. } = part;
        let mut places: Vec<(Timestamp, String, usize)> =
            read.iter().map(|read| (read.at, read.id.clone(), read.page)).collect();
        let mut ready: Vec<Read> = read
            .into_iter()
            .filter(|read| self.is_complete(read.at, horizon) && self.is_behind(read, after.as_ref()))
            .collect();
        ready.sort_by(|a, b| self.order((a.at, &a.id), (b.at, &b.id)));
        ready.dedup_by(|a, b| a.id == b.id);
        if ready.is_empty() && horizon.is_some() {
            return Err(Error::new(Code::TooBroad, "too many pages were changed at the same moment")
                .hint("narrow the list by a space, a label or a text"));
        }
        let (mut rows, mut last) = (Vec::new(), after);
        for read in ready {
            if rows.len() == limit {
                break;
            }
            rows.extend(read.row);
            last = Some((read.at, read.id));
        }
        let to_come = |(at, id, _): &(Timestamp, String, usize)| {
            last.as_ref().is_none_or(|last| self.order((*at, id), (last.0, &last.1)).is_gt())
        };
        places.retain(to_come);
        let page = places.iter().map(|(_, _, page)| *page).min().or_else(|| more.then(|| cursors.len() - 1));
        let next =
            page.map(|page| Place { cursor: cursors.get(page).cloned().flatten(), after: last.clone() });
        let next = next.map(|place| serde_json::to_string(&place)).transpose();
        Ok((rows, next.map_err(|e| Error::internal("a place is no JSON").source(e))?))
    }

    fn is_complete(&self, at: Timestamp, horizon: Option<Timestamp>) -> bool {
        horizon.is_none_or(|h| if self.newest { at > h } else { at < h })
    }

    fn is_behind(&self, read: &Read, after: Option<&(Timestamp, String)>) -> bool {
        after.is_none_or(|last| self.order((read.at, &read.id), (last.0, &last.1)).is_gt())
    }

    /// The order of the list.
    fn order(&self, a: (Timestamp, &str), b: (Timestamp, &str)) -> Ordering {
        let by_time = if self.newest { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
        by_time.then_with(|| a.1.cmp(b.1))
    }
}

/// A query that was good for the first page is refused later for its cursor alone.
fn expired(error: Error, cursor: Option<&str>) -> Error {
    match cursor {
        Some(_) if error.code() == Code::InvalidArgument => {
            let detail = error.log_detail().unwrap_or_default().to_owned();
            Error::new(Code::CursorExpired, "Confluence no longer knows this place in the list")
                .detail(detail)
        }
        _ => error,
    }
}

impl Confluence {
    /// How contents are read just now.
    pub(super) fn lens(&self, cx: &Cx) -> Lens<'_> {
        Lens { site: &self.site, mapping: &self.mapping, as_of: cx.now() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_an_end_is_said_and_not_read_for_ever() {
        let feed = Feed {
            cql: Cql::within(&[]),
            statuses: &["current"],
            newest: true,
            floor: None,
            full: false,
            snippets: false,
            counted: false,
            keep: Box::new(|_| true),
        };
        let at = Timestamp::UNIX_EPOCH;
        let later = at + jiff::SignedDuration::from_secs(1);
        for after in [None, Some((later, "1".to_owned()))] {
            let rows = (2..9).map(|id| Read { at, id: id.to_string(), row: None, page: 0 }).collect();
            let cursors = vec![None, Some("next".to_owned())];
            let part = Part { rows, cursors, more: true, total: None };
            let horizon = part.horizon();
            let error = feed.cut(part, after, horizon, 5).unwrap_err();
            assert_eq!(error.code(), Code::TooBroad);
        }
    }
}
