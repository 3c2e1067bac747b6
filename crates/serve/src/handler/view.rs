//! What a caller may know of: the tools policy shows them, and what stands on those.

use call::{Caller, Cx};
use error::{Code, Error, Result};
use rmcp::model::{CompleteRequestParams, Prompt, Reference, ResourceTemplate, Tool};
use tool::{Spec, Terms};

use super::{Handler, read_scope};
use crate::catalogue::Playbook;
use crate::layers::not_granted;

impl Handler {
    /// The catalogue's tools as this process shows them now.
    pub(super) fn tools_for(&self, caller: &Caller) -> Vec<Tool> {
        let specs = self.0.front.catalogue.specs().iter().zip(&self.0.lists.tools);
        let shown = specs.filter(|(spec, _)| self.0.front.shows(spec, caller));
        shown.flat_map(|(_, names)| names.iter().cloned()).collect()
    }

    /// The resources of kinds whose tool is shown.
    pub(super) fn templates_for(&self, caller: &Caller) -> Vec<ResourceTemplate> {
        let kinds = self.0.front.catalogue.kinds.iter().zip(&self.0.lists.templates);
        kinds
            .filter(|(kind, _)| self.shows(caller, kind.tool))
            .map(|(_, template)| template.clone())
            .collect()
    }

    /// The prompts that name no tool which is hidden.
    pub(super) fn prompts_for(&self, caller: &Caller) -> Vec<Prompt> {
        let playbooks = self.0.front.catalogue.playbooks.iter().zip(&self.0.lists.prompts);
        playbooks.filter(|(p, _)| self.shows_playbook(caller, p)).map(|(_, prompt)| prompt.clone()).collect()
    }

    /// A playbook that this caller is to know of.
    pub(super) fn playbook(&self, caller: &Caller, name: &str) -> Result<&Playbook> {
        let found = self.0.front.catalogue.playbook(name).filter(|p| self.shows_playbook(caller, p));
        found.ok_or_else(|| {
            Error::new(Code::InvalidArgument, "there is no such prompt").hint("`prompts/list` names them")
        })
    }

    /// Values for an argument of a prompt or of a resource, from what its caller may reach.
    pub(super) async fn completions(&self, asked: &CompleteRequestParams, cx: &Cx) -> Result<Vec<String>> {
        let front = &self.0.front;
        let scope = read_scope(&front.catalogue);
        if !cx.caller().scopes.grant(&scope) {
            return Err(not_granted(&scope));
        }
        let toolbox = front.toolbox(cx.caller()).await?;
        let (argument, typed) = (asked.argument.name.as_str(), asked.argument.value.as_str());
        match &asked.r#ref {
            Reference::Prompt(prompt) => {
                let playbook = self.playbook(cx.caller(), &prompt.name)?;
                let reads = front.catalogue.tools_of(playbook).filter(|spec| !spec.meta.is_write());
                let Some(cx) = front.rules.among(cx.clone(), reads.map(|spec| &spec.meta)) else {
                    return Ok(Vec::new());
                };
                cx.bounded(toolbox.complete(&cx, &prompt.name, argument, typed)).await
            }
            Reference::Resource(_) if argument == "source" => {
                let within = self.sources_for(cx);
                let names = toolbox.sources().into_iter().map(|(name, _)| name);
                Ok(names.filter(|name| name.starts_with(typed) && within(name)).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a source is within reach of every read that serves a resource to this caller.
    fn sources_for(&self, cx: &Cx) -> impl Fn(&String) -> bool + use<> {
        let front = &self.0.front;
        let serves = |spec: &&Spec| front.catalogue.kinds.iter().any(|kind| kind.tool == spec.meta.name);
        let served = front.catalogue.specs().iter().filter(serves);
        let shown = served.filter(|spec| front.shows(spec, cx.caller())).map(|spec| &spec.meta);
        let bound = front.rules.among(cx.clone(), shown);
        let reach = bound.as_ref().and_then(Terms::of).and_then(|terms| terms.sources.clone());
        move |name| bound.is_some() && reach.as_ref().is_none_or(|reach| reach.contains(name))
    }

    fn shows(&self, caller: &Caller, tool: &str) -> bool {
        let mut specs = self.0.front.catalogue.specs().iter();
        specs.any(|spec| spec.meta.name == tool && self.0.front.shows(spec, caller))
    }

    fn shows_playbook(&self, caller: &Caller, playbook: &Playbook) -> bool {
        self.0.front.catalogue.tools_of(playbook).all(|spec| self.0.front.shows(spec, caller))
    }
}
