#![doc = include_str!("../README.md")]

use std::fmt;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::PathBuf;

use error::{Code, Error, Result};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

/// Where a secret is, never what it is: `env:NAME` or `file:PATH`.
///
/// A file is read again each time the secret is needed, so that a rotated one is seen without a restart.
#[derive(Clone)]
pub struct Secret(Place);

#[derive(Clone)]
enum Place {
    Env(String),
    File(PathBuf),
    Literal(SecretString),
}

impl Secret {
    /// Reads a reference as it stands in a configuration file. A literal value is refused: configuration files
    /// are copied, shown and committed.
    pub fn parse(reference: &str) -> Result<Self> {
        match reference.split_once(':') {
            Some(("env", name)) if is_variable(name) => Ok(Self(Place::Env(name.to_owned()))),
            Some(("file", path)) if !path.is_empty() => Ok(Self(Place::File(PathBuf::from(path)))),
            // The text is not repeated: it may be the secret itself.
            _ => Err(Error::invalid("secret", "must be `env:NAME` or `file:PATH`, not the secret itself")),
        }
    }

    /// A secret held in memory, for simulators and tests; configuration cannot express it.
    #[must_use]
    pub fn literal(value: impl Into<String>) -> Self {
        Self(Place::Literal(SecretString::from(value.into())))
    }

    /// Whether the value may change while the process runs.
    #[must_use]
    pub fn can_change(&self) -> bool {
        matches!(self.0, Place::File(_))
    }

    /// The secret itself, without trailing line breaks. `upstream_auth` if there is none: the error names the
    /// reference and the cure.
    pub fn resolve(&self) -> Result<SecretString> {
        let value = match &self.0 {
            Place::Literal(value) => return Ok(value.clone()),
            Place::Env(name) => std::env::var(name)
                .map_err(|_| self.missing(format!("set the environment variable {name}"), None))?,
            // A blocking read of a few bytes, a few times an hour: cheaper than a hop to another thread.
            Place::File(path) => std::fs::read_to_string(path).map_err(|e| {
                let place = path.display();
                let cure = match e.kind() {
                    ErrorKind::InvalidData | ErrorKind::IsADirectory => {
                        format!("put the secret into {place} as text; it is a folder, or holds no text")
                    }
                    _ => format!("create {place} and let this process read it"),
                };
                self.missing(cure, Some(e))
            })?,
        };
        let value = value.trim_end_matches(['\r', '\n']);
        if value.is_empty() {
            return Err(self.missing("put the secret there; it is empty".to_owned(), None));
        }
        Ok(SecretString::from(value))
    }

    fn missing(&self, cure: String, cause: Option<std::io::Error>) -> Error {
        let error = Error::new(Code::UpstreamAuth, format!("the secret {self:?} cannot be read"))
            .hint(format!("Tell the operator: {cure}."));
        match cause {
            Some(cause) => error.source(cause),
            None => error,
        }
    }
}

/// Shows the reference only.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Env(name) => write!(f, "env:{name}"),
            Place::File(path) => write!(f, "file:{}", path.display()),
            Place::Literal(_) => f.write_str("(in memory)"),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // No error of serde's own is let through: it would quote the value.
        let text = String::deserialize(deserializer)
            .map_err(|_| serde::de::Error::custom("a secret is a string: `env:NAME` or `file:PATH`"))?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(e.message()))
    }
}

/// Refuses a file that others on this machine may use: everybody at all, or its group for writing. An error is the problem
/// and its cure.
#[cfg(unix)]
pub fn check_mode(meta: &Metadata) -> std::result::Result<(), (&'static str, &'static str)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = meta.permissions().mode();
    let cure = "Run `chmod 600` on it; for a Kubernetes secret set `defaultMode: 0440`.";
    if mode & 0o007 != 0 {
        return Err(("everybody on this machine may use it", cure));
    }
    if mode & 0o020 != 0 { Err(("its group may write it", cure)) } else { Ok(()) }
}

/// Elsewhere files have no such mode.
#[cfg(not(unix))]
pub fn check_mode(_meta: &Metadata) -> std::result::Result<(), (&'static str, &'static str)> {
    Ok(())
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_literal_in_configuration_is_refused_and_not_repeated() {
        for text in ["hunter2-canary", "env:", "env:1X", "env:A B", "file:", "vault:hunter2-canary", ""] {
            let error = serde_json::from_value::<Secret>(text.into()).unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
        }
        let error = serde_json::from_str::<Secret>("20081977").unwrap_err();
        assert!(!error.to_string().contains("20081977"), "{error}");
    }

    #[test]
    fn a_file_is_read_again_after_it_changed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let secret = Secret::parse(&format!("file:{}", path.display())).unwrap();
        let error = secret.resolve().unwrap_err();
        assert_eq!(error.code(), Code::UpstreamAuth);
        assert!(error.message().contains("token"), "names the file: {error}");
        for value in ["one\n", "two\r\n"] {
            std::fs::write(&path, value).unwrap();
            assert_eq!(secret.resolve().unwrap().expose_secret(), value.trim_end());
        }
        std::fs::write(&path, "\n").unwrap();
        assert!(secret.resolve().is_err(), "an empty file is not an empty password");
        let folder = Secret::parse(&format!("file:{}", dir.path().display())).unwrap();
        assert!(folder.resolve().unwrap_err().wire("").hint.contains("it is a folder"));
    }

    #[test]
    fn debug_shows_the_reference_only() {
        assert_eq!(format!("{:?}", Secret::parse("env:JIRA_SECRET").unwrap()), "env:JIRA_SECRET");
        assert_eq!(format!("{:?}", Secret::literal("canary")), "(in memory)");
    }
}
