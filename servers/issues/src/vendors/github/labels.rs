//! Labels of an issue, changed one by one (docs.github.com/rest/issues/labels).
//!
//! A PATCH of an issue replaces its labels by those that were read before it, and so takes back what others changed
//! since. These requests name what changes and nothing else.

use call::Cx;
use error::{Code, Error, Result};

use super::place::Place;
use super::settings::same_label;
use super::{GitHub, ask, wire};

/// Labels that an issue is to bear, and labels that it is to lose.
#[derive(Clone, Debug, Default)]
pub(super) struct Relabel {
    add: Vec<String>,
    remove: Vec<String>,
}

impl Relabel {
    /// What both name is to be borne.
    pub(super) fn new<'a>(
        add: impl IntoIterator<Item = &'a str>,
        remove: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let add: Vec<String> = add.into_iter().map(str::to_owned).collect();
        let remove = remove.into_iter().filter(|label| !names(&add, label)).map(str::to_owned).collect();
        Self { add, remove }
    }

    /// Changes the labels of an issue that was just read; whether there was anything to change. Once something was, here
    /// or before (`begun`), every failure is `outcome_unknown`.
    pub(super) async fn send(
        &self,
        github: &GitHub,
        cx: &Cx,
        place: &Place,
        issue: &wire::Issue,
        begun: bool,
    ) -> Result<bool> {
        let bears = |label: &str| issue.label_names().any(|one| same_label(one, label));
        let lacking: Vec<&str> = self.add.iter().map(String::as_str).filter(|label| !bears(label)).collect();
        let mut borne = issue.labels.clone();
        if !lacking.is_empty() {
            // The answer is newer than what was read: of two who set a priority at the same moment, the later sees the
            // other's and takes it away.
            let body = wire::MoreLabels { labels: &lacking };
            let added = github.hub.post(cx, ask::add_labels(place), &body).await;
            borne = added.map_err(|error| if begun { in_part(error) } else { error })?;
        }
        let unwanted = |label: &&str| names(&self.remove, label);
        let mut changed = !lacking.is_empty();
        for label in borne.iter().filter_map(wire::Label::name).filter(unwanted) {
            let removed = github.hub.delete(cx, ask::remove_label(place, label)).await;
            removed.map_err(|error| if begun || changed { in_part(error) } else { error })?;
            changed = true;
        }
        Ok(changed)
    }
}

/// What stopped a change of which a part was made: the caller must not take it for undone, and is to learn what is in
/// the way of the rest.
fn in_part(error: Error) -> Error {
    let message = format!("GitHub made a part of the change; the rest failed: {}", error.message());
    Error::new(Code::OutcomeUnknown, message)
        .hint("make the same call again: it does what is missing and nothing twice")
        .source(error)
}

fn names(list: &[String], label: &str) -> bool {
    list.iter().any(|one| same_label(one, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_borne_is_not_removed() {
        let labels = Relabel::new(["Bug", "P0"], ["bug", "P1"]);
        assert_eq!(labels.add, ["Bug", "P0"]);
        assert_eq!(labels.remove, ["P1"]);
    }
}
