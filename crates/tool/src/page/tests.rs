//! Pages over made-up sources.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering as Atomic};

use proptest::prelude::*;

use super::*;
use crate::{Count, Seal};

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Item {
    id: RecordId,
    rank: u32,
    text: String,
}

/// A vendor that pages by offset in pages of `page` rows, sorted by rank.
struct Shelf {
    ranks: Vec<u32>,
    page: usize,
    down: AtomicBool,
    refuses: Option<Code>,
}

impl Shelf {
    fn rows(&self, source: &str, ask: &Fetch) -> Result<Rows<Item>> {
        if let Some(code) = self.refuses {
            return Err(Error::new(code, "cannot"));
        }
        if self.down.load(Atomic::SeqCst) {
            return Err(Error::new(Code::UpstreamUnavailable, "down"));
        }
        let start: usize = ask.token.as_deref().map_or(0, |t| t.parse().unwrap());
        let end = (start + self.page).min(self.ranks.len());
        let item = |(i, rank): (usize, &u32)| Item {
            id: RecordId::new(source, format!("{:04}", start + i)),
            rank: *rank,
            text: "x".repeat(50),
        };
        Ok(Rows {
            rows: self.ranks[start..end].iter().enumerate().map(item).collect(),
            next: (end < self.ranks.len()).then(|| end.to_string()),
            total: Some(Total { count: self.ranks.len() as u64, kind: Count::Exact }),
            as_of: Timestamp::UNIX_EPOCH,
        })
    }
}

fn shelf(mut ranks: Vec<u32>, page: usize) -> Shelf {
    ranks.sort_unstable();
    Shelf { ranks, page, down: AtomicBool::new(false), refuses: None }
}

fn sources(shelves: Vec<Shelf>) -> Sources<Shelf> {
    let named = shelves.into_iter().enumerate().map(|(i, shelf)| Source {
        name: format!("s{i}"),
        vendor: "shelf",
        port: Arc::new(shelf),
        users: call::Users::default(),
    });
    Sources::new(named.collect(), Seal::ephemeral())
}

async fn page(sources: &Sources<Shelf>, cx: &Cx, limit: u32, cursor: Option<String>) -> Result<Page<Item>> {
    let listing = Listing { limit: Some(limit), cursor, query: "q".into(), ..Listing::default() };
    sources.page(cx, &listing, |item| (item.rank, &item.id), fetch).await
}

fn fetch(source: &Source<Shelf>, ask: Fetch) -> BoxFuture<'_, Result<Rows<Item>>> {
    Box::pin(async move { source.port.rows(&source.name, &ask) })
}

async fn all(sources: &Sources<Shelf>, cx: &Cx, limit: u32) -> Vec<(u32, String)> {
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = page(sources, cx, limit, cursor).await.unwrap();
        seen.extend(page.items.iter().map(|i| (i.rank, i.id.to_string())));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return seen;
        }
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn pages_together_are_the_sorted_whole(
        ranks in proptest::collection::vec(proptest::collection::vec(0u32..30, 0..40), 1..4),
        page in 1usize..12,
        limit in 1u32..25,
        budget in 2100usize..4000,
    ) {
        let mut expected: Vec<u32> = ranks.iter().flatten().copied().collect();
        expected.sort_unstable();
        let sources = sources(ranks.into_iter().map(|r| shelf(r, page)).collect());
        let seen = run(all(&sources, &Cx::for_test().with_budget(budget), limit));
        prop_assert_eq!(seen.iter().map(|(rank, _)| *rank).collect::<Vec<_>>(), expected);
        let ids: HashSet<_> = seen.iter().map(|(_, id)| id).collect();
        prop_assert_eq!(ids.len(), seen.len(), "nothing is given twice");
    }
}

