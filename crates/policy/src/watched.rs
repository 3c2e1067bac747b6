//! A small file that people change while a server runs.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Bytes a watched file may have.
pub(crate) const MOST: u64 = 256 * 1024;

/// A file and what was last read of it. It is read whole at each look: it is small, and its time of change is too coarse
/// to tell two changes of the same second apart. Who edits it in place empties it first, so that a look may find nothing
/// or a part of it: only a text that two looks in a row find is taken for the file's.
#[derive(Debug)]
pub(crate) struct Watched {
    path: PathBuf,
    last: Mutex<Option<Last>>,
}

/// What the last look found.
#[derive(Debug)]
struct Last {
    read: Result<String, Trouble>,
    settled: bool,
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
    /// A new text, or a part of it.
    Fresh(String),
    /// The text of the file: the first one, or one that the look before found as well.
    Settled(String),
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
        let again = last.as_ref().is_some_and(|last| last.read == now);
        if again && last.as_ref().is_some_and(|last| last.settled) {
            return Look::Same;
        }
        // A trouble is said at once. At the first look there is nothing in force that could hold meanwhile.
        let settled = again || last.is_none() || now.is_err();
        *last = Some(Last { read: now.clone(), settled });
        let says = |why: &Trouble| format!("`{}` cannot be read: {}", self.path.display(), why.says);
        match now {
            Ok(text) if settled => Look::Settled(text),
            Ok(text) => Look::Fresh(text),
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
