//! Who asks.

use call::{Caller, Scopes};

/// A caller as policy sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What tells callers apart across issuers (`call::Caller::key`).
    pub key: String,
    /// The roles it has, by name; [`crate::Policy::roles_of`] finds them from claims.
    pub roles: Vec<String>,
    /// What it was granted.
    pub scopes: Scopes,
    /// What the caller itself gives up for this call: a header may tighten, never loosen.
    pub tighten: Mode,
}

impl Subject {
    /// A caller with these roles.
    #[must_use]
    pub fn of(caller: &Caller, roles: Vec<String>) -> Self {
        Self { key: caller.key(), roles, scopes: caller.scopes.clone(), tighten: Mode::default() }
    }
}

/// What holds for a whole process, whoever asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// `--read-only`: nothing is written.
    pub read_only: bool,
    /// `--lockdown`: text from outside the company is withheld.
    pub lockdown: bool,
}

impl Mode {
    /// Both at once.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { read_only: self.read_only || other.read_only, lockdown: self.lockdown || other.lockdown }
    }
}
