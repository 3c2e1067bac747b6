//! A contract beside the one before it: the changes, and whether the version keeps up with them.

use std::{collections::BTreeSet, fmt};

use super::{Change, Contract, Size, Version, compare};
use crate::{Result, tidy::Tree};

/// What is to be said of the contract of one server.
pub(crate) struct Verdict {
    server: String,
    pub(crate) now: Contract,
    /// What it is compared with; a server that was never released has promised nothing.
    before: Option<Contract>,
    pub(crate) changes: Vec<Change>,
}

impl Verdict {
    /// Of the contract as it is now beside the last one released.
    pub(crate) fn of(tree: &Tree, server: &str) -> Result<Self> {
        let now = Contract::current(tree, server)?;
        Ok(Self::new(server, Contract::released(tree, server)?, now))
    }

    /// Of the contract as it is now beside that of another tree.
    pub(super) fn against(tree: &Tree, server: &str, other: &Tree) -> Result<Self> {
        let before = Contract::current(other, server)?;
        Ok(Self::new(server, Some(before), Contract::current(tree, server)?))
    }

    pub(super) fn new(server: &str, before: Option<Contract>, now: Contract) -> Self {
        let changes = before.as_ref().map(|before| compare::changes(before, &now)).unwrap_or_default();
        Self { server: server.to_owned(), now, before, changes }
    }

    /// The same under another version.
    pub(crate) fn under(self, version: Version) -> Self {
        Self { now: Contract { version, ..self.now }, ..self }
    }

    /// The version that was compared with.
    pub(crate) fn before(&self) -> Option<Version> {
        self.before.as_ref().map(|before| before.version)
    }

    /// The greatest change.
    pub(crate) fn size(&self) -> Option<Size> {
        self.changes.iter().map(|change| change.size).max()
    }

    /// The least version that the changes ask for.
    pub(crate) fn least(&self) -> Option<Version> {
        let before = self.before()?;
        Some(self.size().map_or(before, |size| before.next(size)))
    }

    /// The least version, where the present one is less.
    pub(crate) fn asked(&self) -> Option<Version> {
        self.least().filter(|least| self.now.version < *least)
    }

    /// Everything for which the contract cannot stay as it is, each with its cure.
    pub(crate) fn problems(&self) -> Vec<String> {
        let server = &self.server;
        let mut problems: Vec<String> = self.too_small().into_iter().collect();
        if self.before.is_none() && self.now.version >= Version::FIRST {
            problems.push(format!(
                "version {} promises a contract, and no released one is kept: `cargo xtask release {server}` keeps it",
                self.now.version
            ));
        }
        problems.extend(self.aliases());
        problems
    }

    fn too_small(&self) -> Option<String> {
        let (asked, before, now) = (self.asked()?, self.before()?, self.now.version);
        let server = &self.server;
        let changes = match self.size() {
            Some(size) => format!("the changes since {before} are {size} and ask for {asked}"),
            None => format!("{before} is released"),
        };
        Some(format!(
            "{changes}, and servers/{server}/Cargo.toml says {now}: take the change back, or raise the version with \
             `cargo xtask contract bump {server}`"
        ))
    }

    /// Former names that cannot work, or should not any more.
    pub(crate) fn aliases(&self) -> Vec<String> {
        let mut taken: BTreeSet<&str> = self.now.tools.keys().map(String::as_str).collect();
        let mut problems = Vec::new();
        for alias in self.now.aliases() {
            if !taken.insert(alias.name) {
                problems
                    .push(format!("`{}` is the name of two tools: take the alias away from one", alias.name));
            }
            match alias.removed_in.parse::<Version>() {
                Err(why) => problems.push(format!("`removed_in` of the alias `{}`: {why}", alias.name)),
                Ok(gone) if gone <= self.now.version => problems.push(format!(
                    "the alias `{}` was to be gone in {gone}: take it out of the META of `{}`",
                    alias.name, alias.tool
                )),
                Ok(_) => {}
            }
        }
        problems
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (server, now) = (&self.server, self.now.version);
        let Some(before) = self.before() else { return write!(f, "{server} {now}: never released") };
        match (self.size(), self.least()) {
            (Some(size), Some(least)) => {
                write!(f, "{server} {now}: {size} since {before}, so at least {least}")?
            }
            _ => write!(f, "{server} {now}: the contract is that of {before}")?,
        }
        self.changes.iter().try_for_each(|change| write!(f, "\n  {:5}  {}.", change.size, change.says))
    }
}
