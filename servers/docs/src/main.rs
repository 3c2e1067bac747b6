//! `chancery-docs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    serve::run(docs::domain())
}
