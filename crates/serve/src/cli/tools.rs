//! `tools`: the whole contract, no source needed.

use clap::Args;
use serde_json::{Value, json};

use super::{Done, print};
use crate::catalogue::Catalogue;
use crate::domain::Domain;
use crate::handler::{contract, digest};

/// What `tools` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// Exactly what clients see, with scope, effect and the rest beside it
    #[arg(long)]
    json: bool,
    /// Only the digest of the contract, as `server/discover` and the image's label have it
    #[arg(long, conflicts_with = "json")]
    digest: bool,
}

/// Prints the tools.
pub(crate) fn run(domain: &Domain, options: &Options) -> Done {
    let catalogue = domain.catalogue();
    let text = match options {
        Options { digest: true, .. } => digest(catalogue),
        Options { json: true, .. } => as_json(catalogue).to_string(),
        Options { .. } => as_table(catalogue),
    };
    print(text)
}

pub(crate) fn as_json(catalogue: &Catalogue) -> Value {
    json!({
        "server": catalogue.program(),
        "version": catalogue.version,
        "digest": digest(catalogue),
        "tools": catalogue.specs().iter().map(contract).collect::<Vec<_>>(),
    })
}

fn as_table(catalogue: &Catalogue) -> String {
    let rows: Vec<[String; 4]> = catalogue.specs().iter().flat_map(rows).collect();
    let width = |column: usize| rows.iter().map(|r| r[column].len()).max().unwrap_or_default();
    let (name, effect, scope) = (width(0), width(1), width(2));
    let line = |[n, e, s, about]: &[String; 4]| format!("{n:name$}  {e:effect$}  {s:scope$}  {about}");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A tool, and a row for each of its former names.
fn rows(spec: &tool::Spec) -> Vec<[String; 4]> {
    let row = row(spec);
    let former = spec.meta.aliases.iter().map(|alias| {
        let about = format!("Deprecated: `{}` since, gone in {}", spec.meta.name, alias.removed_in);
        [alias.name.to_owned(), row[1].clone(), row[2].clone(), about]
    });
    let former: Vec<_> = former.collect();
    std::iter::once(row).chain(former).collect()
}

fn row(spec: &tool::Spec) -> [String; 4] {
    let meta = &spec.meta;
    let consent = json!(meta.consent);
    let effect = match (meta.is_write(), consent.as_str()) {
        (false, _) => "read".to_owned(),
        (true, Some("none") | None) => "write".to_owned(),
        (true, Some(level)) => format!("write [{level}]"),
    };
    let about = spec.description.split(['.', '\n']).next().unwrap_or_default();
    [meta.name.to_owned(), effect, meta.scope.to_owned(), about.to_owned()]
}
