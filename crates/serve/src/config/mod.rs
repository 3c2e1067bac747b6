//! Configuration: TOML tables, keys set by the environment, and errors that name key, file, line and cure.

mod approvals;
mod document;
mod identity;
mod limits;
mod overrides;
mod policy;
mod store;
mod tables;
mod tenants;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub(crate) use approvals::{ApprovalsTable, Place};
use document::{Document, Named, quoted, unknown, without_values};
pub(crate) use identity::IdentityTables;
pub(crate) use limits::LimitsTable;
pub(crate) use overrides::Overrides;
pub(crate) use policy::PolicyTable;
pub(crate) use store::StoreTable;
pub(crate) use tables::{
    AuditTable, ConsentTable, ContentTable, LogFormat, LogTable, SealTable, ServerTable, TlsTable, address,
};
pub(crate) use tenants::TenantsTable;

/// Names of all tables, for the nearest one to an unknown name.
pub(crate) const TABLES: [&str; 16] = [
    "server",
    "audit",
    "store",
    "consent",
    "approvals",
    "policy",
    "content",
    "seal",
    "source",
    "identity",
    "issuer",
    "tenants",
    "limits",
    "tls",
    "log",
    "sandbox",
];

/// Everything an operator says.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) server: ServerTable,
    pub(crate) audit: AuditTable,
    pub(crate) store: StoreTable,
    pub(crate) consent: ConsentTable,
    pub(crate) policy: PolicyTable,
    pub(crate) content: ContentTable,
    pub(crate) approvals: ApprovalsTable,
    pub(crate) seal: SealTable,
    /// `[identity]` and `[issuer.NAME]`: who may call.
    pub(crate) identity: IdentityTables,
    pub(crate) tenants: TenantsTable,
    pub(crate) limits: LimitsTable,
    pub(crate) tls: Option<TlsTable>,
    pub(crate) log: LogTable,
    /// `[sandbox]`: simulators that already serve, by vendor; `--sandbox` starts the others.
    #[cfg_attr(not(feature = "sandbox"), allow(dead_code, reason = "there is nothing to attach to"))]
    pub(crate) sandbox: BTreeMap<String, SocketAddr>,
    /// In the order of their names.
    pub(crate) sources: Vec<SourceTable>,
}

/// One `[source.NAME]`. What its vendor alone can judge is judged when it is connected.
#[derive(Debug)]
pub(crate) struct SourceTable {
    pub(crate) settings: outbound::Settings,
    /// `chancery.toml:12`.
    place: String,
    /// Where each key stands.
    keys: Vec<(String, String)>,
}

/// The keys of a source that every vendor has; see [`outbound::Settings`].
const COMMON: [&str; 8] = ["vendor", "base_url", "auth", "ca_file", "proxy", "limits", "users", "map"];

impl SourceTable {
    /// What a vendor finds wrong, at the key that it is about.
    pub(crate) fn problem(&self, error: &error::Error) -> Problem {
        let wire = error.wire("");
        let paths = wire.fields.iter().map(|f| key(&f.path));
        let names = quoted(error.message());
        let place =
            |name: &str| self.keys.iter().find(|(key, _)| key == name).map(|(_, place)| place.clone());
        let place = paths.chain(names.iter().copied()).find_map(place).unwrap_or_else(|| self.place.clone());
        let what = match names.split_first() {
            Some((name, own)) if error.message().contains("unknown field") => {
                unknown(name, COMMON.iter().chain(own).copied())
            }
            // The path is said already, and the standard remedy is for agents.
            _ => match (wire.fields.first(), crate::cli::cure(error)) {
                (Some(field), _) => format!("{}: {}", key(&field.path), without_values(&field.problem)),
                (None, cure) => [without_values(error.message()), cure.unwrap_or_default()].join(". "),
            },
        };
        Problem::at(place, format!("source.{}: {what}", self.settings.name))
    }
}

/// The key at the end of `source/jira-eu/auth/token_url`.
fn key(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What is wrong with a configuration, for the person who wrote it. Never contains a secret's value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    place: String,
    what: String,
}

