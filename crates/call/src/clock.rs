//! Wall time that follows the tokio clock.

use jiff::Timestamp;
use tokio::time::Instant;

/// Wall time, read once and carried forward by the tokio clock: a paused test clock moves both, and a jump of
/// the machine's clock moves neither.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    mono: Instant,
}

impl Clock {
    /// A clock that starts at the machine's present time.
    #[must_use]
    pub fn system() -> Self {
        Self::starting_at(Timestamp::now())
    }

    /// A clock that starts at `wall`, for tests.
    #[must_use]
    pub fn starting_at(wall: Timestamp) -> Self {
        Self { wall, mono: Instant::now() }
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.wall.saturating_add(self.mono.elapsed()).unwrap_or(self.wall)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}
