//! One list out of several streams, by the last change.
//!
//! Notion sorts by the last change, which it rounds to the minute, and says nothing about the order within a minute.
//! The list has an order of its own: by change, then by id. So a row is given out only when its minute has been read
//! to the end in every stream, and the token says how far each stream was read and which row was the last.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use call::Cx;
use error::{Code, Error, Result};
use futures::future::try_join_all;
use jiff::Timestamp;
use outbound::Request;
use serde::{Deserialize, Serialize};
use tool::{Fetch, Rows};

use super::Notion;
use super::hub::Known;
use super::map::{self, Row};
use super::plan::{self, Stream};
use super::query::{Filter, Sort};
use super::wire::{List, Page};

/// Pages of a stream that are read for one page of the list.
const READS: usize = 5;

/// Rows of a page of a stream.
const LARGEST: u32 = 100;

/// A list to be read.
pub(super) struct Feed<'a> {
    /// Where it comes from.
    pub(super) streams: Vec<Stream>,
    /// Newest change first, or last.
    pub(super) newest: bool,
    /// Nothing changed before this belongs to it; for lists with the newest first.
    pub(super) floor: Option<Timestamp>,
    /// What belongs to it, by the number of its stream.
    #[allow(clippy::type_complexity, reason = "one closure, named nowhere else")]
    pub(super) keep: Box<dyn Fn(usize, &Row) -> bool + Send + Sync + 'a>,
}

/// How far a list was read.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    /// The last row that was given out or passed over.
    after: Option<(Timestamp, String)>,
    /// Streams with more to come: the cursor of the page to read next, absent for the first.
    open: BTreeMap<String, Option<String>>,
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

/// What was read of a stream.
struct Part {
    key: String,
    rows: Vec<Read>,
    /// The cursor of each page that was read, and of the one after them if there is one.
    cursors: Vec<Option<String>>,
    more: bool,
}

impl Feed<'_> {
    /// The next page.
    pub(super) async fn page(
        &self,
        notion: &Notion,
        cx: &Cx,
        known: &Known,
        fetch: &Fetch,
    ) -> Result<Rows<Row>> {
        let place = match &fetch.token {
            Some(token) => serde_json::from_str(token).map_err(|e| {
                Error::new(Code::CursorExpired, "the place in the list cannot be read").source(e)
            })?,
            None => Place {
                after: None,
                open: self.streams.iter().map(|stream| (stream.key().to_owned(), None)).collect(),
            },
        };
        let open = self.streams.iter().enumerate().filter_map(|(number, stream)| {
            let cursor = place.open.get(stream.key())?;
            Some(self.read(notion, cx, known, number, stream, cursor.clone(), &place.after, fetch.limit))
        });
        let parts = try_join_all(open).await?;
        self.merge(parts, place.after, fetch.limit as usize, cx.now())
    }

    /// Reads a stream until there are enough rows whose minute is complete.
    #[allow(clippy::too_many_arguments, reason = "one call, in the lines above")]
    async fn read(
        &self,
        notion: &Notion,
        cx: &Cx,
        known: &Known,
        number: usize,
        stream: &Stream,
        cursor: Option<String>,
        after: &Option<(Timestamp, String)>,
        limit: u32,
    ) -> Result<Part> {
        let mut part =
            Part { key: stream.key().to_owned(), rows: Vec::new(), cursors: vec![cursor], more: true };
        for page in 0..READS {
            // A few more than wanted, so that the last minute is complete as a rule; if it is not, as many as there are.
            let size = if page == 0 { (limit + 5).min(LARGEST) } else { LARGEST };
            let request = notion.list(stream, part.cursors[page].as_deref(), self.newest, size);
            let reply = notion.hub.send(cx, request).await?;
            let list: List<Page<'_>> = reply.json()?;
            let next = list.next();
            for result in &list.results {
                let row = map::row(result, notion.hub.source(), &notion.mapping, known, cx.now());
                let keep = !result.is_trashed() && (self.keep)(number, &row);
                let (at, id) = (result.last_edited_time, result.id.to_string());
                part.rows.push(Read { at, id, row: keep.then_some(row), page });
            }
            let below = part.rows.last().is_some_and(|read| self.floor.is_some_and(|floor| read.at < floor));
            part.more = next.is_some() && !below;
            part.cursors.extend(next.map(Some));
            if !part.more || self.complete(&part, after) >= limit as usize {
                break;
            }
        }
        Ok(part)
    }

    /// Rows that can be given out as far as this stream is concerned.
    fn complete(&self, part: &Part, after: &Option<(Timestamp, String)>) -> usize {
        let horizon = part.horizon();
        let ready = |read: &&Read| {
            read.row.is_some()
                && horizon.is_none_or(|h| self.before(read.at, h))
                && after
                    .as_ref()
                    .is_none_or(|last| self.order((read.at, &read.id), (last.0, &last.1)).is_gt())
        };
        part.rows.iter().filter(ready).count()
    }

    fn merge(
        &self,
        mut parts: Vec<Part>,
        after: Option<(Timestamp, String)>,
        limit: usize,
        as_of: Timestamp,
    ) -> Result<Rows<Row>> {
        let horizon =
            parts.iter().filter_map(Part::horizon).reduce(|a, b| if self.before(a, b) { a } else { b });
        let behind = |at: Timestamp, id: &str| {
            after.as_ref().is_none_or(|last| self.order((at, id), (last.0, &last.1)).is_gt())
        };
        let mut ready: Vec<(Timestamp, String, Option<Row>)> = Vec::new();
        for read in parts.iter_mut().flat_map(|part| part.rows.iter_mut()) {
            if horizon.is_none_or(|h| self.before(read.at, h)) && behind(read.at, &read.id) {
                ready.push((read.at, read.id.clone(), read.row.take()));
            }
        }
        ready.sort_by(|a, b| self.order((a.0, &a.1), (b.0, &b.1)));
        if ready.is_empty() && horizon.is_some() {
            return Err(Error::new(Code::TooBroad, "too many documents were changed within the same minute")
                .hint("narrow the list by a space, a label or a text"));
        }
        let (mut rows, mut last) = (Vec::new(), after);
        for (at, id, row) in ready {
            if rows.len() == limit {
                break;
            }
            rows.extend(row);
            last = Some((at, id));
        }
        let open = parts.into_iter().filter_map(|part| self.rest(part, &last));
        let place = Place { open: open.collect(), after: last.clone() };
        let next = match place.open.is_empty() {
            true => None,
            false => Some(
                serde_json::to_string(&place).map_err(|e| Error::internal("a place is no JSON").source(e))?,
            ),
        };
        Ok(Rows { rows, next, total: None, as_of })
    }

    /// Where to go on with a stream; `None` if it was read to the end.
    fn rest(&self, part: Part, last: &Option<(Timestamp, String)>) -> Option<(String, Option<String>)> {
        let to_come = |read: &&Read| {
            last.as_ref().is_none_or(|last| self.order((read.at, &read.id), (last.0, &last.1)).is_gt())
        };
        let first = part.rows.iter().find(to_come).map(|read| read.page);
        let page = first.or_else(|| part.more.then(|| part.cursors.len() - 1))?;
        Some((part.key, part.cursors.get(page).cloned().flatten()))
    }

    /// The order of the list.
    fn order(&self, a: (Timestamp, &str), b: (Timestamp, &str)) -> Ordering {
        let by_time = if self.newest { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
        by_time.then_with(|| a.1.cmp(b.1))
    }

    /// Whether a moment comes before another in the list.
    fn before(&self, a: Timestamp, b: Timestamp) -> bool {
        if self.newest { a > b } else { a < b }
    }
}

