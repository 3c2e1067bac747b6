//! `call`: one call from a terminal.

use ::call::{Agent, Caller, CancellationToken, Clock, Cx};
use clap::Args;
use serde_json::{Map, Value};
use tool::Call;

use super::{Common, Done, Failure, print};
use crate::domain::Domain;
use crate::logging;
use crate::offer::current_name;
use crate::start::Start;

/// What `call` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// The tool's name
    tool: String,
    /// Its arguments, one JSON object
    #[arg(default_value = "{}")]
    arguments: String,
    #[command(flatten)]
    common: Common,
}

/// Calls, prints the answer, and fails if the answer is an error.
pub(crate) fn run(domain: Domain, options: &Options) -> Done {
    let arguments: Map<String, Value> = serde_json::from_str(&options.arguments)
        .map_err(|e| Failure::Usage(format!("the arguments are no JSON object: {e}")))?;
    let config = options.common.load()?;
    logging::start(&config.log, options.common.log_format, logging::Level::Warnings)?;
    let start = Start::new(domain, config, options.common.mode())?;
    let tool = current_name(start.front.catalogue.specs(), &options.tool).to_owned();
    super::runtime()?.block_on(async {
        let building = start.build();
        let cx = cx(&tool, start.local_caller(), start.front.catalogue.version);
        let answer = start.front.call(cx.clone(), Call { tool, arguments }, &CancellationToken::new()).await;
        let built = building.await;
        let text = match &answer {
            Ok(answer) => answer.value.to_string(),
            Err(error) => serde_json::to_string(&error.wire(cx.correlation_id())).unwrap_or_default(),
        };
        built?.close(&start.front).await;
        print(text)?;
        answer.map(drop).map_err(|e| Failure::Failed(e.to_string()))
    })
}

fn cx(tool: &str, caller: Caller, version: &str) -> Cx {
    let agent = Agent { name: "chancery-call".into(), version: version.into() };
    Cx::new(tool, caller, Clock::system()).with_agent(agent)
}
