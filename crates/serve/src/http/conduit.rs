//! A connection's bytes, with patience that ends.
//!
//! hyper has one timeout for the head of a request and counts the rest between two requests into it; half-open
//! clients need a short one and resting clients a long one. [`Conduit`] watches the bytes instead.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// How long a connection waits for its client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// From the first byte of a request's head to its last, and for the first request.
    pub(crate) head: Duration,
    /// Between requests.
    pub(crate) idle: Duration,
    /// For the client to take any byte of an answer.
    pub(crate) stall: Duration,
}

/// The requests of a connection, told by those who answer them.
#[derive(Clone)]
pub(super) struct Turns(Arc<Mutex<Course>>);

#[derive(Clone, Copy)]
struct Course {
    answering: usize,
    answered: u64,
    /// When the last answer ended.
    ended: Instant,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Course { answering: 0, answered: 0, ended: Instant::now() })))
    }

    /// A request is being answered until the value is dropped.
    pub(super) fn begin(&self) -> Turn {
        self.course().answering += 1;
        Turn(self.clone())
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Turn(Turns);

impl Drop for Turn {
    fn drop(&mut self) {
        let mut course = self.0.course();
        course.answering -= 1;
        course.answered += 1;
        course.ended = Instant::now();
    }
}

/// `io` that fails with `TimedOut` when its client keeps us waiting.
pub(super) struct Conduit<T> {
    io: T,
    patience: Patience,
    turns: Turns,
    answered: u64,
    awaits: Awaits,
    alarm: Option<Pin<Box<Sleep>>>,
    stalled: Option<Pin<Box<Sleep>>>,
    slow: TaskTracker,
    /// From the first byte that the client did not take at once until it has taken them all.
    unsent: Option<TaskTrackerToken>,
}

/// What the client owes us, and since when.
enum Awaits {
    /// The rest of a head, or the first one of a new connection.
    Head(Instant),
    /// Another request.
    Request(Instant),
    /// Nothing: we owe an answer.
    Nothing,
}

impl<T> Conduit<T> {
    /// Has a token of `slow` while its client has not taken all that was written.
    pub(super) fn new(io: T, patience: Patience, turns: Turns, slow: TaskTracker) -> Self {
        let awaits = Awaits::Head(Instant::now());
        Self { io, patience, turns, answered: 0, awaits, alarm: None, stalled: None, slow, unsent: None }
    }

    /// Follows what happened above since the last look.
    fn follow(&mut self) {
        let course = *self.turns.course();
        if course.answering > 0 {
            self.awaits = Awaits::Nothing;
        } else if course.answered != self.answered {
            self.answered = course.answered;
            self.awaits = Awaits::Request(course.ended);
        }
    }

    fn heard(&mut self) {
        if matches!(self.awaits, Awaits::Request(_)) {
            self.awaits = Awaits::Head(Instant::now());
        }
    }

    /// Whether the client's time is up. If not, the task is woken when it may be.
    fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            let now = Instant::now();
            let (owes, deadline) = match self.awaits {
                Awaits::Head(since) => (true, since + self.patience.head),
                Awaits::Request(since) => (true, since + self.patience.idle),
                // hyper does not read again once an answer is out, so the next look is set here.
                Awaits::Nothing => (false, now + self.patience.idle),
            };
            if owes && now >= deadline {
                return true;
            }
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            // An alarm set too early is left to ring and set again: moving it for every request costs more.
            if alarm.deadline() > deadline || alarm.is_elapsed() {
                alarm.as_mut().reset(deadline);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return false;
            }
        }
    }

    /// Passes a write's outcome on, unless the client has not taken a byte for too long.
    fn unless_stalled<R>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        self.unsent.get_or_insert_with(|| self.slow.token());
        let until = self.patience.stall;
        let alarm = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(until)));
        if alarm.as_mut().poll(cx).is_ready() { Poll::Ready(Err(timed_out())) } else { Poll::Pending }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Conduit<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.follow();
        match Pin::new(&mut this.io).poll_read(cx, buf) {
            Poll::Ready(outcome) => {
                this.heard();
                Poll::Ready(outcome)
            }
            Poll::Pending if this.is_overdue(cx) => Poll::Ready(Err(timed_out())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Conduit<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.unless_stalled(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.unless_stalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        // Whoever writes flushes when nothing is left to be written.
        if flushed.is_ready() {
            self.unsent = None;
        }
        self.unless_stalled(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.io).poll_shutdown(cx);
        self.unless_stalled(cx, shut)
    }
}

fn timed_out() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}
