//! A request on its way through the stack.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use crate::{Class, Repeat, Reply, Verdict};

/// What the layers pass down: cheap to clone, for every attempt is made from a copy.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) plan: Arc<Plan>,
    /// Set by the token layer.
    pub(crate) token: Option<HeaderValue>,
    /// Set by the token layer where the token is for another address than the plan's.
    pub(crate) moved: Option<Url>,
}

impl Ask {
    pub(crate) fn new(plan: Plan) -> Self {
        Self { plan: Arc::new(plan), token: None, moved: None }
    }

    /// Where it goes.
    pub(crate) fn url(&self) -> &Url {
        self.moved.as_ref().unwrap_or(&self.plan.url)
    }
}

/// A request with its target, as it was checked.
pub(crate) struct Plan {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) template: &'static str,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) class: Class,
    pub(crate) repeat: Repeat,
    pub(crate) judge: fn(&Reply) -> Verdict,
    pub(crate) bucket: &'static str,
    pub(crate) tally: Tally,
}

impl Plan {
    /// The target's host, as far as it is known before there is a token.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// What happened to a request so far, over all its attempts.
#[derive(Default)]
pub(crate) struct Tally {
    attempts: AtomicU32,
    host: Mutex<String>,
    unclear: AtomicBool,
    last: Mutex<Last>,
}

/// The last attempt.
#[derive(Clone, Default)]
pub(crate) struct Last {
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    /// From the first byte sent to the last received, or to the failure.
    pub(crate) took: Duration,
}

impl Tally {
    /// Notes that an attempt begins, and where it goes.
    pub(crate) fn begin(&self, host: &str) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        host.clone_into(&mut self.host.lock().unwrap_or_else(PoisonError::into_inner));
        self.note(Last::default());
    }

    /// Notes how the attempt went.
    pub(crate) fn note(&self, last: Last) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    /// Notes that the vendor may have acted on an attempt, though it gave no clear answer.
    pub(crate) fn doubt(&self) {
        self.unclear.store(true, Ordering::Relaxed);
    }

    /// Whether the vendor may have acted on an attempt to which it gave no clear answer.
    pub(crate) fn is_unclear(&self) -> bool {
        self.unclear.load(Ordering::Relaxed)
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Where the last attempt went.
    pub(crate) fn host(&self) -> String {
        self.host.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn last(&self) -> Last {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
