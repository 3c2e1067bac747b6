//! What comes back up through the stack.

use std::time::Duration;

use error::Error;

use crate::Reply;

/// The outcome of a request, as far as a layer sees it. An `Err` beside it is an end that no layer may change:
/// the deadline, a cancellation, a defect of ours.
pub(crate) enum Answer {
    /// The vendor did what was asked.
    Done(Reply),
    /// The vendor is well and says no.
    Refused(Error),
    /// Nothing that could be used came back.
    Failed(Failure),
}

/// An attempt that failed.
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// What the caller gets if this is the end of it.
    pub(crate) error: Error,
    /// How long the vendor asks to wait.
    pub(crate) wait: Option<Duration>,
}

/// Why an attempt failed; it decides what may be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No connection came about: nothing was sent.
    Connect,
    /// Sent, and no clear answer came: a reset, a timeout, a server error, garbage.
    Lost,
    /// Sent and answered, with more than we take.
    TooLarge,
    /// Too many requests: the vendor did nothing.
    Throttled,
    /// Too many requests for one record: the vendor did nothing, and others are not concerned.
    Busy,
    /// A quota is used up: the vendor did nothing.
    Exhausted,
    /// The credential is not accepted, by the vendor or by its token endpoint: nothing was done.
    Unauthorized,
    /// No token could be got for now: nothing was sent.
    NoToken,
    /// Held back by the stack itself: nothing was sent.
    HeldBack,
}

impl Kind {
    /// Whether the vendor may have done what was asked.
    pub(crate) fn may_have_acted(self) -> bool {
        matches!(self, Self::Lost | Self::TooLarge)
    }
}

impl Failure {
    pub(crate) fn new(kind: Kind, error: Error) -> Self {
        Self { kind, error, wait: None }
    }

    /// A failure after which the vendor wants to be left alone for `wait`.
    pub(crate) fn after(kind: Kind, error: Error, wait: Option<Duration>) -> Self {
        Self { kind, error, wait }
    }

    /// What stood in the way `before`, where this attempt was held back for the same: that the vendor is left alone says
    /// nothing of the cause.
    pub(crate) fn because_of(self, before: Option<Self>) -> Self {
        match before {
            Some(before) if self.kind == Kind::HeldBack && before.error.code() == self.error.code() => {
                let error = self.error.wait().into_iter().fold(before.error, Error::retry_after);
                Self { error, ..self }
            }
            _ => self,
        }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
