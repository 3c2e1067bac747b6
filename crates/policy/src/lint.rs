//! The lethal trifecta, looked for before anything happens (security, section 1.2).

use std::fmt;

use tool::{Consent, Meta};

use crate::policy::{House, Policy, Role};

/// A role that can read what is private, be told what to do by what it reads, and carry it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The role.
    pub role: String,
    /// How bad it is.
    pub severity: Severity,
    /// Tools that read private records.
    pub private: Vec<&'static str>,
    /// Tools that return text written by others.
    pub untrusted: Vec<&'static str>,
    /// Tools that carry text out without another person's approval.
    pub out: Vec<&'static str>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The taint rule stands in the way: worth knowing.
    Note,
    /// Nothing stands in the way: a server refuses to start with it.
    Refuse,
}

impl Policy {
    /// The roles that hold all three on this server. What they hold over several servers, no single one can know.
    #[must_use]
    pub fn lint(&self, house: &House) -> Vec<Finding> {
        let severity = if self.taint.is_some() { Severity::Note } else { Severity::Refuse };
        self.roles.values().filter_map(|role| trifecta(role, house, severity)).collect()
    }
}

fn trifecta(role: &Role, house: &House, severity: Severity) -> Option<Finding> {
    let has = |meta: &&Meta| role.grants.contains_key(meta.name) && !role.forbids.contains_key(meta.name);
    let tools: Vec<&Meta> = house.tools.iter().filter(has).collect();
    let those = |leg: &dyn Fn(&Meta) -> bool| -> Vec<&'static str> {
        tools.iter().filter(|meta| leg(meta)).map(|meta| meta.name).collect()
    };
    let approved = |meta: &Meta| {
        role.grants.get(meta.name).is_some_and(|grant| {
            grant.consent.max(meta.consent) >= Consent::Approve && grant.unattended.is_empty()
        })
    };
    let finding = Finding {
        role: role.name.to_string(),
        severity,
        private: those(&|meta| !meta.is_write() && meta.labels.reads_private),
        untrusted: those(&|meta| !meta.is_write() && meta.labels.returns_untrusted),
        out: those(&|meta| meta.labels.egress && !approved(meta)),
    };
    let whole = !finding.private.is_empty() && !finding.untrusted.is_empty() && !finding.out.is_empty();
    whole.then_some(finding)
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "role `{}` reads private records and text written by others, and writes without approval with {}",
            self.role,
            self.out.join(", ")
        )?;
        match self.severity {
            Severity::Note => f.write_str("; the taint rule asks for an approval where that would reach more people"),
            Severity::Refuse => f.write_str(
                "; set `[taint] minutes`, or give these tools `consent = \"approve\"`, or take them from the role",
            ),
        }
    }
}
