//! Host and Origin: whom we take ourselves for, and whose pages may talk to us.
//!
//! A page of `evil.example` can point its own name at 127.0.0.1 and then speak to a local server as its own
//! origin (DNS rebinding). Its requests carry the name it used in `Host` and its origin in `Origin`.

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};

use super::refusal::Refusal;

/// The names and origins of a server. Loopback is always among them.
#[derive(Debug)]
pub(crate) struct Trust {
    hosts: Vec<Place>,
    origins: Vec<(String, Place)>,
}

/// A host and the port it must have.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: Port,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    Any,
    Exactly(u16),
}

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

impl Trust {
    /// Entries that cannot be read match nothing, which is the safe side; [`Trust::unreadable`] names them.
    pub(crate) fn new(hosts: &[String], origins: &[String]) -> Self {
        let ours = LOOPBACK.into_iter().chain(hosts.iter().map(String::as_str));
        let local = ["http", "https"].into_iter().flat_map(|s| LOOPBACK.map(|h| format!("{s}://{h}:*")));
        Self {
            hosts: ours.filter_map(|host| Place::parse(host, Port::Any)).collect(),
            origins: local.chain(origins.iter().cloned()).filter_map(|o| parse_origin(&o)).collect(),
        }
    }

    /// The configured entries that cannot be read.
    pub(super) fn unreadable<'a>(hosts: &'a [String], origins: &'a [String]) -> Vec<&'a str> {
        let hosts = hosts.iter().filter(|host| Place::parse(host, Port::Any).is_none());
        hosts.chain(origins.iter().filter(|o| parse_origin(o).is_none())).map(String::as_str).collect()
    }

    /// Whether a request means us, for listeners that answer in other words.
    pub(crate) fn trusts(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        self.check(uri, headers).is_ok()
    }

    /// Checks the head of a request.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut named = headers.get_all(HOST).iter();
        let host = named.next().and_then(|host| Authority::try_from(host.as_bytes()).ok());
        if named.next().is_some() || !host.is_some_and(|host| self.is_ours(&host)) {
            return Err(Refusal::host());
        }
        // An absolute request target overrides `Host` (RFC 9112, section 3.2.2).
        if !uri.authority().is_none_or(|authority| self.is_ours(authority)) {
            return Err(Refusal::host());
        }
        let welcome = |origin: &http::HeaderValue| origin.to_str().is_ok_and(|o| self.is_welcome(o));
        if !headers.get_all(ORIGIN).iter().all(welcome) {
            return Err(Refusal::origin());
        }
        Ok(())
    }

    fn is_ours(&self, authority: &Authority) -> bool {
        let port = authority.port_u16();
        // `user@host` has no place in a Host header.
        !authority.as_str().contains('@') && self.hosts.iter().any(|place| place.fits(authority.host(), port))
    }

    fn is_welcome(&self, origin: &str) -> bool {
        let Some((scheme, place)) = parse_origin(origin) else { return false };
        let Port::Exactly(port) = place.port else { return false };
        self.origins.iter().any(|(s, p)| *s == scheme && p.fits(&place.host, Some(port)))
    }
}

impl Place {
    fn parse(text: &str, otherwise: Port) -> Option<Self> {
        let (text, otherwise) = match text.strip_suffix(":*") {
            Some(host) => (host, Port::Any),
            None => (text, otherwise),
        };
        let authority: Authority = text.parse().ok().filter(|a: &Authority| !a.as_str().contains('@'))?;
        let port = authority.port_u16().map_or(otherwise, Port::Exactly);
        Some(Self { host: authority.host().to_ascii_lowercase(), port })
    }

    fn fits(&self, host: &str, port: Option<u16>) -> bool {
        self.host.eq_ignore_ascii_case(host)
            && match self.port {
                Port::Any => true,
                Port::Exactly(wanted) => port == Some(wanted),
            }
    }
}

/// An origin as RFC 6454 writes it: the scheme's own port is left out. `null` is nobody's origin.
fn parse_origin(text: &str) -> Option<(String, Place)> {
    let (scheme, authority) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some((scheme, Place::parse(authority, Port::Exactly(port))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(trust: &Trust, target: &str, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        trust.check(&target.parse().unwrap(), &map).is_ok()
    }

    #[test]
    fn only_our_own_names_are_answered() {
        let trust = Trust::new(&["mcp.example.com".into(), "inner.example.com:8443".into()], &[]);
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "MCP.example.com:9"] {
            assert!(passes(&trust, "/mcp", &[("host", host)]), "{host}");
        }
        assert!(passes(&trust, "/mcp", &[("host", "inner.example.com:8443")]));
        for host in ["evil.example", "localhost.evil.example", "inner.example.com", "a@localhost", "", "::1"]
        {
            assert!(!passes(&trust, "/mcp", &[("host", host)]), "{host}");
        }
        assert!(!passes(&trust, "/mcp", &[]), "a Host is required");
        assert!(!passes(&trust, "/mcp", &[("host", "localhost"), ("host", "localhost")]), "one Host");
        assert!(
            !passes(&trust, "http://evil.example/mcp", &[("host", "localhost")]),
            "the target counts too"
        );
    }

    #[test]
    fn only_known_pages_are_answered() {
        let trust = Trust::new(&[], &["https://app.example.com".into(), "https://dev.example.com:*".into()]);
        let origin = |o: &str| passes(&trust, "/mcp", &[("host", "localhost"), ("origin", o)]);
        for good in [
            "http://localhost:5173",
            "https://127.0.0.1",
            "http://[::1]:1",
            "https://app.example.com",
            "https://app.example.com:443",
            "https://dev.example.com:8443",
        ] {
            assert!(origin(good), "{good}");
        }
        for evil in [
            "null",
            "",
            "https://evil.example",
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "file://localhost",
            "http://localhost:*",
            "https://app.example.com/x",
        ] {
            assert!(!origin(evil), "{evil}");
        }
    }

    #[test]
    fn entries_that_mean_nothing_are_named() {
        let bad = Trust::unreadable(&["a b".into(), "fine".into()], &["example.com".into()]).join(",");
        assert_eq!(bad, "a b,example.com");
    }
}