#[tokio::test]
async fn a_dead_source_costs_its_rows_and_returns_on_the_next_page() {
    let sources = sources(vec![shelf(vec![1, 3, 5], 2), shelf(vec![2, 4], 2)]);
    let cx = Cx::for_test();
    sources.all()[1].port.down.store(true, Atomic::SeqCst);
    let first = page(&sources, &cx, 10, None).await.unwrap();
    assert_eq!(first.items.len(), 3);
    assert_eq!(first.sources[1].status, SourceStatus::Error);
    assert!(first.total.is_none(), "a total without one source would be made up");

    let dead = page(&sources, &cx, 10, first.next_cursor.clone()).await.unwrap_err();
    assert_eq!(dead.code(), Code::UpstreamUnavailable, "never an empty list");

    sources.all()[1].port.down.store(false, Atomic::SeqCst);
    let rest = page(&sources, &cx, 10, first.next_cursor).await.unwrap();
    assert_eq!(rest.items.iter().map(|i| i.rank).collect::<Vec<_>>(), [2, 4]);
    assert!(rest.next_cursor.is_none());
}

#[tokio::test]
async fn a_source_that_cannot_is_said_and_not_asked_again() {
    let unable = Shelf { refuses: Some(Code::UnsupportedFilter), ..shelf(vec![1], 1) };
    let sources = sources(vec![shelf(vec![1, 2, 3], 10), unable]);
    let first = page(&sources, &Cx::for_test(), 2, None).await.unwrap();
    assert_eq!(first.sources[1].status, SourceStatus::UnsupportedFilter);
    let rest = page(&sources, &Cx::for_test(), 2, first.next_cursor).await.unwrap();
    assert_eq!((rest.items.len(), rest.sources.len()), (1, 1));
}

#[tokio::test]
async fn an_answer_within_the_budget_says_what_it_held_back() {
    let sources = sources(vec![shelf((0..30).collect(), 30)]);
    let page = page(&sources, &Cx::for_test().with_budget(3000), 30, None).await.unwrap();
    assert!(page.truncated && page.next_cursor.is_some());
    assert_eq!(page.omitted, Some(30 - page.items.len()));
    assert!(serde_json::to_string(&page).unwrap().len() <= 3000);
}

#[tokio::test]
async fn every_page_counts_periods_from_when_the_first_was_asked_for() {
    let sources = sources(vec![shelf((0..9).collect(), 4)]);
    let at = |time: &str| {
        let clock = call::Clock::starting_at(time.parse().unwrap());
        Cx::new("test", call::Caller::local("tester"), clock)
    };
    let asked = |cursor| Listing { limit: Some(3), cursor, query: "q".into(), ..Listing::default() };
    let first = at("2026-11-21T10:00:00.123456789Z");
    let begun = sources.begun(&first, &asked(None)).unwrap();
    let mut cursor = page(&sources, &first, 3, None).await.unwrap().next_cursor;
    for time in ["2026-11-21T10:05:00Z", "2026-11-21T11:00:00Z"] {
        let later = at(time);
        let of_cursor = sources.begun(&later, &asked(cursor.clone())).unwrap();
        assert_eq!(of_cursor, begun);
        cursor = page(&sources, &later, 3, cursor).await.unwrap().next_cursor;
    }
}

#[tokio::test]
async fn a_cursor_of_another_caller_is_refused() {
    let sources = sources(vec![shelf((0..30).collect(), 30)]);
    let first = page(&sources, &Cx::for_test(), 5, None).await.unwrap();
    let other = Cx::new("test", call::Caller::local("mallory"), call::Clock::for_test());
    let refused = page(&sources, &other, 5, first.next_cursor).await.unwrap_err();
    assert_eq!(refused.code(), Code::CursorExpired);
}

#[tokio::test]
async fn a_cursor_is_nothing_to_the_same_subject_of_another_tenant() {
    let sources = sources(vec![shelf((0..9).collect(), 3)]);
    let of = |tenant: &str| {
        let caller = call::Caller {
            tenant: Some(tenant.to_owned()),
            issuer: Some("https://i.example".to_owned()),
            ..call::Caller::new("alice", "jwt")
        };
        Cx::new("find_items", caller, call::Clock::for_test())
    };
    let cursor = page(&sources, &of("acme"), 3, None).await.unwrap().next_cursor;
    let foreign = page(&sources, &of("other"), 3, cursor.clone()).await.unwrap_err();
    assert_eq!(foreign.code(), Code::CursorExpired);
    assert_eq!(page(&sources, &of("acme"), 3, cursor).await.unwrap().items.len(), 3);
}
