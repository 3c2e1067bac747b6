//! Paths below a service: sets, keys, navigations.

use super::expand;
use super::filter::{self, Expression, Operand, Scope};
use super::refusal::Fault;
use super::schema::{EntitySet, Service, Version};
use super::state::{Key, Ledger, Place, key_of};
use super::value::Value;

/// What a path stands for.
pub(super) enum Target {
    /// The list of sets.
    Document,
    /// `$metadata`
    Metadata,
    /// `$batch`
    Batch,
    /// Entities.
    Entities(Selection),
}

/// Entities of one set.
pub(super) struct Selection {
    /// Where.
    pub(super) place: Place,
    /// Which; all of the set if absent.
    pub(super) keys: Option<Vec<Key>>,
    /// One of them was asked for, not a list.
    pub(super) single: bool,
    /// Their number alone was asked for.
    pub(super) count: bool,
    /// The entity that a list of neighbors belongs to.
    pub(super) owner: Option<(&'static EntitySet, Key)>,
}

/// Follows a path. Errors: the segment that leads nowhere.
pub(super) fn resolve(
    ledger: &Ledger,
    service: &'static Service,
    segments: &[&str],
) -> Result<Target, Fault> {
    let Some((first, rest)) = segments.split_first() else { return Ok(Target::Document) };
    match *first {
        "" => return Ok(Target::Document),
        "$metadata" => return Ok(Target::Metadata),
        "$batch" => return Ok(Target::Batch),
        _ => {}
    }
    let (name, predicate) = cut(first);
    let set = service.set(name).ok_or_else(|| Fault::no_segment(name))?;
    let place = Place { service, set };
    let mut selection = Selection { place, keys: None, single: false, count: false, owner: None };
    selection.narrow(predicate)?;
    for segment in rest {
        selection.step(ledger, segment)?;
    }
    Ok(Target::Entities(selection))
}

impl Selection {
    fn step(&mut self, ledger: &Ledger, segment: &str) -> Result<(), Fault> {
        if segment == "$count" && !self.single && !self.count {
            self.count = true;
            return Ok(());
        }
        if self.single {
            return self.walk(ledger, segment);
        }
        // RAP services take keys as segments of their own (`KeyAsSegmentSupported`).
        if self.place.service.version == Version::V4 && self.place.set.keys.len() == 1 && !self.count {
            self.choose(vec![segment.to_owned()]);
            return Ok(());
        }
        Err(Fault::no_segment(segment))
    }

    /// On to the neighbors of the one entity chosen.
    fn walk(&mut self, ledger: &Ledger, segment: &str) -> Result<(), Fault> {
        let (name, predicate) = cut(segment);
        if self.place.set.navigation(name).is_none() {
            return Err(Fault::no_segment(name));
        }
        let (navigation, target) = expand::step(name, self.place)?;
        let key = self.keys.as_ref().and_then(|keys| keys.first()).cloned().unwrap_or_default();
        let row = ledger.row(self.place.set, &key).ok_or_else(|| Fault::no_segment(self.place.set.kind))?;
        let scope = Scope { ledger, service: self.place.service, set: self.place.set, row: &row.value };
        let found = ledger.follow(scope, name);
        let keys = found.iter().map(|s| key_of(target.set, s.row)).collect();
        self.owner = Some((self.place.set, key));
        self.place = target;
        self.keys = Some(keys);
        self.single = !navigation.many;
        self.narrow(predicate)
    }

    /// Chooses by a predicate in brackets, if there is one.
    fn narrow(&mut self, predicate: Option<&str>) -> Result<(), Fault> {
        if let Some(predicate) = predicate {
            self.choose(key(predicate, self.place)?);
        }
        Ok(())
    }

    fn choose(&mut self, key: Key) {
        self.keys = Some(match self.keys.take() {
            None => vec![key],
            Some(keys) => keys.into_iter().filter(|own| *own == key).collect(),
        });
        self.single = true;
    }
}

/// A segment's name and what stands in brackets behind it.
fn cut(segment: &str) -> (&str, Option<&str>) {
    match segment.split_once('(') {
        Some((name, rest)) => (name, Some(rest.strip_suffix(')').unwrap_or(rest))),
        None => (segment, None),
    }
}

/// Reads a key: `'4500000001'`, or by name as sets with several key properties demand.
fn key(predicate: &str, place: Place) -> Result<Key, Fault> {
    let wrong = || Fault::invalid(format!("Invalid key predicate type for '{}'", place.set.name));
    let mut parts = vec![(0, predicate.len())];
    let mut quoted = false;
    for (at, c) in predicate.char_indices() {
        quoted ^= c == '\'';
        if c == ',' && !quoted {
            if let Some(last) = parts.last_mut() {
                last.1 = at;
            }
            parts.push((at + 1, predicate.len()));
        }
    }
    let mut key: Vec<Option<String>> = vec![None; place.set.keys.len()];
    let single = parts.len() == 1 && key.len() == 1;
    for (from, to) in parts {
        let part = predicate[from..to].trim();
        let named = part.split_once('=').filter(|(name, _)| !name.contains('\''));
        let (at, literal) = match named {
            Some((name, literal)) => {
                (place.set.keys.iter().position(|key| *key == name.trim()).ok_or_else(wrong)?, literal)
            }
            None if single => (0, part),
            None => return Err(wrong()),
        };
        key[at] = Some(self::literal(literal, place.service.version).ok_or_else(wrong)?.key());
    }
    key.into_iter().collect::<Option<Key>>().ok_or_else(wrong)
}

/// A literal, as a filter would have it.
fn literal(text: &str, version: Version) -> Option<Value> {
    match filter::parse(&format!("Key eq {}", text.trim()), version).ok()? {
        Expression::Compare(_, _, Operand::Literal(value)) => Some(value),
        _ => None,
    }
}
