//! `check`: can the store be opened, and does every source answer?

use std::io::Write as _;

use ::call::{Agent, Caller, CancellationToken, Clock, Cx};
use serde_json::{Map, Value};
use tool::{Call, Spec};

use super::{Common, Done, Failure, told};
use crate::LOCAL_CALLER;
use crate::domain::Domain;
use crate::front::Front;
use crate::logging;
use crate::start::Start;

/// Opens the store and reads a little from each source, prints a line for each, and fails if one does not answer.
pub(crate) fn run(domain: Domain, common: &Common) -> Done {
    let config = common.load()?;
    logging::start(&config.log, common.log_format, logging::Level::Errors)?;
    let start = Start::new(domain, config, common.mode())?;
    super::stdio::runtime()?.block_on(async {
        // A store that cannot be opened ends the command here.
        let built = start.build().await?;
        built.store.store.health().await?;
        say(&format!("PASS store ({}): it could be opened and answers", built.store.place))?;
        let toolbox = start.front.toolbox().await?;
        let probe = probe(toolbox.specs());
        let sources = toolbox.sources();
        let (all, mut failed) = (sources.len(), 0);
        for (source, vendor) in sources {
            let line = match try_source(&start.front, probe, &source).await {
                Ok(()) => format!("PASS {source} ({vendor}): a token was obtained and a read answered"),
                Err(why) => {
                    failed += 1;
                    format!("FAIL {source} ({vendor}): {why}")
                }
            };
            say(&line)?;
        }
        built.close(&start.front).await;
        if failed == 0 { Ok(()) } else { Err(Failure::Failed(format!("{failed} of {all} sources failed"))) }
    })
}

fn say(line: &str) -> Done {
    writeln!(std::io::stdout().lock(), "{line}").map_err(|e| Failure::Failed(e.to_string()))
}

/// The first list that can be asked of one source and needs nothing else: the cheapest read there is.
fn probe(specs: &[Spec]) -> Option<&Spec> {
    specs.iter().find(|spec| {
        let takes = |name: &str| spec.input.get("properties").is_some_and(|p| p.get(name).is_some());
        let requires = spec.input.get("required").and_then(Value::as_array).is_some_and(|r| !r.is_empty());
        !spec.meta.is_write() && !requires && takes("source")
    })
}

async fn try_source(front: &Front, probe: Option<&Spec>, source: &str) -> Result<(), String> {
    let Some(spec) = probe else { return Err("this domain has no read to try it with".to_owned()) };
    let mut arguments = Map::new();
    arguments.insert("source".into(), source.into());
    if spec.input.get("properties").is_some_and(|p| p.get("limit").is_some()) {
        arguments.insert("limit".into(), 1.into());
    }
    let agent = Agent { name: "chancery-check".into(), version: front.catalogue.version.into() };
    let cx = Cx::new(spec.meta.name, Caller::local(LOCAL_CALLER), Clock::system()).with_agent(agent);
    let call = Call { tool: spec.meta.name.to_owned(), arguments };
    match front.call(cx, call, &CancellationToken::new()).await {
        Ok(_) => Ok(()),
        // For the operator: with the detail that an agent never sees.
        Err(error) => Err(told(&error)),
    }
}
