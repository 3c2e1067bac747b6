//! `chancery-finance`.

use std::process::ExitCode;

fn main() -> ExitCode {
    serve::run(finance::domain())
}
