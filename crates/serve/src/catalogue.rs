//! What is known of a domain without any source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tool::{Argument, Kind, Spec, Toolbox};

/// The static half of a domain: what `tools/list` and its like answer from, at once and always the same.
pub(crate) struct Catalogue {
    /// `issues`.
    pub(crate) name: &'static str,
    /// The server's version.
    pub(crate) version: &'static str,
    /// What a model reads of the server before its tools.
    pub(crate) instructions: &'static str,
    /// The tools over no sources: only their specs are of use.
    pub(crate) bare: Arc<dyn Toolbox>,
    /// The resource kinds.
    pub(crate) kinds: Vec<Kind>,
    /// The prompts.
    pub(crate) playbooks: Vec<Playbook>,
}

/// A [`tool::Prompt`] without its port.
pub(crate) struct Playbook {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) arguments: &'static [Argument],
    pub(crate) render: fn(&BTreeMap<String, String>) -> String,
}

impl Catalogue {
    /// The tools.
    pub(crate) fn specs(&self) -> &[Spec] {
        self.bare.specs()
    }

    /// The binary and image of the domain: `chancery-issues`.
    pub(crate) fn program(&self) -> String {
        format!("chancery-{}", self.name)
    }

    /// The playbook called `name`.
    pub(crate) fn playbook(&self, name: &str) -> Option<&Playbook> {
        self.playbooks.iter().find(|p| p.name == name)
    }

    /// The tools that a playbook tells its reader to call.
    pub(crate) fn tools_of(&self, playbook: &Playbook) -> impl Iterator<Item = &Spec> {
        let given = playbook.arguments.iter().map(|argument| (argument.name.to_owned(), String::new()));
        let text = (playbook.render)(&given.collect());
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let words: BTreeSet<String> = text.split(|c| !is_word(c)).map(str::to_owned).collect();
        self.specs().iter().filter(move |spec| words.contains(spec.meta.name))
    }

    /// The resource kind called `name`.
    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.name == name)
    }
}
