//! A disk in memory that fails as told and loses power.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Disk, Lock, Sink, segment_number};

/// What a log does to a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Create,
    Write,
    Sync,
    SyncDir,
    Cut,
    Remove,
}

/// Bytes that survive a loss of power together; smaller than on a real disk, so that a test's batch has several.
const PAGE: usize = 256;

/// Says which acts fail.
type Faults = Box<dyn FnMut(Act) -> bool + Send>;

/// The disk. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct FakeDisk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, FakeFile>,
    locks: BTreeSet<PathBuf>,
    faults: Option<Faults>,
    /// The process ends with its next write.
    dying: bool,
    /// It has ended: nothing it does has an effect.
    dead: bool,
}

#[derive(Default)]
struct FakeFile {
    data: Vec<u8>,
    /// How much of it survives a loss of power.
    durable: usize,
    /// Whether its directory entry does.
    named: bool,
    /// A sync failed: the kernel dropped the pages, and later syncs report success all the same.
    dropped: bool,
}

impl FakeDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// From now on `faults` says which acts fail.
    pub(crate) fn fail(&self, faults: impl FnMut(Act) -> bool + Send + 'static) {
        self.state().faults = Some(Box::new(faults));
    }

    /// The next `times` acts of this kind fail.
    pub(crate) fn fail_next(&self, act: Act, mut times: usize) {
        self.fail(move |done| {
            let hit = done == act && times > 0;
            times -= usize::from(hit);
            hit
        });
    }

    /// From now on nothing fails.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        (state.faults, state.dying, state.dead) = (None, false, false);
    }

    /// The process is killed right after its next write, before it can sync; [`FakeDisk::heal`] starts another.
    pub(crate) fn kill_after_write(&self) {
        self.state().dying = true;
    }

    /// The machine loses power and comes back. Of what was not durable, `keep` (0 to 255) of 255 parts survive;
    /// a file whose directory entry was not durable survives if `keep` is odd. Of the pages that survive, the
    /// `hole`th is zeros, counted around; 0 spares them all.
    pub(crate) fn lose_power(&self, keep: u8, hole: u8) {
        let mut state = self.state();
        state.faults = None;
        state.locks.clear();
        state.files.retain(|_, file| file.named || keep % 2 == 1);
        for file in state.files.values_mut() {
            let lost =
                if file.dropped { 0 } else { (file.data.len() - file.durable) * usize::from(keep) / 255 };
            file.data.truncate(file.durable + lost);
            if hole > 0 {
                let pages: Vec<&mut [u8]> = file.data[file.durable..].chunks_mut(PAGE).collect();
                let at = usize::from(hole) % pages.len().max(1);
                pages.into_iter().skip(at).take(1).for_each(|page| page.fill(0));
            }
            *file = FakeFile {
                durable: file.data.len(),
                named: true,
                dropped: false,
                data: file.data.split_off(0),
            };
        }
    }

    /// Changes a file behind the log's back.
    pub(crate) fn edit(&self, path: &Path, edit: impl FnOnce(&mut Vec<u8>)) {
        edit(&mut self.state().files.get_mut(path).unwrap().data);
    }

    /// Adds a file behind the log's back.
    pub(crate) fn put(&self, path: &Path, data: Vec<u8>) {
        self.state().files.insert(path.to_owned(), FakeFile { data, ..FakeFile::default() });
    }

    /// Removes a file behind the log's back.
    pub(crate) fn delete(&self, path: &Path) {
        self.state().files.remove(path).unwrap();
    }

    /// All files and what is in them.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.state().files.iter().map(|(path, file)| (path.clone(), file.data.clone())).collect()
    }

    fn attempt(&self, act: Act) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        if state.dead {
            return Err(io::Error::other("the process has ended"));
        }
        match state.faults.as_mut().is_some_and(|faults| faults(act)) {
            true => Err(io::Error::other(format!("{act:?} fails"))),
            false => Ok(state),
        }
    }
}

impl Disk for FakeDisk {
    fn streams(&self, dir: &Path) -> io::Result<Vec<String>> {
        let streams: BTreeSet<_> = self
            .state()
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(dir).ok()?.parent()?.to_str().map(str::to_owned))
            .collect();
        Ok(streams.into_iter().collect())
    }

    fn segments(&self, stream: &Path) -> io::Result<Vec<u32>> {
        let name = |path: &PathBuf| {
            (path.parent() == Some(stream)).then(|| path.file_name()?.to_str().map(str::to_owned))
        };
        Ok(self.state().files.keys().filter_map(|path| segment_number(&name(path)??)).collect())
    }

    fn lock(&self, stream: &Path) -> io::Result<Option<Lock>> {
        struct Guard(FakeDisk, PathBuf);
        impl Drop for Guard {
            fn drop(&mut self) {
                self.0.state().locks.remove(&self.1);
            }
        }
        let free = self.state().locks.insert(stream.to_owned());
        Ok(free.then(|| Box::new(Guard(self.clone(), stream.to_owned())) as Lock))
    }

    fn locked(&self, stream: &Path) -> bool {
        self.state().locks.contains(stream)
    }

    fn read(&self, file: &Path, offset: u64) -> io::Result<Box<dyn BufRead + Send>> {
        let state = self.state();
        let data = &state.files.get(file).ok_or(io::ErrorKind::NotFound)?.data;
        Ok(Box::new(Cursor::new(data[usize::try_from(offset).unwrap()..].to_vec())))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Sink>> {
        let mut state = self.attempt(Act::Create)?;
        if state.files.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.files.insert(path.to_owned(), FakeFile::default());
        Ok(Box::new(FakeSink(self.clone(), path.to_owned())))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        FakeSink(self.clone(), path.to_owned()).sync()
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.attempt(Act::SyncDir)?;
        for (path, file) in &mut state.files {
            file.named |= path.parent() == Some(dir);
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.attempt(Act::Remove)?.files.remove(path).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

struct FakeSink(FakeDisk, PathBuf);

impl Sink for FakeSink {
    /// A write that fails has written half.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let failed = self.0.attempt(Act::Write).map(drop);
        let mut state = self.0.state();
        let written = if failed.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        let dead = state.dead;
        if let Some(file) = state.files.get_mut(&self.1).filter(|_| !dead) {
            file.data.extend_from_slice(written);
        }
        state.dead |= state.dying;
        failed
    }

    fn sync(&mut self) -> io::Result<()> {
        let failed = self.0.attempt(Act::Sync).map(drop);
        let mut state = self.0.state();
        let dead = state.dead;
        let file = state.files.get_mut(&self.1).ok_or(io::ErrorKind::NotFound)?;
        file.dropped |= failed.is_err() && !dead;
        if failed.is_ok() && !file.dropped {
            file.durable = file.data.len();
        }
        failed
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        drop(self.0.attempt(Act::Cut)?);
        self.0.edit(&self.1, |data| data.truncate(usize::try_from(bytes).unwrap()));
        Ok(())
    }
}
