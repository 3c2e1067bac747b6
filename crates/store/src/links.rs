//! One-time links: what was used once is used up, on every replica.

use call::BoxFuture;
use error::Result;
use jiff::Timestamp;

use crate::engine::Statement;
use crate::store::DAY;
use crate::{Store, scope};

/// Used links.
pub trait Links: Send + Sync {
    /// Uses a link, by a digest of it: `true` for one of any number of callers at once, and never again. `until` is
    /// the link's own end, past which nobody asks.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn use_link<'a>(
        &'a self,
        tenant: &'a str,
        link: &'a str,
        until: Timestamp,
    ) -> BoxFuture<'a, Result<bool>>;
}

impl Links for Store {
    fn use_link<'a>(
        &'a self,
        tenant: &'a str,
        link: &'a str,
        until: Timestamp,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            scope::check("tenant", tenant)?;
            scope::check("link", link)?;
            // Remembered for longer: to a replica whose clock is behind, it has not ended yet.
            let keep = until.as_millisecond().saturating_add(DAY);
            let first = Statement::new(USE).bind(tenant).bind(link).bind(keep);
            Ok(!self.rows(first).await?.is_empty())
        })
    }
}

const USE: &str = "INSERT INTO chancery_links (tenant, link, keep_until) VALUES ($1, $2, $3)
    ON CONFLICT (tenant, link) DO NOTHING RETURNING 1";
