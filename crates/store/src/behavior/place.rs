//! Where a test keeps its state.

use std::time::Duration;

use call::Clock;
use tempfile::TempDir;

use crate::testing::Postgres;
use crate::{Location, Settings, Store};

/// An empty place of one engine, gone with this value.
pub(crate) enum Place {
    File(TempDir),
    Postgres(String),
}

impl Place {
    pub(crate) fn file() -> Self {
        Self::File(TempDir::new().unwrap())
    }

    /// A database of a server that lives as long as this process; `None` where PostgreSQL is not installed.
    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::Postgres(Postgres::of_this_process()?.database().await))
    }

    pub(crate) fn location(&self) -> Location {
        match self {
            Self::File(folder) => Location::File(folder.path().join("state/store.db")),
            Self::Postgres(url) => Location::parse(url).unwrap(),
        }
    }

    /// A replica.
    pub(crate) async fn open(&self) -> Store {
        self.open_after(Duration::ZERO).await
    }

    /// A replica whose clock is ahead of that of [`Place::open`].
    pub(crate) async fn open_after(&self, ahead: Duration) -> Store {
        let start: jiff::Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let settings =
            Settings { skew: Duration::MAX, timeout: Duration::from_secs(30), ..Settings::default() };
        Store::open(&self.location(), settings, Clock::starting_at(start + ahead)).await.unwrap()
    }
}
