use call::{BoxFuture, Caller, Workflow};
use store::Store;

use super::super::rates::Rates;
use super::*;

/// The store, which can be away.
struct Counted {
    store: Store,
    away: Mutex<bool>,
    asked: Mutex<usize>,
}

impl Counters for Counted {
    fn spend<'a>(&'a self, usages: &'a [Usage<'a>]) -> BoxFuture<'a, Result<Vec<Spent>>> {
        *self.asked.lock().unwrap() += 1;
        match *self.away.lock().unwrap() {
            true => Box::pin(async { Err(Error::internal("the store is away")) }),
            false => self.store.spend(usages),
        }
    }
}

/// A store that says at once that nothing was used.
struct Blank;

impl Counters for Blank {
    fn spend<'a>(&'a self, usages: &'a [Usage<'a>]) -> BoxFuture<'a, Result<Vec<Spent>>> {
        let spent = vec![Spent::default(); usages.len()];
        Box::pin(async { Ok(spent) })
    }
}

/// Two replicas, half an hour before midnight.
async fn two() -> (Arc<Counted>, Arc<Budgets>, Arc<Budgets>) {
    let clock = Clock::starting_at("2026-11-21T23:30:00Z".parse().unwrap());
    let store = Store::in_memory(clock).await.unwrap();
    let counted = Arc::new(Counted { store, away: Mutex::default(), asked: Mutex::default() });
    let replica = || Arc::new(Budgets::new(counted.clone(), clock));
    (counted.clone(), replica(), replica())
}

fn cx(tenant: Option<&str>, subject: &str, workflow: &str) -> Cx {
    let caller = Caller { tenant: tenant.map(str::to_owned), ..Caller::new(subject, "jwt") };
    Cx::new("find_items", caller, Clock::for_test())
        .with_workflow(Workflow { id: workflow.to_owned(), derived: false })
}

fn day(text: &str) -> Day {
    Rates::default().with(&toml::from_str(text).unwrap()).day
}

/// Lets a call pass and charges it; says why if it may not.
async fn call(budgets: &Budgets, cx: &Cx, day: &Day, rows: u64) -> Result<(), Error> {
    let accounts = budgets.check(cx, day).await?;
    budgets.charge(&accounts, rows, 100);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_budget_ends_and_renews_at_midnight() {
    let (_, budgets, _) = two().await;
    let (cx, day) = (cx(Some("acme"), "alice", ""), day("day = { caller = { rows = 10 } }"));
    call(&budgets, &cx, &day, 9).await.unwrap();
    call(&budgets, &cx, &day, 9).await.unwrap();
    let refused = call(&budgets, &cx, &day, 1).await.unwrap_err();
    assert_eq!(refused.code(), Code::QuotaExhausted);
    assert_eq!(
        refused.message(),
        "the caller's budget of 10 rows a day is used up; it renews at 2026-11-22T00:00:00Z"
    );
    assert_eq!(refused.wait().map(|wait| wait.as_secs()), Some(1800));
    budgets.settle().await;
    tokio::time::advance(Duration::from_secs(1801)).await;
    call(&budgets, &cx, &day, 1).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn replicas_hear_of_each_other_within_seconds_and_ask_the_store_seldom() {
    let (counted, one, two) = two().await;
    let (cx, day) = (cx(Some("acme"), "alice", ""), day("day = { tenant = { calls = 100 } }"));
    for _ in 0..60 {
        call(&one, &cx, &day, 1).await.unwrap();
        call(&two, &cx, &day, 1).await.unwrap();
    }
    one.settle().await;
    two.settle().await;
    assert_eq!(*counted.asked.lock().unwrap(), 4, "each read once and told once");
    assert!(call(&two, &cx, &day, 1).await.is_err(), "120 of 100, and this one knows");
    let fresh = Budgets::new(counted, one.clock);
    assert!(call(&fresh, &cx, &day, 1).await.is_err(), "a new replica asks before its first call");
}

#[tokio::test(start_paused = true)]
async fn tenants_callers_and_workflows_have_budgets_of_their_own() {
    let (_, budgets, _) = two().await;
    let day = day("day = { caller = { calls = 1 }, workflow = { calls = 1 } }");
    call(&budgets, &cx(Some("acme"), "alice", "w"), &day, 1).await.unwrap();
    assert!(call(&budgets, &cx(Some("acme"), "alice", "v"), &day, 1).await.is_err());
    call(&budgets, &cx(Some("other"), "alice", "w"), &day, 1).await.unwrap();
    call(&budgets, &cx(Some("acme"), "bob", "w"), &day, 1).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_its_store_a_replica_counts_alone_and_tells_it_later() {
    let (counted, budgets, other) = two().await;
    let (cx, day) = (cx(Some("acme"), "alice", ""), day("day = { caller = { calls = 2 } }"));
    *counted.away.lock().unwrap() = true;
    call(&budgets, &cx, &day, 1).await.unwrap();
    budgets.settle().await;
    call(&budgets, &cx, &day, 1).await.unwrap();
    assert!(call(&budgets, &cx, &day, 1).await.is_err());
    *counted.away.lock().unwrap() = false;
    budgets.settle().await;
    assert!(call(&other, &cx, &day, 1).await.is_err(), "the other one heard of it");
}

#[tokio::test(start_paused = true)]
async fn names_that_callers_choose_do_not_grow_it() {
    let budgets = Budgets::new(Arc::new(Blank), Clock::for_test());
    let day = day("day = { workflow = { calls = 5 } }");
    for n in 0..MOST + 50 {
        call(&budgets, &cx(None, "alice", &n.to_string()), &day, 1).await.unwrap();
    }
    assert!(budgets.books().len() <= MOST);
    tokio::time::advance(IDLE).await;
    call(&budgets, &cx(None, "alice", "last"), &day, 1).await.unwrap();
    budgets.settle().await;
    assert_eq!(budgets.books().len(), 1, "what is idle goes");
}