impl Problem {
    /// `what` is wrong at `place`: a file and line, a variable, a flag.
    pub(crate) fn at(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Config {
    /// Reads `file`, or nothing but the environment if there is none. Secrets that are referred to must be there.
    pub(crate) fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, Problem> {
        let (name, text) = read(file)?;
        Self::parse(&name, &text, overrides)
    }

    /// Reads `[server]` alone: it says where a server is to be found, whatever became of the rest since it started.
    pub(crate) fn server(file: Option<&Path>, overrides: &Overrides) -> Result<ServerTable, Problem> {
        let (name, text) = read(file)?;
        Document::parse(&name, &text, overrides)?.table("server")
    }

    /// Reads a text that came from `file`.
    pub(crate) fn parse(file: &str, text: &str, overrides: &Overrides) -> Result<Self, Problem> {
        let mut document = Document::parse(file, text, overrides)?;
        document.check_secrets()?;
        let seal = document.place_of("seal.keys");
        let config = Self {
            server: document.table("server")?,
            audit: document.table("audit")?,
            store: document.table("store")?,
            consent: document.table("consent")?,
            policy: document.table("policy")?,
            content: document.table("content")?,
            approvals: document.table("approvals")?,
            seal: document.table("seal")?,
            identity: IdentityTables::read(&mut document)?,
            tenants: document.table("tenants")?,
            limits: document.table("limits")?,
            tls: document.table("tls")?,
            log: document.table("log")?,
            sandbox: document.table("sandbox")?,
            sources: sources(&mut document)?,
        };
        document.finish(&TABLES)?;
        config.seal.check(&seal)?;
        Ok(config)
    }
}

/// The name and text of a configuration file; an empty one where there is none.
fn read(file: Option<&Path>) -> Result<(String, String), Problem> {
    let Some(path) = file else { return Ok(("(no file)".to_owned(), String::new())) };
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(e) => Err(Problem::at(name, format!("cannot be read: {e}"))),
    }
}

fn sources(document: &mut Document<'_>) -> Result<Vec<SourceTable>, Problem> {
    let source = |Named { name, value, place, keys }: Named<outbound::Settings>| match is_source_name(&name) {
        true => Ok(SourceTable { settings: outbound::Settings { name, ..value }, place, keys }),
        false => {
            Err(Problem::at(place, format!("`{name}` cannot name a source: use [a-z][a-z0-9-]{{0,30}}")))
        }
    };
    document.tables("source", &COMMON)?.into_iter().map(source).collect()
}

/// Names of sources stand in ids before a colon (design, section 4).
fn is_source_name(name: &str) -> bool {
    tool::RecordId::parse(&format!("{name}:x")).is_ok_and(|id| id.source() == name)
}

/// Where the record is kept unless somebody says otherwise: the user's state directory.
pub(crate) fn default_audit_dir(variable: impl Fn(&str) -> Option<String>) -> Result<PathBuf, Problem> {
    state_dir(variable).map(|state| state.join("audit")).ok_or_else(|| {
        Problem::at(
            "audit.dir",
            "this user has no state directory; set `dir` in `[audit]`, or CHANCERY_AUDIT__DIR",
        )
    })
}

/// Where the store of a domain's server is unless somebody says otherwise: a file in the user's state directory.
pub(crate) fn default_store_file(
    variable: impl Fn(&str) -> Option<String>,
    domain: &str,
) -> Result<PathBuf, Problem> {
    state_dir(variable).map(|state| state.join("store").join(format!("{domain}.db"))).ok_or_else(|| {
        Problem::at(
            "store.url",
            "this user has no state directory; set `url` in `[store]`, or CHANCERY_STORE__URL",
        )
    })
}

fn state_dir(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let dir = |name: &str| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let state = dir("XDG_STATE_HOME")
        .or_else(|| dir("LOCALAPPDATA"))
        .or_else(|| dir("HOME").map(|home| home.join(".local").join("state")));
    state.map(|state| state.join("chancery"))
}
