//! `cargo xtask tokens`: changes good access tokens at random and presents them, far more often than CI has time for.

use identity::testing::{SigningKey, accepted};

use crate::Result;

/// What `cargo xtask tokens` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many changed tokens are presented for each kind of key
    #[arg(long, default_value_t = 500_000)]
    count: usize,
    /// Other changes for another seed
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

impl Args {
    /// Fails if one of them is taken.
    pub(crate) fn run(self) -> Result {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        for (kind, key) in [("ES256", SigningKey::ec("k")), ("RS256", SigningKey::rsa("k"))] {
            let taken = runtime.block_on(accepted(&key, self.count, self.seed));
            println!("{kind}: {taken} of {} changed tokens were taken", self.count);
            if taken > 0 {
                return Err(format!("with --seed {}", self.seed).into());
            }
        }
        Ok(())
    }
}
