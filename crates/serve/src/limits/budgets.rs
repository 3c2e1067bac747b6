//! Budgets of a day: what was used is gathered here and spent in the store every few seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{Clock, Cx, Operation};
use error::{Code, Error, Result};
use jiff::Timestamp;
use store::{Budgets as Counters, Level, Spent, Usage};
use tokio::time::Instant;

use super::rates::Day;

/// How often what was used is told to the other replicas, and theirs heard of.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// How long an account that nobody uses is kept at hand.
const IDLE: Duration = Duration::from_secs(600);

/// Accounts at hand; settled ones make room for new ones.
const MOST: usize = 10_000;

/// Names longer than this are kept as their digest: the store takes 600 bytes.
const LONGEST: usize = 500;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What everybody used today.
pub(crate) struct Budgets {
    counters: Arc<dyn Counters>,
    clock: Clock,
    accounts: Mutex<HashMap<Account, Book>>,
}

/// Whose budget it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Account {
    tenant: String,
    level: Level,
    name: String,
}

impl Account {
    fn usage(&self, add: Spent) -> Usage<'_> {
        Usage { tenant: &self.tenant, level: self.level, name: &self.name, add }
    }
}

/// What is known of an account.
struct Book {
    /// Days since 1970 (UTC).
    day: i64,
    /// What the store said last.
    known: Spent,
    /// What it has not been told yet.
    more: Spent,
    used: Instant,
}

impl Budgets {
    pub(crate) fn new(counters: Arc<dyn Counters>, clock: Clock) -> Self {
        Self { counters, clock, accounts: Mutex::default() }
    }

    /// The accounts that a call is charged to, each of which has something left. Calls under way are not charged yet,
    /// so a budget can be exceeded by as many.
    ///
    /// # Errors
    /// `quota_exhausted`, which says whose budget it is and when it renews.
    pub(crate) async fn check(&self, cx: &Cx, day: &Day) -> Result<Vec<Account>> {
        let mut accounts = accounts(cx);
        accounts.retain(|account| !day.of(account.level).is_open());
        for account in &accounts {
            let spent = self.spent(account).await?;
            if let Some(what) = day.of(account.level).used_up(&spent) {
                return Err(self.used_up(account.level, &what));
            }
        }
        Ok(accounts)
    }

    /// Charges a call to its accounts.
    pub(crate) fn charge(&self, accounts: &[Account], rows: u64, bytes: u64) {
        if accounts.is_empty() {
            return;
        }
        let (mut books, today) = (self.books(), self.today());
        for account in accounts {
            let book = books.entry(account.clone()).or_insert_with(|| Book::new(today, Spent::default()));
            book.more = sum(book.more, Spent { calls: 1, rows, bytes });
            book.used = Instant::now();
        }
    }

    /// Tells the store what was used and hears what others used. What it cannot be told now is told the next time.
    pub(crate) async fn settle(&self) {
        let taken = self.take();
        if taken.is_empty() {
            return;
        }
        let answer = self.counters.spend(&usages(&taken)).await;
        let (mut books, today) = (self.books(), self.today());
        match answer {
            Ok(spent) => {
                for ((account, _), known) in taken.iter().zip(spent) {
                    if let Some(book) = books.get_mut(account) {
                        (book.known, book.day) = (known, today);
                    }
                }
                books.retain(|_, book| !book.is_settled() || book.used.elapsed() < IDLE);
            }
            Err(error) => {
                tracing::warn!(?error, "budgets cannot be told to the store; this replica counts alone");
                for (account, more) in taken {
                    let book = books.entry(account).or_insert_with(|| Book::new(today, Spent::default()));
                    book.more = sum(book.more, more);
                }
            }
        }
    }

    /// What stands in an account today.
    async fn spent(&self, account: &Account) -> Result<Spent> {
        if let Some(book) = self.books().get_mut(account).filter(|book| book.day == self.today()) {
            book.used = Instant::now();
            return Ok(sum(book.known, book.more));
        }
        self.make_room().await?;
        let known = self.read(account).await;
        let (mut books, today) = (self.books(), self.today());
        let book = books.entry(account.clone()).or_insert_with(|| Book::new(today, known));
        (book.known, book.day) = (known, today);
        Ok(sum(book.known, book.more))
    }

