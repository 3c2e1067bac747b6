//! `policy`: what a role may do, and why.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use tool::{Call, Stakes};

use super::{Common, Done, Failure, print, told};
use crate::catalogue::Catalogue;
use crate::domain::Domain;
use crate::offer::current_name;
use crate::rules::{self, Rules};
use crate::start::source_names;

/// What `policy` takes.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what a role may do with every tool, with one, or in one call, and which rules say so
    Explain(Explain),
}

#[derive(Args)]
struct Explain {
    /// The role, as the roles file names it
    #[arg(long)]
    role: String,
    /// One tool; all of them without it
    #[arg(long)]
    tool: Option<String>,
    /// The arguments of one call, one JSON object: every check of the role is then made and shown
    #[arg(long, value_name = "JSON", requires = "tool")]
    args: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Explains. Nothing is asked of any source.
pub(crate) fn run(domain: &Domain, options: &Options) -> Done {
    let Command::Explain(asked) = &options.command;
    domain.sound()?;
    let (config, mode) = (asked.common.load()?, asked.common.mode());
    let rules = Rules::open(domain, &config.policy, source_names(domain, &config, mode), mode)?;
    rules.look();
    let catalogue = domain.catalogue();
    let tool = asked.tool.as_deref().map(|tool| current_name(catalogue.specs(), tool));
    // First without the arguments: they say nothing of a tool that there is not.
    let mut explanation = rules.explain(&asked.role, tool, None).map_err(Failure::Usage)?;
    if let (Some((tool, _)), Some(text)) = (explanation.tools.first(), &asked.args) {
        let stakes = stakes(catalogue, tool, text)?;
        explanation = rules.explain(&asked.role, Some(tool), Some(&stakes)).map_err(Failure::Usage)?;
    }
    let text = if asked.json { as_json(&explanation).to_string() } else { explanation.to_string() };
    print(text.trim_end())
}

/// What is at stake in a call with these arguments.
fn stakes(catalogue: &Catalogue, tool: &str, text: &str) -> Result<Stakes, Failure> {
    let wrong = |why: String| Failure::Usage(format!("--args: {why}"));
    let mut arguments: Map<String, Value> =
        serde_json::from_str(text).map_err(|e| wrong(format!("this is no JSON object: {e}")))?;
    if let Some(spec) = catalogue.specs().iter().find(|spec| spec.meta.name == tool) {
        spec.whole(&mut arguments);
        spec.check(&arguments).map_err(|error| wrong(problems(&error)))?;
    }
    let call = Call { tool: tool.to_owned(), arguments };
    catalogue.bare.stakes(&call).map_err(|error| wrong(told(&error)))
}

/// Every problem with its path, as an agent would be told.
fn problems(error: &error::Error) -> String {
    let fields = error.wire("").fields;
    let named = fields.iter().map(|field| format!("{}: {}", field.path, field.problem));
    let named = named.collect::<Vec<_>>().join("; ");
    if named.is_empty() { error.message().to_owned() } else { named }
}

fn as_json(explanation: &policy::Explanation) -> Value {
    let tools = explanation.tools.iter().map(|(tool, decision)| {
        let mut line = json!(rules::told(decision));
        line["tool"] = (*tool).into();
        line
    });
    let steps = explanation
        .steps
        .iter()
        .map(|step| json!({ "rule": step.rule, "passes": step.passes, "says": step.says }));
    json!({
        "role": explanation.role,
        "about": explanation.about,
        "tools": tools.collect::<Vec<_>>(),
        "checks": steps.collect::<Vec<_>>(),
    })
}
