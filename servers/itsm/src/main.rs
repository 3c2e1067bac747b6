//! `chancery-itsm`.

use std::process::ExitCode;

fn main() -> ExitCode {
    serve::run(itsm::domain())
}
