//! A small file that people change while a server runs.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes a watched file may have.
pub(crate) const MOST: u64 = 256 * 1024;

/// A file and what was last read of it. It is read whole at each look: it is small, and its time of change is too coarse
/// to tell two changes of the same second apart.
#[derive(Debug)]
pub(crate) struct Watched {
    path: PathBuf,
    last: Mutex<Option<Result<String, String>>>,
}

/// What a look at the file brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing new, be it the text or the trouble.
    Same,
    /// A new text.
    Changed(String),
    /// It cannot be read, and could at the last look.
    Unreadable(String),
}

impl Watched {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), last: Mutex::new(None) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Blocks for as long as the file system does.
    pub(crate) fn look(&self) -> Look {
        let now = read(&self.path).map_err(|why| format!("`{}` cannot be read: {why}", self.path.display()));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() == Some(&now) {
            return Look::Same;
        }
        *last = Some(now.clone());
        match now {
            Ok(text) => Look::Changed(text),
            Err(why) => Look::Unreadable(why),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let mut file = File::open(path).map_err(|e| e.kind().to_string())?.take(MOST + 1);
    file.read_to_string(&mut text).map_err(|e| e.kind().to_string())?;
    match text.len() as u64 > MOST {
        true => Err(format!("it has more than {MOST} bytes")),
        false => Ok(text),
    }
}
