//! Several vendor lists merged into one, newest change first, to be continued at a token.

use std::collections::VecDeque;

use error::{Code, Error, Result};
use futures::future::try_join_all;
use tool::{Count, Total};

use super::gone;
use super::place::Repository;
use super::wire;

/// One list at the vendor.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    /// The repository it is of.
    pub(super) repository: Repository,
    /// The milestone it is held to: number and title.
    pub(super) milestone: Option<(u64, String)>,
}

/// Where a feed goes on: a page from 1 and the vendor's rows of it that were passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) page: u32,
    taken: u32,
}

/// A page of one feed: rows that pass, each with its place on the vendor's page, from 1.
pub(super) struct Page {
    pub(super) rows: Vec<(u32, wire::Issue)>,
    /// The vendor has another page.
    pub(super) more: bool,
    /// How many rows all pages have, if the vendor counts what passes.
    pub(super) total: Option<Total>,
}

/// A page of all feeds.
pub(super) struct Merged {
    pub(super) rows: Vec<(Repository, wire::Issue)>,
    /// Where to go on, unless all feeds have ended.
    pub(super) next: Option<String>,
    /// The sum, if every feed counts.
    pub(super) total: Option<Total>,
}

/// Requests that one page may cost each feed. What is not found by then is left to the next page.
const MOST_ROUNDS: usize = 6;

/// Merges feeds from `token` on, up to `limit` rows.
///
/// The feed of a repository that is gone ends there; its spot in the token stays, so that the others keep theirs.
///
/// Errors: `cursor_expired` for a token that is not of these feeds; whatever `fetch` fails with, but `not_found` only
/// if it is so with all feeds.
pub(super) async fn merge<Fut>(
    feeds: Vec<Feed>,
    token: Option<&str>,
    limit: usize,
    fetch: impl Fn(Feed, Spot) -> Fut,
) -> Result<Merged>
where
    Fut: Future<Output = Result<Page>>,
{
    let mut flows = begin(feeds, token)?;
    let mut rows = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let hungry: Vec<&mut Flow> = flows.iter_mut().filter(|flow| flow.is_hungry()).collect();
        let asked = hungry.into_iter().filter_map(|flow| Some((flow.spot?, flow)));
        try_join_all(asked.map(|(spot, flow)| {
            let page = fetch(flow.feed.clone(), spot);
            async move {
                match gone::told(&flow.feed.repository, page.await)? {
                    Ok(page) => flow.fill(spot, page),
                    Err(error) => flow.lose(spot, error),
                }
                Ok::<_, Error>(())
            }
        }))
        .await?;
        while rows.len() < limit && !flows.iter().any(Flow::is_hungry) {
            let Some(flow) =
                flows.iter_mut().filter(|flow| !flow.rows.is_empty()).min_by_key(|flow| flow.rank())
            else {
                break;
            };
            rows.extend(flow.take());
        }
        if rows.len() >= limit || !flows.iter().any(Flow::is_hungry) {
            break;
        }
    }
    if let Some(error) = all_gone(&flows) {
        return Err(error);
    }
    let total = flows.iter().map(|flow| flow.total).reduce(|a, b| Some(a?.plus(b?))).flatten();
    Ok(Merged { rows, next: write(&flows), total })
}

/// A feed under way.
struct Flow {
    feed: Feed,
    /// `None` once the vendor has no more.
    spot: Option<Spot>,
    rows: VecDeque<(u32, wire::Issue)>,
    /// What follows when the rows at hand are used up.
    after: Option<Spot>,
    total: Option<Total>,
    /// Its repository is not there.
    gone: Option<Error>,
}

/// Where every feed begins.
const START: Spot = Spot { page: 1, taken: 0 };

impl Flow {
    fn is_hungry(&self) -> bool {
        self.rows.is_empty() && self.spot.is_some()
    }

    fn fill(&mut self, spot: Spot, page: Page) {
        // What one page has disproved, the next does not restore.
        let first = self.after.is_none();
        self.total = page.total.filter(|_| first || self.total.is_some());
        self.after = page.more.then_some(Spot { page: spot.page.saturating_add(1), taken: 0 });
        self.rows = page.rows.into_iter().filter(|(place, _)| *place > spot.taken).collect();
        if self.rows.is_empty() {
            self.spot = self.after;
        }
    }

    /// Ends it. A repository that is gone has nothing that could be counted.
    fn lose(&mut self, spot: Spot, error: Error) {
        (self.spot, self.after, self.gone) = (None, None, Some(error));
        self.total = (spot == START).then_some(Total { count: 0, kind: Count::Exact });
    }

    /// Newest first, then by name.
    fn rank(&self) -> (std::cmp::Reverse<Option<jiff::Timestamp>>, String) {
        let first = self.rows.front().map(|(_, issue)| issue);
        let name = first.map(|issue| format!("{}#{}", self.feed.repository, issue.number));
        (std::cmp::Reverse(first.map(|issue| issue.updated_at)), name.unwrap_or_default())
    }

    fn take(&mut self) -> Option<(Repository, wire::Issue)> {
        let (place, issue) = self.rows.pop_front()?;
        self.spot = match (self.rows.is_empty(), self.spot) {
            (false, Some(spot)) => Some(Spot { taken: place, ..spot }),
            _ => self.after,
        };
        Some((self.feed.repository.clone(), issue))
    }
}

