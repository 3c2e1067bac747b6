//! The file of keys: read, made and revoked.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::rand;
use error::{Code, Error, Result};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use secret::Secret;

use super::PREFIX;
use super::line::Key;
use crate::KeysConfig;

/// Live keys of one subject: the present one and the next, so that a key is changed without a pause.
const MOST_LIVE: usize = 2;
/// The longest life of a key.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
/// The shortest pepper.
const LEAST_PEPPER: usize = 16;

/// Where the keys of a server stand.
#[derive(Clone, Debug)]
pub struct KeyFile {
    path: PathBuf,
    pepper: Secret,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Whose it is.
    pub subject: String,
    /// The tenant.
    pub tenant: Option<String>,
    /// What is granted; at least one scope.
    pub scopes: BTreeSet<String>,
    /// The roles.
    pub roles: BTreeSet<String>,
    /// How long it lives; at most a year.
    pub life: Duration,
}

/// A key that was made.
pub struct Created {
    /// The key itself: shown once, stored nowhere.
    pub secret: SecretString,
    /// What of it the file holds.
    pub key: Key,
    /// The line for the file where it could not be written, to be added by hand.
    pub line: Option<String>,
}

impl KeyFile {
    /// The file that the configuration names. Nothing is read yet.
    #[must_use]
    pub fn new(config: &KeysConfig) -> Self {
        Self { path: config.file.clone(), pepper: config.pepper.clone() }
    }

    /// The file itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a key for `new` and adds it to the file, which is created if it is missing.
    ///
    /// # Errors
    /// `invalid_argument` if it would live longer than a year or grant nothing, or if the file or the pepper is not in
    /// order; `conflict` if the subject has two live keys of this tenant already.
    pub fn create(&self, new: &NewKey, now: Timestamp) -> Result<Created> {
        new.check()?;
        let pepper = self.pepper()?;
        let alone = self.locked();
        let text = if self.path.exists() { self.contents()? } else { Vec::new() };
        let keys = self.parse(&text)?;
        // The same subject of another tenant is somebody else.
        let same = |key: &&Key| key.subject == new.subject && key.tenant == new.tenant;
        let live = keys.iter().filter(same).filter(|key| key.is_live(now)).count();
        if live >= MOST_LIVE {
            let message = format!("{} has {live} live keys already", new.subject);
            return Err(Error::new(Code::Conflict, message).hint("Revoke the one that is no longer used."));
        }
        let id = call::hex(&random::<6>()?);
        let secret = SecretString::from(format!("{PREFIX}{id}_{}", call::hex(&random::<32>()?)));
        let key = Key::new(id, secret.expose_secret(), &pepper, new, now);
        let line = key.line()?;
        let mut whole = text;
        if !whole.is_empty() && !whole.ends_with(b"\n") {
            whole.push(b'\n');
        }
        whole.extend_from_slice(line.as_bytes());
        whole.push(b'\n');
        let written = alone.and_then(|_alone| self.replace(&whole));
        if let Err(error) = &written {
            tracing::debug!(%error, "the key file cannot be written");
        }
        Ok(Created { secret, key, line: written.is_err().then_some(line) })
    }

    /// All keys, in the order of the file.
    ///
    /// # Errors
    /// `invalid_argument` if the file is not in order.
    pub fn list(&self) -> Result<Vec<Key>> {
        self.parse(&self.contents()?)
    }

    /// Revokes the key called `id`: servers stop taking it within seconds. Its line stays, as evidence.
    ///
    /// # Errors
    /// `not_found` if there is no such key; `invalid_argument` if the file is not in order or cannot be written.
    pub fn revoke(&self, id: &str, now: Timestamp) -> Result<Key> {
        let alone = self.locked();
        let text = self.contents()?;
        let mut key = self
            .parse(&text)?
            .into_iter()
            .find(|key| key.id == id)
            .ok_or_else(|| Error::new(Code::NotFound, format!("there is no key `{id}`")))?;
        key.revoked.get_or_insert(now);
        let text = String::from_utf8_lossy(&text);
        let whole: String = text.split_inclusive('\n').map(|line| with(line, &key)).collect::<Result<_>>()?;
        alone.and_then(|_alone| self.replace(whole.as_bytes())).map_err(|e| {
            self.unusable(&format!("it cannot be written: {e}")).hint("Remove the line by hand.")
        })?;
        Ok(key)
    }

    /// The pepper. `invalid_argument` if it is too short to be one.
    pub(super) fn pepper(&self) -> Result<SecretString> {
        let pepper = self.pepper.resolve()?;
        if pepper.expose_secret().len() < LEAST_PEPPER {
            let problem = format!("must have at least {LEAST_PEPPER} characters");
            return Err(
                Error::invalid("identity/keys/pepper", problem).hint("Make one with `openssl rand -hex 32`.")
            );
        }
        Ok(pepper)
    }

