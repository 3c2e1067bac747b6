#![doc = include_str!("../README.md")]

mod known;
mod schema;
mod settings;
mod table;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use outbound::Vendor;
use tool::Catalog;

use crate::known::Server;

/// Where the table of a README begins.
const BEGIN: &str = "<!-- able:begin -->\n";
/// Where it ends.
const END: &str = "<!-- able:end -->";

/// Something less than a whole tool that a source may be able to do. Of whole tools, [`tool::Tool::able`] says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ability {
    /// The tool.
    pub tool: &'static str,
    /// What of it.
    pub part: Part,
    /// Whether this source can.
    pub able: bool,
}

/// A part of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// An argument.
    Argument(&'static str),
    /// One of the values of an argument.
    Value(&'static str, String),
    /// A field of the answer.
    Field(&'static str),
}

/// The ability to honor an argument.
#[must_use]
pub fn argument(tool: &'static str, name: &'static str, able: bool) -> Ability {
    Ability { tool, part: Part::Argument(name), able }
}

/// The ability to honor one value of an argument.
#[must_use]
pub fn value(tool: &'static str, argument: &'static str, value: &str, able: bool) -> Ability {
    Ability { tool, part: Part::Value(argument, value.to_owned()), able }
}

/// The abilities to honor each of `all` values of an argument, as they are written in JSON.
#[must_use]
pub fn values<T: PartialEq + serde::Serialize>(
    tool: &'static str,
    argument: &'static str,
    all: &[T],
    able: &[T],
) -> Vec<Ability> {
    let written = |one: &T| serde_json::to_value(one).ok()?.as_str().map(str::to_owned);
    let ability = |one: &T| Some(value(tool, argument, &written(one)?, able.contains(one)));
    all.iter().filter_map(ability).collect()
}

/// The ability to fill a field of the answer.
#[must_use]
pub fn field(tool: &'static str, name: &'static str, able: bool) -> Ability {
    Ability { tool, part: Part::Field(name), able }
}

/// What is wrong, for a person to read.
pub struct Problem(String);

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Holds the table in the README of each vendor against the code, or writes it under `CHANCERY_BLESS=1`.
///
/// `folder` is the server's (`env!("CARGO_MANIFEST_DIR")`); `abilities` lists what a port's `Able` says beside whole
/// tools.
///
/// # Errors
/// A table that differs, a README without markers, a vendor without a source in `config.example.toml`, an ability
/// of what the tool does not have.
pub fn check<P: ?Sized + Send + Sync + 'static>(
    folder: &str,
    catalog: Catalog<P>,
    vendors: &[Vendor<P>],
    abilities: fn(&P) -> Vec<Ability>,
) -> Result<(), Problem> {
    let folder = Path::new(folder);
    let example = read(&folder.join("config.example.toml"))?;
    let server = Server::new(Arc::new(catalog), abilities);
    for vendor in vendors {
        let settings = settings::all(&example, vendor)?;
        let table = table::of(&server.known(vendor, &settings)?);
        keep(&folder.join("src/vendors").join(vendor.name).join("README.md"), &table)?;
    }
    Ok(())
}

/// Compares or writes one table.
fn keep(readme: &Path, table: &str) -> Result<(), Problem> {
    let text = read(readme)?;
    let name = readme.display();
    let missing = || Problem(format!("{name} has no table between {BEGIN}and {END}"));
    let (head, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (stands, tail) = rest.split_once(END).ok_or_else(missing)?;
    if stands == table {
        return Ok(());
    }
    if std::env::var_os("CHANCERY_BLESS").is_none() {
        let advice = "if the change is meant: cargo xtask bless";
        return Err(Problem(format!("{name} says\n{stands}\nand the code says\n{table}\n{advice}")));
    }
    let written = std::fs::write(readme, format!("{head}{BEGIN}{table}{END}{tail}"));
    written.map_err(|error| Problem(format!("{name}: {error}")))
}

fn read(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| Problem(format!("{}: {error}", path.display())))
}
