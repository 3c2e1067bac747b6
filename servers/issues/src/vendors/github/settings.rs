//! The keys of a `github` source.

use std::collections::BTreeMap;

use error::{Code, Error, Result};
use serde::Deserialize;

use super::place::Repository;
use crate::model::Priority;

/// Keys beside those that every source has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The allow-list, `owner/name`: nothing outside it is asked for or given out.
    pub(super) repositories: Vec<String>,
}

/// The table `[source.NAME.map]`: what labels mean here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Meanings {
    /// An open issue with one of these is being worked on. The first is the one that is set.
    pub(super) doing_labels: Vec<String>,
    /// Label to priority. Of several labels for one priority the first in the alphabet is the one that is set.
    pub(super) priority: BTreeMap<String, Priority>,
    /// An issue with one of these has something in its way, whatever its dependencies say.
    pub(super) blocked_labels: Vec<String>,
    /// An open issue with one of these blocks a release by itself.
    pub(super) release_blocker_labels: Vec<String>,
}

impl Keys {
    /// The repositories in the order of the configuration.
    ///
    /// Errors: `invalid_argument` for an empty list and for what is no `owner/name`.
    pub(super) fn repositories(&self) -> Result<Vec<Repository>> {
        if self.repositories.is_empty() {
            return Err(Error::invalid("repositories", "name at least one repository, as in [\"acme/web\"]"));
        }
        let read = |text: &String| {
            Repository::parse(text).ok_or_else(|| {
                Error::invalid("repositories", format!("`{}` is no owner/name", content::cut(text, 80)))
            })
        };
        self.repositories.iter().map(read).collect()
    }
}

impl Meanings {
    /// Errors: `invalid_argument` for a label that GitHub's lists cannot be asked for.
    pub(super) fn check(&self) -> Result<()> {
        let lists = [&self.doing_labels, &self.blocked_labels, &self.release_blocker_labels];
        let mut all = lists.into_iter().flatten().chain(self.priority.keys());
        match all.find(|label| label.trim().is_empty() || label.contains([',', '"'])) {
            Some(label) => {
                Err(Error::invalid("map", format!("the label `{label}` is empty or has a comma or quote")))
            }
            None => Ok(()),
        }
    }

    /// The worst priority that the labels name.
    pub(super) fn priority_of<'a>(&self, labels: impl IntoIterator<Item = &'a str>) -> Option<Priority> {
        labels.into_iter().filter_map(|label| self.meaning(label)).min()
    }

    fn meaning(&self, label: &str) -> Option<Priority> {
        self.priority.iter().find(|(name, _)| same_label(name, label)).map(|(_, priority)| *priority)
    }

    /// The labels that mean this priority.
    pub(super) fn labels_of(&self, priority: Priority) -> Vec<&str> {
        self.labels_where(|one| one == priority)
    }

    /// The labels that mean a worse priority.
    pub(super) fn labels_above(&self, priority: Priority) -> Vec<&str> {
        self.labels_where(|one| one < priority)
    }

    /// The labels that mean this priority or a worse one.
    pub(super) fn labels_from(&self, priority: Priority) -> Vec<&str> {
        self.labels_where(|one| one <= priority)
    }

    fn labels_where(&self, holds: impl Fn(Priority) -> bool) -> Vec<&str> {
        self.priority.iter().filter(|(_, one)| holds(**one)).map(|(label, _)| label.as_str()).collect()
    }

    /// The label that sets a priority. Errors: `unsupported` if none means it.
    pub(super) fn label_for(&self, priority: Priority) -> Result<&str> {
        self.labels_of(priority).first().copied().ok_or_else(|| {
            Error::new(Code::Unsupported, "no label of this source stands for that priority")
                .hint("leave the priority out, or let the operator map a label to it in `map.priority`")
        })
    }

    /// The label of the list that the issue bears.
    pub(super) fn worn<'a>(list: &[String], labels: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        labels.into_iter().find(|label| list.iter().any(|one| same_label(one, label)))
    }
}

/// GitHub's labels differ by more than case.
pub(super) fn same_label(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_priority_labels_counts() {
        let table: toml::Table = "priority = { P0 = \"critical\", P2 = \"medium\" }".parse().unwrap();
        let meanings: Meanings = table.try_into().unwrap();
        assert_eq!(meanings.priority_of(["p2", "bug", "p0"]), Some(Priority::Critical));
        assert_eq!(meanings.priority_of(["bug"]), None);
        assert_eq!(meanings.label_for(Priority::Medium).unwrap(), "P2");
        assert_eq!(meanings.label_for(Priority::Low).unwrap_err().code(), Code::Unsupported);
    }

    #[test]
    fn unknown_and_malformed_keys_are_refused() {
        assert!(toml::from_str::<Meanings>("doing = [\"x\"]").is_err());
        let comma: Meanings = toml::from_str("blocked_labels = [\"a,b\"]").unwrap();
        assert!(comma.check().is_err());
        for bad in [&[][..], &["acme"], &["acme/web/x"], &["acme/.."], &["acme/we b"]] {
            let keys = Keys { repositories: bad.iter().map(|&one| one.to_owned()).collect() };
            assert!(keys.repositories().is_err(), "{bad:?}");
        }
    }
}