fn begin(feeds: Vec<Feed>, token: Option<&str>) -> Result<Vec<Flow>> {
    let spots = match token {
        Some(token) => read(token).filter(|spots| spots.len() == feeds.len()).ok_or_else(|| {
            Error::new(Code::CursorExpired, "the list this cursor belongs to has changed its shape")
        })?,
        None => vec![Some(START); feeds.len()],
    };
    let flow =
        |(feed, spot)| Flow { feed, spot, rows: VecDeque::new(), after: None, total: None, gone: None };
    Ok(feeds.into_iter().zip(spots).map(flow).collect())
}

/// Why there is nothing to merge, if no feed has its repository any more.
fn all_gone(flows: &[Flow]) -> Option<Error> {
    let gone: Option<Vec<&Error>> = flows.iter().map(|flow| flow.gone.as_ref()).collect();
    gone?.first().map(|error| (*error).clone())
}

/// `1.20,-,2.0`: page and rows passed of each feed, `-` for one that ended.
fn write(flows: &[Flow]) -> Option<String> {
    let spot = |flow: &Flow| {
        flow.spot.map_or_else(|| "-".to_owned(), |spot| format!("{}.{}", spot.page, spot.taken))
    };
    flows.iter().any(|flow| flow.spot.is_some()).then(|| flows.iter().map(spot).collect::<Vec<_>>().join(","))
}

fn read(token: &str) -> Option<Vec<Option<Spot>>> {
    let spot = |text: &str| match text {
        "-" => Some(None),
        text => {
            let (page, taken) = text.split_once('.')?;
            let spot = Spot { page: page.parse().ok()?, taken: taken.parse().ok()? };
            (spot.page > 0).then_some(Some(spot))
        }
    };
    token.split(',').map(spot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(name: &str) -> Feed {
        Feed { repository: Repository::parse(name).unwrap(), milestone: None }
    }

    fn issue(number: u64) -> wire::Issue {
        let text = include_str!("fixtures/issues.json");
        let mut list: Vec<wire::Issue> = serde_json::from_str(text).unwrap();
        let mut issue = list.remove(0);
        issue.number = number;
        // The higher the number, the newer.
        issue.updated_at = jiff::Timestamp::from_second(number.cast_signed()).unwrap();
        issue
    }

    /// Two repositories with two rows a page: 9 7 | 5 3 | 1 and 8 6 | 4 2.
    async fn fetch(feed: Feed, spot: Spot) -> Result<Page> {
        if feed.repository.name == "gone" {
            return Err(Error::new(Code::NotFound, "renamed"));
        }
        let numbers: &[u64] = if feed.repository.name == "odd" { &[9, 7, 5, 3, 1] } else { &[8, 6, 4, 2] };
        let rows: Vec<_> = numbers.chunks(2).nth(spot.page as usize - 1).unwrap_or_default().to_vec();
        let more = numbers.len() > spot.page as usize * 2;
        Ok(Page { rows: (1..).zip(rows.into_iter().map(issue)).collect(), more, total: None })
    }

    #[tokio::test]
    async fn pages_of_any_size_give_every_row_once_and_in_order() {
        for limit in 1..=10 {
            let (mut token, mut seen) = (None, Vec::new());
            loop {
                let feeds = vec![feed("a/odd"), feed("a/even")];
                let page = merge(feeds, token.as_deref(), limit, fetch).await.unwrap();
                assert!(page.rows.len() <= limit);
                seen.extend(page.rows.iter().map(|(_, issue)| issue.number));
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1], "limit {limit}");
        }
    }

    #[tokio::test]
    async fn a_feed_without_its_repository_ends_and_keeps_its_spot() {
        let (mut token, mut seen) = (None, Vec::new());
        loop {
            let feeds = vec![feed("a/odd"), feed("a/gone"), feed("a/even")];
            let page = merge(feeds, token.as_deref(), 2, fetch).await.unwrap();
            seen.extend(page.rows.iter().map(|(_, issue)| issue.number));
            token = page.next;
            let Some(token) = &token else { break };
            assert_eq!(token.split(',').nth(1), Some("-"), "{token}");
        }
        assert_eq!(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
        // A feed that had ended before is none that is missing.
        let later = merge(vec![feed("a/odd"), feed("a/gone")], Some("-,2.0"), 5, fetch).await.unwrap();
        assert!(later.rows.is_empty() && later.next.is_none());
        for feeds in [vec![feed("a/gone")], vec![feed("a/gone"), feed("b/gone")]] {
            let error = merge(feeds, None, 5, fetch).await.err().map(|error| error.code());
            assert_eq!(error, Some(Code::NotFound));
        }
        assert!(merge(Vec::new(), None, 5, fetch).await.unwrap().rows.is_empty());
    }

    #[tokio::test]
    async fn a_token_of_other_feeds_is_refused() {
        for token in ["1.0,1.0", "x", "0.0", "1", "", "1.0.0", "-1.0"] {
            let error = merge(vec![feed("a/odd")], Some(token), 5, fetch).await.err().map(|e| e.code());
            assert_eq!(error, Some(Code::CursorExpired), "{token}");
        }
    }
}
