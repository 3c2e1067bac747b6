//! The settings of a source as a tree, and which of its keys matter.

use std::collections::BTreeSet;

use outbound::{Settings, Vendor};
use toml::{Table, Value};

use crate::Problem;

/// So many keys of one table are not named one by one.
const MANY: usize = 3;

/// A key from the top: `map`, `renewals`, `value`.
pub(crate) type Key = Vec<String>;

/// Address and credentials of a source, and beside them the keys that may be left out.
pub(crate) struct All {
    base: Settings,
    /// The vendor's own keys, and `map`.
    pub(crate) keys: Table,
}

/// The vendor's source in a server's example, with the keys of its demo over it.
pub(crate) fn all<P: ?Sized>(example: &str, vendor: &Vendor<P>) -> Result<All, Problem> {
    let example: Table = example.parse().map_err(|e| Problem(format!("config.example.toml: {e}")))?;
    let sources = example.get("source").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let source = sources.into_iter().find(|s| s.get("vendor").and_then(Value::as_str) == Some(vendor.name));
    let none = || Problem(format!("config.example.toml has no source of the vendor `{}`", vendor.name));
    let base: Settings = source.ok_or_else(none)?.clone().try_into().map_err(broken(vendor.name))?;
    let demo: Table = vendor.demo.parse().map_err(broken(vendor.name))?;
    let mut keys = base.rest.clone();
    keys.insert("map".into(), base.map.clone().into());
    overlay(&mut keys, demo);
    keys.remove("users");
    Ok(All { base, keys })
}

impl All {
    /// The settings with these keys and no others.
    pub(crate) fn with(&self, mut keys: Table) -> Settings {
        let map = match keys.remove("map") {
            Some(Value::Table(map)) => map,
            _ => Table::new(),
        };
        Settings { name: self.base.vendor.clone(), map, rest: keys, ..self.base.clone() }
    }

    /// Every smallest set of keys with which `holds`, beside those of `bare`; at most one that has a given key.
    pub(crate) fn ways(&self, bare: &Table, holds: impl Fn(&Table) -> bool) -> Vec<BTreeSet<Key>> {
        let mut left = self.keys.clone();
        let mut ways = Vec::new();
        while holds(&left) {
            let kept = leaves(&least(&left, &holds));
            let way: BTreeSet<Key> = kept.difference(&leaves(bare)).cloned().collect();
            let Some(one) = way.first() else { break };
            left = without(&left, one);
            ways.push(way);
        }
        ways
    }

    /// A set of keys as the reader of a configuration thinks of it: a table stands for its keys where all or many of
    /// them are meant, and where they are words of the site's own.
    pub(crate) fn shown(&self, way: &BTreeSet<Key>) -> BTreeSet<String> {
        way.iter().map(|key| self.summary(key, way).join(".")).collect()
    }

    fn summary<'k>(&self, key: &'k [String], way: &BTreeSet<Key>) -> &'k [String] {
        let all = leaves(&self.keys);
        let mut shown = key;
        while let Some((last, table)) =
            shown.split_last().filter(|(_, table)| *table != ["map"] && !table.is_empty())
        {
            let own = !last.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let (meant, not): (Vec<&Key>, Vec<&Key>) =
                all.iter().filter(|key| key.starts_with(table)).partition(|key| way.contains(*key));
            if !own && !not.is_empty() && meant.len() < MANY {
                break;
            }
            shown = table;
        }
        shown
    }
}

/// The fewest keys with which `holds`: whole tables go first, then what is in those that stay.
pub(crate) fn least(keys: &Table, holds: impl Fn(&Table) -> bool) -> Table {
    let mut least = keys.clone();
    for key in below(keys, &[]) {
        let less = without(&least, &key);
        if holds(&less) {
            least = less;
        }
    }
    least
}

