//! Open files: every connection is one, and running out of them stops everything at once.

use error::Result;

/// What the process needs besides connections: vendor pools, the audit log, configuration, standard streams.
#[cfg(unix)]
const RESERVE: u64 = 512;

/// Makes room for `connections` in the process's limit of open files, raising the soft limit as far as the hard
/// one allows. Refuses if that is not enough, naming the cure.
#[cfg(unix)]
pub fn check_file_limit(connections: usize) -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(RESERVE);
    let limit = getrlimit(Resource::Nofile);
    if is_enough(limit.current, needed) {
        return Ok(());
    }
    if is_enough(limit.maximum, needed) {
        let raised = Rlimit { current: Some(needed), maximum: limit.maximum };
        return setrlimit(Resource::Nofile, raised).map_err(|e| too_low(limit.current, needed).source(e));
    }
    Err(too_low(limit.maximum, needed))
}

/// Elsewhere there is no such limit to look at.
#[cfg(not(unix))]
pub fn check_file_limit(_connections: usize) -> Result<()> {
    Ok(())
}

/// No limit at all is always enough.
#[cfg(unix)]
fn is_enough(limit: Option<u64>, needed: u64) -> bool {
    limit.is_none_or(|limit| limit >= needed)
}

#[cfg(unix)]
fn too_low(limit: Option<u64>, needed: u64) -> error::Error {
    let limit = limit.unwrap_or(u64::MAX);
    let problem = format!("needs {needed} open files, but the process may open {limit}");
    let raise = format!(
        "raise the limit to {needed} (`ulimit -n`, systemd `LimitNOFILE=`, compose `ulimits: nofile`)"
    );
    let hint = match limit.saturating_sub(RESERVE) {
        0 => raise,
        room => format!("{raise}, or lower `connections` of [limits] to {room}"),
    };
    error::Error::invalid("limits.connections", problem).hint(hint)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_cap_that_fits_passes_and_one_that_cannot_is_refused_with_the_cure() {
        check_file_limit(16).unwrap();
        let needs_more_than_any_kernel_grants = usize::MAX / 2;
        if let Err(refused) = check_file_limit(needs_more_than_any_kernel_grants) {
            let wire = refused.wire("c");
            assert!(wire.message.contains("open files"), "{wire:?}");
            assert!(wire.hint.contains("ulimit -n"), "{wire:?}");
        } else {
            let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
            assert_eq!(limit.maximum, None, "only a process without a limit passes");
        }
    }
}
