//! One connection's share of the load.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};

use super::PATIENCE;
use super::connection::{Connection, Endpoint, Fault};
use super::outcome::{Call, Tally};
use super::reply::Answer;

/// A server that refuses connections is asked again after this.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes calls over a connection of its own, one at a time; opens a new one when the old is lost.
pub(super) struct Worker {
    endpoint: Rc<Endpoint>,
    tally: Rc<RefCell<Tally>>,
    connection: Option<Connection>,
}

/// The moments at which calls are due, for whoever comes first.
pub(super) type Arrivals = Rc<Mutex<mpsc::UnboundedReceiver<Instant>>>;

impl Worker {
    pub(super) fn new(endpoint: Rc<Endpoint>, tally: Rc<RefCell<Tally>>) -> Self {
        Self { endpoint, tally, connection: None }
    }

    /// Calls again and again until `end`.
    pub(super) async fn until(mut self, end: Instant) {
        while Instant::now() < end {
            self.call(None).await;
        }
    }

    /// Calls this many times.
    pub(super) async fn times(mut self, times: u32) {
        for _ in 0..times {
            self.call(None).await;
        }
    }

    /// Makes the calls that are due until there are no more. The lock's queue is fair, so workers take turns.
    pub(super) async fn serve(mut self, due: Arrivals) {
        loop {
            let next = due.lock().await.recv().await;
            let Some(due) = next else { return };
            self.call(Some(due)).await;
        }
    }

    /// Makes one call and counts it, from `due` or else from now.
    pub(super) async fn call(&mut self, due: Option<Instant>) {
        let begin = due.unwrap_or_else(Instant::now);
        let answer = tokio::time::timeout(PATIENCE, self.ask()).await.unwrap_or(Err(Fault::Timeout));
        let end = Instant::now();
        // A closed loop counts answers of the window, an open one those that were due in it.
        self.tally.borrow_mut().count(Call { at: due.unwrap_or(end), begin, end }, &answer);
        match answer {
            Err(Fault::Connect) => {
                self.connection = None;
                tokio::time::sleep(PAUSE).await;
            }
            Err(Fault::Timeout | Fault::Lost) => self.connection = None,
            _ => {}
        }
    }

    async fn ask(&mut self) -> Result<Answer, Fault> {
        let connection = match self.connection.take() {
            Some(connection) if connection.is_open() => connection,
            _ => Connection::open(&self.endpoint).await?,
        };
        self.connection.insert(connection).call(&self.endpoint).await
    }
}
