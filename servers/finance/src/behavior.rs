//! What every ledger must do, in the words of the domain. Each vendor runs it over its simulator, filled with the
//! demo company; what a vendor is not `Able` to do must be refused, never faked.

mod buying;
mod selling;

use std::collections::HashSet;
use std::fmt::Debug;

use call::{BoxFuture, Cx, Operation};
use error::{Code, Result};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tool::{Fetch, Mark, Money, RecordId, Rows};

use crate::ledger::{Able, Ledger};
use crate::model::{InvoiceStatus, PaymentStatus};
use crate::vendors::memory::Memory;

/// What the suite needs to know of the ledger under test.
pub(crate) struct Subject<'a> {
    /// The ledger, filled with the demo company.
    pub(crate) ledger: &'a Ledger,
    /// Who keeps its records in the demo company: `sap` or `stripe`.
    pub(crate) home: &'static str,
}

/// Runs the whole suite.
pub(crate) async fn holds(subject: &Subject<'_>) {
    buying::holds(subject).await;
    selling::holds(subject).await;
}

fn cx() -> Cx {
    Cx::for_test()
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn money(amount: &str, currency: &str) -> Money {
    Money::parse(amount, currency).unwrap()
}

/// A call of its own and the mark it leaves.
fn writing(key: &str) -> (Cx, Mark) {
    let operation = Operation::derive(&["behavior"], key);
    let mark = Mark { operation: operation.id.clone(), external_key: None };
    (cx().with_operation(operation), mark)
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

/// Every row of a list, read page by page: in order, nothing twice, no page longer than asked for.
async fn all<'a, T, K: Ord + Debug>(
    what: &str,
    order: impl Fn(&T) -> K,
    id: impl Fn(&T) -> &RecordId,
    fetch: impl Fn(Fetch) -> BoxFuture<'a, Result<Rows<T>>>,
) -> Vec<T> {
    let (mut rows, mut token, mut seen) = (Vec::<T>::new(), None, HashSet::new());
    loop {
        let page = fetch(Fetch { token, limit: 20 }).await.unwrap();
        assert!(page.rows.len() <= 20, "{what}: a page is no longer than asked for");
        for row in page.rows {
            if let Some(last) = rows.last() {
                assert!(order(last) <= order(&row), "{what}: {:?} before {:?}", order(last), order(&row));
            }
            assert!(seen.insert(id(&row).clone()), "{what}: {} is given twice", id(&row));
            rows.push(row);
        }
        token = page.next;
        if token.is_none() {
            return rows;
        }
    }
}

/// Whether an answer may be looked at: what the ledger is not able to do it refuses with `code`.
fn permitted<T: Debug>(able: bool, answer: Result<T>, code: Code, what: &str) -> Option<T> {
    match answer {
        Ok(value) => {
            assert!(able, "{what} must be refused, not faked: {value:?}");
            Some(value)
        }
        Err(error) => {
            assert!(!able && error.code() == code, "{what}: {error:?}");
            None
        }
    }
}

/// Texts that would widen a badly built query.
const HOSTILE: [&str; 8] = [
    "zzzz' or '1' eq '1",
    "zzzz' or substringof('',Name) or '",
    "zzzz\" OR name~\"a",
    "zzzz') or true or ('",
    "zzzz\\",
    "zzzz\nname~\"a\"",
    "zzzz \u{202E} 設定 %27 or 1 eq 1",
    "zzzz*?&$filter=true#",
];

#[tokio::test]
async fn memory_holds() {
    let sells = Able {
        customer_invoices: &InvoiceStatus::ALL,
        receivables: true,
        payments: &PaymentStatus::ALL,
        refunds: true,
        ..Able::NOTHING
    };
    let little = Able { spend: false, empty: &[], customer_invoices: &[], ..Able::ALL };
    let buys = Able { refunds: false, ..Able::ALL };
    let ledgers = [("sap", buys), ("sap", Able { refunds: false, ..little }), ("stripe", sells)];
    for (home, able) in ledgers.into_iter().chain([("sap", Able::NOTHING)]) {
        let ledger = Memory::new(home, home, able);
        holds(&Subject { ledger: &ledger, home }).await;
    }
}
