//! The right to run an operation.

use std::fmt;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::durable;
use crate::{Scope, Store};

/// The right to run one operation, given to one call at a time and renewed while this value lives. Give it to
/// [`crate::Operations::finish`]; dropped without that, as by a panic, the operation is of unknown fate.
pub struct Held {
    ticket: Ticket,
    attempts: i64,
    begun_at: Timestamp,
    keeper: Option<Keeper>,
}

/// What names a claim.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) scope: Scope,
    pub(crate) id: String,
    pub(crate) digest: String,
    pub(crate) claim: String,
}

/// Renews a claim until it is dropped.
struct Keeper {
    store: Store,
    task: JoinHandle<()>,
}

impl Held {
    pub(crate) fn new(store: &Store, ticket: Ticket, attempts: i64, begun_at: Timestamp) -> Self {
        let keeper = Keeper { store: store.clone(), task: tokio::spawn(keep(store.clone(), ticket.clone())) };
        Self { ticket, attempts, begun_at, keeper: Some(keeper) }
    }

    /// Whose operation it is.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.ticket.scope
    }

    /// The operation's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.ticket.id
    }

    /// Which attempt this is; above 1, a former one may have acted.
    #[must_use]
    pub fn attempts(&self) -> i64 {
        self.attempts
    }

    /// When its first attempt began.
    #[must_use]
    pub fn begun_at(&self) -> Timestamp {
        self.begun_at
    }

    /// Ends the renewal and leaves the rest to the caller.
    pub(crate) fn release(mut self) -> Ticket {
        if let Some(keeper) = self.keeper.take() {
            keeper.task.abort();
        }
        self.ticket.clone()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(keeper) = self.keeper.take() else { return };
        keeper.task.abort();
        // Outside a runtime, as when it shuts down, the claim lapses by itself.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let ticket = self.ticket.clone();
            runtime.spawn(async move {
                if let Err(error) = durable::abandon(&keeper.store, &ticket).await {
                    tracing::warn!(
                        operation = ticket.id,
                        ?error,
                        "an operation was left; its claim will lapse"
                    );
                }
            });
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("id", &self.ticket.id)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

async fn keep(store: Store, ticket: Ticket) {
    loop {
        tokio::time::sleep(store.settings().lease / 3).await;
        match durable::renew(&store, &ticket).await {
            Ok(true) => {}
            // Somebody else took it over: this process was asleep for longer than the lease.
            Ok(false) => return tracing::warn!(operation = ticket.id, "the claim on an operation lapsed"),
            Err(error) => tracing::warn!(operation = ticket.id, ?error, "a claim could not be renewed"),
        }
    }
}
