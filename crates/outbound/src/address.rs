//! Where a request may go (server-side request forgery).
//!
//! The configured host is trusted at any address except link-local and metadata ones; a URL out of a reply must
//! have the source's origin or a trusted host; plain http goes to loopback only.

use std::net::SocketAddr;

pub(crate) use call::address::is_loopback;
use call::address::{check, is_forbidden};
use error::{Code, Error, Result};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Url;

/// Checks a URL out of the configuration; `key` names it in the error.
pub(crate) fn check_configured(key: &str, url: &Url) -> Result<()> {
    check(url).map_err(|problem| Error::invalid(key, problem))
}

/// Checks a URL out of a vendor's reply against the source's own and the hosts its vendor is trusted with.
pub(crate) fn follow(base: &Url, trusted_suffixes: &[&str], target: &str) -> Result<Url> {
    let refused = |problem: &str| {
        Error::new(Code::UpstreamGarbled, "the vendor's answer leads to an address that is not trusted")
            .detail(format!("{problem}: {target}"))
    };
    let url = base.join(target).map_err(|_| refused("not a URL"))?;
    check(&url).map_err(refused)?;
    let within = |suffix: &str, host: &str| {
        host.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let host = url.host_str().unwrap_or_default();
    let is_trusted =
        url.origin() == base.origin() || trusted_suffixes.iter().any(|suffix| within(suffix, host));
    if is_trusted { Ok(url) } else { Err(refused("another host")) }
}

/// The system's resolver without the addresses that no vendor has: a name may change its address after it was
/// checked, so the check is made on what is connected to.
pub(crate) struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = allowed(found)?;
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

fn allowed(found: impl Iterator<Item = SocketAddr>) -> std::io::Result<Vec<SocketAddr>> {
    let allowed: Vec<_> = found.filter(|a| !is_forbidden(a.ip())).collect();
    if allowed.is_empty() {
        return Err(std::io::Error::other("the name has no address that may be connected to"));
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn urls_out_of_replies() {
        let base = url("https://jira.example/ex/1");
        let follow = |target: &str| follow(&base, &["my.vendor.example"], target);
        for good in [
            "https://jira.example/rest?page=2",
            "/rest?page=2",
            "https://jira.example:443/x",
            "https://my.vendor.example/x",
            "https://eu.my.vendor.example/x",
        ] {
            follow(good).unwrap();
        }
        for bad in [
            "https://evil.example/",
            "https://jira.example:444/",
            "http://jira.example/",
            "//evil.example/",
            "https://jira.example@evil.example/",
            "https://jira.example.evil.example/",
            "https://evilmy.vendor.example/",
            "http://eu.my.vendor.example/",
            "https://169.254.169.254/latest/meta-data",
            "javascript:alert(1)",
            "http://localhost:9/",
        ] {
            assert!(follow(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_that_leads_to_forbidden_addresses_only_does_not_resolve() {
        let addresses = |ips: &[&str]| {
            let parsed: Vec<_> = ips.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
            allowed(parsed.into_iter())
        };
        assert_eq!(addresses(&["169.254.169.254", "10.0.0.1"]).unwrap().len(), 1);
        assert!(addresses(&["169.254.169.254", "fe80::1"]).is_err());
        assert!(addresses(&[]).is_err());
    }
}
