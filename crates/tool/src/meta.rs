//! What is known of a tool before it runs.

use std::time::Duration;

use serde::Serialize;

use crate::{Declared, Targets};

/// The record of a tool: everything about it that is not its input, its output or its code.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// `verb_noun`, unique over all servers.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// The scope a caller needs: `issues:read`.
    pub scope: &'static str,
    /// What it does to the vendor's records.
    pub effect: Effect,
    /// The legs of the lethal trifecta it stands on.
    pub labels: Labels,
    /// How long it may take.
    pub deadline: Deadline,
    /// How a repeated write stays one write.
    pub repeat: Repeat,
    /// The consent a write needs unless its arguments say otherwise (see [`crate::Tool::consent`]).
    pub consent: Consent,
    /// What is at stake in its calls beyond its name (see [`crate::Tool::stakes`]).
    pub stakes: Declared,
    /// Former names that still work, the oldest first.
    pub aliases: &'static [Alias],
}

/// A former name of a tool. It works for one major version: `shared/docs/releases.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Alias {
    /// The name itself.
    pub name: &'static str,
    /// The version of the server that does not know it any more: `2.0.0`.
    pub removed_in: &'static str,
}

/// What a tool does to records. One class a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing.
    Read,
    /// Changes them.
    Write(WriteKind),
}

/// How a write changes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteKind {
    /// Adds and takes nothing away.
    Additive,
    /// Changes what is there; the old values are known.
    StateChange,
    /// Takes away what cannot be brought back.
    Destructive,
}

/// What a tool brings into a conversation or lets out of it (security, section 1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Labels {
    /// Reads records that are not public.
    pub reads_private: bool,
    /// Returns text written by others.
    pub returns_untrusted: bool,
    /// Can carry text out of the company.
    pub egress: bool,
}

/// How long a call may take (design, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// 10 s.
    Read,
    /// 20 s.
    Write,
    /// 45 s.
    Report,
}

impl Deadline {
    /// The time itself.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Read => 10,
            Self::Write => 20,
            Self::Report => 45,
        })
    }
}

/// What to do when a write's fate is unknown and the same call comes again (security, section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Run it again: it sets a state and setting it twice is setting it once. Reads are of this kind.
    ByNature,
    /// Run it with `cx.operation().resumed`: the tool looks for its marker at the vendor and sends nothing.
    Reconcile,
    /// Nothing can be done but to say so.
    Unsafe,
}

/// Who has to agree to a write, from nobody to another person (design, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody.
    None,
    /// The agent looks a second time.
    Preview,
    /// The person at the client.
    Confirm,
    /// Another person.
    Approve,
}

impl Meta {
    /// A read of private records that returns their texts, inside 10 s.
    #[must_use]
    pub const fn read(name: &'static str, title: &'static str, scope: &'static str) -> Self {
        Self {
            name,
            title,
            scope,
            effect: Effect::Read,
            labels: Labels { reads_private: true, returns_untrusted: true, egress: false },
            deadline: Deadline::Read,
            repeat: Repeat::ByNature,
            consent: Consent::None,
            stakes: Declared { money: false, place: false, targets: Targets::None },
            aliases: &[],
        }
    }

    /// A write without consent, found again by its marker, inside 20 s.
    #[must_use]
    pub const fn write(
        name: &'static str,
        title: &'static str,
        scope: &'static str,
        kind: WriteKind,
    ) -> Self {
        Self {
            effect: Effect::Write(kind),
            labels: Labels { reads_private: true, returns_untrusted: true, egress: true },
            deadline: Deadline::Write,
            repeat: Repeat::Reconcile,
            ..Self::read(name, title, scope)
        }
    }

    /// A report may take 45 s.
    #[must_use]
    pub const fn report(self) -> Self {
        Self { deadline: Deadline::Report, ..self }
    }

    /// Sets the consent level.
    #[must_use]
    pub const fn consent(self, consent: Consent) -> Self {
        Self { consent, ..self }
    }

    /// Sets how a repeated write stays one write.
    #[must_use]
    pub const fn repeat(self, repeat: Repeat) -> Self {
        Self { repeat, ..self }
    }

    /// Says that it moves or commits money.
    #[must_use]
    pub const fn money(self) -> Self {
        Self { stakes: Declared { money: true, ..self.stakes }, ..self }
    }

    /// Says that it works in a place: a project, repository, space, company or plant.
    #[must_use]
    pub const fn placed(self) -> Self {
        Self { stakes: Declared { place: true, ..self.stakes }, ..self }
    }

    /// Says where it can move a record to.
    #[must_use]
    pub const fn targets(self, targets: Targets) -> Self {
        Self { stakes: Declared { targets, ..self.stakes }, ..self }
    }

    /// Former names that still work, the oldest first.
    #[must_use]
    pub const fn aliases(self, aliases: &'static [Alias]) -> Self {
        Self { aliases, ..self }
    }

    /// Every name that it answers to, the present one first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().map(|alias| alias.name))
    }

    /// The name it had when it was new.
    #[must_use]
    pub fn first_name(&self) -> &'static str {
        self.aliases.first().map_or(self.name, |alias| alias.name)
    }

    /// Whether the tool changes records.
    #[must_use]
    pub const fn is_write(&self) -> bool {
        matches!(self.effect, Effect::Write(_))
    }

    /// Whether `max_bytes` is among its arguments: the budgeted single-record reads.
    #[must_use]
    pub fn takes_max_bytes(&self) -> bool {
        self.name.starts_with("get_")
    }
}
