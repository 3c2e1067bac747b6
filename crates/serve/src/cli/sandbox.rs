//! `sandbox VENDOR`: only the vendor's simulator, for other clients.

use std::io::Write as _;

use super::{Done, Failure, SandboxOptions};
use crate::domain::Domain;
use crate::shutdown::asked_to_stop;

/// Serves the simulator until the process is asked to stop. The first line on stderr is JSON with everything a
/// client needs.
pub(crate) fn run(domain: &Domain, options: &SandboxOptions) -> Done {
    let simulator = domain.simulator(&options.vendor).ok_or_else(|| {
        let known = domain.vendors().join(", ");
        Failure::Usage(format!("there is no vendor `{}`; this domain has {known}", options.vendor))
    })?;
    super::runtime()?.block_on(async {
        let stopped = asked_to_stop();
        let place = sandbox::Options { listen: options.listen, tls: options.tls };
        let running = simulator
            .start(place)
            .await
            .map_err(|e| Failure::Usage(format!("--listen {}: {e}", options.listen)))?;
        let mut line = serde_json::json!(running);
        line["event"] = "listening".into();
        writeln!(std::io::stderr().lock(), "{line}").map_err(|e| Failure::Failed(e.to_string()))?;
        stopped.await;
        running.stop().await;
        Ok(())
    })
}
