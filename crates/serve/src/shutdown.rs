//! The end of the process.

use std::time::Duration;

/// How long calls under way may take to end, below the 30 s that orchestrators grant.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

/// Returns when the process is asked to stop: SIGTERM or Ctrl-C.
#[cfg(unix)]
pub(crate) async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            () = interrupted() => {}
        },
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard");
            interrupted().await;
        }
    }
}

/// Returns when the process is asked to stop: Ctrl-C.
#[cfg(not(unix))]
pub(crate) async fn asked_to_stop() {
    interrupted().await;
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "Ctrl-C cannot be heard");
        std::future::pending::<()>().await;
    }
}
