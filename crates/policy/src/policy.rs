//! The rules of one server, compiled: every question is answered by look-ups.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use content::{Masks, Treatment};
use tool::{Consent, Meta};

use crate::audience::Audiences;
use crate::hours::Hours;
use crate::pattern::Pattern;
use crate::{Ceilings, Reach};

/// What exists in a server, so that rules can name it.
#[derive(Clone, Debug)]
pub struct House {
    /// The domain: `crm`.
    pub domain: String,
    /// Its tools.
    pub tools: Vec<Meta>,
    /// The names of what its tools return, alone and below their parents: `email`, `contacts.email`.
    pub fields: BTreeSet<String>,
    /// Its configured sources; none where they are not known, as in a listing of the contract.
    pub sources: Vec<String>,
}

/// The rules of one server.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) domain: String,
    pub(crate) roles: BTreeMap<Arc<str>, Role>,
    pub(crate) claims: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// The roles of callers to whom no claim gives one.
    pub(crate) otherwise: Vec<String>,
    pub(crate) audiences: Audiences,
    /// For how long a workflow that read untrusted text stays tainted; absent: the rule is off.
    pub(crate) taint: Option<Duration>,
}

/// A role, as far as this server is concerned.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) name: Arc<str>,
    pub(crate) about: String,
    /// What it may do, by tool.
    pub(crate) grants: HashMap<&'static str, Grant>,
    /// What it may never do, by tool: the pattern that says so.
    pub(crate) forbids: HashMap<&'static str, String>,
    pub(crate) sources: Reach,
    pub(crate) places: Option<Places>,
    pub(crate) rows: Option<u32>,
    pub(crate) masks: Masks,
    pub(crate) fields: Arc<BTreeMap<String, Treatment>>,
    pub(crate) hours: Option<Hours>,
}

/// The places a role keeps to.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) reach: Reach,
}

/// What a role may do with one tool.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The rule that grants it: `role.sales.read "crm:*"`.
    pub(crate) rule: String,
    /// The least consent, whatever the tool asks.
    pub(crate) consent: Consent,
    /// The targets it may move a record to; absent: all.
    pub(crate) targets: Option<Vec<String>>,
    /// The approved actions it may run unasked.
    pub(crate) unattended: Vec<String>,
    pub(crate) ceilings: Option<Ceilings>,
}

impl Policy {
    /// The names of the roles.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.keys().map(AsRef::as_ref)
    }

    /// The roles that claims give, or those of callers to whom none gives one: each once, in the order of their names.
    /// A claim with several values comes once for each; what is known of a caller without a token comes as the claims
    /// `sub` and `method`.
    pub fn roles_of<'a>(&self, claims: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
        let given = claims.into_iter().filter_map(|(claim, value)| self.claims.get(claim)?.get(value));
        let mut roles: Vec<String> = given.flatten().cloned().collect();
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() { self.otherwise.clone() } else { roles }
    }
}

impl Places {
    pub(crate) fn contain(&self, place: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(place.trim()))
    }
}
