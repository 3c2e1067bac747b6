//! The file of the embedded database belongs to its owner alone.

use std::path::Path;

use error::Result;

use crate::fault;

/// Makes the folder (0700) and the file (0600) if they are absent; refuses a file that others may read or write.
pub(super) fn secure(path: &Path) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_folder(folder).map_err(|error| unwritable(folder, error))?;
    }
    make_file(path).map_err(|error| unwritable(path, error))?;
    refuse_shared(path)
}

fn unwritable(path: &Path, error: std::io::Error) -> error::Error {
    let problem = format!("the store's file cannot be written: {}", path.display());
    fault::unusable(problem, "give the server's user a folder it may write, or name another file")
        .source(error)
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn make_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map(drop)
}

#[cfg(unix)]
fn refuse_shared(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_err(|error| unwritable(path, error))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let path = path.display();
    let problem =
        format!("the store's file may be used by others than its owner (mode {:o}): {path}", mode & 0o777);
    Err(fault::unusable(
        problem,
        format!("run `chmod 600 {path}`; it holds what callers asked for and were told"),
    ))
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn make_file(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().read(true).append(true).create(true).open(path).map(drop)
}

#[cfg(not(unix))]
fn refuse_shared(_: &Path) -> Result<()> {
    Ok(())
}
