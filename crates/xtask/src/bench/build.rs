//! Builds as they are published, of what is measured, and of what measures: a floor built for debugging would be no floor.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::{Result, root};

/// The programs of a run.
pub(super) struct Programs {
    /// The server under test.
    pub(super) server: PathBuf,
    /// This program, for the processes beside it.
    pub(super) part: PathBuf,
}

impl Programs {
    /// Builds them one after the other: built together, the features of one would leak into the other.
    pub(super) fn build(profile: &str) -> Result<Self> {
        Ok(Self {
            server: built("issues", "chancery-issues", profile)?,
            part: built("xtask", "xtask", profile)?,
        })
    }

    /// A hidden subcommand of this program.
    pub(super) fn part(&self, name: &str) -> Command {
        let mut command = Command::new(&self.part);
        command.args(["bench", name]);
        command
    }
}

/// The size of a program, in bytes.
pub(super) fn size(program: &Path) -> Result<u64> {
    Ok(std::fs::metadata(program)?.len())
}

fn built(package: &str, binary: &str, profile: &str) -> Result<PathBuf> {
    eprintln!("building {binary} ({profile})");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).stderr(Stdio::inherit());
    cargo.args([
        "build",
        "--config",
        ".cargo/published.toml",
        "--target",
        "host-tuple",
        "--profile",
        profile,
    ]);
    cargo.args(["--package", package, "--message-format", "json-render-diagnostics"]);
    let built = cargo.output()?;
    if !built.status.success() {
        return Err(format!("{binary} does not build").into());
    }
    let artifacts =
        built.stdout.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let executable = |artifact: Artifact| artifact.executable.filter(|_| artifact.target.name == binary);
    artifacts.filter_map(executable).next_back().ok_or_else(|| format!("cargo built no {binary}").into())
}

#[derive(Deserialize)]
struct Artifact {
    target: Named,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}
