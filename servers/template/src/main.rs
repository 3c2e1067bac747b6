//! `chancery-usage`.

use std::process::ExitCode;

fn main() -> ExitCode {
    serve::run(usage::domain())
}
