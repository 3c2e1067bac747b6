//! A small file that people change while a server runs.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A file and what was last read of it. It is read whole at each look: it is small, and its time of change is too coarse
/// to tell two changes of the same second apart. Who edits it in place empties it first, so that a look may find nothing
/// or a part of it: only a text that two looks in a row find is taken for the file's.
#[derive(Debug)]
pub struct Watched {
    path: PathBuf,
    /// Bytes that it may have.
    most: u64,
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
pub enum Look {
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
    /// The file at `path`, which may have `most` bytes. Nothing is read yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, most: u64) -> Self {
        Self { path: path.into(), most, last: Mutex::new(None) }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at the file. Blocks for as long as the file system does.
    pub fn look(&self) -> Look {
        let now = read(&self.path, self.most);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let again = last.as_ref().is_some_and(|last| last.read == now);
        if again && last.as_ref().is_some_and(|last| last.settled) {
            return Look::Same;
        }
        // A trouble is said at once. At the first look there is nothing in force that could hold meanwhile.
        let settled = again || last.is_none() || now.is_err();
        *last = Some(Last { read: now.clone(), settled });
        match now {
            Ok(text) if settled => Look::Settled(text),
            Ok(text) => Look::Fresh(text),
            Err(why) if why.is_missing => Look::Missing(self.told(&why)),
            Err(why) => Look::Unreadable(self.told(&why)),
        }
    }

    /// What stands in the file now, whatever the last look found. Blocks as [`Watched::look`] does.
    ///
    /// # Errors
    /// In words: it cannot be read.
    pub fn text(&self) -> Result<String, String> {
        read(&self.path, self.most).map_err(|why| self.told(&why))
    }

    fn told(&self, why: &Trouble) -> String {
        format!("`{}` cannot be read: {}", self.path.display(), why.says)
    }
}

fn read(path: &Path, most: u64) -> Result<String, Trouble> {
    let mut text = String::new();
    let mut file = File::open(path)?.take(most + 1);
    file.read_to_string(&mut text)?;
    match text.len() as u64 > most {
        true => Err(Trouble { is_missing: false, says: format!("it has more than {most} bytes") }),
        false => Ok(text),
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self { is_missing: error.kind() == io::ErrorKind::NotFound, says: error.kind().to_string() }
    }
}
