//! One list out of several sources: merged, deduplicated, within the budget, to be continued.

pub(crate) mod gather;

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use futures::future::join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::cursor::{Place, SourcePlace, kept};
use crate::sources::Steps;
use crate::{Moment, Output, RecordId, Source, Sources, Total};

/// What a caller asked of a list, apart from the filters themselves.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Rows at most: 1 to 100, 20 unless said.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// The one source asked for.
    pub source: Option<String>,
    /// The sources concerned, where the filters already tell; the others are not asked.
    pub only: Option<Vec<String>>,
    /// All filters, serialized: a cursor belongs to them.
    pub query: String,
}

/// What a port is asked for: up to `limit` rows from `token` on.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// The vendor's page token as the port returned it; `None` for the first page.
    pub token: Option<String>,
    /// Rows wanted; the same for every page of one list.
    pub limit: u32,
}

/// One page of a port, in the list's order.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The token of the next page.
    pub next: Option<String>,
    /// How many match in all, if the vendor tells.
    pub total: Option<Total>,
    /// When the vendor was asked.
    pub as_of: Timestamp,
}

impl<T> Rows<T> {
    /// The same page with each row made into another, such as its short form.
    #[must_use]
    pub fn map<U>(self, row: impl FnMut(T) -> U) -> Rows<U> {
        let Self { rows, next, total, as_of } = self;
        Rows { rows: rows.into_iter().map(row).collect(), next, total, as_of }
    }
}

/// A page of merged rows, as it leaves.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many match in all; absent where a source does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
    /// Give it back to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Rows were held back for the size of the answer; the cursor brings them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// How many rows of this page were held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omitted: Option<usize>,
    /// How each source answered.
    pub sources: Vec<SourceReport>,
}

impl<T: Serialize + JsonSchema + Send> Output for Page<T> {
    const LIST: Option<&'static str> = Some("items");
    fn rows(&self) -> usize {
        self.items.len()
    }
}

/// How one source answered.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceReport {
    /// The configured source.
    pub source: String,
    /// Its vendor.
    pub vendor: &'static str,
    /// How it answered.
    pub status: SourceStatus,
    /// When it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// Why its rows are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<SourceError>,
}

/// How one source answered, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceStatus {
    /// With its rows.
    Ok,
    /// With an error; its rows are missing.
    Error,
    /// It cannot do this.
    Unsupported,
    /// It cannot honor a filter; unfiltered rows were not taken instead.
    UnsupportedFilter,
}

/// Why a source's rows are missing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceError {
    // Listing all codes here would repeat them in every list of every catalogue.
    #[schemars(with = "String")]
    code: Code,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl SourceReport {
    /// The report of a source that answered with rows.
    #[must_use]
    pub fn ok<P: ?Sized>(source: &Source<P>, as_of: Timestamp) -> Self {
        Self {
            source: source.name.clone(),
            vendor: source.vendor,
            status: SourceStatus::Ok,
            as_of: Some(Moment(as_of)),
            error: None,
        }
    }

    /// The report of a source that failed.
    #[must_use]
    pub fn failed<P: ?Sized>(source: &Source<P>, error: &Error) -> Self {
        let status = match error.code() {
            Code::Unsupported => SourceStatus::Unsupported,
            Code::UnsupportedFilter => SourceStatus::UnsupportedFilter,
            _ => SourceStatus::Error,
        };
        let error = SourceError {
            code: error.code(),
            message: error.message().to_owned(),
            retry_after_ms: error.wait().map(|w| u64::try_from(w.as_millis()).unwrap_or(u64::MAX)),
        };
        Self { source: source.name.clone(), vendor: source.vendor, status, as_of: None, error: Some(error) }
    }
}

