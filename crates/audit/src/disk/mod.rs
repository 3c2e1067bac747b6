//! The file system as the log uses it. Tests put one in its place that loses power and runs full.

#[cfg(test)]
pub(crate) mod fake;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Held for as long as its process may write to a stream.
pub(crate) type Lock = Box<dyn Send>;

/// The file system.
pub(crate) trait Disk: Send + Sync {
    /// The names of the streams in an audit directory, sorted; none if it does not exist.
    fn streams(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// The numbers of a stream's segments, sorted.
    fn segments(&self, stream: &Path) -> io::Result<Vec<u32>>;

    /// Creates a stream unless it exists and locks it; `None` if another process holds it.
    fn lock(&self, stream: &Path) -> io::Result<Option<Lock>>;

    /// Whether a process holds the stream now.
    fn locked(&self, stream: &Path) -> bool;

    /// A file's content from `offset` on.
    fn read(&self, file: &Path, offset: u64) -> io::Result<Box<dyn BufRead + Send>>;

    /// A new file; an error if it exists.
    fn create(&self, file: &Path) -> io::Result<Box<dyn Sink>>;

    /// Makes durable what another process wrote.
    fn sync(&self, file: &Path) -> io::Result<()>;

    /// Makes a directory's entries durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, file: &Path) -> io::Result<()>;
}

/// A file that is appended to and, after a failure, cut back once.
pub(crate) trait Sink: Send {
    /// Appends.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything appended is durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file back to its first `bytes` bytes.
    fn cut(&mut self, bytes: u64) -> io::Result<()>;
}

/// The path of a segment.
pub(crate) fn segment_path(stream: &Path, number: u32) -> PathBuf {
    stream.join(format!("{number:04}.jsonl"))
}

/// The number of the segment with this file name.
pub(crate) fn segment_number(name: &str) -> Option<u32> {
    name.strip_suffix(".jsonl")?.parse().ok()
}

/// The machine's file system. Directories and files are readable by their owner only.
pub(crate) struct RealDisk;

const LOCK: &str = "lock";
/// Reading goes through a segment once, in large steps.
const READ_BUFFER: usize = 256 * 1024;

impl Disk for RealDisk {
    fn streams(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = names(dir)?;
        names.retain(|name| dir.join(name).is_dir());
        Ok(names)
    }

    fn segments(&self, stream: &Path) -> io::Result<Vec<u32>> {
        let mut numbers: Vec<_> = names(stream)?.iter().filter_map(|name| segment_number(name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn lock(&self, stream: &Path) -> io::Result<Option<Lock>> {
        create_dirs(stream)?;
        let mut options = OpenOptions::new();
        let file = private(options.create(true).truncate(false).write(true)).open(stream.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => {
                if let Some(parent) = stream.parent() {
                    self.sync_dir(parent)?;
                }
                Ok(Some(Box::new(file)))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn locked(&self, stream: &Path) -> bool {
        let file = File::open(stream.join(LOCK));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn read(&self, file: &Path, offset: u64) -> io::Result<Box<dyn BufRead + Send>> {
        let mut file = File::open(file)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(BufReader::with_capacity(READ_BUFFER, file)))
    }

    fn create(&self, file: &Path) -> io::Result<Box<dyn Sink>> {
        Ok(Box::new(private(OpenOptions::new().create_new(true).append(true)).open(file)?))
    }

    fn sync(&self, file: &Path) -> io::Result<()> {
        OpenOptions::new().append(true).open(file)?.sync_all()
    }

    #[cfg(unix)]
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    /// Elsewhere a directory cannot be opened; its entries are durable when the system says so.
    #[cfg(not(unix))]
    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }
}

impl Sink for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }
}

fn names(dir: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string());
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(unix)]
fn create_dirs(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn create_dirs(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
