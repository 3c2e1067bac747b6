//! A token as it is sent.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use error::{Error, Result};
use http::HeaderValue;

/// The value of `Authorization`, and what the vendor thought of it so far.
pub struct Token {
    header: HeaderValue,
    instance: Option<String>,
    standing: AtomicU8,
}

const UNTRIED: u8 = 0;
const ACCEPTED: u8 = 1;
const REJECTED: u8 = 2;

impl Token {
    pub(crate) fn new(scheme: &str, value: &str) -> Result<Self> {
        // The cause is dropped on purpose: it could quote the value.
        let mut header = HeaderValue::try_from(format!("{scheme}{value}"))
            .map_err(|_| Error::internal("a token has characters that no header may have"))?;
        header.set_sensitive(true);
        Ok(Self { header, instance: None, standing: AtomicU8::new(UNTRIED) })
    }

    /// The same for the API at this address.
    pub(crate) fn at(self, instance: Option<String>) -> Self {
        Self { instance, ..self }
    }

    /// Where the token endpoint says the account's API is (`instance_url`), as it was written: whoever goes there
    /// must check it first.
    #[must_use]
    pub fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// The value of the `Authorization` header, marked sensitive.
    #[must_use]
    pub fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// Notes that the vendor took it.
    pub(crate) fn accept(&self) {
        // Loaded first: the line is shared by all calls of a source and need not be written by each.
        if self.standing.load(Ordering::Relaxed) == UNTRIED {
            let _ = self.standing.compare_exchange(UNTRIED, ACCEPTED, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Notes that the vendor refused it; true if that was news and it had never been accepted.
    pub(crate) fn reject(&self) -> bool {
        self.standing.swap(REJECTED, Ordering::Relaxed) == UNTRIED
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}
