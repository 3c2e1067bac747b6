//! The store as an operator opens it.

use std::path::PathBuf;

use clap::Args;
use store::Store;

use super::{Done, Failure, load, print};
use crate::config::Config;
use crate::domain::Domain;
use crate::offer::Mode;
use crate::state;

/// Where the store is, and how it is printed.
#[derive(Args)]
pub(super) struct Kept {
    /// The configuration [default: $CHANCERY_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    pub(super) json: bool,
}

impl Kept {
    /// Opens the store that the configuration names and does `work` with it. A server may use it meanwhile.
    pub(super) fn with<T>(
        &self,
        domain: &Domain,
        work: impl AsyncFnOnce(Store) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let config = self.config()?;
        super::runtime()?.block_on(async {
            work(state::open(domain.catalogue().name, &config, Mode::default()).await?.store).await
        })
    }

    /// The configuration.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        Ok(load(self.config.clone())?)
    }

    /// Prints each as JSON, or as `text` says.
    pub(super) fn print<T>(
        &self,
        items: &[T],
        json: impl Fn(&T) -> serde_json::Value,
        text: impl Fn(&T) -> String,
    ) -> Done {
        if items.is_empty() {
            say_none();
        }
        items.iter().try_for_each(|item| print(if self.json { json(item).to_string() } else { text(item) }))
    }
}

/// Says on stderr that a list is empty: a silent end could be taken for one that looked in the wrong place.
#[allow(clippy::print_stderr, reason = "the command line's own word to its user")]
pub(super) fn say_none() {
    eprintln!("none");
}

/// A name that came from a caller, fit for a terminal.
pub(super) fn name(text: &str) -> content::Label {
    content::Label::new(text)
}