    /// The bytes of the file, if it is nobody else's to read or write.
    pub(super) fn contents(&self) -> Result<Vec<u8>> {
        let meta = std::fs::metadata(&self.path).map_err(|e| {
            self.unusable(&format!("it cannot be read: {e}")).hint("Make it with `keys create`.")
        })?;
        // Hashes of keys are no secrets to bring down a house, but scopes and principals are nobody's business, and whoever
        // can write the file can call as anybody.
        secret::check_mode(&meta).map_err(|(problem, cure)| self.unusable(problem).hint(cure))?;
        std::fs::read(&self.path).map_err(|e| self.unusable(&format!("it cannot be read: {e}")))
    }

    /// The keys of a file's text. Lines that are empty or begin with `#` are passed over.
    pub(super) fn parse(&self, text: &[u8]) -> Result<Vec<Key>> {
        let text = std::str::from_utf8(text).map_err(|_| self.unusable("it is no text"))?;
        let mut keys: Vec<Key> = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| is_key(line)) {
            let wrong = |what: String| self.unusable(&format!("line {}: {what}", at + 1));
            let key: Key = serde_json::from_str(line).map_err(|e| wrong(e.to_string()))?;
            if !key.is_sound() {
                return Err(wrong("the key is incomplete".to_owned()));
            }
            if keys.iter().any(|other| other.id == key.id) {
                return Err(wrong(format!("the key `{}` stands twice", key.id)));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    /// Waits until no other command reads and writes the file, and keeps them out while it lives: of two at once one would
    /// write what it read before the other, and bring a revoked key back.
    fn locked(&self) -> std::io::Result<std::fs::File> {
        let file = private(&self.path.with_extension("lock"))?;
        self.hand_over(&file)?;
        file.lock()?;
        Ok(file)
    }

    /// Gives a new file the owner and the mode of the key file if there is one: the server that reads it is seldom who
    /// runs the command.
    #[cfg(unix)]
    fn hand_over(&self, file: &std::fs::File) -> std::io::Result<()> {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        match std::fs::metadata(&self.path) {
            Ok(was) => {
                fchown(file, Some(was.uid()), Some(was.gid()))?;
                file.set_permissions(was.permissions())
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    #[cfg(not(unix))]
    fn hand_over(&self, _file: &std::fs::File) -> std::io::Result<()> {
        Ok(())
    }

    /// Writes the whole file beside its place and moves it there: a reader sees the old one or the new one. The folder is
    /// made durable too: a move that a loss of power takes back would bring a revoked key back.
    fn replace(&self, text: &[u8]) -> std::io::Result<()> {
        let beside = self.path.with_extension("new");
        let mut file = private(&beside)?;
        let written =
            self.hand_over(&file).and_then(|()| file.write_all(text)).and_then(|()| file.sync_all());
        written.and_then(|()| std::fs::rename(&beside, &self.path)).inspect_err(|_| {
            // What is left of a failed attempt is in nobody's way.
            let _removed = std::fs::remove_file(&beside);
        })?;
        // The new file is there for every reader; not every file system can say more.
        if let Err(error) = sync_folder(&self.path) {
            tracing::warn!(%error, "the folder of the key file cannot be made durable");
        }
        Ok(())
    }

    fn unusable(&self, why: &str) -> Error {
        Error::invalid("identity/keys/file", format!("{} cannot be used: {why}", self.path.display()))
    }
}

impl NewKey {
    fn check(&self) -> Result<()> {
        if self.subject.is_empty() {
            return Err(Error::invalid("subject", "must not be empty"));
        }
        if self.scopes.is_empty() {
            return Err(Error::invalid("scopes", "must name at least one"));
        }
        if self.life.is_zero() || self.life > LONGEST {
            return Err(Error::invalid("life", "must be between a second and 366 days"));
        }
        Ok(())
    }
}

fn is_key(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with('#')
}

/// A line of the file as it is, or `key` in its place if it is that key's. What people wrote between keys stays.
fn with<'l>(line: &'l str, key: &Key) -> Result<Cow<'l, str>> {
    let is_its = is_key(line) && serde_json::from_str::<Key>(line).is_ok_and(|of| of.id == key.id);
    if !is_its {
        return Ok(line.into());
    }
    let end = &line[line.trim_end_matches(['\r', '\n']).len()..];
    Ok(format!("{}{end}", key.line()?).into())
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::internal("there is no randomness"))?;
    Ok(bytes)
}

#[cfg(unix)]
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere a folder cannot be opened; its entries are durable when the system says so.
#[cfg(not(unix))]
fn sync_folder(_file: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::File::create(path)
}
