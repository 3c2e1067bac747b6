//! `chancery-issues`.

use std::process::ExitCode;

fn main() -> ExitCode {
    serve::run(issues::domain())
}
