//! Writes happen once: who does one, how it ended, and what its repeats are told.

mod durable;
mod held;

use std::time::Duration;

use call::BoxFuture;
use error::Result;

pub(crate) use durable::{claimed, take, ticket};
pub use held::Held;

use crate::Scope;

/// What is known of writes. The same write has the same id on every attempt and every replica
/// ([`Scope::operation`]); one attempt runs at a time.
pub trait Operations: Send + Sync {
    /// Claims an operation, or says why it is not to be run now.
    ///
    /// # Errors
    /// `internal`, to be tried again: the store does not answer, and the write must not be sent.
    fn begin<'a>(&'a self, begin: Begin<'a>) -> BoxFuture<'a, Result<Claim>>;

    /// Claims an operation that was begun before and never ended, so that somebody else than its caller can look
    /// for its effect. `None` where it is done, is running, or was never begun.
    ///
    /// # Errors
    /// As [`Operations::begin`].
    fn resume<'a>(&'a self, scope: &'a Scope, id: &'a str) -> BoxFuture<'a, Result<Option<Held>>>;

    /// Says how a claimed operation ended. The first answer stays: one given after it changes nothing. What is
    /// done is believed of anybody who held the operation once, also after its claim lapsed; the other ends only
    /// of the one who holds it now.
    ///
    /// # Errors
    /// As [`Operations::begin`]. The claim then lapses and the operation is of unknown fate.
    fn finish<'a>(&'a self, held: Held, end: End<'a>) -> BoxFuture<'a, Result<()>>;

    /// The operations that began and are neither done nor running, oldest first; of all tenants for `None`. One of
    /// all callers ([`Scope::of_all_callers`]) is a turn that its holder left, and no write that somebody looks for.
    ///
    /// # Errors
    /// As [`Operations::begin`].
    fn pending<'a>(&'a self, tenant: Option<&'a str>, most: u32) -> BoxFuture<'a, Result<Vec<Known>>>;

    /// Everything known by this id, which is unique within a scope only. What is done and whose answer is no longer
    /// kept is not known any more: the next call is another operation.
    ///
    /// # Errors
    /// As [`Operations::begin`].
    fn find<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Vec<Known>>>;
}

/// A write about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Begin<'a> {
    /// Whose it is.
    pub scope: &'a Scope,
    /// [`call::Operation::id`].
    pub id: &'a str,
    /// Digest of the arguments that decide what is done.
    pub digest: &'a str,
    /// The arguments, kept until the operation is done, so that it can be reconciled without its caller.
    pub arguments: &'a [u8],
}

/// How an operation stands when it is asked for.
#[derive(Debug)]
pub enum Claim {
    /// Nobody did it: the caller does it now.
    Fresh(Held),
    /// A former attempt may have done it: the caller looks for its effect now.
    Unknown(Held),
    /// It is done, with this answer.
    Done(Vec<u8>),
    /// It was asked for with other arguments.
    OtherArguments,
    /// Another call is at it, here or on another replica.
    Running(Ended),
}

/// Ends when the operation that it was given for no longer runs. Ask again then.
pub struct Ended(pub BoxFuture<'static, ()>);

impl std::fmt::Debug for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ended")
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug)]
pub enum End<'a> {
    /// With this answer, given again to whoever asks within `keep`.
    Done {
        /// What the first caller was told.
        answer: &'a [u8],
        /// How long a repeat gets it; after that the same call is a new operation.
        keep: Duration,
    },
    /// It was sent, and whether it was done is unknown. Kept for 30 days.
    Unknown,
    /// Nothing happened: the operation may be asked for again, with other arguments too.
    Nothing,
}

/// What the store knows of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whose it is.
    pub scope: Scope,
    /// Its id.
    pub id: String,
    /// Digest of its arguments.
    pub digest: String,
    /// Its arguments; empty once it is done.
    pub arguments: Vec<u8>,
    /// How it stands.
    pub state: State,
    /// How often it was attempted.
    pub attempts: i64,
    /// When it first began.
    pub begun_at: jiff::Timestamp,
    /// When its state last changed.
    pub changed_at: jiff::Timestamp,
}

/// How an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// An attempt is running.
    Running,
    /// It is done.
    Done,
    /// It began and did not end: it failed half-way, or the process that ran it is gone.
    Unknown,
}
