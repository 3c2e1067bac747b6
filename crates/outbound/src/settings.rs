//! One `[source.<name>]` table of the configuration.

use std::path::PathBuf;
use std::time::Duration;

use call::Users;
use error::{Error, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

/// A vendor account, as configured. A table with only `vendor` and `auth` is safe.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// The source's name; the key of its table, filled in by the reader of the configuration.
    #[serde(default)]
    pub name: String,
    /// Which vendor: `jira`.
    pub vendor: String,
    /// Where the vendor's API is; default: the vendor's common address, if there is one.
    pub base_url: Option<Url>,
    /// How the source proves who it is.
    pub auth: oauth::Config,
    /// Private certificate authorities, PEM; trusted besides the platform's. Default: none.
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy for this source; default: `HTTPS_PROXY` and `NO_PROXY`. Loopback is never proxied.
    /// Without user name and password: a proxy that wants them is named in `HTTPS_PROXY`.
    #[serde(default, deserialize_with = "call::address::proxy")]
    pub proxy: Option<Url>,
    /// Timeouts and sizes.
    #[serde(default)]
    pub limits: Limits,
    /// The vendor's user for a caller, for `me`: `{ "alice@corp" = "5b10ac8d82e05b22cc7d4ef5" }`; for callers of a
    /// tenant in a table of its name. Default: none.
    #[serde(default)]
    pub users: Users,
    /// How the vendor's words map onto ours (states, priorities, custom fields); read by the vendor's client.
    #[serde(default)]
    pub map: toml::Table,
    /// Keys that only this vendor knows; see [`Settings::vendor_keys`].
    #[serde(flatten)]
    pub rest: toml::Table,
}

impl Settings {
    /// Settings with every default.
    #[must_use]
    pub fn new(name: impl Into<String>, vendor: impl Into<String>, auth: oauth::Config) -> Self {
        Self {
            name: name.into(),
            vendor: vendor.into(),
            base_url: None,
            auth,
            ca_file: None,
            proxy: None,
            limits: Limits::default(),
            users: Users::default(),
            map: toml::Table::new(),
            rest: toml::Table::new(),
        }
    }

    /// The vendor's own keys. Every vendor calls this, one without keys of its own with [`NoKeys`]: what remains
    /// in `rest` includes misspelled common keys, and `T` should be `deny_unknown_fields` to refuse them.
    pub fn vendor_keys<T: DeserializeOwned>(&self) -> Result<T> {
        decode(format!("source/{}", self.name), &self.rest)
    }

    /// The table `map` as the vendor's type.
    pub fn mapping<T: DeserializeOwned>(&self) -> Result<T> {
        decode(format!("source/{}/map", self.name), &self.map)
    }
}

fn decode<T: DeserializeOwned>(place: String, table: &toml::Table) -> Result<T> {
    T::deserialize(toml::Value::Table(table.clone())).map_err(|error| {
        let place = wrong_key(&error)
            .into_iter()
            .fold(place, |place, key| format!("{place}/{}", key.replace('.', "/")));
        Error::invalid(place, error.message().to_owned())
    })
}

/// The key whose value an error is about, `auth.grant`: only the error's text has it.
#[must_use]
pub fn wrong_key(error: &toml::de::Error) -> Option<String> {
    let text = error.to_string();
    let (_, key) = text.trim_end().rsplit_once("\nin `")?;
    key.strip_suffix('`').map(str::to_owned)
}

/// The keys of a vendor that has none of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoKeys {}

/// Timeouts and sizes of a source.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests under way at a time, per class (reads, writes); default 32.
    pub in_flight: usize,
    /// Requests that may wait for a place, and as many for a limit of the vendor's, per class; default 64.
    pub queue: usize,
    /// Attempts per request, the first included; default 3.
    pub attempts: u32,
    /// Longest attempt of a read, in milliseconds; default 4,000.
    pub read_attempt_ms: u64,
    /// Longest attempt of a write, in milliseconds; default 8,000.
    pub write_attempt_ms: u64,
    /// Longest connection setup, in milliseconds; default 2,000.
    pub connect_ms: u64,
    /// Longest silence within a reply's body, in milliseconds; default 5,000.
    pub read_idle_ms: u64,
    /// Largest reply in bytes, decompressed; default 8 MiB.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 32,
            queue: 64,
            attempts: 3,
            read_attempt_ms: 4_000,
            write_attempt_ms: 8_000,
            connect_ms: 2_000,
            read_idle_ms: 5_000,
            body_bytes: 8 * 1024 * 1024,
        }
    }
}

impl Limits {
    pub(crate) fn attempt(&self, class: crate::Class) -> Duration {
        Duration::from_millis(match class {
            crate::Class::Read => self.read_attempt_ms,
            crate::Class::Write => self.write_attempt_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINIMAL: &str = r#"
        vendor = "jira"
        auth = { grant = "bearer", token = "env:TOKEN" }
    "#;

    #[test]
    fn vendor_and_auth_are_enough() {
        let settings: Settings = toml::from_str(MINIMAL).unwrap();
        assert_eq!(settings.limits.in_flight, 32);
        settings.vendor_keys::<NoKeys>().unwrap();
    }

    #[test]
    fn a_proxys_password_is_refused() {
        let read = |proxy: &str| toml::from_str::<Settings>(&format!("{MINIMAL}\nproxy = \"{proxy}\""));
        assert!(read("http://proxy.corp:3128").unwrap().proxy.is_some());
        let error = read("http://u:canary@proxy.corp:3128").unwrap_err();
        assert!(error.message().contains("HTTPS_PROXY") && !error.message().contains("canary"), "{error}");
    }

    #[test]
    fn a_misspelled_key_is_named() {
        let settings: Settings = toml::from_str(&format!("{MINIMAL}\nbase_ulr = \"https://x\"")).unwrap();
        let error = settings.vendor_keys::<NoKeys>().unwrap_err();
        assert!(error.message().contains("base_ulr"), "{error}");
    }

    #[test]
    fn a_vendors_own_keys_are_typed() {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            cloud_id: String,
        }
        let settings: Settings = toml::from_str(&format!("{MINIMAL}\ncloud_id = \"c-1\"")).unwrap();
        assert_eq!(settings.vendor_keys::<Keys>().unwrap().cloud_id, "c-1");
        let number: Settings = toml::from_str(&format!("{MINIMAL}\ncloud_id = 1")).unwrap();
        let error = number.vendor_keys::<Keys>().err().unwrap().wire("");
        assert_eq!(error.fields[0].path, "source//cloud_id", "the key is named");
    }
}
