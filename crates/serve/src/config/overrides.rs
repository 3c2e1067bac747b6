//! Keys set by the environment: `CHANCERY_<TABLE>__<KEY>`, `CHANCERY_SOURCE__JIRA_EU__BASE_URL`.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Problem;

const PREFIX: &str = "CHANCERY_";
/// The tables whose members have names of the operator's choice.
const NAMED: [&str; 2] = ["source", "issuer"];

/// The variables that set keys, in the order of their names.
#[derive(Debug, Default)]
pub(crate) struct Overrides(Vec<Override>);

struct Override {
    variable: String,
    path: Vec<String>,
    value: String,
}

/// Values may be secrets by mistake: only the name is shown.
impl std::fmt::Debug for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Override").field("variable", &self.variable).finish_non_exhaustive()
    }
}

impl Overrides {
    /// Those among `variables`. A name without `__` is none of a key.
    pub(crate) fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let key = |(variable, value): (String, String)| {
            let path = variable.strip_prefix(PREFIX).filter(|rest| rest.contains("__"))?;
            let path = path.to_ascii_lowercase().split("__").map(str::to_owned).collect();
            Some(Override { variable, path, value })
        };
        let mut overrides: Vec<_> = variables.into_iter().filter_map(key).collect();
        overrides.sort_by(|a, b| a.variable.cmp(&b.variable));
        Self(overrides)
    }

    /// Sets the keys in `root`. Their spans lie beyond the `end` of the text and lead back to the variable.
    pub(super) fn apply<'t>(&'t self, root: &mut DeTable<'t>, end: usize) -> Result<(), Problem> {
        for (index, item) in self.0.iter().enumerate() {
            let at = end + 1 + index;
            let Some((last, tables)) = item.path.split_last() else { continue };
            let table = tables.iter().enumerate().try_fold(&mut *root, |table, (depth, name)| {
                let named = depth == 1 && NAMED.contains(&tables[0].as_str());
                below(table, if named { chosen(table, name) } else { name.clone() }, at)
            });
            let Some(table) = table else {
                let what = format!("`{}` is not a table", tables.join("."));
                return Err(Problem::at(format!("environment variable {}", item.variable), what));
            };
            table.insert(
                Spanned::new(at..at, Cow::Borrowed(last.as_str())),
                Spanned::new(at..at, value(&item.value)),
            );
        }
        Ok(())
    }

    /// The variable behind a span.
    pub(super) fn variable(&self, span: &Range<usize>, end: usize) -> Option<&str> {
        let index = span.start.checked_sub(end + 1)?;
        self.0.get(index).map(|o| o.variable.as_str())
    }
}

/// The table `name` in `table`, made if need be.
fn below<'a, 't>(table: &'a mut DeTable<'t>, name: String, at: usize) -> Option<&'a mut DeTable<'t>> {
    if !table.contains_key(name.as_str()) {
        let empty = Spanned::new(at..at, DeValue::Table(DeTable::new()));
        table.insert(Spanned::new(at..at, Cow::Owned(name.clone())), empty);
    }
    match table.get_mut(name.as_str())?.get_mut() {
        DeValue::Table(below) => Some(below),
        _ => None,
    }
}

/// The configured name that a variable means: variables cannot spell `-`.
fn chosen(table: &DeTable<'_>, name: &str) -> String {
    let same = |key: &&str| key.replace('-', "_").eq_ignore_ascii_case(name);
    let known = table.keys().map(|k| k.get_ref().as_ref()).find(same);
    known.map_or_else(|| name.replace('_', "-"), str::to_owned)
}

/// A value as TOML would read it if it is a boolean, a number or a list; anything else is a text. Quotes make a
/// text of what would be a number.
fn value(text: &str) -> DeValue<'_> {
    match DeValue::parse(text).map(Spanned::into_inner) {
        Ok(value @ (DeValue::Boolean(_) | DeValue::Integer(_) | DeValue::Array(_) | DeValue::String(_))) => {
            value
        }
        _ => DeValue::String(Cow::Borrowed(text)),
    }
}
