//! What is true of a vendor for all its customers.

use http::HeaderMap;
use jiff::Timestamp;

/// What a vendor's documents say; a constant beside the vendor's client.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// `jira`, `github`.
    pub vendor: &'static str,
    /// Where the API is if all customers share one address; else configuration must say.
    pub default_base_url: Option<&'static str>,
    /// The token endpoint if all customers share one.
    pub default_token_url: Option<&'static str>,
    /// Reads the vendor's rate-limit headers.
    pub quota: fn(&HeaderMap, Timestamp) -> Option<Limit>,
    /// Response headers that may hold the vendor's request id, best first.
    pub request_id_headers: &'static [&'static str],
    /// Hosts besides the source's own to which a URL out of a reply may lead, subdomains included
    /// (`my.salesforce.com`). The token is sent there.
    pub trusted_suffixes: &'static [&'static str],
    /// Headers sent with every request (an API version).
    pub headers: &'static [(&'static str, &'static str)],
    /// Whether the vendor is known to serve HTTP/2 well; default no.
    pub http2: bool,
}

impl Profile {
    /// A profile that says nothing but the vendor's name, to be completed with `..Profile::new("jira")`.
    #[must_use]
    pub const fn new(vendor: &'static str) -> Self {
        Self {
            vendor,
            default_base_url: None,
            default_token_url: None,
            quota: |_, _| None,
            request_id_headers: &["x-request-id"],
            trusted_suffixes: &[],
            headers: &[],
            http2: false,
        }
    }
}

/// What is left of a quota, by the headers of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests left until `reset`.
    pub remaining: u64,
    /// When the quota renews, by the clock that [`Profile::quota`] was given: the vendor's as far as it tells.
    pub reset: Timestamp,
}
