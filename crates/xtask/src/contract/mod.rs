//! `cargo xtask contract`: what changed of the tools since the last release, and what that asks of the version.
//!
//! The version of a server is the version of its contract. The released contract stands in the repository
//! (`released.json`); the present one is `contract/`.

mod compare;
mod kept;
mod schema;
mod verdict;
mod version;

#[cfg(test)]
mod tests;

use clap::Subcommand;

use crate::{
    Result,
    release::{self, Numbered},
    root,
    tidy::Tree,
};
pub(crate) use kept::{Contract, git, path};
pub(crate) use verdict::Verdict;
pub(crate) use version::{Size, Version};

/// What `cargo xtask contract` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Say what changed since the last release, and fail where the version is too small for it
    Diff {
        /// Only this server; without it, all
        server: Option<String>,
        /// Compare with a tag or another revision, or with another checkout, instead of the last release
        #[arg(long, value_name = "TAG|DIR")]
        against: Option<String>,
    },
    /// Raise the version to the smallest that the changes ask for
    Bump {
        /// Only this server; without it, all
        server: Option<String>,
    },
    /// Keep the contract as it is now as that of a version that nobody has yet: before the first tag, or after a merge
    Record {
        /// Only this server; without it, all that were released before
        server: Option<String>,
    },
}

impl Args {
    /// Does what was asked.
    pub(crate) fn run(self) -> Result {
        let tree = Tree::read(&root())?;
        match &self.what {
            What::Diff { server, against } => diff(&tree, server.as_deref(), against.as_deref()),
            What::Bump { server } => {
                named(&tree, server.as_deref())?.iter().try_for_each(|name| bump(&tree, name))
            }
            What::Record { server } => record(&tree, server.as_deref()),
        }
    }
}

/// One difference that a client can see.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) size: Size,
    /// One sentence without its stop.
    pub(crate) says: String,
}

impl Change {
    fn new(size: Size, says: impl Into<String>) -> Self {
        Self { size, says: says.into() }
    }
}

fn diff(tree: &Tree, server: Option<&str>, against: Option<&str>) -> Result {
    let mut problems = Vec::new();
    for server in named(tree, server)? {
        let verdict = match against {
            Some(place) => Verdict::against(tree, &server, &kept::elsewhere(place, &server)?)?,
            None => Verdict::of(tree, &server)?,
        };
        println!("{verdict}");
        problems.extend(verdict.problems().into_iter().map(|problem| format!("{server}: {problem}")));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// Raises the version of a server where its changes ask for more. Also what `new tool` does.
pub(crate) fn bump(tree: &Tree, server: &str) -> Result {
    let verdict = Verdict::of(tree, server)?;
    if let Some(asked) = verdict.asked() {
        let numbered =
            Numbered { package: tree.package(server), server, from: verdict.now.version, to: asked };
        release::write(&numbered.files(tree)?)?;
        println!("{server}: {} -> {asked}", verdict.now.version);
    }
    Ok(())
}

fn record(tree: &Tree, server: Option<&str>) -> Result {
    let released = |name: &String| server.is_some() || tree.get(&path(name)).is_some();
    for name in named(tree, server)?.into_iter().filter(released) {
        let contract = Contract::current(tree, &name)?;
        let tag = release::tag(tree.package(&name), contract.version);
        if git(&["tag", "--list", &tag]).is_ok_and(|tags| !tags.is_empty()) {
            return Err(format!("{tag} is out; what changed since then needs a version of its own").into());
        }
        release::write(&[(path(&name), contract.text())])?;
        println!("{name}: {} tools are {}", contract.tools.len(), contract.version);
    }
    Ok(())
}

/// The folders of the servers that are meant.
fn named(tree: &Tree, server: Option<&str>) -> Result<Vec<String>> {
    match server {
        Some(server) => Ok(vec![folder(tree, server)?]),
        None => Ok(tree.folders("servers").into_iter().map(str::to_owned).collect()),
    }
}

/// The folder of a server by that name or by its package's.
pub(crate) fn folder(tree: &Tree, server: &str) -> Result<String> {
    let folders = tree.folders("servers");
    let meant = folders.iter().find(|folder| **folder == server || tree.package(folder) == server);
    meant.map(|folder| (*folder).to_owned()).ok_or_else(|| {
        let known = folders.into_iter().collect::<Vec<_>>().join(", ");
        format!("there is no server `{server}`; there is {known}").into()
    })
}
