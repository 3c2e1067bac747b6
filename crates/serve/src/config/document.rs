//! A TOML document read in two passes: first into tables that remember where each key stands, then table by table
//! into the types of its readers, so that every error names key, file and line.

use std::ops::Range;

use oauth::Secret;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Problem;
use super::overrides::Overrides;

/// A document and what of it nobody has read yet.
pub(super) struct Document<'t> {
    file: &'t str,
    text: &'t str,
    overrides: &'t Overrides,
    root: DeTable<'t>,
}

/// A decoded table with a name of the operator's choice.
pub(super) struct Named<T> {
    pub(super) name: String,
    pub(super) value: T,
    /// Where it begins.
    pub(super) place: String,
    /// Every key at any depth, and where it stands.
    pub(super) keys: Vec<(String, String)>,
}

impl<'t> Document<'t> {
    /// Reads `text` and lets the environment have its way with it.
    pub(super) fn parse(file: &'t str, text: &'t str, overrides: &'t Overrides) -> Result<Self, Problem> {
        let root = DeTable::parse(text).map_err(|e| Problem::at(place(file, text, e.span()), e.message()))?;
        let mut document = Self { file, text, overrides, root: root.into_inner() };
        overrides.apply(&mut document.root, text.len())?;
        Ok(document)
    }

    /// The table called `name`, decoded; the default if there is none.
    pub(super) fn table<T: DeserializeOwned + Default>(&mut self, name: &str) -> Result<T, Problem> {
        match self.root.remove(name) {
            Some(value) => self.decode(name, value),
            None => Ok(T::default()),
        }
    }

    /// The tables below `name`, each decoded, in the order of their names. They may have keys besides the `known`
    /// ones; where a table cannot be decoded, a key that looks like a known one is named first.
    pub(super) fn tables<T: DeserializeOwned>(
        &mut self,
        name: &str,
        known: &[&str],
    ) -> Result<Vec<Named<T>>, Problem> {
        let Some(value) = self.root.remove(name) else { return Ok(Vec::new()) };
        let span = value.span();
        let DeValue::Table(tables) = value.into_inner() else {
            return Err(Problem::at(
                self.place(Some(span)),
                format!("`{name}` must hold tables: `[{name}.NAME]`"),
            ));
        };
        let decoded = tables.into_iter().map(|(key, value)| {
            let place = self.place(Some(key.span()));
            let mut keys = Vec::new();
            self.note_keys(&value, &mut keys);
            let own = key.into_inner().into_owned();
            let path = format!("{name}.{own}");
            let misspelled = misspelled(&value, known);
            let value = self.decode(&path, value).map_err(|problem| match misspelled {
                Some((key, span)) => {
                    let what = unknown(&key, known.iter().copied());
                    Problem::at(self.place(Some(span)), format!("{path}: {what}"))
                }
                None => problem,
            })?;
            Ok(Named { name: own, value, place, keys })
        });
        decoded.collect()
    }

    fn note_keys(&self, value: &Spanned<DeValue<'t>>, keys: &mut Vec<(String, String)>) {
        let DeValue::Table(table) = value.get_ref() else { return };
        for (key, below) in table {
            keys.push((key.get_ref().clone().into_owned(), self.place(Some(key.span()))));
            self.note_keys(below, keys);
        }
    }

    /// Where every key below `name` stands, by its path: `issuer.corp.audiences`.
    pub(super) fn paths(&self, name: &str) -> Vec<(String, String)> {
        let mut paths = Vec::new();
        if let Some((key, value)) = self.root.get_key_value(name) {
            paths.push((name.to_owned(), self.place(Some(key.span()))));
            self.note_paths(name, value, &mut paths);
        }
        paths
    }

    /// Where the key at `path` stands; the file where it stands nowhere.
    pub(super) fn place_of(&self, path: &str) -> String {
        let table = path.split('.').next().unwrap_or(path);
        let found = self.paths(table).into_iter().find(|(known, _)| known == path);
        found.map_or_else(|| self.file.to_owned(), |(_, place)| place)
    }

    fn note_paths(&self, above: &str, value: &Spanned<DeValue<'t>>, paths: &mut Vec<(String, String)>) {
        let DeValue::Table(table) = value.get_ref() else { return };
        for (key, below) in table {
            let path = format!("{above}.{}", key.get_ref());
            paths.push((path.clone(), self.place(Some(key.span()))));
            self.note_paths(&path, below, paths);
        }
    }

    /// Refuses a reference to a secret that is not there, with the cure.
    pub(super) fn check_secrets(&self) -> Result<(), Problem> {
        self.root.iter().try_for_each(|(key, value)| self.check_secret(key.get_ref(), value))
    }

