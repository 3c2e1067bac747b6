//! How the vendor behaves: how late it is, and when it fails.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// From the moment it is told. The default is a vendor that answers at once and never fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::bench) struct Behavior {
    /// How far away the vendor is, in milliseconds.
    pub(in crate::bench) delay_ms: u64,
    /// When it fails.
    pub(in crate::bench) faults: Vec<Fault>,
}

/// A time of failure, in milliseconds from the moment the behavior was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::bench) struct Fault {
    /// When it begins.
    pub(in crate::bench) after_ms: u64,
    /// How long it lasts.
    pub(in crate::bench) for_ms: u64,
    /// What happens.
    pub(in crate::bench) kind: Kind,
}

/// What a failing vendor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::bench) enum Kind {
    /// Answers 503 at once.
    Unavailable,
    /// Takes the request and never answers it, not even when others are answered again.
    Hang,
}

impl Behavior {
    /// A healthy vendor this far away.
    pub(in crate::bench) fn away(delay_ms: u64) -> Self {
        Self { delay_ms, faults: Vec::new() }
    }

    /// How late an answer is.
    pub(super) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }

    /// What fails, this long after the behavior was told.
    pub(super) fn fault_at(&self, elapsed: Duration) -> Option<Kind> {
        self.faults.iter().find(|fault| fault.holds_at(elapsed)).map(|fault| fault.kind)
    }
}

impl Fault {
    fn holds_at(&self, elapsed: Duration) -> bool {
        let begin = Duration::from_millis(self.after_ms);
        elapsed >= begin && elapsed < begin + Duration::from_millis(self.for_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_holds_from_its_begin_to_just_before_its_end() {
        let faults = vec![
            Fault { after_ms: 100, for_ms: 50, kind: Kind::Hang },
            Fault { after_ms: 200, for_ms: 50, kind: Kind::Unavailable },
        ];
        let behavior = Behavior { delay_ms: 0, faults };
        let at = |ms| behavior.fault_at(Duration::from_millis(ms));
        assert_eq!([at(99), at(100), at(149), at(150)], [None, Some(Kind::Hang), Some(Kind::Hang), None]);
        assert_eq!([at(200), at(250)], [Some(Kind::Unavailable), None]);
    }
}
