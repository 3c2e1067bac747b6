//! `operations pending|show|reconcile`: writes that began, and what became of them.

use ::call::{Agent, Caller, Clock, Cx, Operation};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use store::{End, Known, Operations as _, State, Store};
use tool::Call;

use super::kept::{Kept, name};
use super::{Common, Done, Failure, print};
use crate::domain::Domain;
use crate::logging;
use crate::offer::current_name;
use crate::start::Start;

/// Operations that are listed; the oldest come first.
const MOST: u32 = 1000;

/// What `operations` takes.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the writes whose fate nobody knows, oldest first
    Pending {
        #[command(flatten)]
        kept: Kept,
    },
    /// Show everything that is known of a write
    Show {
        /// The operation's id, as `outcome_unknown` names it
        id: String,
        #[command(flatten)]
        kept: Kept,
    },
    /// Look for the effect of a write at the vendor, by its marker; nothing is sent again
    Reconcile(Box<Reconcile>),
}

#[derive(Args)]
struct Reconcile {
    /// The operation's id
    id: String,
    /// You looked at the vendor and there is no effect: forget the write, so that the same call may send it again
    #[arg(long)]
    nothing_happened: bool,
    #[command(flatten)]
    common: Common,
}

/// Lists, shows or reconciles.
pub(crate) fn run(domain: Domain, options: &Options) -> Done {
    match &options.what {
        What::Pending { kept } => {
            let pending = kept.with(&domain, async |store| Ok(store.pending(None, MOST).await?))?;
            kept.print(&pending, shown, line)
        }
        What::Show { id, kept } => {
            let found = kept.with(&domain, async |store| find(&store, id).await)?;
            kept.print(&found, shown, text)
        }
        What::Reconcile(options) => reconcile(domain, options),
    }
}

async fn find(store: &Store, id: &str) -> Result<Vec<Known>, Failure> {
    let found = store.find(id).await?;
    match found.is_empty() {
        true => Err(Failure::Failed(format!(
            "no operation {} is kept: it was never begun here, nothing came of it, or it is long past",
            name(id)
        ))),
        false => Ok(found),
    }
}

fn reconcile(domain: Domain, options: &Reconcile) -> Done {
    let config = options.common.load()?;
    logging::start(&config.log, options.common.log_format, logging::Level::Warnings)?;
    let start = Start::new(domain, config, options.common.mode())?;
    super::runtime()?.block_on(async {
        let built = start.build().await?;
        let store = built.store.store.clone();
        let mut ended = Ok(());
        for known in find(&store, &options.id).await? {
            let done = match options.nothing_happened {
                true => forget(&store, &known).await,
                false => look(&start, &known).await,
            };
            ended = ended.and(done);
        }
        built.close(&start.front).await;
        ended
    })
}

/// Takes a person's word that nothing happened.
async fn forget(store: &Store, known: &Known) -> Done {
    let held = store.resume(&known.scope, &known.id).await?;
    let held = held.ok_or_else(|| Failure::Failed(format!("{} is done or is running", known.id)))?;
    store.finish(held, End::Nothing).await?;
    print(json!({ "id": known.id, "status": "forgotten" }))
}

/// Runs the call again through the same stack, as one that was sent: its tool looks for what it marked.
async fn look(start: &Start, known: &Known) -> Done {
    let arguments: Map<String, Value> = serde_json::from_slice(&known.arguments).unwrap_or_default();
    let catalogue = &start.front.catalogue;
    let tool = current_name(catalogue.specs(), known.scope.tool()).to_owned();
    let cx = cx(known, &tool, catalogue.version);
    match start.front.resume(cx.clone(), Call { tool, arguments }).await {
        Ok(answer) => print(&answer.value),
        Err(error) => {
            print(serde_json::to_value(error.wire(cx.correlation_id())).unwrap_or_default())?;
            Err(Failure::Failed(format!("{}: {error}", known.id)))
        }
    }
}

/// The context of the write as its caller had it, said by this program.
fn cx(known: &Known, tool: &str, version: &str) -> Cx {
    let scope = &known.scope;
    let tenant = Some(scope.tenant()).filter(|tenant| !tenant.is_empty());
    let caller = Caller::of_key(scope.caller(), tenant);
    let agent = Agent { name: "chancery-operations".into(), version: version.into() };
    let operation = Operation::known(known.id.clone()).resume();
    Cx::new(tool, caller, Clock::system()).with_agent(agent).with_operation(operation)
}

/// `k3j... unknown create_issue by local, begun 2026-11-21T10:00:00Z, attempts: 2`.
fn line(known: &Known) -> String {
    let tenant = match known.scope.tenant() {
        "" => String::new(),
        tenant => format!(" of {}", name(tenant)),
    };
    format!(
        "{} {} {} by {}{tenant}, begun {}, attempts: {}",
        known.id,
        state(known),
        known.scope.tool(),
        name(known.scope.caller()),
        known.begun_at,
        known.attempts
    )
}

/// The line, then the arguments, which are kept until the write is done.
fn text(known: &Known) -> String {
    match arguments(known) {
        Value::Null => line(known),
        arguments => format!("{}\n  arguments: {arguments}", line(known)),
    }
}

fn shown(known: &Known) -> Value {
    json!({
        "id": known.id,
        "state": state(known),
        "tool": known.scope.tool(),
        "tenant": known.scope.tenant(),
        "caller": known.scope.caller(),
        "attempts": known.attempts,
        "begun_at": known.begun_at,
        "changed_at": known.changed_at,
        "arguments": arguments(known),
    })
}

/// The arguments; none once the write is done.
fn arguments(known: &Known) -> Value {
    serde_json::from_slice(&known.arguments).unwrap_or_default()
}

fn state(known: &Known) -> &'static str {
    match known.state {
        State::Running => "running",
        State::Done => "done",
        State::Unknown => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use error::{Code, Error};

    use super::*;
    use crate::trial::{Act, SANDBOX, Trial};

    #[tokio::test(start_paused = true)]
    async fn the_write_of_any_caller_is_looked_for_as_theirs() {
        let named = |issuer: Option<&str>, tenant: Option<&str>| Caller {
            issuer: issuer.map(str::to_owned),
            tenant: tenant.map(str::to_owned),
            ..Caller::local("alice")
        };
        let idp = Some("https://idp.example");
        for caller in
            [named(None, None), named(None, Some("acme")), named(idp, None), named(idp, Some("acme"))]
        {
            let store = Store::in_memory(Clock::system()).await.unwrap();
            let trial = Trial::remembering(SANDBOX, store.clone());
            trial.shelf.then(Act::Fail(Error::new(Code::OutcomeUnknown, "no reply came")));
            trial.call_by(&caller, "", "add_item", json!({ "text": "x" })).await.unwrap_err();
            let known = store.pending(None, 10).await.unwrap().remove(0);

            let cx = cx(&known, "add_item", "1.2.3");
            assert_eq!(cx.caller(), &caller);
            let arguments = serde_json::from_slice(&known.arguments).unwrap();
            let answer = trial.front.resume(cx, Call { tool: "add_item".into(), arguments }).await.unwrap();
            assert_eq!(answer.value["status"], "committed", "{}", caller.key());
        }
    }
}
