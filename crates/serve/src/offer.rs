//! Which of a domain's tools this process lets be seen.

use std::sync::Arc;

use call::Caller;
use error::{Code, Error};
use tool::{Alias, Meta, Spec, Toolbox};

use crate::layers::Redaction;
use crate::rules::Rules;
use crate::tenants::{Tenant, Tenants};

/// How this process was started, as far as it decides what may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mode {
    /// `--read-only`: writes are unknown.
    pub(crate) read_only: bool,
    /// `--lockdown`: text from outside the company is withheld.
    pub(crate) lockdown: bool,
    /// `--sandbox`: writes that need consent commit at once, unless `asking` is said too.
    pub(crate) sandbox: bool,
    /// `[consent] in_sandbox`: the sandbox asks for consent as real sources always do.
    pub(crate) asking: bool,
}

impl Mode {
    /// Whether a tool may be seen in this mode, whatever the sources can do.
    pub(crate) fn shows(self, meta: &Meta) -> bool {
        !self.read_only || !meta.is_write()
    }

    /// Whether a write that needs somebody's consent has to get it.
    pub(crate) fn asks(self) -> bool {
        !self.sandbox || self.asking
    }
}

/// The tools of the domain over its sources, seen through the mode.
pub(crate) struct Offer {
    pub(crate) toolbox: Arc<dyn Toolbox>,
    pub(crate) mode: Mode,
    pub(crate) rules: Arc<Rules>,
    pub(crate) redaction: Redaction,
    /// Whose callers see how much of it.
    pub(crate) tenants: Arc<Tenants>,
}

impl Offer {
    /// A tool of the catalogue, hidden or not.
    pub(crate) fn spec(&self, tool: &str) -> Option<&Spec> {
        self.toolbox.specs().iter().find(|s| s.meta.name == tool)
    }

    /// A tool that this process can do: its mode shows it and a source can do it.
    pub(crate) fn offered(&self, tool: &str) -> Option<&Spec> {
        self.spec(tool).filter(|spec| self.offers(spec))
    }

    fn offers(&self, spec: &Spec) -> bool {
        self.mode.shows(&spec.meta) && self.toolbox.offered(spec.meta.name)
    }

    /// Whether a caller is to know of a tool: it is offered, their tenant has it, and policy shows it to them.
    pub(crate) fn shows(&self, spec: &Spec, caller: &Caller) -> bool {
        let of_tenant = |tenant: Option<Arc<Tenant>>| tenant.is_none_or(|tenant| tenant.shows(&spec.meta));
        self.offers(spec)
            && self.tenants.of(caller).is_ok_and(of_tenant)
            && self.rules.listed(caller, &spec.meta).shows()
    }

    /// `unknown_tool`, the same for a tool that is hidden and for one that never was; its hint names the nearest
    /// of the tools that this caller may know of.
    pub(crate) fn unknown(&self, tool: &str, caller: &Caller) -> Error {
        // Names may come as long as a body; no tool's is anywhere near this, and comparing takes the product of both.
        let tool = content::cut(tool, 128);
        let mut near: Vec<(f64, &str)> = self
            .toolbox
            .specs()
            .iter()
            .filter(|s| self.shows(s, caller))
            .map(|s| (strsim::normalized_damerau_levenshtein(tool, s.meta.name), s.meta.name))
            .filter(|(score, _)| *score > 0.7)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let names: Vec<&str> = near.iter().take(3).map(|(_, name)| *name).collect();
        let error = Error::new(Code::UnknownTool, format!("there is no tool `{}`", content::cut(tool, 60)));
        match names.first() {
            Some(nearest) => error
                .hint(format!("did you mean {}? `tools/list` names every tool", names.join(", ")))
                .alternative_tool((*nearest).to_owned()),
            None => error,
        }
    }
}

/// Attached to a call by a former name: who may not know of the tool must not learn what it is called now.
pub(crate) struct CalledAs(pub(crate) String);

/// The present name of a tool that was called by a former one.
pub(crate) fn current_name<'a>(specs: &'a [Spec], called: &'a str) -> &'a str {
    former_name(specs, called).map_or(called, |(spec, _)| spec.meta.name)
}

/// The tool that has `called` for a former name.
pub(crate) fn former_name<'a>(specs: &'a [Spec], called: &str) -> Option<(&'a Spec, Alias)> {
    specs.iter().find_map(|spec| {
        let alias = spec.meta.aliases.iter().find(|alias| alias.name == called)?;
        Some((spec, *alias))
    })
}
