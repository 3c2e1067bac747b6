//! `tenants list|set|remove`: what each tenant may.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use store::{Store, Tenant, Tenants as _};

use super::kept::{Kept, name};
use super::{Done, Failure};
use crate::domain::Domain;
use crate::tenants::{Place, Terms};

/// What `tenants` takes.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print every tenant and its terms
    List {
        #[command(flatten)]
        kept: Kept,
    },
    /// Add a tenant to the store, or change its terms; servers follow within seconds
    Set {
        /// The tenant, as the claim of its callers names it
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        tenant: String,
        /// Its terms, TOML: what stands below its name in a file of tenants; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        terms: PathBuf,
        #[command(flatten)]
        kept: Kept,
    },
    /// Remove a tenant from the store; its callers are refused within seconds
    Remove {
        /// The tenant
        tenant: String,
        #[command(flatten)]
        kept: Kept,
    },
}

const NO_TENANTS: &str = "no tenants are configured. Add to the configuration:\n  [tenants]\n  \
    file = \"/etc/chancery/tenants.toml\"    # or: in_store = true";
const IN_FILE: &str = "the tenants stand in a file: edit it, and servers follow within seconds";

/// Lists, sets or removes.
pub(crate) fn run(domain: &Domain, options: &Options) -> Done {
    match &options.what {
        What::List { kept } => {
            let listed = within(domain, kept, async |_, place| {
                place.terms().await.map_err(|why| Failure::Failed(format!("[tenants]: {why}")))
            })?;
            kept.print(&listed, shown, line)
        }
        What::Set { tenant, terms, kept } => {
            let terms = read(domain, terms)?;
            within(domain, kept, async |store, place| {
                in_store(&place)?;
                store.put_tenant(tenant, None, Some(&Tenant::write(&terms)?)).await?;
                Ok(())
            })
        }
        What::Remove { tenant, kept } => within(domain, kept, async |store, place| {
            in_store(&place)?;
            if store.tenant(tenant).await?.is_none() {
                return Err(Failure::Failed(format!("there is no tenant {}", name(tenant))));
            }
            store.put_tenant(tenant, None, None).await?;
            Ok(())
        }),
    }
}

/// Does `work` where the configuration says that tenants stand.
fn within<T>(
    domain: &Domain,
    kept: &Kept,
    work: impl AsyncFnOnce(Store, Place) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let config = kept.config()?;
    kept.with(domain, async |store| {
        let place = config.tenants.place(&store)?;
        work(store, place.ok_or_else(|| Failure::Usage(NO_TENANTS.to_owned()))?).await
    })
}

fn in_store(place: &Place) -> Done {
    match place {
        Place::Store(_) => Ok(()),
        Place::File(_) => Err(Failure::Usage(IN_FILE.to_owned())),
    }
}

/// Terms that a server of `domain` understands.
fn read(domain: &Domain, path: &Path) -> Result<Terms, Failure> {
    let text = match path.as_os_str() == "-" {
        true => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        }
        false => std::fs::read_to_string(path),
    };
    let wrong = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
    let text = text.map_err(|e| wrong(format!("cannot be read: {e}")))?;
    let terms: Terms = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let catalogue = domain.catalogue();
    let tools: Vec<&str> = catalogue.specs().iter().flat_map(|spec| spec.meta.names()).collect();
    terms.check(catalogue.name, &tools).map_err(wrong)?;
    Ok(terms)
}

fn shown((tenant, terms): &(String, Terms)) -> Value {
    json!({ "tenant": tenant, "terms": terms })
}

fn line((tenant, terms): &(String, Terms)) -> String {
    let all = |names: &Option<Vec<String>>| names.as_ref().map_or("all".to_owned(), |names| names.join(", "));
    let state = if terms.enabled { "" } else { ", not let in" };
    format!("{}: tools {}; sources {}{state}", name(tenant), all(&terms.tools), all(&terms.sources))
}
