//! `check`: can store and record be opened, does every source answer, and can callers be told apart?

use ::call::{Agent, CancellationToken, Clock, Cx};
use serde_json::{Map, Value};
use tool::{Call, Spec};

use super::{Common, Done, Failure, print, told};
use crate::domain::Domain;
use crate::layers::by_operator;
use crate::logging;
use crate::start::Start;

/// Tries identity, opens store and record, reads a little from each source, prints a line for each, and fails if one
/// does not answer.
pub(crate) fn run(domain: Domain, common: &Common) -> Done {
    let config = common.load()?;
    logging::start(&config.log, common.log_format, logging::Level::Errors)?;
    let start = Start::new(domain, config, common.mode())?;
    for finding in start.front.rules.findings() {
        print(format!("NOTE policy: {finding}"))?;
    }
    super::runtime()?.block_on(async {
        let (mut all, mut failed) = try_identity(&start).await?;
        // A store that cannot be opened ends the command here.
        let built = start.build().await?;
        built.store.store.health().await?;
        say(&format!("store ({})", built.store.place), Ok("it could be opened and answers".to_owned()))?;
        let recorded = built.recorder.log().map_err(|error| told(&error));
        failed += usize::from(recorded.is_err());
        let dir = built.recorder.dir().display();
        say(&format!("record ({dir})"), recorded.map(|_| "it could be opened".to_owned()))?;
        let toolbox = start.front.toolbox(&start.local_caller()).await?;
        let probe = probe(toolbox.specs());
        let sources = toolbox.sources();
        all += 2 + sources.len();
        for (source, vendor) in sources {
            let tried = try_source(&start, probe, &source).await;
            let tried = tried.map(|()| "a token was obtained and a read answered".to_owned());
            failed += usize::from(tried.is_err());
            say(&format!("{source} ({vendor})"), tried)?;
        }
        built.close(&start.front).await;
        if failed == 0 { Ok(()) } else { Err(Failure::Failed(format!("{failed} of {all} checks failed"))) }
    })
}

/// Tries what callers are told by; how much was tried, and how much of it failed.
async fn try_identity(start: &Start) -> Result<(usize, usize), Failure> {
    let Some(authenticator) = start.authenticator()? else { return Ok((0, 0)) };
    let findings = authenticator.examine().await;
    let failed = findings.iter().filter(|finding| finding.outcome.is_err()).count();
    let all = findings.len();
    for finding in findings {
        say(&finding.what, finding.outcome.map_err(|error| told(&error)))?;
    }
    Ok((all, failed))
}

/// One line: what was tried, and what it gave or why it failed.
fn say(what: &str, tried: Result<String, String>) -> Done {
    let (verdict, text) = match tried {
        Ok(text) => ("PASS", text),
        Err(text) => ("FAIL", text),
    };
    print(format!("{verdict} {what}: {text}"))
}

/// The first list that can be asked of one source and needs nothing else: the cheapest read there is.
pub(super) fn probe(specs: &[Spec]) -> Option<&Spec> {
    specs.iter().find(|spec| {
        let takes = |name: &str| spec.input.get("properties").is_some_and(|p| p.get(name).is_some());
        let requires = spec.input.get("required").and_then(Value::as_array).is_some_and(|r| !r.is_empty());
        !spec.meta.is_write() && !requires && takes("source")
    })
}

async fn try_source(start: &Start, probe: Option<&Spec>, source: &str) -> Result<(), String> {
    let Some(spec) = probe else { return Err("this domain has no read to try it with".to_owned()) };
    let mut arguments = Map::new();
    arguments.insert("source".into(), source.into());
    if spec.input.get("properties").is_some_and(|p| p.get("limit").is_some()) {
        arguments.insert("limit".into(), 1.into());
    }
    let front = &start.front;
    let agent = Agent { name: "chancery-check".into(), version: front.catalogue.version.into() };
    let cx = Cx::new(spec.meta.name, start.local_caller(), Clock::system()).with_agent(agent);
    // No role has to be made for whoever runs the server.
    let cx = by_operator(cx);
    let call = Call { tool: spec.meta.name.to_owned(), arguments };
    match front.call(cx, call, &CancellationToken::new()).await {
        Ok(_) => Ok(()),
        // For the operator: with the detail that an agent never sees.
        Err(error) => Err(told(&error)),
    }
}