    fn check_secret(&self, path: &str, value: &Spanned<DeValue<'t>>) -> Result<(), Problem> {
        match value.get_ref() {
            DeValue::Table(table) => table
                .iter()
                .try_for_each(|(key, value)| self.check_secret(&format!("{path}.{}", key.get_ref()), value)),
            DeValue::Array(items) => items.iter().try_for_each(|value| self.check_secret(path, value)),
            DeValue::String(text) if text.starts_with("env:") || text.starts_with("file:") => {
                let missing = Secret::parse(text).and_then(|s| s.resolve()).err();
                missing.map_or(Ok(()), |error| {
                    let hint = error.wire("").hint;
                    Err(Problem::at(
                        self.place(Some(value.span())),
                        format!("{path}: {}. {hint}", error.message()),
                    ))
                })
            }
            _ => Ok(()),
        }
    }

    /// Refuses what nobody read. `known` are the names of all tables.
    pub(super) fn finish(self, known: &[&str]) -> Result<(), Problem> {
        let Some((key, _)) = self.root.iter().next() else { return Ok(()) };
        let what = unknown(key.get_ref(), known.iter().copied());
        Err(Problem::at(self.place(Some(key.span())), what))
    }

    fn decode<T: DeserializeOwned>(&self, path: &str, value: Spanned<DeValue<'t>>) -> Result<T, Problem> {
        let table = value.clone();
        T::deserialize(toml::de::ValueDeserializer::from(value)).map_err(|error| {
            let names = quoted(error.message());
            // A type that decodes in two steps forgets where its keys stood: look the key up by its name.
            let found = names.first().and_then(|name| find(&table, name));
            let span = found.or_else(|| error.span()).unwrap_or_else(|| table.span());
            let what = match names.split_first() {
                Some((name, known)) if error.message().starts_with("unknown field") => {
                    format!("{path}: {}", unknown(name, known.iter().copied()))
                }
                _ => {
                    let key = outbound::wrong_key(&error).map(|key| format!(".{key}")).unwrap_or_default();
                    format!("{path}{key}: {}", without_values(error.message()))
                }
            };
            Problem::at(self.place(Some(span)), what)
        })
    }

    fn place(&self, span: Option<Range<usize>>) -> String {
        let variable = span.as_ref().and_then(|s| self.overrides.variable(s, self.text.len()));
        variable
            .map_or_else(|| place(self.file, self.text, span), |name| format!("environment variable {name}"))
    }
}

/// `file:line`, counted from 1.
fn place(file: &str, text: &str, span: Option<Range<usize>>) -> String {
    match span.and_then(|s| text.get(..s.start)) {
        Some(before) => format!("{file}:{}", before.matches('\n').count() + 1),
        None => file.to_owned(),
    }
}

/// Says that `name` is unknown and which known name is nearest.
pub(super) fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let score = |candidate: &str| strsim::jaro_winkler(name, candidate);
    match known.clone().max_by(|a, b| score(a).total_cmp(&score(b))).filter(|nearest| score(nearest) > 0.7) {
        Some(nearest) => format!("unknown key `{name}`; did you mean `{nearest}`?"),
        None => format!("unknown key `{name}`; known are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// The names in backticks in an error of serde: the key meant, then those known.
pub(super) fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// `message` without the text of a value: a secret may stand where another type was expected.
pub(super) fn without_values(message: &str) -> String {
    match (message.find("string \""), message.rfind('"')) {
        (Some(start), Some(end)) => format!("{}a text{}", &message[..start], &message[end + 1..]),
        _ => message.to_owned(),
    }
}

/// A key of a table that is none of the known ones and looks like one.
fn misspelled(value: &Spanned<DeValue<'_>>, known: &[&str]) -> Option<(String, Range<usize>)> {
    let DeValue::Table(table) = value.get_ref() else { return None };
    let near = |key: &str| known.iter().any(|k| strsim::normalized_damerau_levenshtein(k, key) >= 0.7);
    let mut odd = table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
    odd.find(|key| near(key.get_ref())).map(|key| (key.get_ref().clone().into_owned(), key.span()))
}

/// Where the key `name` stands in `value`, at any depth.
fn find(value: &Spanned<DeValue<'_>>, name: &str) -> Option<Range<usize>> {
    let DeValue::Table(table) = value.get_ref() else { return None };
    let here = table.iter().find(|(key, _)| key.get_ref() == name).map(|(key, _)| key.span());
    here.or_else(|| table.values().find_map(|below| find(below, name)))
}
