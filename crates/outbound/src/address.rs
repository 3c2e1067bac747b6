//! Where a request may go (server-side request forgery).
//!
//! The configured host is trusted at any address except link-local and metadata ones; a URL out of a reply must
//! have the source's origin or a trusted host; plain http goes to loopback only.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use error::{Code, Error, Result};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

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

fn check(url: &Url) -> Result<(), &'static str> {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => return Err("plain http is allowed to loopback only; use https"),
        _ => return Err("must be an http or https URL"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no user name or password");
    }
    let forbidden = match url.host() {
        None => return Err("must name a host"),
        Some(Host::Ipv4(ip)) => is_forbidden(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_forbidden(IpAddr::V6(ip)),
        Some(Host::Domain(name)) => METADATA_NAMES.contains(&name.trim_end_matches('.')),
    };
    if forbidden { Err("must not be a link-local or metadata address") } else { Ok(()) }
}

/// Whether `url` leads to this machine by its name alone.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // RFC 6761, section 6.3.
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

const METADATA_NAMES: &[&str] = &["metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"];

/// Addresses that no vendor has: link-local ones (169.254.169.254 among them), the metadata services of clouds
/// that put theirs elsewhere, and those that are no single host.
fn is_forbidden(ip: IpAddr) -> bool {
    const METADATA_V4: [Ipv4Addr; 2] = [
        Ipv4Addr::new(100, 100, 100, 200), // Alibaba Cloud
        Ipv4Addr::new(192, 0, 0, 192),     // Oracle Cloud
    ];
    const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254); // AWS
    match ip {
        IpAddr::V4(ip) => {
            ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast()
                || METADATA_V4.contains(&ip)
        }
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(v4) => is_forbidden(IpAddr::V4(v4)),
            None => {
                ip.is_unicast_link_local() || ip.is_unspecified() || ip.is_multicast() || ip == METADATA_V6
            }
        },
    }
}

/// The IPv4 address within a mapped (`::ffff:0:0/96`) or translated (`64:ff9b::/96`, RFC 6052) one.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d] = [ip.octets()[12], ip.octets()[13], ip.octets()[14], ip.octets()[15]];
    let is_translated = ip.octets()[..12] == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
    ip.to_ipv4_mapped().or_else(|| is_translated.then(|| Ipv4Addr::new(a, b, c, d)))
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
    fn configured_addresses() {
        for good in [
            "https://jira.example/",
            "https://10.1.2.3:8443/jira",
            "https://[fd12::1]/",
            "http://127.0.0.1:9",
            "http://localhost:80/x",
            "http://[::1]:80/",
        ] {
            check_configured("base_url", &url(good)).unwrap();
        }
        for bad in [
            "http://jira.example/",
            "http://10.1.2.3/",
            "https://169.254.169.254/",
            "https://2852039166/",          // the same as one number
            "https://0xA9.0xFE.0xA9.0xFE/", // and in hexadecimal
            "https://[::ffff:169.254.169.254]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
            "https://0.0.0.0/",
            "https://metadata.google.internal/",
            "https://user@jira.example/",
            "https://user:pass@jira.example/",
            "ftp://jira.example/",
            "file:///etc/passwd",
            "http://localhost.evil.example/",
        ] {
            assert!(check_configured("base_url", &url(bad)).is_err(), "{bad}");
        }
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