/// Every key and table, a table before what is in it.
fn below(keys: &Table, above: &[String]) -> Vec<Key> {
    let mut all = Vec::new();
    for (name, value) in keys {
        let key: Key = above.iter().chain([name]).cloned().collect();
        let inner = value.as_table().map(|table| below(table, &key));
        all.push(key);
        all.extend(inner.into_iter().flatten());
    }
    all
}

/// Every key that is not a table.
fn leaves(keys: &Table) -> BTreeSet<Key> {
    below(keys, &[]).into_iter().filter(|key| at(keys, key).is_some_and(|value| !value.is_table())).collect()
}

fn at<'t>(keys: &'t Table, key: &[String]) -> Option<&'t Value> {
    let (last, tables) = key.split_last()?;
    tables.iter().try_fold(keys, |table, name| table.get(name)?.as_table())?.get(last)
}

fn without(keys: &Table, key: &[String]) -> Table {
    let mut less = keys.clone();
    if let Some((last, tables)) = key.split_last() {
        let table = tables.iter().try_fold(&mut less, |table, name| table.get_mut(name)?.as_table_mut());
        table.and_then(|table| table.remove(last));
    }
    less
}

fn overlay(under: &mut Table, over: Table) {
    for (name, value) in over {
        match (under.get_mut(&name), value) {
            (Some(Value::Table(under)), Value::Table(over)) => overlay(under, over),
            (_, value) => {
                under.insert(name, value);
            }
        }
    }
}

fn broken(vendor: &str) -> impl Fn(toml::de::Error) -> Problem {
    let vendor = vendor.to_owned();
    move |error| Problem(format!("the settings of `{vendor}`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_of(keys: &str) -> All {
        let base = "vendor = 'v'\nauth = { grant = 'bearer', token = 'env:T' }".parse::<Table>().unwrap();
        All { base: base.try_into().unwrap(), keys: keys.parse().unwrap() }
    }

    fn shown(all: &All, holds: impl Fn(&Table) -> bool) -> Vec<Vec<String>> {
        let ways = all.ways(&Table::new(), holds);
        ways.iter().map(|way| all.shown(way).into_iter().collect()).collect()
    }

    fn has(keys: &Table, path: &str) -> bool {
        at(keys, &path.split('.').map(str::to_owned).collect::<Vec<_>>()).is_some()
    }

    #[test]
    fn what_is_needed_is_named_and_what_is_not_is_left_out() {
        let all = all_of("a = 1\nmap = { b = 1, c = { d = 1, e = 1 } }");
        assert_eq!(shown(&all, |k| has(k, "map.c.d") && has(k, "a")), [["a", "map.c.d"]]);
    }

    #[test]
    fn each_way_is_named() {
        let all = all_of("map = { b = 1, c = 1, d = 1 }");
        let ways = shown(&all, |k| has(k, "map.b") && has(k, "map.c") || has(k, "map.d"));
        assert_eq!(ways, [vec!["map.d".to_owned()], vec!["map.b".into(), "map.c".into()]]);
    }

    #[test]
    fn a_table_stands_for_all_its_keys_and_for_words_of_the_site() {
        let all = all_of("map = { priority = { 'sev 1' = 1, 'sev 2' = 2 }, view = { from = 1, to = 2 } }");
        assert_eq!(shown(&all, |k| has(k, "map.view.from") && has(k, "map.view.to")), [["map.view"]]);
        assert_eq!(shown(&all, |k| has(k, "map.priority.sev 1")), [["map.priority"]]);
    }

    #[test]
    fn what_holds_with_nothing_has_no_way_of_its_own() {
        assert_eq!(shown(&all_of("a = 1"), |_| true), Vec::<Vec<String>>::new());
    }

    #[test]
    fn the_demo_is_laid_over_the_example() {
        let mut keys: Table = "a = 1\nmap = { b = 1 }".parse().unwrap();
        overlay(&mut keys, "a = 2\nmap = { c = 1 }".parse().unwrap());
        assert_eq!(keys, "a = 2\nmap = { b = 1, c = 1 }".parse().unwrap());
    }
}