impl Part {
    /// The moment from which on there may be rows that were not read; `None` if all were.
    fn horizon(&self) -> Option<Timestamp> {
        self.rows.last().filter(|_| self.more).map(|read| read.at)
    }
}

impl Notion {
    /// The request for a page of a stream.
    fn list(&self, stream: &Stream, cursor: Option<&str>, newest: bool, size: u32) -> Request {
        #[derive(Serialize)]
        struct Search<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            query: Option<&'a str>,
            filter: Only,
            sort: ByTime,
            page_size: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            start_cursor: Option<&'a str>,
        }
        #[derive(Serialize)]
        struct Only {
            property: &'static str,
            value: &'static str,
        }
        #[derive(Serialize)]
        struct ByTime {
            timestamp: &'static str,
            direction: &'static str,
        }
        #[derive(Serialize)]
        struct Pages<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            filter: Option<&'a Filter>,
            sorts: [Sort; 1],
            page_size: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            start_cursor: Option<&'a str>,
        }
        match stream {
            Stream::Search { text } => {
                let direction = if newest { "descending" } else { "ascending" };
                Request::post("/v1/search", &[]).reads().json(&Search {
                    query: text.as_deref(),
                    filter: Only { property: "object", value: "page" },
                    sort: ByTime { timestamp: "last_edited_time", direction },
                    page_size: LARGEST,
                    start_cursor: cursor,
                })
            }
            Stream::Pages { space, filter } => {
                let sort = Sort { property: space.only("last_edited_time").map(str::to_owned), newest };
                let request = Request::post("/v1/data_sources/{data_source_id}/query", &[&space.id]).reads();
                let columns = space.ids(&plan::columns(&self.mapping));
                let request = columns.iter().fold(request, |r, id| r.query("filter_properties", id));
                request.json(&Pages {
                    filter: filter.as_ref(),
                    sorts: [sort],
                    page_size: size,
                    start_cursor: cursor,
                })
            }
        }
    }
}