impl<P: ?Sized + Send + Sync + 'static> Sources<P> {
    /// One page of a list over all sources (or the one asked for). `fetch` asks a port for rows sorted by `order`;
    /// rows are merged in that order, equal ids are given once, and the page is trimmed to the call's budget.
    ///
    /// A source that fails keeps its place and is asked again on the next page. Fails only if every source did.
    pub async fn page<'s, 'f, T, K, F>(
        &'s self,
        cx: &Cx,
        listing: &Listing,
        order: impl Fn(&T) -> (K, &RecordId),
        fetch: F,
    ) -> Result<Page<T>>
    where
        T: Serialize + Send,
        K: Ord,
        F: Fn(&'s Source<P>, Fetch) -> BoxFuture<'f, Result<Rows<T>>>,
    {
        let limit = listing.limit.unwrap_or(Listing::USUAL).clamp(1, 100);
        let binding = binding(cx, listing, limit);
        let begun = self.begun(cx, listing)?;
        let mut feeds = self.feeds(cx, listing, &binding)?;
        let mut merge = Merge { items: Vec::new(), seen: HashSet::new(), bytes: 0, full: false };
        while merge.items.len() < limit as usize && !merge.full {
            let hungry: Vec<_> = feeds.iter_mut().filter(|f| f.is_hungry()).collect();
            if hungry.is_empty() {
                if !merge.take_first(&mut feeds, &order, cx.budget())? {
                    break;
                }
                continue;
            }
            let steps = &Steps::new(cx, hungry.len());
            let asked = hungry.into_iter().map(|feed| {
                let ask = Fetch { token: feed.place.token.clone(), limit };
                let fetch = &fetch;
                async move {
                    let mut answers =
                        self.ask(cx, vec![feed.source], |source| fetch(source, ask.clone())).await;
                    steps.step(&feed.source.name);
                    feed.fill(answers.pop().map(|(_, rows)| rows));
                }
            });
            join_all(asked).await;
        }
        self.finish(cx, (&binding[..], begun), feeds, merge)
    }

    /// When the first page of a list was asked for: periods back are counted from there, since a vendor's page token
    /// belongs to the very query it was given for. Fails as the page would, with `cursor_expired`.
    pub fn begun(&self, cx: &Cx, listing: &Listing) -> Result<Timestamp> {
        let Some(cursor) = &listing.cursor else { return Ok(kept(cx.begun())) };
        let limit = listing.limit.unwrap_or(Listing::USUAL).clamp(1, 100);
        let place = self.seal().open(cursor, &binding(cx, listing, limit), cx.now())?;
        Ok(place.begun().unwrap_or_else(|| kept(cx.begun())))
    }

    fn feeds<'s, T>(&'s self, cx: &Cx, listing: &Listing, binding: &[u8]) -> Result<Vec<Feed<'s, P, T>>> {
        let place = match &listing.cursor {
            Some(cursor) => Some(self.seal().open(cursor, binding, cx.now())?),
            None => None,
        };
        let feed = |source: &'s Source<P>| {
            let known = place.as_ref().map(|p| p.sources.iter().find(|s| s.source == source.name));
            let place = match known {
                Some(Some(known)) => known.clone(),
                // A source configured since the first page joins on the next first page.
                Some(None) => {
                    SourcePlace { source: source.name.clone(), done: true, ..SourcePlace::default() }
                }
                None => SourcePlace { source: source.name.clone(), ..SourcePlace::default() },
            };
            Feed {
                source,
                place,
                rows: VecDeque::new(),
                next: None,
                loaded: false,
                total: None,
                outcome: None,
            }
        };
        Ok(self.concerned(listing)?.into_iter().map(feed).collect())
    }

    fn finish<T>(
        &self,
        cx: &Cx,
        (binding, begun): (&[u8], Timestamp),
        feeds: Vec<Feed<'_, P, T>>,
        merge: Merge<T>,
    ) -> Result<Page<T>> {
        let failures = feeds.iter().filter(|f| matches!(f.outcome, Some(Err(_)))).count();
        let asked = feeds.iter().filter(|f| f.outcome.is_some()).count();
        if failures > 0 && failures == asked && merge.items.is_empty() {
            let failures = feeds.into_iter().filter_map(|f| Some(f.outcome?.err()?.said_by(&f.source.name)));
            return Err(gather::worth_repeating(failures));
        }
        let omitted = if merge.full { feeds.iter().map(|f| f.rows.len()).sum() } else { 0 };
        let total = feeds.iter().map(|f| f.total).reduce(|a, b| Some(a?.plus(b?))).flatten();
        let sources = feeds.iter().filter_map(Feed::report).collect();
        let places: Vec<_> = feeds.into_iter().map(Feed::into_place).collect();
        let next_cursor = match places.iter().all(|p| p.done) {
            true => None,
            false => Some(self.seal().seal(&Place::new(cx.now(), begun, places), binding)?),
        };
        Ok(Page {
            items: merge.items,
            total,
            next_cursor,
            truncated: merge.full,
            omitted: merge.full.then_some(omitted),
            sources,
        })
    }
}

