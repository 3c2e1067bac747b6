//! A small file that people change while a server runs.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes a watched file may have.
pub(crate) const MOST: u64 = 256 * 1024;

/// A file and what was last read of it. It is read whole at each look: it is small, and its time of change is too coarse
/// to tell two changes of the same second apart.
#[derive(Debug)]
pub(crate) struct Watched {
    path: PathBuf,
    last: Mutex<Option<Result<String, Trouble>>>,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Trouble {
    is_missing: bool,
    says: String,
}

/// What a look at the file brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing new, be it the text or the trouble.
    Same,
    /// A new text.
    Changed(String),
    /// It is not there.
    Missing(String),
    /// It is there and cannot be read: nobody may, it is too large, or it is no UTF-8.
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
        let now = read(&self.path);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() == Some(&now) {
            return Look::Same;
        }
        *last = Some(now.clone());
        let says = |why: &Trouble| format!("`{}` cannot be read: {}", self.path.display(), why.says);
        match now {
            Ok(text) => Look::Changed(text),
            Err(why) if why.is_missing => Look::Missing(says(&why)),
            Err(why) => Look::Unreadable(says(&why)),
        }
    }
}

fn read(path: &Path) -> Result<String, Trouble> {
    let mut text = String::new();
    let mut file = File::open(path)?.take(MOST + 1);
    file.read_to_string(&mut text)?;
    match text.len() as u64 > MOST {
        true => Err(Trouble { is_missing: false, says: format!("it has more than {MOST} bytes") }),
        false => Ok(text),
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self { is_missing: error.kind() == io::ErrorKind::NotFound, says: error.kind().to_string() }
    }
}
