//! From the text of `roles.toml` to rules.

mod currencies;
mod names;
mod problems;
mod raw;
mod role;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tool::Audience;

use crate::audience::{Audiences, Rule};
use crate::pattern::Pattern;
use crate::policy::{House, Policy, Role};

pub(crate) use problems::nearest;
pub use problems::{Problem, Problems};

/// The roles of the house, which hold where no file was given.
pub const PRESETS: &str = include_str!("../../../../shared/roles.toml");

/// Bytes that a file of rules may have.
pub(crate) const MOST: u64 = 256 * 1024;

/// The audiences as the file names them.
const AUDIENCES: [(&str, Audience); 3] =
    [("team", Audience::Team), ("company", Audience::Company), ("outside", Audience::Outside)];

impl Policy {
    /// The rules of `roles.toml` for the server that `house` describes. What the file says of other domains is left to
    /// their servers; that it is right there too, `cargo test` says of the presets.
    ///
    /// # Errors
    /// Everything that is wrong with the file at once; an unknown name comes with the nearest known one.
    pub fn load(text: &str, house: &House) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let policy = Loader { house, problems: &mut problems }.policy(text);
        match policy.filter(|_| problems.0.is_empty()) {
            Some(policy) => Ok(policy),
            None => Err(problems),
        }
    }
}

struct Loader<'a> {
    house: &'a House,
    problems: &'a mut Problems,
}

impl Loader<'_> {
    fn policy(&mut self, text: &str) -> Option<Policy> {
        let mut file = self.file(text)?;
        if file.presets {
            let presets = self.file(PRESETS)?;
            extend(&mut file, presets);
        }
        if file.domains.is_empty() {
            self.problems.add("domains", "name the domains the file speaks of, such as [\"crm\", \"itsm\"]");
        }
        let roles = self.roles(&file);
        self.claims(&file, &roles);
        let audiences = self.audiences(&file);
        Some(Policy {
            domain: self.house.domain.clone(),
            roles,
            claims: file.claims,
            otherwise: file.otherwise,
            audiences,
            taint: match file.taint.minutes {
                0 => None,
                minutes => Some(Duration::from_secs(u64::from(minutes) * 60)),
            },
        })
    }

    fn file(&mut self, text: &str) -> Option<raw::File> {
        if text.len() as u64 > MOST {
            self.problems.add("the file", format!("has more than {MOST} bytes"));
            return None;
        }
        match toml::from_str::<toml::Table>(text) {
            Ok(mut table) => {
                self.keys(&mut table, "", raw::FILE);
                self.typed(table, "the file")
            }
            Err(error) => {
                self.problems.add("the file", format!("is no TOML: {}", error.to_string().trim()));
                None
            }
        }
    }

    fn roles(&mut self, file: &raw::File) -> BTreeMap<Arc<str>, Role> {
        let mut roles = BTreeMap::new();
        for (name, value) in &file.role {
            let at = format!("role.{name}");
            let toml::Value::Table(table) = value else {
                self.problems.add(at, "must be a table");
                continue;
            };
            let mut table = table.clone();
            self.keys(&mut table, &at, raw::ROLE);
            let raw: Option<raw::Role> = self.typed(table, &at);
            if let Some(raw) = raw {
                let role = role::compile(name, &raw, &file.domains, self.house, self.problems);
                roles.insert(role.name.clone(), role);
            }
        }
        roles
    }

    fn claims(&mut self, file: &raw::File, roles: &BTreeMap<Arc<str>, Role>) {
        for (claim, values) in &file.claims {
            for (value, given) in values {
                let at = format!("claims.{claim}.{}", content::cut(value, 60));
                self.given(&at, given, file, roles);
            }
        }
        self.given("otherwise", &file.otherwise, file, roles);
    }

    fn given(&mut self, at: &str, given: &[String], file: &raw::File, roles: &BTreeMap<Arc<str>, Role>) {
        for role in given.iter().filter(|role| !file.role.contains_key(role.as_str())) {
            self.problems.unknown(at, "role", role, roles.keys().map(AsRef::as_ref));
        }
    }

    fn audiences(&mut self, file: &raw::File) -> Audiences {
        let mut rules = Vec::new();
        for (where_, word) in &file.audience {
            let at = format!("audience.{}", content::cut(where_, 60));
            let audience = AUDIENCES.iter().find(|(name, _)| name == word).map(|(_, audience)| *audience);
            if audience.is_none() {
                self.problems.unknown(&at, "audience", word, AUDIENCES.map(|(name, _)| name));
            }
            let Some((domain, rest)) = where_.split_once(':') else {
                self.problems.add(at, "name it `domain:source` or `domain:source/place`");
                continue;
            };
            names::domain(domain, &file.domains, &at, self.problems);
            if domain != self.house.domain {
                continue;
            }
            let (source, place) = rest.split_once('/').map_or((rest, None), |(s, p)| (s, Some(p)));
            names::sources(&[source.to_owned()], self.house, &at, self.problems);
            let place = place.map(Pattern::new);
            rules.extend(audience.map(|audience| Rule { source: Pattern::new(source), place, audience }));
        }
        Audiences(rules)
    }

    /// Reports and takes out what is not a key there.
    fn keys(&mut self, table: &mut toml::Table, at: &str, known: &[&str]) {
        let unknown: Vec<String> =
            table.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
        for key in unknown {
            table.remove(&key);
            let at = if at.is_empty() { "the file" } else { at };
            self.problems.unknown(at, "key", &key, known.iter().copied());
        }
    }

    fn typed<T: DeserializeOwned>(&mut self, table: toml::Table, at: &str) -> Option<T> {
        match T::deserialize(toml::Value::Table(table)) {
            Ok(typed) => Some(typed),
            Err(error) => {
                self.problems.add(at, error.to_string().trim().replace('\n', " "));
                None
            }
        }
    }
}

/// Adds the presets where the file says nothing of its own.
fn extend(file: &mut raw::File, presets: raw::File) {
    for domain in presets.domains {
        if !file.domains.contains(&domain) {
            file.domains.push(domain);
        }
    }
    for (name, role) in presets.role {
        file.role.entry(name).or_insert(role);
    }
    for (claim, values) in presets.claims {
        let own = file.claims.entry(claim).or_default();
        for (value, roles) in values {
            own.entry(value).or_insert(roles);
        }
    }
    for (where_, audience) in presets.audience {
        file.audience.entry(where_).or_insert(audience);
    }
}
