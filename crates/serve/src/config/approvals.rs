//! `[approvals]`: the page on which people decide, and who is told of it.

use std::net::SocketAddr;
use std::path::PathBuf;

use oauth::Secret;
use serde::Deserialize;
use url::Url;

use super::{Config, Problem};

/// `[approvals]`. Without it people decide on the command line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalsTable {
    /// Where `serve` serves the page; nowhere.
    #[serde(default, deserialize_with = "super::tables::listener")]
    pub(crate) listen: Option<SocketAddr>,
    /// The page as approvers reach it: `https://approvals.example.com`. What `listen` says.
    url: Option<Url>,
    /// Who is told of every request, by a signed POST; nobody.
    pub(crate) webhook: Option<Webhook>,
}

/// `[approvals.webhook]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    /// Where the word goes. The address is often itself a secret: `env:NAME` and `file:PATH` are taken as well.
    url: String,
    /// What the word is signed with.
    pub(crate) secret: Secret,
    /// Private certificate authorities, PEM; trusted besides the platform's. None.
    pub(crate) ca_file: Option<PathBuf>,
    /// An HTTP proxy without user name and password; `HTTPS_PROXY` and `NO_PROXY`.
    #[serde(default, deserialize_with = "call::address::proxy")]
    pub(crate) proxy: Option<Url>,
}

/// What the table comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) listen: SocketAddr,
    /// The page's address without a slash at its end.
    pub(crate) url: String,
    /// Its host, as it stands in a browser's `Host` header.
    pub(crate) host: String,
    /// Its origin, as it stands in a browser's `Origin` header: with the port, unless it is the scheme's own.
    pub(crate) origin: String,
    /// Whether browsers come over TLS.
    pub(crate) secure: bool,
}

const NO_KEYS: &str = "the page needs a key that signs decisions and that the command line shares: set `keys = [\"file:PATH\"]` in `[seal]`";
const NO_TLS: &str = "beyond loopback decisions must not be made in the clear. Set `[tls]`, or `behind_tls_proxy = true` in `[server]`";

impl Config {
    /// Where people decide, if there is a page.
    ///
    /// # Errors
    /// Where the table leaves out what a page needs.
    pub(crate) fn approval_page(&self) -> Result<Option<Place>, Problem> {
        let table = &self.approvals;
        let problem = |key: &str, what: &str| Problem::at(format!("approvals.{key}"), what);
        let Some(listen) = table.listen else {
            return match (&table.url, &table.webhook) {
                (None, None) => Ok(None),
                _ => Err(problem("listen", "is required: without a page there is nothing to link to")),
            };
        };
        let (over_tls, behind_proxy) = (self.tls.is_some(), self.server.behind_tls_proxy);
        if self.seal.keys.is_empty() {
            return Err(problem("listen", NO_KEYS));
        }
        if !listen.ip().is_loopback() && !over_tls && !behind_proxy {
            return Err(problem("listen", NO_TLS));
        }
        let scheme = if over_tls { "https" } else { "http" };
        let url = match &table.url {
            Some(url) => url.clone(),
            None if listen.port() == 0 || listen.ip().is_unspecified() => {
                return Err(problem(
                    "url",
                    "is required: `listen` does not say where approvers find the page",
                ));
            }
            None => {
                Url::parse(&format!("{scheme}://{listen}")).map_err(|e| problem("listen", &e.to_string()))?
            }
        };
        let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https") && url.path() == "/");
        let Some(host) = host.map(str::to_owned) else {
            return Err(problem("url", "must be like `https://approvals.example.com`, without a path"));
        };
        let (secure, origin) = (url.scheme() == "https", url.origin().ascii_serialization());
        let url = url.as_str().trim_end_matches('/').to_owned();
        Ok(Some(Place { listen, url, host, origin, secure }))
    }
}

