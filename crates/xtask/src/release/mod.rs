//! `cargo xtask release`: one commit and one tag that make the present contract of a server a version.

mod changelog;
mod numbered;
mod plan;

#[cfg(test)]
mod tests;

use std::fs;

use clap::ArgGroup;

use crate::{
    Result,
    contract::{self, Size, Version, git},
    root,
    tidy::Tree,
};
pub(crate) use numbered::Numbered;
use plan::{Plan, Wish};

/// What `cargo xtask release` may be told.
#[derive(clap::Args)]
#[command(group = ArgGroup::new("wish").multiple(false))]
pub(crate) struct Args {
    /// The server, by its folder or its domain
    server: String,
    /// The next major version; without any of these, the least that the changes ask for
    #[arg(long, group = "wish")]
    major: bool,
    /// The next minor version
    #[arg(long, group = "wish")]
    minor: bool,
    /// The next patch version
    #[arg(long, group = "wish")]
    patch: bool,
    /// This version
    #[arg(long, group = "wish", value_name = "X.Y.Z")]
    version: Option<Version>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    /// Writes changelog, version, server.json and released contract, commits and tags them.
    pub(crate) fn run(self) -> Result {
        let tree = Tree::read(&root())?;
        let server = contract::folder(&tree, &self.server)?;
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let plan = Plan::new(&tree, &server, self.wish(), today)?;
        refuse_taken(&plan.tag)?;
        if self.dry_run {
            println!("{plan}");
            return Ok(());
        }
        refuse_dirty()?;
        write(&plan.files).and_then(|()| commit(&plan)).map_err(|why| {
            format!("{why}\nfiles are written and not committed: `git restore --staged --worktree .` takes them back")
        })?;
        name(&plan)?;
        println!(
            "{plan}\n\nNext: `git push --follow-tags`; the release workflow builds, signs and attests the image."
        );
        Ok(())
    }

    fn wish(&self) -> Wish {
        match self {
            Self { version: Some(version), .. } => Wish::Exactly(*version),
            Self { major: true, .. } => Wish::Next(Size::Major),
            Self { minor: true, .. } => Wish::Next(Size::Minor),
            Self { patch: true, .. } => Wish::Next(Size::Patch),
            Self { .. } => Wish::Least,
        }
    }
}

/// `chancery-itsm-v1.4.2`.
pub(crate) fn tag(package: &str, version: Version) -> String {
    format!("chancery-{package}-v{version}")
}

/// Writes files by their paths from the root.
pub(crate) fn write(files: &[(String, String)]) -> Result {
    files.iter().try_for_each(|(path, text)| Ok(fs::write(root().join(path), text)?))
}

fn refuse_taken(tag: &str) -> Result {
    match git(&["tag", "--list", tag])?.is_empty() {
        true => Ok(()),
        false => Err(format!("the tag {tag} exists: what it names is out; release a later --version").into()),
    }
}

fn refuse_dirty() -> Result {
    let changed = git(&["status", "--porcelain"])?;
    match changed.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "a release is of what is committed; commit these first, or stash them:\n{}",
            changed.trim_end()
        )
        .into()),
    }
}

fn commit(plan: &Plan) -> Result {
    let paths = plan.files.iter().map(|(path, _)| path.as_str());
    git(&["add", "--"].into_iter().chain(paths).collect::<Vec<_>>())?;
    git(&["commit", "--quiet", "--message", &plan.subject])?;
    Ok(())
}

/// Gives the commit its tag. By now there is something else to take back than files.
fn name(Plan { tag, subject, .. }: &Plan) -> Result {
    git(&["tag", "--annotate", tag, "--message", subject]).map(drop).map_err(|why| {
        format!(
            "{why}\nthe release is committed and not tagged: `git tag --annotate {tag} --message '{subject}'` tags it, \
             `git reset --hard HEAD~1` takes it back"
        )
        .into()
    })
}
