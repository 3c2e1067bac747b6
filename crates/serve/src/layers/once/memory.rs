//! Operations of one process, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::BoxFuture;
use error::{Code, Error, Result};
use tokio::sync::watch;
use tokio::time::Instant;
use tool::Answer;

use super::{Claim, End, Operations};

/// How long an answer is kept (design, section 5).
const WINDOW: Duration = Duration::from_secs(10 * 60);
/// How long a write of unknown fate is kept from being sent again.
const UNKNOWN_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
/// Operations kept at once.
const MOST: usize = 4096;

/// Keeps what is known of writes for as long as the process lives and the window lasts.
#[derive(Default)]
pub(crate) struct InMemory {
    operations: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    digest: String,
    state: State,
    since: Instant,
}

enum State {
    /// The sender is dropped when the attempt ends.
    Running(watch::Sender<()>),
    Unknown,
    Done(Box<Answer>),
}

impl Entry {
    fn is_over(&self, now: Instant) -> bool {
        let age = now.duration_since(self.since);
        match self.state {
            State::Running(_) => false,
            State::Unknown => age >= UNKNOWN_WINDOW,
            State::Done(_) => age >= WINDOW,
        }
    }
}

impl InMemory {
    fn operations(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim(&self, id: &str, digest: &str) -> Result<Claim> {
        let now = Instant::now();
        let mut operations = self.operations();
        operations.retain(|_, entry| !entry.is_over(now));
        let running = || State::Running(watch::Sender::new(()));
        if let Some(entry) = operations.get_mut(id) {
            if entry.digest != digest {
                return Ok(Claim::OtherArguments);
            }
            return Ok(match &entry.state {
                State::Done(answer) => Claim::Done(answer.clone()),
                State::Running(attempt) => Claim::Running(ended(attempt.subscribe())),
                State::Unknown => {
                    entry.state = running();
                    Claim::Unknown
                }
            });
        }
        if operations.len() >= MOST {
            make_room(&mut operations)?;
        }
        operations.insert(id.to_owned(), Entry { digest: digest.to_owned(), state: running(), since: now });
        Ok(Claim::Fresh)
    }

    fn end(&self, id: &str, state: Option<State>) {
        let mut operations = self.operations();
        match state {
            None => {
                operations.remove(id);
            }
            Some(state) => {
                if let Some(entry) = operations.get_mut(id) {
                    entry.state = state;
                    entry.since = Instant::now();
                }
            }
        }
    }
}

impl Operations for InMemory {
    fn begin<'a>(&'a self, id: &'a str, digest: &'a str) -> BoxFuture<'a, Result<Claim>> {
        Box::pin(async move { self.claim(id, digest) })
    }

    fn finish<'a>(&'a self, id: &'a str, end: End) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.end(
                id,
                match end {
                    End::Done(answer) => Some(State::Done(answer)),
                    End::Unknown => Some(State::Unknown),
                    End::Nothing => None,
                },
            );
            Ok(())
        })
    }

    fn abandon(&self, id: &str) {
        self.end(id, Some(State::Unknown));
    }
}

fn ended(mut attempt: watch::Receiver<()>) -> super::operations::Ended {
    Box::pin(async move {
        // Nothing is ever sent: the wait ends when the sender is dropped.
        let _ = attempt.changed().await;
    })
}

/// Forgets the oldest answer. What runs or is of unknown fate is never forgotten: rather no new write begins.
fn make_room(operations: &mut HashMap<String, Entry>) -> Result<()> {
    let done = operations.iter().filter(|(_, e)| matches!(e.state, State::Done(_)));
    let oldest = done.min_by_key(|(_, e)| e.since).map(|(id, _)| id.clone());
    match oldest {
        Some(id) => {
            operations.remove(&id);
            Ok(())
        }
        None => Err(Error::new(Code::RateLimited, "too many writes are running or of unknown fate")
            .retry_after(Duration::from_secs(30))),
    }
}
