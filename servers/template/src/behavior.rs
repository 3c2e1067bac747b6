//! What every meter must do, in the words of the domain. Each vendor runs it over its simulator, filled with the demo
//! company; what a vendor is not `Able` to do must be refused, never faked.

use std::collections::HashSet;

use call::{Cx, Operation};
use error::Code;
use tool::{Fetch, Mark, MatchedBy};

use crate::company::series;
use crate::meter::{DropQuery, Meter, NewAnnotation, UsageQuery};

/// What the suite needs to know of the meter under test.
pub(crate) struct Subject<'a> {
    /// The meter, filled with the demo company.
    pub(crate) meter: &'a Meter,
    /// A customer that uses more than one product, one of them ever less: native id.
    pub(crate) customer: &'static str,
    /// Its domain.
    pub(crate) domain: &'static str,
}

/// Runs the whole suite.
pub(crate) async fn holds(subject: &Subject<'_>) {
    finds_a_customer_by_any_key(subject).await;
    text_never_widens(subject).await;
    reads_usage_by_product(subject).await;
    lists_drops_steepest_first_and_pages_without_loss(subject).await;
    filters_drops_or_says_that_it_cannot(subject).await;
    annotates_once_and_finds_by_mark(subject).await;
}

/// An annotation to be made under the key `key`.
pub(crate) fn annotation(customer: &str, key: &str) -> (Cx, NewAnnotation, Mark) {
    let operation = Operation::derive(&["behavior"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    let new = NewAnnotation {
        customer: customer.into(),
        product: "payments".into(),
        day: None,
        text: "A \"quoted\" <note> & 設定".into(),
    };
    (Cx::for_test().with_operation(operation), new, mark)
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

async fn finds_a_customer_by_any_key(s: &Subject<'_>) {
    let cx = Cx::for_test();
    let known = s.meter.customer(&cx, s.customer).await.unwrap();
    assert_eq!(known.keys.domain.as_deref(), Some(s.domain));
    let keys =
        [known.keys.domain.clone(), known.keys.erp_customer.clone(), known.keys.billing_customer.clone()];
    let by = [MatchedBy::Domain, MatchedBy::ErpCustomer, MatchedBy::BillingCustomer];
    for (key, by) in keys.iter().flatten().zip(by) {
        let found = s.meter.customers(&cx, key).await.unwrap();
        assert_eq!(found[0].id, known.id, "{key}");
        assert_eq!(found[0].keys.matched(key), Some(by));
    }
    let part = &known.name.as_str()[..5];
    assert!(s.meter.customers(&cx, part).await.unwrap().iter().any(|c| c.id == known.id), "{part}");
    assert_eq!(s.meter.recognize(s.customer).as_deref(), Some(s.customer));
    assert_eq!(s.meter.recognize(&known.url).as_deref(), Some(s.customer), "its URL leads back to it");
    assert_eq!(s.meter.recognize("https://elsewhere.example/customers/cst_nordwind"), None);
    let missing = s.meter.customer(&cx, "cst_nobody").await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}

async fn text_never_widens(s: &Subject<'_>) {
    for text in ["zzz%", "zzz&weeks=26", "zzz' OR '1'='1", "zzz\n*", "zzz\\", "zzz 設定 \u{202E}"] {
        let found = s.meter.customers(&Cx::for_test(), text).await.unwrap();
        assert!(found.is_empty(), "{text:?}: {found:?}");
    }
}

async fn reads_usage_by_product(s: &Subject<'_>) {
    let cx = Cx::for_test();
    let query = UsageQuery { customer: s.customer.into(), product: None, weeks: 3 };
    let rows = s.meter.usage(&cx, &query).await.unwrap();
    let known = s.meter.products(&cx).await.unwrap();
    assert!(rows.iter().all(|row| known.iter().any(|p| p.key == row.product.as_str())), "{known:?}");
    let expected: Vec<_> = series().into_iter().filter(|one| one.account.domain == s.domain).collect();
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(row.product.as_str(), expected.product);
        assert_eq!(row.weeks, expected.weeks[..3], "no more weeks than were asked for");
        assert_eq!(row.last_week, expected.weeks[0]);
        assert!(row.change_percent.is_some(), "however few weeks are asked for");
        assert_eq!(row.week.0.weekday(), jiff::civil::Weekday::Monday);
    }
    let one = UsageQuery { product: Some("payments".into()), ..query.clone() };
    assert_eq!(s.meter.usage(&cx, &one).await.unwrap().len(), 1);
    let none = UsageQuery { product: Some("nothing".into()), ..query.clone() };
    assert!(s.meter.usage(&cx, &none).await.unwrap().is_empty());
    let nobody = UsageQuery { customer: "cst_nobody".into(), ..query };
    assert_eq!(s.meter.usage(&cx, &nobody).await.unwrap_err().code(), Code::NotFound);
}

async fn lists_drops_steepest_first_and_pages_without_loss(s: &Subject<'_>) {
    let cx = Cx::for_test();
    let query = DropQuery { at_least: 1, ..DropQuery::default() };
    let all = s.meter.drops(&cx, &query, first(100)).await.unwrap().rows;
    assert!(all.len() > 3 && all.iter().all(|d| d.change_percent < 0), "{all:?}");
    assert!(all.is_sorted_by_key(|d| (d.change_percent, d.id.clone())), "the steepest first, then by id");
    let (mut seen, mut token) = (Vec::new(), None);
    loop {
        let page = s.meter.drops(&cx, &query, Fetch { token, limit: 3 }).await.unwrap();
        seen.extend(page.rows.into_iter().map(|row| row.id));
        token = page.next;
        if token.is_none() || seen.len() >= 99 {
            break;
        }
    }
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len(), "nothing is given twice");
    assert!(all.iter().all(|row| seen.contains(&row.id)), "nothing is lost between pages");
}

async fn filters_drops_or_says_that_it_cannot(s: &Subject<'_>) {
    let cx = Cx::for_test();
    let steep = DropQuery { at_least: 20, ..DropQuery::default() };
    let rows = s.meter.drops(&cx, &steep, first(100)).await.unwrap().rows;
    assert!(!rows.is_empty() && rows.iter().all(|d| d.change_percent <= -20));
    let own = DropQuery { customer: Some(s.customer.into()), at_least: 1, ..DropQuery::default() };
    let rows = s.meter.drops(&cx, &own, first(100)).await.unwrap().rows;
    assert!(!rows.is_empty() && rows.iter().all(|d| d.customer.id.native() == s.customer));
    let product = DropQuery { product: Some("payments".into()), at_least: 1, ..DropQuery::default() };
    match s.meter.drops(&cx, &product, first(100)).await {
        Ok(rows) => {
            assert!(s.meter.able().drops_by_product, "must be refused, not ignored");
            assert!(rows.rows.iter().all(|d| d.product.as_str() == "payments"));
        }
        Err(error) => {
            assert!(!s.meter.able().drops_by_product && error.code() == Code::UnsupportedFilter, "{error:?}");
        }
    }
}

async fn annotates_once_and_finds_by_mark(s: &Subject<'_>) {
    let (cx, new, mark) = annotation(s.customer, "once");
    let made = s.meter.annotate(&cx, &new, &mark).await;
    if !s.meter.able().annotations {
        assert_eq!(made.unwrap_err().code(), Code::Unsupported);
        return;
    }
    let made = made.unwrap();
    assert_eq!(made.text.as_str(), new.text);
    assert_eq!(s.meter.find_marked(&cx, &mark).await.unwrap().unwrap().id, made.id);
    let (_, _, other) = annotation(s.customer, "another");
    assert!(s.meter.find_marked(&cx, &other).await.unwrap().is_none());

    let keyed = |key: &str| Mark { external_key: Some("review/77 \"x\"".into()), ..annotation("", key).2 };
    assert!(s.meter.find_marked(&cx, &keyed("a")).await.unwrap().is_none());
    let second = s.meter.annotate(&cx, &new, &keyed("a")).await.unwrap();
    assert_eq!(s.meter.find_marked(&cx, &keyed("another day")).await.unwrap().unwrap().id, second.id);

    let query = UsageQuery { customer: s.customer.into(), product: Some("payments".into()), weeks: 1 };
    let shown = s.meter.usage(&cx, &query).await.unwrap().remove(0).annotations;
    assert!(shown.iter().any(|a| a.id == made.id), "it stands beside the numbers");
    assert!(shown.is_sorted_by_key(|a| std::cmp::Reverse(a.created)), "newest first");
}

#[tokio::test]
async fn memory_holds() {
    use crate::meter::Able;
    use crate::vendors::memory::Memory;

    for able in [Able::ALL, Able { drops_by_product: false, annotations: false }] {
        let meter = Memory::new("memory", able);
        holds(&Subject { meter: &meter, customer: "nordwind", domain: "nordwind.example" }).await;
    }
}
