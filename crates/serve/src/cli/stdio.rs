//! `stdio`: MCP on stdin and stdout for a desktop host.

use ::call::CancellationToken;
use rmcp::service::{ServerInitializeError, ServiceExt as _};

use super::{Common, Done, Failure};
use crate::domain::Domain;
use crate::handler::Handler;
use crate::lines::Lines;
use crate::logging;
use crate::offer::Mode;
use crate::shutdown::{PATIENCE, asked_to_stop};
use crate::start::{Built, Start};

/// Serves until stdin ends or the process is asked to stop.
pub(crate) fn run(domain: Domain, common: &Common) -> Done {
    let config = common.load()?;
    logging::start(&config.log, common.log_format, logging::Level::Configured)?;
    let start = Start::new(domain, config, common.mode())?;
    if let Some(caution) = caution(start.front.mode) {
        tracing::warn!("{caution}");
    }
    let runtime = super::runtime()?;
    let done = runtime.block_on(serve(&start));
    // A read of stdin that is under way would hold the process for as long as its parent lives.
    runtime.shutdown_background();
    done
}

/// What the person at the machine has to be told of real sources: their secret lies where the host that started us, and
/// whatever else runs as this user, reads it too, past every rule of ours.
fn caution(mode: Mode) -> Option<&'static str> {
    if mode.sandbox {
        return None;
    }
    Some(match mode.read_only {
        true => {
            "the secrets of the sources are on this machine: whoever uses it can read and write all that their accounts \
             may, `--read-only` or not. Give this configuration accounts that may only read, or connect to a central \
             `serve` behind an identity provider"
        }
        false => {
            "the secrets of the sources are on this machine: whoever uses it can do all that their accounts may. Connect \
             to a central `serve` behind an identity provider, or use accounts with the least privilege and `--read-only`"
        }
    })
}

async fn serve(start: &Start) -> Done {
    // The catalogue does not wait for this; calls do.
    let mut building = start.build();
    let mut built = None;
    let stop = CancellationToken::new();
    let mut session = std::pin::pin!(session(start, stop.clone()));
    let mut stopped = std::pin::pin!(asked_to_stop());
    let ended = loop {
        tokio::select! {
            done = &mut building, if built.is_none() => built = Some(done?).inspect(Built::say_hello),
            ended = &mut session => break ended,
            () = &mut stopped, if !stop.is_cancelled() => {
                start.front.drain(PATIENCE).await;
                stop.cancel();
            }
        }
    };
    let built = match built {
        Some(built) => built,
        None => building.await?,
    };
    built.close(&start.front).await;
    ended
}

/// Speaks with the host until it leaves or `stop`.
async fn session(start: &Start, stop: CancellationToken) -> Done {
    let (stdin, stdout) = rmcp::transport::io::stdio_pipes();
    let lines = Lines::new(stdin, stdout, start.front.clone(), start.limits());
    match Handler::new(start.front.clone(), start.local_caller()).serve_with_ct(lines, stop).await {
        Ok(service) => service.waiting().await.map(drop).map_err(|e| Failure::Failed(e.to_string())),
        // The host left, or we were stopped, before it said anything.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => Ok(()),
        Err(error) => Err(Failure::Failed(format!("the client could not be understood: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_sources_on_a_machine_are_cautioned_about_with_the_cure() {
        let real = caution(Mode::default()).unwrap();
        assert!(real.contains("central `serve`") && real.contains("`--read-only`"), "{real}");
        let reading = caution(Mode { read_only: true, ..Mode::default() }).unwrap();
        assert!(reading.contains("may only read") && reading.contains("`--read-only` or not"), "{reading}");
        assert_eq!(
            caution(Mode { sandbox: true, ..Mode::default() }),
            None,
            "simulators have nothing to lose"
        );
    }
}
