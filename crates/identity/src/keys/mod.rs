//! API keys, for machines without an authorization server.
//!
//! A key is `chancery_ID_SECRET` with 256 random bits. The file holds a line of JSON for each key, with the secret's
//! HMAC-SHA256 under a pepper that is kept elsewhere: neither of the two alone is worth stealing. A fast hash is right
//! for a secret that nobody can guess.

mod file;
mod line;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use call::{BoxFuture, Caller, Clock, Scopes};
use error::Result;
use jiff::Timestamp;

pub use self::file::{Created, KeyFile, NewKey};
pub use self::line::Key;
use crate::config::role_claim;
use crate::refusal::Flaw;
use crate::verifier::Finding;
use crate::{Identity, Presented, Refusal, Verifier};

/// What every key begins with: secret scanners find it by that.
const PREFIX: &str = "chancery_";

/// The keys of a file, read again when it changes.
pub(crate) struct ApiKeys {
    held: Arc<Held>,
    clock: Clock,
}

struct Held {
    file: KeyFile,
    current: ArcSwap<Vec<Key>>,
    /// The contents that were last looked at, usable or not; `None` where they could not be read.
    seen: Mutex<Option<Vec<u8>>>,
}

impl ApiKeys {
    /// Reads the file. `invalid_argument` if it is missing, readable for everybody, or not in order.
    pub(crate) fn open(file: KeyFile, clock: Clock) -> Result<Self> {
        let text = file.contents()?;
        let keys = file.parse(&text)?;
        // Also a missing pepper is told at the start.
        file.pepper()?;
        let held = Held { current: ArcSwap::from_pointee(keys), seen: Mutex::new(Some(text)), file };
        Ok(Self { held: Arc::new(held), clock })
    }

    fn find_out(&self, presented: &Presented) -> Result<Identity, Refusal> {
        let (id, _) = parts(presented.text()).ok_or(Flaw::Unknown)?;
        let keys = self.held.current.load();
        let pepper = self.held.file.pepper().map_err(|error| {
            tracing::error!(?error, "no API key can be verified");
            Refusal::Unavailable(std::time::Duration::from_secs(5))
        })?;
        let key = keys.iter().find(|key| key.id == id).ok_or(Flaw::Unknown)?;
        if !key.is_of(presented.text(), &pepper) {
            return Err(Flaw::Unknown.into());
        }
        // Only who has the whole key is told what became of it.
        if key.revoked.is_some() {
            return Err(Flaw::Revoked.into());
        }
        if key.expires <= self.clock.now() {
            return Err(Flaw::Expired.into());
        }
        Ok(Identity { caller: Arc::new(key.caller()), bound_to: None })
    }

    /// Looks at the file now.
    #[cfg(test)]
    pub(crate) fn reload(&self) {
        self.held.reload();
    }
}

impl Key {
    fn caller(&self) -> Caller {
        Caller {
            tenant: self.tenant.clone(),
            scopes: Scopes::Some(self.scopes.clone()),
            claims: role_claim(&self.roles),
            token_id: Some(self.id.clone()),
            expires: Some(self.expires),
            ..Caller::new(&self.subject, "key")
        }
    }
}

impl Held {
    /// Takes what the file holds if it changed. A file that cannot be used leaves the old keys in force, and is
    /// complained of once.
    fn reload(&self) {
        let read = self.file.contents();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let text = read.as_ref().ok().cloned();
        if *seen == text {
            return;
        }
        *seen = text;
        match read.and_then(|text| self.file.parse(&text)) {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "new API keys are in force");
                self.current.store(Arc::new(keys));
            }
            Err(error) => tracing::error!(%error, "the API keys cannot be read; the old ones stay in force"),
        }
    }
}

impl Verifier for ApiKeys {
    fn recognizes(&self, presented: &Presented) -> bool {
        presented.text().starts_with(PREFIX)
    }

    fn verify<'a>(&'a self, presented: &'a Presented) -> BoxFuture<'a, Result<Arc<Identity>, Refusal>> {
        Box::pin(std::future::ready(self.find_out(presented).map(Arc::new)))
    }

    fn examine(&self) -> BoxFuture<'_, Option<Finding>> {
        let now = self.clock.now();
        let live = |keys: Vec<Key>| format!("{} keys, {} of them live", keys.len(), live(&keys, now));
        let outcome = self.held.file.list().map(live);
        let what = format!("API keys in {}", self.held.file.path().display());
        Box::pin(std::future::ready(Some(Finding { what, outcome })))
    }

    fn tend(&self) -> BoxFuture<'_, ()> {
        let held = Arc::clone(&self.held);
        // A small file, but a hung network mount must not hold up the runtime.
        Box::pin(async move {
            let _looked = tokio::task::spawn_blocking(move || held.reload()).await;
        })
    }
}

fn live(keys: &[Key], now: Timestamp) -> usize {
    keys.iter().filter(|key| key.is_live(now)).count()
}

/// Id and secret of a key.
fn parts(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(PREFIX)?.split_once('_')
}