    /// What the store knows of an account. A store that does not answer stops nobody: this replica counts from
    /// nothing until it does.
    async fn read(&self, account: &Account) -> Spent {
        let nothing = [(account.clone(), Spent::default())];
        match self.counters.spend(&usages(&nothing)).await {
            Ok(spent) => spent.first().copied().unwrap_or_default(),
            Err(error) => {
                tracing::warn!(?error, "a budget cannot be read from the store; this replica counts alone");
                Spent::default()
            }
        }
    }

    /// Keeps the accounts at hand from growing with names that callers choose.
    async fn make_room(&self) -> Result<()> {
        if self.books().len() < MOST {
            return Ok(());
        }
        self.settle().await;
        let mut books = self.books();
        books.retain(|_, book| !book.is_settled());
        match books.len() < MOST {
            true => Ok(()),
            false => {
                Err(Error::new(Code::RateLimited, "too many budgets are in use at once").retry_after(EVERY))
            }
        }
    }

    /// What the store has not been told. What comes meanwhile adds up anew.
    fn take(&self) -> Vec<(Account, Spent)> {
        let mut books = self.books();
        let untold = books.iter_mut().filter(|(_, book)| !book.is_settled());
        untold.map(|(account, book)| (account.clone(), std::mem::take(&mut book.more))).collect()
    }

    fn used_up(&self, level: Level, what: &str) -> Error {
        let renews = Timestamp::from_second((self.today() + 1) * DAY_SECONDS).unwrap_or(Timestamp::MAX);
        let wait = Duration::try_from(self.clock.now().duration_until(renews)).unwrap_or_default();
        Error::new(
            Code::QuotaExhausted,
            format!("the {}'s {what} is used up; it renews at {renews}", word(level)),
        )
        .retry_after(wait)
    }

    fn today(&self) -> i64 {
        self.clock.now().as_second().div_euclid(DAY_SECONDS)
    }

    fn books(&self) -> MutexGuard<'_, HashMap<Account, Book>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn new(day: i64, known: Spent) -> Self {
        Self { day, known, more: Spent::default(), used: Instant::now() }
    }

    fn is_settled(&self) -> bool {
        self.more == Spent::default()
    }
}

/// The accounts of a call. A workflow that was derived is no name that anybody gave a piece of work.
fn accounts(cx: &Cx) -> Vec<Account> {
    let (caller, workflow) = (cx.caller(), cx.workflow());
    let tenant = caller.tenant.clone().unwrap_or_default();
    let account = |level, name: String| Account { tenant: tenant.clone(), level, name };
    let mut accounts = vec![account(Level::Caller, short(caller.key()))];
    if !tenant.is_empty() {
        accounts.push(account(Level::Tenant, String::new()));
    }
    if !workflow.id.is_empty() && !workflow.derived {
        // Its id is unique for its caller alone.
        accounts.push(account(Level::Workflow, Operation::derive(&[&caller.key()], &workflow.id).id));
    }
    accounts
}

fn short(name: String) -> String {
    if name.len() > LONGEST { Operation::derive(&[], &name).id } else { name }
}

fn usages(taken: &[(Account, Spent)]) -> Vec<Usage<'_>> {
    taken.iter().map(|(account, add)| account.usage(*add)).collect()
}

fn sum(a: Spent, b: Spent) -> Spent {
    Spent {
        calls: a.calls.saturating_add(b.calls),
        rows: a.rows.saturating_add(b.rows),
        bytes: a.bytes.saturating_add(b.bytes),
    }
}

/// A level in words.
pub(crate) fn word(level: Level) -> &'static str {
    match level {
        Level::Tenant => "tenant",
        Level::Caller => "caller",
        Level::Workflow => "workflow",
    }
}

#[cfg(test)]
mod tests;
