//! How many requests a source may have under way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::Class;
use crate::answer::{Answer, Failure, Kind};
use crate::ask::Ask;
use crate::stack::Source;

/// Longest wait for a place; a tenth of the remaining time if that is less.
const PATIENCE: Duration = Duration::from_millis(500);

/// Bounds requests under way per class, and those that wait: reads cannot crowd out writes nor the other way.
pub(crate) struct Bulkhead {
    source: String,
    reads: Room,
    writes: Room,
}

impl Bulkhead {
    pub(crate) fn new(source: &Source) -> Self {
        let room = || Room::new(source.limits.in_flight, source.limits.queue);
        Self { source: source.name.clone(), reads: room(), writes: room() }
    }
}

impl Layer<Ask, Answer> for Bulkhead {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let room = match ask.plan.class {
                Class::Read => &self.reads,
                Class::Write => &self.writes,
            };
            let patience = PATIENCE.min(cx.remaining().unwrap_or(Duration::MAX) / 10);
            match room.enter(patience).await {
                Some(_place) => next.run(cx, ask).await,
                None => {
                    let message = format!("too many requests to {} are under way", self.source);
                    let error = Error::new(Code::RateLimited, message).retry_after(Duration::from_secs(1));
                    Ok(Failure::new(Kind::HeldBack, error).into())
                }
            }
        })
    }
}

struct Room {
    places: Semaphore,
    queue: Queue,
}

impl Room {
    fn new(places: usize, queue: usize) -> Self {
        Self { places: Semaphore::new(places), queue: Queue::new(queue) }
    }

    /// A place; `None` if the queue is full or patience ends.
    async fn enter(&self, patience: Duration) -> Option<SemaphorePermit<'_>> {
        if let Ok(place) = self.places.try_acquire() {
            return Some(place);
        }
        let _queued = self.queue.join()?;
        tokio::time::timeout(patience, self.places.acquire()).await.ok()?.ok()
    }
}

/// How many wait.
pub(super) struct Queue {
    waiting: AtomicUsize,
    most: usize,
}

impl Queue {
    pub(super) fn new(most: usize) -> Self {
        Self { waiting: AtomicUsize::new(0), most }
    }

    /// One more; `None` if there is no room to wait.
    pub(super) fn join(&self) -> Option<Queued<'_>> {
        let queued = Queued(self);
        (self.waiting.fetch_add(1, Ordering::Relaxed) < self.most).then_some(queued)
    }
}

/// A place in a queue, left on every way out.
pub(super) struct Queued<'a>(&'a Queue);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn places_then_queue_then_refusal() {
        let room = Arc::new(Room::new(2, 3));
        let patience = Duration::from_millis(500);
        let held = (room.enter(patience).await.unwrap(), room.enter(patience).await.unwrap());
        let enter = || {
            let room = Arc::clone(&room);
            tokio::spawn(async move { room.enter(patience).await.is_some() })
        };
        let waiting: Vec<_> = (0..3).map(|_| enter()).collect();
        tokio::task::yield_now().await;
        assert!(!enter().await.unwrap(), "the queue is full");
        drop(held);
        for waiter in waiting {
            assert!(waiter.await.unwrap(), "a place that is left goes to the queue");
        }
        assert_eq!(room.queue.waiting.load(Ordering::Relaxed), 0);
        assert_eq!(room.places.available_permits(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let room = Room::new(1, 3);
        let _held = room.enter(Duration::ZERO).await.unwrap();
        assert!(room.enter(Duration::from_millis(500)).await.is_none());
        assert_eq!(room.queue.waiting.load(Ordering::Relaxed), 0);
    }
}
