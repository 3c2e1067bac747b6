//! Whom an operator shuts out before their credential ends.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use call::Caller;
use error::{Error, Result};

/// The ids of tokens and the subjects in `revoked_file`, read again every few seconds.
pub(crate) struct Revoked(Arc<Held>);

struct Held {
    path: PathBuf,
    /// Whom the last two texts name: a look may fall between the emptying of the file and its writing.
    names: ArcSwap<BTreeSet<String>>,
    seen: Mutex<Seen>,
}

/// What the last look found.
struct Seen {
    names: BTreeSet<String>,
    readable: bool,
}

impl Revoked {
    /// Reads the file. `invalid_argument` if that fails: whoever it shuts out would come in.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Error::invalid("identity/revoked_file", format!("{} cannot be read: {e}", path.display()))
                .hint("Make it, if only an empty one.")
        })?;
        let names = names(&text);
        let seen = Mutex::new(Seen { names: names.clone(), readable: true });
        Ok(Self(Arc::new(Held { path: path.to_owned(), names: ArcSwap::from_pointee(names), seen })))
    }

    /// Whether it names the caller, or the token that they came with.
    pub(crate) fn has(&self, caller: &Caller) -> bool {
        let names = self.0.names.load();
        names.contains(&caller.subject) || caller.token_id.as_ref().is_some_and(|id| names.contains(id))
    }

    /// Whether it names the subject that this is the name of: alone, or behind its issuer (`issuer#subject`).
    pub(crate) fn has_subject(&self, name: &str) -> bool {
        let names = self.0.names.load();
        names.contains(name) || name.rsplit_once('#').is_some_and(|(_, subject)| names.contains(subject))
    }

    /// Looks at the file.
    pub(crate) async fn tend(&self) {
        let held = Arc::clone(&self.0);
        // A small file, but a hung network mount must not hold up the runtime.
        let _looked = tokio::task::spawn_blocking(move || held.reload()).await;
    }
}

impl Held {
    /// Takes what the file holds. Whom it names is shut out at once; who is let in again has to be missing twice. While
    /// it cannot be read nobody comes in whom it shut out, which is complained of once.
    fn reload(&self) {
        let read = std::fs::read_to_string(&self.path);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(text) => {
                let names = names(&text);
                let both = names.union(&seen.names).cloned().collect();
                *seen = Seen { names, readable: true };
                if **self.names.load() != both {
                    tracing::info!(names = both.len(), "new revocations are in force");
                    self.names.store(Arc::new(both));
                }
            }
            Err(error) if seen.readable => {
                seen.readable = false;
                tracing::error!(%error, "the file of revocations cannot be read; the old ones stay in force");
            }
            Err(_) => {}
        }
    }
}

/// One a line; lines that are empty or begin with `#` are passed over.
fn names(text: &str) -> BTreeSet<String> {
    // Some editors begin a file with a byte order mark.
    let lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}
