//! The tables that are ours. Every default is fit for production.

use std::net::SocketAddr;
use std::path::PathBuf;

use oauth::Secret;
use secrecy::ExposeSecret as _;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::Problem;
use crate::layers::Reads;

/// `[server]`: where `serve` listens and whom it answers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerTable {
    /// MCP; `127.0.0.1:8080`.
    #[serde(default, deserialize_with = "listener")]
    pub(crate) listen: Option<SocketAddr>,
    /// Health and metrics; `127.0.0.1:9090`.
    #[serde(default, deserialize_with = "listener")]
    pub(crate) admin: Option<SocketAddr>,
    /// Host names clients may use besides the loopback names.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// Web origins allowed besides the loopback ones.
    #[serde(default)]
    pub(crate) origins: Vec<String>,
    /// Whether a proxy in front of this process terminates TLS, so that it may listen beyond loopback without a
    /// certificate of its own; no.
    #[serde(default)]
    pub(crate) behind_tls_proxy: bool,
    /// The name of this replica in the record; the machine's host name.
    pub(crate) replica: Option<String>,
}

/// Where to listen, as somebody wrote it.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an address and port such as 127.0.0.1:8080".to_owned())
}

/// The same in a table.
pub(super) fn listener<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SocketAddr>, D::Error> {
    address(&String::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

/// `[audit]`: where and how calls are recorded.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditTable {
    /// The directory; the user's state directory.
    pub(crate) dir: Option<PathBuf>,
    /// How reads are recorded; `durable`.
    #[serde(default)]
    pub(crate) reads: Reads,
}

/// `[consent]`: whether writes that need somebody's consent ask for it. With real sources they always do.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentTable {
    /// `--sandbox` asks too, instead of committing at once and saying who would have been asked; `false`.
    #[serde(default)]
    pub(crate) in_sandbox: bool,
}

/// `[content]`: what answers look like.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContentTable {
    /// Whether the words of vendors' prose are joined by `^` in place of spaces, so that a model tells them from its
    /// instructions; `false`, because every token of it is paid for.
    #[serde(default)]
    pub(crate) datamark: bool,
}

/// `[seal]`: what seals cursors and questions, and signs decisions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealTable {
    /// The current key, then former ones that still open. None: cursors die with the process.
    #[serde(default)]
    pub(crate) keys: Vec<Secret>,
}

/// The shortest secret that a key is made of: what is shorter can be found by trying.
const LEAST_KEY: usize = 16;

impl SealTable {
    /// Refuses a key that is too short to be one, `place` being where the keys stand.
    pub(super) fn check(&self, place: &str) -> Result<(), Problem> {
        for key in &self.keys {
            let wrong = |what: String| Problem::at(place, format!("seal.keys: {what}"));
            let secret = key.resolve().map_err(|e| wrong(e.message().to_owned()))?;
            if secret.expose_secret().len() < LEAST_KEY {
                return Err(wrong(format!(
                    "{key:?} must have at least {LEAST_KEY} characters. Make one with `openssl rand -hex 32`."
                )));
            }
        }
        Ok(())
    }
}

/// `[tls]`: the certificate of the MCP listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TlsTable {
    /// The chain, PEM, leaf first.
    pub(crate) cert_file: PathBuf,
    /// Its private key, PEM.
    pub(crate) key_file: PathBuf,
    /// The authorities that sign clients' certificates, PEM; none: clients are not asked for one.
    pub(crate) client_ca_file: Option<PathBuf>,
}

/// `[log]`: what goes to stderr.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogTable {
    /// `json` or `text`; text on a terminal, else JSON.
    pub(crate) format: Option<LogFormat>,
    /// A filter such as `info` or `outbound=debug`; `info`.
    pub(crate) level: Option<String>,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// One JSON object a line, for machines
    Json,
    /// For people
    Text,
}
