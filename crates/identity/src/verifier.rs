//! What stands behind a kind of credential.

use std::sync::Arc;

use call::{BoxFuture, Caller};
use error::Result;

use crate::{Presented, Refusal};

/// Verifies one kind of credential, or the tokens of one issuer. A new kind (DPoP, workload identity) is one more.
pub trait Verifier: Send + Sync {
    /// Whether the credential is for this verifier, by its form and by what it says of itself. The first verifier that
    /// says yes decides alone.
    fn recognizes(&self, presented: &Presented) -> bool;

    /// Verifies the credential.
    fn verify<'a>(&'a self, presented: &'a Presented) -> BoxFuture<'a, Result<Arc<Identity>, Refusal>>;

    /// Keeps what it verifies with up to date; called every few seconds.
    fn tend(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Tries what it depends on, for a person who wants to know whether the configuration works; `None` if that is
    /// nothing.
    fn examine(&self) -> BoxFuture<'_, Option<Finding>> {
        Box::pin(std::future::ready(None))
    }

    /// Whether it can verify anything now. A verifier that never loaded its keys cannot.
    fn is_ready(&self) -> bool {
        true
    }
}

/// What was found when something was tried.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was tried: `issuer https://login.example.com/`.
    pub what: String,
    /// What it gave, in a few words, or why it does not work.
    pub outcome: Result<String>,
}

/// A verified credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Whose it is.
    pub caller: Arc<Caller>,
    /// The certificate that the client has to show with it: `x5t#S256` (RFC 8705, section 3.1).
    pub bound_to: Option<String>,
}
