//! `keys create|list|revoke`: API keys, where they stand in a file.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use ::call::Clock;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use error::Code;
use identity::keys::{Created, Key, KeyFile, NewKey};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use super::{Done, Failure, load, print, told, unprintable};
use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::domain::Domain;

/// What `keys` takes.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a key and print it, this once
    Create(Create),
    /// Print what is known of every key
    List {
        #[command(flatten)]
        place: Place,
        /// A line of JSON for each key
        #[arg(long)]
        json: bool,
    },
    /// Make a key worthless; servers stop taking it within seconds
    Revoke {
        #[command(flatten)]
        place: Place,
        /// The key's id, as `list` prints it
        id: String,
    },
}

#[derive(Args)]
struct Place {
    /// The configuration, which names the file in `[identity.keys]` [default: $CHANCERY_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct Create {
    #[command(flatten)]
    place: Place,
    /// Whose it is, in the record and for policy
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    subject: String,
    /// What it grants; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    /// A role, as an issuer's `roles` claim would say; may be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// The tenant
    #[arg(long, value_name = "TENANT", value_parser = NonEmptyStringValueParser::new())]
    tenant: Option<String>,
    /// How long it lives
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
}

const NO_FILE: &str = "no file of keys is configured. Add to the configuration:\n  [identity.keys]\n  \
    file = \"/etc/chancery/keys.jsonl\"\n  pepper = \"env:CHANCERY_PEPPER\"    # make one with `openssl rand -hex 32`";

/// Makes, lists or revokes keys.
pub(crate) fn run(domain: &Domain, options: &Options) -> Done {
    let now = Clock::system().now();
    match &options.what {
        What::Create(create) => make(domain.catalogue(), create, now),
        What::List { place, json } => list(place, *json, now),
        What::Revoke { place, id } => revoke(place, id, now),
    }
}

/// Prints the key alone on stdout, so that it can be piped into a store of secrets; then, where the file cannot be
/// written, its line for the file.
fn make(catalogue: &Catalogue, create: &Create, now: Timestamp) -> Done {
    for scope in &create.scopes {
        check_scope(catalogue, scope)?;
    }
    let (config, file) = create.place.open()?;
    let new = NewKey {
        subject: create.subject.clone(),
        tenant: create.tenant.clone(),
        scopes: create.scopes.iter().cloned().collect(),
        roles: create.roles.iter().cloned().collect(),
        life: Duration::from_secs(u64::from(create.days) * 24 * 3600),
    };
    let created = file.create(&new, now).map_err(|error| failed(&config, &error))?;
    show(&created, &file).map_err(unprintable)
}

fn show(created: &Created, file: &KeyFile) -> io::Result<()> {
    let (mut out, mut aside) = (io::stdout().lock(), io::stderr().lock());
    writeln!(out, "{}", created.secret.expose_secret())?;
    let Key { id, expires, .. } = &created.key;
    writeln!(aside, "The key {id} ends on {expires}. It is shown this once and stored nowhere.")?;
    if let Some(line) = &created.line {
        writeln!(aside, "{} cannot be written here. Add this line to it:", file.path().display())?;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn list(place: &Place, json: bool, now: Timestamp) -> Done {
    let (config, file) = place.open()?;
    let keys = file.list().map_err(|error| failed(&config, &error))?;
    keys.iter()
        .try_for_each(|key| print(if json { as_json(key, now).to_string() } else { as_text(key, now) }))
}

fn revoke(place: &Place, id: &str, now: Timestamp) -> Done {
    let (config, file) = place.open()?;
    let key = file.revoke(id, now).map_err(|error| failed(&config, &error))?;
    print(as_text(&key, now))
}

impl Place {
    fn open(&self) -> Result<(Config, KeyFile), Failure> {
        let config = load(self.config.clone())?;
        let file = config.identity.key_file().ok_or_else(|| Failure::Usage(NO_FILE.to_owned()))?;
        Ok((config, file))
    }
}

/// A scope that this server knows: one of its tools', or one that includes them.
fn check_scope(catalogue: &Catalogue, scope: &str) -> Done {
    let general = ["read", "write", "approve", "admin"].map(|right| format!("{}:{right}", catalogue.name));
    let of_tools = catalogue.specs().iter().map(|spec| spec.meta.scope.to_owned());
    let known: BTreeSet<String> = general.into_iter().chain(of_tools).collect();
    if known.contains(scope) {
        return Ok(());
    }
    Err(Failure::Usage(format!("--scope {scope}: this server has {}", joined(&known))))
}

/// `4f1c22 live until 2027-02-19T02:47:11Z: billing, tenant acme, crm:read crm:write, roles operator`.
fn as_text(key: &Key, now: Timestamp) -> String {
    let mut text = format!("{} {}: {}", key.id, state(key, now), key.subject);
    if let Some(tenant) = &key.tenant {
        text += &format!(", tenant {tenant}");
    }
    text += &format!(", {}", joined(&key.scopes));
    if !key.roles.is_empty() {
        text += &format!(", roles {}", joined(&key.roles));
    }
    text
}

fn state(key: &Key, now: Timestamp) -> String {
    match key.revoked {
        Some(at) => format!("revoked {at}"),
        None if key.is_live(now) => format!("live until {}", key.expires),
        None => format!("expired {}", key.expires),
    }
}

fn joined(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Without the hash: whoever reads the list has no use for it.
fn as_json(key: &Key, now: Timestamp) -> serde_json::Value {
    serde_json::json!({
        "id": key.id,
        "subject": key.subject,
        "tenant": key.tenant,
        "scopes": key.scopes,
        "roles": key.roles,
        "created": key.created,
        "expires": key.expires,
        "revoked": key.revoked,
        "live": key.is_live(now),
    })
}

fn failed(config: &Config, error: &error::Error) -> Failure {
    match error.code() {
        Code::InvalidArgument => config.identity.failure(error),
        _ => Failure::Failed(told(error)),
    }
}
