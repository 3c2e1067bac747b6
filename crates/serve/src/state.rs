//! What a server remembers between calls, and where.

use std::sync::Arc;
use std::time::Duration;

use call::Clock;
use error::Error;
use store::{Approvals, Location, Operations, Plans, Settings, Store};

use crate::approvals::Means;
use crate::cli::{Failure, told};
use crate::config::{Config, Problem, default_store_file};
use crate::offer::Mode;

/// How often rows past their use are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// Rows of a kind removed in one step; others get their turn at the store in between.
const AT_ONCE: u32 = 500;

/// Operations, plans and approvals as the tool stack uses them, and how people agree.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) operations: Arc<dyn Operations>,
    pub(crate) plans: Arc<dyn Plans>,
    pub(crate) approvals: Arc<dyn Approvals>,
    pub(crate) means: Means,
}

impl From<Store> for State {
    fn from(store: Store) -> Self {
        let store = Arc::new(store);
        Self { operations: store.clone(), plans: store.clone(), approvals: store, means: Means::default() }
    }
}

/// The store of this process.
pub(crate) struct Opened {
    pub(crate) store: Store,
    /// Where it is, for people: never with a credential in it.
    pub(crate) place: String,
    shared: bool,
}

impl Opened {
    /// Whether other processes reach it: a terminal, replicas.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }
}

/// Opens the store of `domain` that the configuration names: by default a file in the user's state directory, and
/// memory with `--sandbox` or where nothing is written. A server without its store could do a write twice, so it does
/// not start.
pub(crate) async fn open(domain: &str, config: &Config, mode: Mode) -> Result<Opened, Failure> {
    let location = location(domain, config, mode)?;
    let place = match &location {
        Location::File(path) => path.display().to_string(),
        Location::Postgres(_) => "PostgreSQL".to_owned(),
        Location::Memory => "memory".to_owned(),
    };
    match Store::open(&location, Settings::default(), Clock::system()).await {
        Ok(store) => Ok(Opened { store, place, shared: !matches!(location, Location::Memory) }),
        Err(error) => Err(unopened(&place, error)),
    }
}

fn location(domain: &str, config: &Config, mode: Mode) -> Result<Location, Failure> {
    let configured = config.store.location();
    match configured.map_err(|e| Problem::at("store.url", told(&e)))? {
        Some(location) => Ok(location),
        None if mode.sandbox || mode.read_only => Ok(Location::Memory),
        None => Ok(Location::File(default_store_file(|name| std::env::var(name).ok(), domain)?)),
    }
}

/// Says why there is no store, and what to do. What an agent is told to do while a store does not answer is no cure
/// for one that never did.
fn unopened(place: &str, error: Error) -> Failure {
    let error = match error.is_retryable() {
        true => error.hint(
            "Make sure that the database runs, that this host reaches it, and that user and password in `[store] url` \
             are right",
        ),
        false => error,
    };
    Failure::Failed(format!("[store] url: {place} cannot be opened: {}", told(&error)))
}

/// Removes what is past its use, as long as it is polled.
pub(crate) async fn sweep(store: Store) {
    loop {
        tokio::time::sleep(SWEEP).await;
        loop {
            match store.sweep(AT_ONCE).await {
                Ok(swept) if swept.total() > 0 => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(?error, "what is past its use could not be removed from the store");
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use crate::trial::{REAL, SANDBOX};

    fn config(url: &str) -> Config {
        Config::parse("c.toml", &format!("[store]\nurl = {url:?}"), &Overrides::default()).unwrap()
    }

    #[tokio::test]
    async fn a_store_is_where_the_configuration_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/shelf.db");
        let opened = open("shelf", &config(path.to_str().unwrap()), SANDBOX).await.ok().unwrap();
        assert_eq!(opened.place, path.display().to_string());
        opened.store.health().await.unwrap();
        assert!(path.exists());

        let none = Config::parse("c.toml", "", &Overrides::default()).unwrap();
        for mode in [SANDBOX, Mode { read_only: true, ..REAL }] {
            assert_eq!(open("shelf", &none, mode).await.ok().unwrap().place, "memory");
        }
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_opened_says_why_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://chancery:canary@127.0.0.1:port/none\n").unwrap();
        let no_database = folder.path().join("no.db");
        std::fs::write(&no_database, "text ".repeat(1000)).unwrap();
        secure(&no_database);
        for (url, cause, cure) in [
            (
                format!("file:{}", file.display()),
                "PostgreSQL cannot be opened",
                "write postgres://user:password@host/database",
            ),
            (no_database.display().to_string(), "no.db", "move it away"),
        ] {
            let Err(Failure::Failed(why)) = open("shelf", &config(&url), REAL).await else {
                panic!("{url} must not be opened");
            };
            assert!(why.contains(cause) && why.contains(cure), "{why}");
            assert!(!why.contains("canary"), "{why}");
        }
    }

    #[test]
    fn a_database_that_does_not_answer_is_the_operators_to_reach() {
        let late = Error::new(error::Code::Internal, "no answer").retryable(true).hint("call again");
        let Failure::Failed(why) = unopened("PostgreSQL", late) else { panic!("it was configured well") };
        assert!(why.contains("Make sure that the database runs") && !why.contains("call again"), "{why}");
    }

    #[cfg(unix)]
    fn secure(path: &std::path::Path) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[cfg(not(unix))]
    fn secure(_: &std::path::Path) {}
}