impl Webhook {
    /// Where the word goes.
    ///
    /// # Errors
    /// Where it is no address that may be called.
    pub(crate) fn address(&self) -> Result<String, Problem> {
        let problem = |what: String| Problem::at("approvals.webhook.url", what);
        let secret = |text: &str| text.starts_with("env:") || text.starts_with("file:");
        let text = match secret(&self.url) {
            true => {
                let read = Secret::parse(&self.url).and_then(|secret| secret.resolve());
                let read = read.map_err(|e| problem(crate::cli::told(&e)))?;
                secrecy::ExposeSecret::expose_secret(&read).to_owned()
            }
            false => self.url.clone(),
        };
        // The text is not repeated: whoever has it can write to the chat.
        let url = Url::parse(&text).map_err(|e| problem(format!("is no URL: {e}")))?;
        call::address::check(&url).map_err(|what| problem(what.to_owned()))?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Overrides;
    use super::*;

    fn page(text: &str) -> Result<Option<Place>, String> {
        let config = Config::parse("c.toml", text, &Overrides::default()).map_err(|e| e.to_string())?;
        config.approval_page().map_err(|e| e.to_string())
    }

    fn keyed(text: &str) -> Result<Option<Place>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "a key of some length").unwrap();
        page(&format!("[seal]\nkeys = [\"file:{}\"]\n{text}", file.path().display()))
    }

    #[test]
    fn a_page_is_where_the_table_says() {
        assert_eq!(page("").unwrap(), None);
        let local = keyed("[approvals]\nlisten = \"127.0.0.1:8090\"").unwrap().unwrap();
        assert_eq!((local.url.as_str(), local.secure), ("http://127.0.0.1:8090", false));
        let far = "[server]\nbehind_tls_proxy = true\n[approvals]\nlisten = \"0.0.0.0:0\"\nurl = \"https://ok.example/\"";
        let far = keyed(far).unwrap().unwrap();
        assert_eq!(
            (far.url.as_str(), far.host.as_str(), far.secure),
            ("https://ok.example", "ok.example", true)
        );
    }

    #[test]
    fn a_browsers_origin_is_that_of_the_url_with_its_port() {
        let origin = |approvals: &str| {
            let text = format!("[server]\nbehind_tls_proxy = true\n[approvals]\n{approvals}");
            keyed(&text).unwrap().unwrap().origin
        };
        assert_eq!(origin("listen = \"10.0.0.5:8090\""), "http://10.0.0.5:8090");
        for (url, expected) in [
            ("https://OK.example:8443", "https://ok.example:8443"),
            ("https://ok.example:443/", "https://ok.example"),
            ("http://[2001:db8::1]:8090", "http://[2001:db8::1]:8090"),
        ] {
            assert_eq!(origin(&format!("listen = \"127.0.0.1:8090\"\nurl = {url:?}")), expected);
        }
    }

    #[test]
    fn what_a_page_needs_is_said() {
        for (text, cure) in [
            ("[approvals]\nurl = \"https://ok.example\"", "listen"),
            ("[approvals]\nlisten = \"0.0.0.0:1\"", "behind_tls_proxy"),
            ("[approvals]\nlisten = \"127.0.0.1:0\"", "approvals.url"),
            ("[approvals]\nlisten = \"127.0.0.1:1\"\nurl = \"https://ok.example/sub\"", "without a path"),
            ("[approvals]\nlistn = \"127.0.0.1:1\"", "did you mean `listen`"),
        ] {
            let told = keyed(text).unwrap_err();
            assert!(told.contains(cure), "{told}");
        }
        let told = page("[approvals]\nlisten = \"127.0.0.1:1\"").unwrap_err();
        assert!(told.contains("[seal]"), "{told}");
    }

    #[test]
    fn a_webhook_is_called_where_it_may_be() {
        let address = |url: &str| {
            let hook = Webhook { url: url.into(), secret: Secret::literal("s"), ca_file: None, proxy: None };
            hook.address().map_err(|e| e.to_string())
        };
        assert_eq!(address("https://chat.example/in").unwrap(), "https://chat.example/in");
        for url in ["http://chat.example/canary", "https://169.254.169.254/canary", "canary"] {
            let told = address(url).unwrap_err();
            assert!(told.contains("approvals.webhook.url") && !told.contains("canary"), "{told}");
        }
    }
}
