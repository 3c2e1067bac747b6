//! `cargo xtask redaction`: what redaction finds, where it is wrong and how fast it is, on a corpus from a seed.

use std::process::Command;

use crate::{Result, root};

/// `cargo xtask redaction` takes nothing: the corpus is the same on every machine.
#[derive(clap::Args)]
pub(crate) struct Args {}

impl Args {
    /// Measures in a release build of `content` alone; fails where a bar is missed.
    #[allow(clippy::unused_self, reason = "every command runs itself")]
    pub(crate) fn run(self) -> Result {
        let example = [
            "run",
            "--release",
            "--quiet",
            "-p",
            "content",
            "--features",
            "testing",
            "--example",
            "redaction",
        ];
        let status = Command::new(env!("CARGO")).args(example).current_dir(root()).status()?;
        if status.success() { Ok(()) } else { Err("a bar was missed".into()) }
    }
}
