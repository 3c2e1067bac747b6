//! Repositories and issues as they are named: `acme/web`, `acme/web#7`, URLs.

use std::fmt;

use error::{Candidate, Code, Error, Result};
use url::Url;

/// A repository, spelled as in the configuration. GitHub itself ignores case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Repository {
    /// A user or organization.
    pub(super) owner: String,
    /// Its name.
    pub(super) name: String,
}

/// An issue of a repository: `acme/web#7`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Where it is.
    pub(super) repository: Repository,
    /// Its number there, shared with pull requests.
    pub(super) number: u64,
}

/// The repositories of the configuration: what may be asked for at all.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    repositories: Vec<Repository>,
    /// Where people look at issues: `https://github.com/`.
    web: Option<Url>,
}

impl Repository {
    /// Reads `owner/name`, both of `[A-Za-z0-9._-]` and not of dots alone.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (owner, name) = text.split_once('/')?;
        (is_segment(owner) && is_segment(name))
            .then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Whether `text` names it, case aside.
    pub(super) fn is(&self, text: &str) -> bool {
        text.split_once('/').is_some_and(|(owner, name)| {
            owner.eq_ignore_ascii_case(&self.owner) && name.eq_ignore_ascii_case(&self.name)
        })
    }

    /// One of its issues.
    pub(super) fn at(&self, number: u64) -> Place {
        Place { repository: self.clone(), number }
    }
}

impl Place {
    /// Owner, name and number, as route parameters.
    pub(super) fn parameters(&self) -> [String; 3] {
        [self.repository.owner.clone(), self.repository.name.clone(), self.number.to_string()]
    }
}

fn is_segment(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=100).contains(&text.len()) && text.bytes().all(allowed) && text.bytes().any(|b| b != b'.')
}

impl Reach {
    /// The configured repositories at this API base URL.
    pub(super) fn new(repositories: Vec<Repository>, base: &Url) -> Self {
        Self { repositories, web: web_of(base) }
    }

    /// Every repository.
    pub(super) fn all(&self) -> &[Repository] {
        &self.repositories
    }

    /// The repository that `owner/name` or an API URL's last two segments name, if it is configured.
    pub(super) fn find(&self, full_name: &str) -> Option<&Repository> {
        self.repositories.iter().find(|one| one.is(full_name))
    }

    /// The repository of an issue in a vendor reply, by its `repository_url`; `None` if it is not configured.
    pub(super) fn of_url(&self, repository_url: &str) -> Option<&Repository> {
        let mut segments = repository_url.rsplit('/');
        let (name, owner) = (segments.next()?, segments.next()?);
        self.find(&format!("{owner}/{name}"))
    }

    /// The repository called `key`. Errors: `not_found` with the configured ones.
    pub(super) fn named(&self, key: &str) -> Result<&Repository> {
        self.find(key).ok_or_else(|| {
            let message = format!("repository `{}` is not among those of this source", content::cut(key, 80));
            let candidate = |one: &Repository| Candidate::new(one.to_string(), one.to_string());
            self.repositories
                .iter()
                .map(candidate)
                .fold(Error::new(Code::NotFound, message), Error::candidate)
        })
    }

    /// The repositories of a query: the one it names, or all.
    pub(super) fn within(&self, project: Option<&str>) -> Result<Vec<&Repository>> {
        match project {
            Some(key) => self.named(key).map(|one| vec![one]),
            None => Ok(self.repositories.iter().collect()),
        }
    }

    /// Reads a native id. Errors: `not_found` for what cannot be an issue within reach.
    pub(super) fn place(&self, id: &str) -> Result<Place> {
        self.read(id).ok_or_else(|| {
            Error::new(Code::NotFound, "no repository of this source has such an issue")
                .hint("an issue is named owner/repository#number")
        })
    }

    /// `acme/web#7` or the URL of an issue.
    pub(super) fn recognize(&self, reference: &str) -> Option<Place> {
        self.read(reference).or_else(|| self.by_url(reference))
    }

    fn read(&self, id: &str) -> Option<Place> {
        let (repository, number) = id.rsplit_once('#')?;
        Some(self.find(repository)?.at(read_number(number)?))
    }

    fn by_url(&self, text: &str) -> Option<Place> {
        let (url, web) = (Url::parse(text).ok()?, self.web.as_ref()?);
        if url.origin() != web.origin() {
            return None;
        }
        let segments: Vec<&str> = url.path_segments()?.filter(|s| !s.is_empty()).collect();
        let [owner, name, "issues", number] = segments.as_slice() else { return None };
        Some(self.find(&format!("{owner}/{name}"))?.at(read_number(number)?))
    }
}

/// A number without sign and leading zeros.
fn read_number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    digits.then(|| text.parse().ok()).flatten()
}

/// The web address that belongs to an API base: `api.github.com` serves `github.com`, and data-residency tenants
/// (`api.TENANT.ghe.com`) and Enterprise Servers (`HOST/api/v3`) their own host.
fn web_of(base: &Url) -> Option<Url> {
    let mut web = base.join("/").ok()?;
    let host = base.host_str()?;
    if let Some(public) = host.strip_prefix("api.").filter(|h| *h == "github.com" || h.ends_with(".ghe.com"))
    {
        web.set_host(Some(public)).ok()?;
    }
    Some(web)
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.repository, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(base: &str) -> Reach {
        let repositories = ["acme/web", "acme/sdk"].map(|one| Repository::parse(one).unwrap());
        Reach::new(repositories.to_vec(), &Url::parse(base).unwrap())
    }

    #[test]
    fn keys_and_urls_are_recognized_and_spelled_as_configured() {
        let reach = reach("https://api.github.com");
        for text in ["acme/web#7", "Acme/WEB#7", "https://github.com/acme/web/issues/7#issuecomment-1"] {
            assert_eq!(reach.recognize(text).unwrap().to_string(), "acme/web#7", "{text}");
        }
        for text in [
            "acme/secret#7",
            "acme/web#07",
            "acme/web#-7",
            "acme/web#",
            "PAY-12",
            "#7",
            "https://github.com/acme/web/pull/7",
            "https://evil.example/acme/web/issues/7",
            "https://api.github.com/repos/acme/web/issues/7",
            "acme/web#99999999999999999999999",
        ] {
            assert!(reach.recognize(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_kind_of_host_has_its_web_address() {
        for (base, url) in [
            ("https://ghe.example/api/v3/", "https://ghe.example/acme/web/issues/3"),
            ("https://api.acme.ghe.com", "https://acme.ghe.com/acme/web/issues/3"),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000/acme/web/issues/3"),
        ] {
            assert!(reach(base).recognize(url).is_some(), "{base}");
        }
    }

    #[test]
    fn rows_of_other_repositories_have_no_place() {
        let reach = reach("https://api.github.com");
        assert!(reach.of_url("https://api.github.com/repos/acme/sdk").is_some());
        assert!(reach.of_url("https://api.github.com/repos/other/secret").is_none());
        assert_eq!(reach.named("acme/wbe").unwrap_err().code(), Code::NotFound);
    }
}
