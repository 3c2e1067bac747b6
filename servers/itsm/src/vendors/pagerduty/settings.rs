//! The keys of a `pagerduty` source.

use std::collections::BTreeMap;

use error::{Error, Result};
use outbound::Settings;
use serde::Deserialize;
use url::Url;

use crate::model::Priority;
use crate::wakes::Wakes;

/// Keys beside those that every source has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The account's subdomain: `acme` of `https://acme.pagerduty.com`. URLs of other accounts are not recognized.
    pub(super) subdomain: String,
    /// Where the account lives; default `us`.
    #[serde(default)]
    pub(super) region: Region,
    /// The e-mail address of the user in whose name incidents are opened and changed. PagerDuty requires it of account
    /// keys and apps; a user's key works without. Default: none.
    pub(super) from: Option<String>,
    /// Incidents that may be opened per service and hour; default 5.
    opens_per_hour: Option<u32>,
    /// Whether the account has the automation actions add-on; default true.
    #[serde(default = "yes")]
    pub(super) automation_actions: bool,
}

/// One of PagerDuty's two worlds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Region {
    /// `api.pagerduty.com`
    #[default]
    Us,
    /// `api.eu.pagerduty.com`
    Eu,
}

/// The table `[source.NAME.map]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Meanings {
    /// The account's names of priorities, where they are not P1 to P5.
    pub(super) priority: BTreeMap<String, Priority>,
}

fn yes() -> bool {
    true
}

impl Keys {
    /// The keys, checked. Errors: `invalid_argument`.
    pub(super) fn read(settings: &Settings) -> Result<Self> {
        let keys: Self = settings.vendor_keys()?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if keys.subdomain.is_empty() || !keys.subdomain.bytes().all(plain) {
            return Err(Error::invalid(
                "subdomain",
                "is only the first part, as in `acme` of acme.pagerduty.com",
            ));
        }
        if keys.from.as_ref().is_some_and(|from| !from.contains('@') || from.chars().any(char::is_control)) {
            return Err(Error::invalid("from", "must be the e-mail address of a PagerDuty user"));
        }
        Ok(keys)
    }

    /// The brake on opening incidents.
    pub(super) fn wakes(&self) -> Wakes {
        Wakes::new(self.opens_per_hour.unwrap_or(Wakes::DEFAULT))
    }
}

impl Region {
    /// Where the API is.
    pub(super) fn base_url(self) -> Option<Url> {
        match self {
            Self::Us => None,
            Self::Eu => "https://api.eu.pagerduty.com".parse().ok(),
        }
    }

    /// What the account's own pages have between subdomain and `pagerduty.com`.
    pub(super) fn infix(self) -> &'static str {
        match self {
            Self::Us => "",
            Self::Eu => "eu.",
        }
    }
}

impl Meanings {
    /// What a priority of this name means; PagerDuty's own names are P1 to P5.
    pub(super) fn priority(&self, name: &str) -> Option<Priority> {
        let mapped =
            self.priority.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, p)| *p);
        mapped.or(match name {
            "P1" => Some(Priority::P1),
            "P2" => Some(Priority::P2),
            "P3" => Some(Priority::P3),
            "P4" => Some(Priority::P4),
            "P5" => Some(Priority::P5),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(keys: &str) -> Result<Keys> {
        let text =
            format!("vendor = \"pagerduty\"\nauth = {{ grant = \"token\", token = \"env:T\" }}\n{keys}");
        Keys::read(&toml::from_str(&text).unwrap())
    }

    #[test]
    fn a_subdomain_is_enough() {
        let keys = read("subdomain = \"acme\"").unwrap();
        assert!(keys.automation_actions && keys.region == Region::Us && keys.from.is_none());
        let eu = read("subdomain = \"acme\"\nregion = \"eu\"").unwrap().region;
        assert_eq!(eu.base_url().unwrap().host_str(), Some("api.eu.pagerduty.com"));
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for wrong in [
            "",
            "subdomain = \"acme.pagerduty.com\"",
            "subdomain = \"acme\"\nfrom = \"Ana\"",
            "subdomain = \"acme\"\nregion = \"mars\"",
            "subdomain = \"acme\"\nform = \"a@b\"",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn own_names_of_priorities_are_mapped() {
        let meanings: Meanings = toml::from_str("priority = { SEV-1 = \"p1\" }").unwrap();
        assert_eq!(meanings.priority("sev-1"), Some(Priority::P1));
        assert_eq!(meanings.priority("P3"), Some(Priority::P3));
        assert_eq!(meanings.priority("whatever"), None);
    }
}
