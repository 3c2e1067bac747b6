//! `chancery-crm`.

use std::process::ExitCode;

fn main() -> ExitCode {
    serve::run(crm::domain())
}