/// What a cursor belongs to. Lengths first, so that no two bindings share bytes.
fn binding(cx: &Cx, listing: &Listing, limit: u32) -> Vec<u8> {
    let caller = cx.caller().key();
    let source = listing.source.as_deref().unwrap_or("*");
    let mut hash = Sha256::new();
    for part in [cx.tool(), &caller, source, &limit.to_string(), &listing.query] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().to_vec()
}

/// One source while a page is made.
struct Feed<'s, P: ?Sized, T> {
    source: &'s Source<P>,
    place: SourcePlace,
    rows: VecDeque<T>,
    next: Option<String>,
    loaded: bool,
    total: Option<Total>,
    outcome: Option<Result<Timestamp>>,
}

impl<P: ?Sized, T> Feed<'_, P, T> {
    /// Nothing at hand, and more to be had.
    fn is_hungry(&self) -> bool {
        self.rows.is_empty() && !self.place.done && !matches!(self.outcome, Some(Err(_)))
    }

    fn fill(&mut self, answer: Option<Result<Rows<T>>>) {
        match answer {
            Some(Ok(page)) => {
                self.rows = page.rows.into_iter().skip(self.place.consumed).collect();
                self.next = page.next;
                self.loaded = true;
                self.total = page.total;
                self.outcome = Some(Ok(page.as_of));
                self.turn_page();
            }
            Some(Err(error)) => {
                self.place.done = matches!(error.code(), Code::Unsupported | Code::UnsupportedFilter);
                self.outcome = Some(Err(error));
            }
            None => self.place.done = true,
        }
    }

    fn take(&mut self) -> Option<T> {
        let row = self.rows.pop_front()?;
        self.place.consumed += 1;
        self.turn_page();
        Some(row)
    }

    /// A page read to its end is left behind for the next one.
    fn turn_page(&mut self) {
        if self.loaded && self.rows.is_empty() {
            self.loaded = false;
            self.place.consumed = 0;
            self.place.token = self.next.take();
            self.place.done = self.place.token.is_none();
        }
    }

    fn report(&self) -> Option<SourceReport> {
        Some(match self.outcome.as_ref()? {
            Ok(as_of) => SourceReport::ok(self.source, *as_of),
            Err(error) => SourceReport::failed(self.source, error),
        })
    }

    fn into_place(self) -> SourcePlace {
        self.place
    }
}

/// The page as it grows.
struct Merge<T> {
    items: Vec<T>,
    seen: HashSet<RecordId>,
    bytes: usize,
    full: bool,
}

impl<T: Serialize> Merge<T> {
    /// Takes the first row in order over all feeds; `false` if there is none.
    fn take_first<P: ?Sized, K: Ord>(
        &mut self,
        feeds: &mut [Feed<'_, P, T>],
        order: &impl Fn(&T) -> (K, &RecordId),
        budget: usize,
    ) -> Result<bool> {
        let compare =
            |a: &&mut Feed<'_, P, T>, b: &&mut Feed<'_, P, T>| match (a.rows.front(), b.rows.front()) {
                (Some(a), Some(b)) => order(a).cmp(&order(b)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            };
        let Some(feed) = feeds.iter_mut().min_by(compare) else { return Ok(false) };
        let Some(row) = feed.rows.front() else { return Ok(false) };
        if self.seen.contains(order(row).1) {
            feed.take();
            return Ok(true);
        }
        let bytes = content::weigh(row).saturating_add(1);
        // The frame around the rows (sources, cursor) is well below 2 KiB; one row is always given.
        if !self.items.is_empty() && self.bytes.saturating_add(bytes) + 2048 > budget {
            self.full = true;
            return Ok(true);
        }
        self.seen.insert(order(row).1.clone());
        self.bytes += bytes;
        self.items.extend(feed.take());
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
