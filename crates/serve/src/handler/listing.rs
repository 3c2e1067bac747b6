//! The catalogue in the protocol's words, made once.

use rmcp::model::{CacheScope, MetaObject, Prompt, PromptArgument, ResourceTemplate, Tool, ToolAnnotations};
use serde_json::{Map, Value, json};
use tool::{Alias, Effect, Spec, WriteKind};

use crate::catalogue::{Catalogue, Playbook};

/// How long a client may keep a list. The lists change only with the process.
pub(super) const FRESH_MS: u64 = 300_000;

/// [`FRESH_MS`] as lists take it.
pub(super) const FRESH: Option<u64> = Some(FRESH_MS);

/// What a list shows depends on who asks: no cache may share it.
pub(super) const PRIVATE: Option<CacheScope> = Some(CacheScope::Private);

/// The key under which a former name, listed or called, says what to call instead and until when it works.
pub(super) const DEPRECATED: &str = "dev.chancery/deprecated";

/// Everything listed, in the catalogue's order.
pub(super) struct Lists {
    /// Each tool, with its former names behind it.
    pub(super) tools: Vec<Vec<Tool>>,
    pub(super) prompts: Vec<Prompt>,
    pub(super) templates: Vec<ResourceTemplate>,
}

impl Lists {
    pub(super) fn of(catalogue: &Catalogue) -> Self {
        Self {
            tools: catalogue.specs().iter().map(names).collect(),
            prompts: catalogue.playbooks.iter().map(prompt).collect(),
            templates: templates(catalogue),
        }
    }
}

/// A tool under its name, and under each of its former ones: hosts call nothing that is not listed.
fn names(spec: &Spec) -> Vec<Tool> {
    let former = spec.meta.aliases.iter().map(|alias| former(spec, alias));
    std::iter::once(tool(spec)).chain(former).collect()
}

/// The same tool under a former name. What it does is said under the present one: a model is to take that.
fn former(spec: &Spec, alias: &Alias) -> Tool {
    let Alias { name, removed_in } = alias;
    let mut listed = tool(spec);
    listed.name = (*name).into();
    listed.title = Some(format!("{} (former name)", spec.meta.title));
    listed.description =
        Some(format!("Deprecated, gone in {removed_in}: use `{}`, the same tool.", spec.meta.name).into());
    let told = listed.meta.get_or_insert_default();
    told.0.insert(DEPRECATED.into(), deprecated(spec, alias));
    listed
}

/// What a former name says of itself.
pub(super) fn deprecated(spec: &Spec, alias: &Alias) -> Value {
    json!({ "name": alias.name, "use": spec.meta.name, "removed_in": alias.removed_in })
}

/// A tool as clients see it.
pub(crate) fn tool(spec: &Spec) -> Tool {
    let mut told = Map::new();
    told.insert("dev.chancery/scope".into(), spec.meta.scope.into());
    told.insert("dev.chancery/effect".into(), json!(spec.meta.effect));
    told.insert("dev.chancery/labels".into(), json!(spec.meta.labels));
    Tool::new(spec.meta.name, spec.description.clone(), spec.input.clone())
        .with_title(spec.meta.title)
        .with_raw_output_schema(spec.output.clone())
        .with_annotations(annotations(spec))
        .with_meta(MetaObject(told))
}

fn annotations(spec: &Spec) -> ToolAnnotations {
    // The protocol knows only additive and destructive: a change of state is more than additive.
    let destructive = matches!(spec.meta.effect, Effect::Write(kind) if kind != WriteKind::Additive);
    let repeatable = !spec.meta.is_write() || spec.meta.repeat == tool::Repeat::ByNature;
    ToolAnnotations::new()
        .read_only(!spec.meta.is_write())
        .destructive(destructive)
        .idempotent(repeatable)
        .open_world(spec.meta.labels.returns_untrusted || spec.meta.labels.egress)
}

fn prompt(playbook: &Playbook) -> Prompt {
    let argument = |a: &tool::Argument| {
        PromptArgument::new(a.name).with_description(a.description).with_required(a.required)
    };
    let arguments = playbook.arguments.iter().map(argument).collect();
    Prompt::new(playbook.name, Some(playbook.description), Some(arguments)).with_title(playbook.title)
}

fn templates(catalogue: &Catalogue) -> Vec<ResourceTemplate> {
    let template = |kind: &tool::Kind| {
        let uri = format!("chancery://{}/{{source}}/{}/{{id}}", catalogue.name, kind.name);
        ResourceTemplate::new(uri, kind.name).with_title(kind.title).with_mime_type(super::resource::MIME)
    };
    catalogue.kinds.iter().map(template).collect()
}
