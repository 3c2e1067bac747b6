//! Where a request may go at all (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize as _, Deserializer};
use url::{Host, Url};

/// Whether a request may go to `url` by what it says of itself: https, or plain http to loopback; no user name, and no
/// address that no partner has. A name is checked again by whoever resolves it.
///
/// # Errors
/// What is wrong with it, in words for the person who configured it.
pub fn check(url: &Url) -> Result<(), &'static str> {
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

/// Decodes the URL of a proxy. One with a user name or a password is refused and never held: it would be a secret in
/// plain text, where all others are references, and be shown wherever settings are.
///
/// # Errors
/// What is wrong, without the value.
pub fn proxy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let url = Option::<Url>::deserialize(deserializer)?;
    if url.as_ref().is_some_and(|url| !url.username().is_empty() || url.password().is_some()) {
        return Err(serde::de::Error::custom(
            "must hold no user name or password; a proxy that wants them belongs into the environment: set \
             HTTPS_PROXY, from a secret, instead of `proxy`",
        ));
    }
    Ok(url)
}

/// Whether `url` leads to this machine by its name alone.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
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
#[must_use]
pub fn is_forbidden(ip: IpAddr) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_proxys_password_is_refused_and_not_repeated() {
        let read = |text: &str| proxy(&mut serde_json::Deserializer::from_str(text));
        assert_eq!(read("\"http://proxy.corp:3128\"").unwrap(), Some(url("http://proxy.corp:3128")));
        assert_eq!(read("null").unwrap(), None);
        for secret in
            ["http://canary@proxy.corp:3128", "http://u:canary@proxy.corp", "https://:canary@proxy.corp"]
        {
            let error = read(&format!("\"{secret}\"")).unwrap_err().to_string();
            assert!(error.contains("HTTPS_PROXY") && !error.contains("canary"), "{error}");
        }
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
            check(&url(good)).unwrap();
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
            assert!(check(&url(bad)).is_err(), "{bad}");
        }
    }
}
