//! What every system of customers must do, in the words of the domain. Each vendor runs it over its simulator, filled
//! with the demo company; what a vendor is not `Able` to do must be refused, never faked.

mod accounts;
mod opportunities;
mod records;

use std::collections::BTreeSet;

use call::{BoxFuture, Cx, Operation};
use error::{Code, Result};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tool::{Fetch, Mark, RecordId, Rows};

use crate::book::{AccountQuery, Book, BriefWant, OpportunityQuery, PipelineQuery};
use crate::company::Holdings;
use crate::model::{AccountGap, GroupBy, Noun, Opportunity, Section};

/// Texts that must be looked for and must never widen a query.
const HOSTILE: [&str; 8] = [
    "' OR Name LIKE '%",
    "x') OR (IsClosed = true",
    r"\' OR 1=1",
    "\\",
    "%",
    "\" OR name:*",
    "a\nOR Id != null",
    "\u{202e}*\u{200b}",
];

/// The system under test and what it was filled with.
pub(crate) struct Subject<'a> {
    /// The system.
    pub(crate) book: &'a Book,
    /// Its name in the demo company: `salesforce`.
    pub(crate) home: &'static str,
}

impl Subject<'_> {
    fn holdings(&self) -> Holdings {
        Holdings::of(self.home)
    }

    /// The account of the company with the most open business, as the system has it.
    async fn account(&self) -> (String, sandbox::company::Account) {
        let held = self.holdings();
        let open = |key: &str| {
            let of = |o: &&sandbox::company::Opportunity| o.account == key && is_open(o);
            held.opportunities.iter().filter(of).count()
        };
        let alone = |a: &&sandbox::company::Account| {
            held.accounts.iter().filter(|b| b.domain == a.domain || b.name == a.name).count() == 1
        };
        let account = held.accounts.iter().filter(alone).max_by_key(|a| open(&a.key)).cloned().unwrap();
        let called = self.book.called(&cx(), Noun::Account, &account.domain).await.unwrap();
        let exact =
            called.into_iter().find(|c| c.matched.is_some()).expect("an account answers to its domain");
        (exact.id, account)
    }

    async fn opportunities(&self, query: OpportunityQuery) -> Vec<Opportunity> {
        all(|page| self.book.opportunities(CX.get_or_init(cx), &query, page)).await
    }
}

static CX: std::sync::OnceLock<Cx> = std::sync::OnceLock::new();

/// Runs the whole suite.
pub(crate) async fn holds(subject: &Subject<'_>) {
    accounts::knows_its_people(subject).await;
    accounts::lists_accounts_by_name_without_loss(subject).await;
    accounts::filters_accounts(subject).await;
    accounts::answers_to_names_domains_and_keys(subject).await;
    accounts::text_never_widens(subject).await;
    refuses_what_it_cannot_do(subject).await;
    opportunities::lists_open_opportunities_soonest_first(subject).await;
    opportunities::filters_opportunities(subject).await;
    opportunities::adds_the_pipeline_up_per_currency(subject).await;
    records::lists_activities_newest_first(subject).await;
    records::lists_renewals_if_it_keeps_any(subject).await;
    records::lists_and_filters_cases(subject).await;
    records::cleans_what_customers_wrote(subject).await;
    accounts::briefs_on_an_account(subject).await;
    records::logs_once_and_finds_by_mark(subject).await;
    records::schedules_for_somebody(subject).await;
    opportunities::moves_an_opportunity_there_and_back(subject).await;
    opportunities::refuses_a_stale_move(subject).await;
    opportunities::refuses_an_amount_in_another_currency(subject).await;
    opportunities::closes_as_lost_with_the_reason(subject).await;
    says_when_there_is_no_such_record(subject).await;
}

fn cx() -> Cx {
    Cx::for_test()
}

fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["behavior"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (cx().with_operation(operation), mark)
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

fn is_open(o: &sandbox::company::Opportunity) -> bool {
    !matches!(o.stage.as_str(), "won" | "lost")
}

/// The first record that is wanted and shares its name with no other.
fn unique<T>(all: &[T], name: impl Fn(&T) -> &String, wanted: impl Fn(&T) -> bool) -> &T {
    let alone = |one: &&T| all.iter().filter(|other| name(other) == name(one)).count() == 1;
    all.iter().filter(alone).find(|one| wanted(one)).expect("a record with a name of its own")
}

fn day(days: i64) -> Date {
    (Timestamp::now() + SignedDuration::from_hours(24 * days)).to_zoned(TimeZone::UTC).date()
}

/// A moment as the system under test knows it of its activities: to the second, or to the day.
fn known(s: &Subject<'_>, at: Timestamp) -> Timestamp {
    let day = at.to_zoned(TimeZone::UTC).date();
    let midnight = day.to_zoned(TimeZone::UTC).unwrap().timestamp();
    if s.book.able().times { Timestamp::from_second(at.as_second()).unwrap() } else { midnight }
}

/// Every row of a list, seven at a time; pages are full until the last and share no row.
async fn all<'a, T>(fetch: impl Fn(Fetch) -> BoxFuture<'a, Result<Rows<T>>>) -> Vec<T> {
    let (mut rows, mut token) = (Vec::new(), None);
    for _ in 0..200 {
        let page = fetch(Fetch { token, limit: 7 }).await.unwrap();
        assert!(page.rows.len() <= 7, "a page has no more rows than were asked for");
        rows.extend(page.rows);
        token = page.next;
        if token.is_none() {
            return rows;
        }
    }
    panic!("the list does not end");
}

/// The ids, all different.
fn ids<'a>(rows: impl IntoIterator<Item = &'a RecordId>) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for id in rows {
        assert!(ids.insert(id.native().to_owned()), "{id} is listed twice");
    }
    ids
}

async fn refuses_what_it_cannot_do(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.book.able());
    let refused = |query: AccountQuery| async move {
        s.book
            .accounts(CX.get_or_init(self::cx), &query, first(5))
            .await
            .map(|rows| rows.rows.len())
            .map_err(|e| e.code())
    };
    if !able.segment {
        let query = AccountQuery { segment: Some("enterprise".into()), ..AccountQuery::default() };
        assert_eq!(refused(query).await, Err(Code::UnsupportedFilter));
    }
    if !able.account_renewal {
        let query = AccountQuery { renewal_before: Some(day(90)), ..AccountQuery::default() };
        assert_eq!(refused(query).await, Err(Code::UnsupportedFilter));
    }
    for gap in [AccountGap::Owner, AccountGap::Domain, AccountGap::Segment] {
        if !able.account_empty.contains(&gap) {
            let query = AccountQuery { where_empty: Some(gap), ..AccountQuery::default() };
            assert_eq!(refused(query).await, Err(Code::UnsupportedFilter), "{gap:?}");
        }
    }
    if !able.forecast {
        let query = PipelineQuery { from: day(0), before: day(30), group_by: GroupBy::Forecast };
        assert_eq!(s.book.pipeline(&cx, &query).await.unwrap_err().code(), Code::UnsupportedFilter);
    }
    let query = OpportunityQuery { stage: Some("No such stage".into()), ..OpportunityQuery::default() };
    let error = s.book.opportunities(&cx, &query, first(5)).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert!(error.wire("").allowed.len() >= 3, "the stages there are: {error:?}");
}

fn tidy(text: &str) -> String {
    content::Label::new(text).to_string()
}

async fn says_when_there_is_no_such_record(s: &Subject<'_>) {
    let cx = cx();
    let since = Timestamp::now();
    let opportunity = s.opportunities(OpportunityQuery::default()).await.remove(0);
    let (account, _) = s.account().await;
    // Ids of the right form that name nothing: the last characters are changed to what no generator gives out.
    let nothing = |native: &str| format!("{}9999999", &native[..native.len() - 7.min(native.len() - 4)]);
    let want = BriefWant { sections: vec![Section::Profile], since, rows: 5 };
    let error = s.book.brief(&cx, &nothing(&account), &want).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound, "{error:?}");
    let error = s.book.opportunity(&cx, &nothing(opportunity.id.native())).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound, "{error:?}");
}

#[tokio::test]
async fn memory_holds() {
    use crate::book::Able;
    use crate::vendors::memory::Memory;

    for home in ["salesforce", "hubspot"] {
        holds(&Subject { book: &Memory::new("memory", home, Able::ALL), home }).await;
    }
    let little = Able {
        segment: false,
        account_renewal: false,
        account_empty: &[AccountGap::Owner],
        forecast: false,
        renewals: false,
        renewal_value: false,
        severity: false,
        lost_reason: false,
        ..Able::ALL
    };
    holds(&Subject { book: &Memory::new("memory", "hubspot", little), home: "hubspot" }).await;
}
