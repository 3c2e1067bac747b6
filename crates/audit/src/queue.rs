//! Between callers and the writer thread: a queue that is emptied whole, so that batches form by themselves.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use error::Result;
use tokio::sync::{Notify, oneshot};

use crate::disk::Lock;
use crate::log::{Health, Now, Receipt, closed, unavailable};
use crate::meter::{self, Meters};
use crate::writer::{Draft, Writer};

/// Records in one write (security, section 3.3).
const BATCH: usize = 256;
/// Records that may wait: beyond this the disk does not keep up and a caller is better told so.
const QUEUED: usize = 16 * 1024;
/// How often a log that cannot write tries again when nobody asks it to.
const RETRY: Duration = Duration::from_secs(1);

/// A record on its way, or (without a draft) a wish to know when those before it are durable.
pub(crate) struct Job {
    pub(crate) draft: Option<Draft>,
    pub(crate) done: oneshot::Sender<Result<Receipt>>,
    pub(crate) since: Instant,
}

#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    ended: Notify,
    has_ended: AtomicBool,
    meters: Meters,
}

#[derive(Default)]
struct State {
    jobs: Vec<Job>,
    closed: bool,
    /// The writer sleeps and wants to be woken.
    idle: bool,
    problem: Option<String>,
}

impl Queue {
    /// Hands a job to the writer.
    pub(crate) fn push(&self, job: Job) -> Result<()> {
        let wake = {
            let mut state = self.state();
            if state.closed {
                return Err(closed());
            }
            if state.jobs.len() >= QUEUED {
                return Err(unavailable(&"too many records wait for the disk"));
            }
            state.jobs.push(job);
            std::mem::take(&mut state.idle)
        };
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Takes no more jobs. The writer ends when it has done those it has.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.filled.notify_one();
    }

    /// Returns when the writer has ended and let the stream go.
    pub(crate) async fn ended(&self) {
        let mut ended = std::pin::pin!(self.ended.notified());
        ended.as_mut().enable();
        if !self.has_ended.load(Ordering::Acquire) {
            ended.await;
        }
    }

    pub(crate) fn health(&self) -> Health {
        let state = self.state();
        let problem = state.problem.clone();
        Health { healthy: problem.is_none() && !state.closed, problem, queued: state.jobs.len() }
    }

    /// The writer thread: ends when the queue is closed and empty. `lock` is held as long as it runs.
    pub(crate) fn run(&self, mut writer: Writer, lock: Lock, now: &Now) {
        let _ending = Ending(self, Some(lock));
        meter::healthy(true);
        let mut jobs = Vec::new();
        while self.wait(&mut jobs, writer.failing()) {
            if jobs.is_empty() {
                self.note(writer.commit(&[], now()).err());
            }
            while !jobs.is_empty() {
                let batch = jobs.drain(..jobs.len().min(BATCH)).collect();
                self.write(&mut writer, batch, now);
            }
        }
    }

    /// Moves the waiting jobs into the empty `jobs`; false when there will be no more. A log that cannot write
    /// is also woken to try again.
    fn wait(&self, jobs: &mut Vec<Job>, failing: bool) -> bool {
        let mut state = self.state();
        while state.jobs.is_empty() && !state.closed {
            state.idle = true;
            if failing {
                state = self.filled.wait_timeout(state, RETRY).unwrap_or_else(PoisonError::into_inner).0;
                break;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.idle = false;
        std::mem::swap(&mut state.jobs, jobs);
        !(state.closed && jobs.is_empty())
    }

    fn write(&self, writer: &mut Writer, batch: Vec<Job>, now: &Now) {
        let (mut drafts, mut waiting) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for Job { draft, done, since } in batch {
            waiting.push((draft.as_ref().map(|draft| draft.event_id), done, since));
            drafts.extend(draft);
        }
        let result =
            if drafts.is_empty() && !writer.failing() { Ok(0) } else { writer.commit(&drafts, now()) };
        let refusal = result.as_ref().err().map(|error| unavailable(error));
        self.meters.batch(drafts.len());
        let mut seq = *result.as_ref().unwrap_or(&0);
        self.note(result.err());
        for (event_id, done, since) in waiting {
            let answer = match (&refusal, event_id) {
                (Some(error), _) => Err(error.clone()),
                (None, None) => Ok(Receipt { seq: 0, event_id: uuid::Uuid::nil() }),
                (None, Some(event_id)) => {
                    let receipt = Receipt { seq, event_id };
                    seq += 1;
                    Ok(receipt)
                }
            };
            self.meters.appended(since.elapsed());
            // Whoever waited may have gone.
            let _ = done.send(answer);
        }
    }

    /// Takes note of how a write went.
    fn note(&self, failure: Option<io::Error>) {
        let mut state = self.state();
        if failure.is_none() && state.problem.is_none() {
            return;
        }
        meter::healthy(failure.is_none());
        match &failure {
            Some(error) => {
                meter::failed();
                // Once for each time of trouble, not once for each try.
                if state.problem.is_none() {
                    tracing::error!(%error, "the audit log cannot be written; writes are refused");
                }
            }
            None => tracing::warn!("the audit log can be written again"),
        }
        state.problem = failure.map(|error| error.to_string());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// However the writer ends, nobody waits for it in vain.
struct Ending<'a>(&'a Queue, Option<Lock>);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let left = {
            let mut state = self.0.state();
            if !std::mem::replace(&mut state.closed, true) {
                meter::healthy(false);
            }
            std::mem::take(&mut state.jobs)
        };
        // Dropping the jobs tells their callers.
        drop(left);
        drop(self.1.take());
        self.0.has_ended.store(true, Ordering::Release);
        self.0.ended.notify_waiters();
    }
}
