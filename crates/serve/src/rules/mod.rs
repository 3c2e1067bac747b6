//! What policy says to the callers of this process: the one decision, asked when tools are listed and when one is called.

mod granted;
mod watch;

#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use call::{Caller, Clock, Cx};
use policy::{Decision, Explanation, Finding, Gate, House, Reach, Settings, Stage, Subject};
use tool::{Meta, Stakes, Terms};

use crate::cli::Failure;
use crate::config::PolicyTable;
use crate::domain::Domain;
use crate::offer::Mode;
use crate::tenants::Tenants;
pub(crate) use granted::{Granted, told};
pub(crate) use watch::describe;

/// The rules in force.
pub(crate) struct Rules {
    gate: Arc<Gate>,
    /// Whether a file can change them.
    watched: bool,
    /// Whose callers may have how many of the roles that their claims say; known once sources are connected.
    tenants: OnceLock<Arc<Tenants>>,
}

impl Rules {
    /// Reads the rules of a domain over these sources.
    ///
    /// # Errors
    /// Everything that is wrong with the roles file, each with the nearest name that is known.
    pub(crate) fn open(
        domain: &Domain,
        table: &PolicyTable,
        sources: Vec<String>,
        mode: Mode,
    ) -> Result<Self, Failure> {
        let catalogue = domain.catalogue();
        let tools = catalogue.specs().iter().map(|spec| spec.meta).collect();
        let fields = catalogue.specs().iter().flat_map(|spec| spec.fields.names()).collect();
        let house = House { domain: catalogue.name.to_owned(), tools, fields, sources };
        Self::of(house, table, mode, Clock::system()).map_err(Failure::Usage)
    }

    /// The rules of a house; the problems with the file in words.
    pub(crate) fn of(house: House, table: &PolicyTable, mode: Mode, clock: Clock) -> Result<Self, String> {
        let settings = Settings {
            roles: table.roles.clone(),
            freeze: table.freeze.clone(),
            mode: policy::Mode { read_only: mode.read_only, lockdown: mode.lockdown },
        };
        let watched = table.roles.is_some() || table.freeze.is_some();
        let file = table.roles.as_ref().map_or_else(|| "roles".to_owned(), |path| path.display().to_string());
        let gate = Gate::open(settings, house, clock).map_err(|problems| {
            let lines = problems.to_string().replace('\n', &format!("\n{file}: "));
            format!("{file}: {lines}")
        })?;
        Ok(Self { gate: Arc::new(gate), watched, tenants: OnceLock::new() })
    }

    /// Keeps callers to the roles that their tenants may have. Only the first tenants count.
    pub(crate) fn serve(&self, tenants: Arc<Tenants>) {
        let _ = self.tenants.set(tenants);
    }

    /// Whether a caller may know of a tool and use it, whatever the arguments.
    pub(crate) fn listed(&self, caller: &Caller, tool: &Meta) -> Decision {
        self.gate.authorize(&self.subject(caller), "", tool, Stage::List)
    }

    fn subject(&self, caller: &Caller) -> Subject {
        let mut subject = self.gate.subject(caller);
        let tenant = self.tenants.get().and_then(|tenants| tenants.of(caller).ok().flatten());
        if let Some(roles) = tenant.as_deref().and_then(|tenant| tenant.terms.roles.as_ref()) {
            subject.roles.retain(|role| roles.contains(role));
        }
        subject
    }

    /// Asks about a call with these stakes. [`Granted::decision`] tells whether it was granted.
    pub(crate) fn ask(&self, cx: &Cx, tool: &Meta, stakes: Stakes) -> Granted {
        Granted::new(self.gate.clone(), self.subject(cx.caller()), cx, *tool, stakes)
    }

    /// The context of a question that several tools would answer, such as the values of a prompt's argument: it
    /// reaches what each of them would. `None` if one of them is not for this caller, or keeps to places that such a
    /// question cannot name.
    pub(crate) fn among<'m>(&self, cx: Cx, tools: impl IntoIterator<Item = &'m Meta>) -> Option<Cx> {
        let mut terms = Terms::default();
        for tool in tools {
            let decision = self.listed(cx.caller(), tool);
            if !decision.is_allowed() || !decision.obligations.places.is_all() {
                return None;
            }
            if let Reach::Only(names) = &decision.obligations.sources {
                let both = |name: &&String| terms.sources.as_ref().is_none_or(|held| held.contains(name));
                terms.sources = Some(names.iter().filter(both).cloned().collect());
            }
        }
        Some(cx.with_attached(Arc::new(terms)))
    }

    /// Roles by which private text could leave the company.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.gate.lint()
    }

    /// How a decision for a role comes about.
    ///
    /// # Errors
    /// In words: there is no such role or tool.
    pub(crate) fn explain(
        &self,
        role: &str,
        tool: Option<&str>,
        stakes: Option<&Stakes>,
    ) -> Result<Explanation, String> {
        self.gate.explain(role, tool, stakes)
    }
}
