//! The end of the process.

use std::time::Duration;

/// How long calls under way may take to end, below the 30 s that orchestrators grant.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

/// Resolves when the process is asked to stop: SIGTERM or Ctrl-C. They are heard from this call on and not from the
/// first poll, for a server may be told to stop as soon as it has said where it listens.
#[cfg(unix)]
pub(crate) fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::SignalKind;
    let terminate = heard(SignalKind::terminate(), "SIGTERM");
    let interrupt = heard(SignalKind::interrupt(), "Ctrl-C");
    async move {
        tokio::select! {
            () = terminate => {}
            () = interrupt => {}
        }
    }
}

/// Resolves when the signal comes, which is never where the system does not let us hear it.
#[cfg(unix)]
fn heard(kind: tokio::signal::unix::SignalKind, name: &str) -> impl Future<Output = ()> + use<> {
    let signal = tokio::signal::unix::signal(kind)
        .inspect_err(|error| tracing::warn!(%error, "{name} cannot be heard"));
    async move {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    }
}

/// Resolves when the process is asked to stop: Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn asked_to_stop() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be heard");
        std::future::pending::<()>().await;
    }
}
