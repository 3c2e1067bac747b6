//! What a release changes, before anything is changed.

use std::fmt;

use jiff::civil::Date;

use super::{Numbered, changelog, tag};
use crate::{
    Result,
    contract::{self, Contract, Size, Verdict, Version},
    tidy::Tree,
};

/// Which version is asked for.
#[derive(Clone, Copy)]
pub(super) enum Wish {
    /// The one in the manifest, or the least that the changes ask for.
    Least,
    /// The next of this size.
    Next(Size),
    Exactly(Version),
}

/// A release: what is written, and what commit and tag are called.
pub(super) struct Plan {
    pub(super) tag: String,
    pub(super) subject: String,
    /// The new texts by their paths from the root.
    pub(super) files: Vec<(String, String)>,
    verdict: Verdict,
}

impl Plan {
    /// The release of a server as the tree has it, on a day.
    pub(super) fn new(tree: &Tree, server: &str, wish: Wish, today: Date) -> Result<Self> {
        let package = tree.package(server);
        let found = Verdict::of(tree, server)?;
        let version = chosen(&found, wish)?;
        let from = found.now.version;
        let verdict = found.under(version);
        match verdict.aliases() {
            sound if sound.is_empty() => {}
            problems => return Err(problems.join("\n").into()),
        }

        let mut files = Numbered { package, server, from, to: version }.files(tree)?;
        files.push(changelog_of(tree, server, &verdict, today)?);
        let released = Contract { version, tools: verdict.now.tools.clone() };
        files.push((contract::path(server), released.text()));
        let subject = format!("Release chancery-{package} {version}");
        Ok(Self { tag: tag(package, version), subject, files, verdict })
    }
}

/// The version that is wished for, if it is far enough from the last one.
fn chosen(found: &Verdict, wish: Wish) -> Result<Version> {
    let (now, before) = (found.now.version, found.before());
    let next = |size| before.map_or(Version::FIRST, |before| before.next(size));
    let least = found.least().filter(|least| Some(*least) != before).unwrap_or(next(Size::Patch));
    let version = match wish {
        Wish::Exactly(version) => version,
        Wish::Next(size) => next(size),
        Wish::Least => least.max(now),
    };
    if version < now {
        return Err(format!(
            "{version} is before {now}, which the manifest says already: release that or a later one"
        )
        .into());
    }
    if version < least && before.is_some() {
        return Err(format!(
            "{found}\n{version} is too small: release {least} or later, or take the changes back"
        )
        .into());
    }
    Ok(version)
}

fn changelog_of(tree: &Tree, server: &str, verdict: &Verdict, today: Date) -> Result<(String, String)> {
    let path = format!("servers/{server}/CHANGELOG.md");
    let file = tree.get(&path).ok_or_else(|| format!("{path} is missing"))?;
    let text = changelog::released(&file.text, verdict, today);
    Ok((path, text))
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}, tag {}:", self.verdict, self.subject, self.tag)?;
        self.files.iter().try_for_each(|(path, _)| write!(f, "\n  {path}"))
    }
}
