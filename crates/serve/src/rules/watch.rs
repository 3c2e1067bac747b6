//! The files that people change while a server runs.

use std::sync::Arc;

use call::CancellationToken;
use policy::{Event, Gate};
use tokio_util::task::AbortOnDropHandle;

use super::Rules;

/// 1 while a file is in force as it is on the disk, 0 while it cannot be read or is not understood.
const IN_FORCE: &str = "chancery_policy_file_in_force";
/// 1 while something is frozen.
const FROZEN: &str = "chancery_policy_frozen";

/// Describes the metrics of policy.
pub(crate) fn describe() {
    metrics::describe_gauge!(IN_FORCE, "Whether a policy file is in force as it is on the disk");
    metrics::describe_gauge!(FROZEN, "Whether the freeze file stops anything");
}

/// Looks at the files for as long as it lives.
pub(crate) type Watching = AbortOnDropHandle<()>;

impl Rules {
    /// Looks at the files once, so that what is frozen is frozen from the first call on, and then every two seconds.
    /// `None` where there is no file.
    pub(crate) async fn watch(self: &Arc<Self>) -> Option<Watching> {
        if !self.watched {
            return None;
        }
        let rules = self.clone();
        // Where it fails, the next look comes in two seconds.
        let _looked = tokio::task::spawn_blocking(move || rules.look()).await;
        gauge(&self.gate);
        let gate = self.gate.clone();
        let watching = gate.clone().watch(CancellationToken::new(), move |event| tell(event, &gate));
        Some(AbortOnDropHandle::new(tokio::spawn(watching)))
    }

    /// Looks at the files once. Blocks for as long as the file system does.
    pub(crate) fn look(&self) {
        self.gate.poll().iter().for_each(|event| tell(event, &self.gate));
    }

    /// Tells the log by which roles private text could leave the company.
    pub(crate) fn log_findings(&self) {
        let roles: Vec<String> = self.findings().into_iter().map(|finding| finding.role).collect();
        if !roles.is_empty() {
            tracing::info!(
                roles = roles.join(", "),
                "these roles read private records and text written by others and can write: the taint rule asks for an \
                 approval where that would reach more people; `check` names the tools"
            );
        }
    }
}

fn tell(event: &Event, gate: &Arc<Gate>) {
    match event {
        Event::PolicyChanged => tracing::info!("{event}"),
        Event::FreezeChanged(None) => tracing::info!("{event}"),
        Event::FreezeChanged(Some(_)) | Event::FreezeMissing(_) => tracing::warn!("{event}"),
        Event::PolicyRefused(_) | Event::FreezeGarbled(_) => tracing::error!("{event}"),
    }
    match event {
        Event::FreezeChanged(what) => frozen(what.is_some()),
        Event::FreezeGarbled(_) => frozen(true),
        _ => {}
    }
    gauge(gate);
}

fn frozen(is_frozen: bool) {
    metrics::gauge!(FROZEN).set(f64::from(u8::from(is_frozen)));
}

fn gauge(gate: &Gate) {
    let health = gate.health();
    for (file, trouble) in [("roles", health.roles), ("freeze", health.freeze)] {
        metrics::gauge!(IN_FORCE, "file" => file).set(f64::from(u8::from(trouble.is_none())));
    }
}
