//! `[store]`: where operations, plans and approvals are kept.

use error::Result;
use oauth::Secret;
use secrecy::ExposeSecret as _;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use store::Location;

/// `[store]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreTable {
    /// A file, `memory`, or PostgreSQL, which replicas share: `postgres://...`, as a secret (`env:NAME`,
    /// `file:PATH`) where a password is in it. A file in the user's state directory; memory with `--sandbox`.
    url: Option<Url>,
}

/// A place that was named, or where its name is.
#[derive(Debug)]
enum Url {
    Told(Location),
    Secret(Secret),
}

impl StoreTable {
    /// Where the state lives; `None` where nobody said.
    ///
    /// # Errors
    /// Where a secret is not there or names no place.
    pub(crate) fn location(&self) -> Result<Option<Location>> {
        match &self.url {
            None => Ok(None),
            Some(Url::Told(location)) => Ok(Some(location.clone())),
            Some(Url::Secret(secret)) => Location::parse(secret.resolve()?.expose_secret()).map(Some),
        }
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // No error of serde's own is let through: it would quote what may hold a password.
        let text = String::deserialize(from).map_err(|_| D::Error::custom("`url` is a text"))?;
        if let Some(secret) = reference(&text).map_err(D::Error::custom)? {
            return Ok(Self::Secret(secret));
        }
        let problem = |e: error::Error| e.wire("").fields.pop().map_or_else(String::new, |f| f.problem);
        Location::parse(&text)
            .map(Self::Told)
            .map_err(|e| D::Error::custom(format!("`url` {}; {}", problem(e.clone()), e.wire("").hint)))
    }
}

/// What a URL's text refers to, if it is a reference to where the URL is. Any other text may be shown: a password in it
/// is refused.
pub(super) fn reference(text: &str) -> Result<Option<Secret>, String> {
    if text.starts_with("env:") || text.starts_with("file:") {
        return Secret::parse(text).map(Some).map_err(|e| e.message().to_owned());
    }
    match has_password(text) {
        true => Err(
            "a URL with a password is a secret: put it into a file or a variable and write `file:PATH` or \
                     `env:NAME`"
                .to_owned(),
        ),
        false => Ok(None),
    }
}

/// Whether a URL holds a password, before the host or among the parameters.
fn has_password(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':')) || rest.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<StoreTable, String> {
        toml::from_str(&format!("url = {url:?}")).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn places_are_told_apart() {
        let of = |url: &str| format!("{:?}", read(url).unwrap().location().unwrap());
        assert_eq!(of("/var/lib/chancery/crm.db"), r#"Some(File("/var/lib/chancery/crm.db"))"#);
        assert_eq!(of("memory"), "Some(Memory)");
        assert!(of("postgres://chancery@db/chancery?sslmode=verify-full").starts_with("Some(Postgres("));
        assert!(StoreTable::default().location().unwrap().is_none());
    }

    #[test]
    fn a_password_comes_from_elsewhere() {
        for url in ["postgres://u:canary@db/x", "postgresql://u:canary@db", "postgres://db/x?password=canary"]
        {
            let problem = read(url).unwrap_err();
            assert!(
                problem.contains("`file:PATH` or `env:NAME`") && !problem.contains("canary"),
                "{problem}"
            );
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://u:canary@db/x\n").unwrap();
        let table = read(&format!("file:{}", file.display())).unwrap();
        assert!(matches!(table.location(), Ok(Some(Location::Postgres(_)))));
        assert!(!format!("{table:?}{:?}", table.location()).contains("canary"));
    }

    #[test]
    fn what_is_no_place_is_refused_with_the_cure() {
        for url in ["", "mysql://db/x"] {
            let problem = read(url).unwrap_err();
            assert!(problem.contains("postgres://") && problem.contains("file"), "{problem}");
        }
    }
}
