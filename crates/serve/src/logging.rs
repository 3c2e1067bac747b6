//! The log: on stderr, because stdout belongs to the protocol.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogFormat, LogTable, Problem};

/// How much is logged where the configuration does not say.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    /// What `[log] level` says, or `info`.
    Configured,
    /// Warnings, for commands whose user waits for an answer.
    Warnings,
    /// Errors of ours, where the command tells everything else itself.
    Errors,
}

/// Starts the log. What was logged before is lost.
pub(crate) fn start(table: &LogTable, format: Option<LogFormat>, level: Level) -> Result<(), Problem> {
    let usual = match level {
        Level::Configured => "info",
        Level::Warnings => "warn",
        // What fails is told by the command's own lines.
        Level::Errors => "off",
    };
    let level = table.level.as_deref().unwrap_or(usual);
    let filter = filter(level)?;
    let terminal = std::io::stderr().is_terminal();
    let usual = if terminal { LogFormat::Text } else { LogFormat::Json };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(terminal)
        .with_writer(BoxMakeWriter::new(std::io::stderr));
    // A process that logs already, such as a test, goes on as it does.
    let _started = match format.or(table.format).unwrap_or(usual) {
        LogFormat::Json => builder.json().flatten_event(true).with_span_list(false).finish().try_init(),
        LogFormat::Text => builder.finish().try_init(),
    };
    log_panics();
    Ok(())
}

/// The filter that `level` says. rmcp tells every step of every request, arguments included, so it is heard where it is
/// named and not with everybody else.
fn filter(level: &str) -> Result<EnvFilter, Problem> {
    let quiet = match level {
        "off" => level.to_owned(),
        level => format!("rmcp=error,{level}"),
    };
    EnvFilter::try_new(quiet).map_err(|e| Problem::at("log.level", format!("`{level}`: {e}")))
}

/// A panic is a line of the log like any other; its call answers `internal`.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("(no text)");
        tracing::error!(place, text, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rmcp_is_heard_where_it_is_named() {
        let said = |level: &str| {
            let said = filter(level).unwrap().to_string();
            let mut said: Vec<_> = said.split(',').map(str::to_owned).collect();
            said.sort();
            said
        };
        assert_eq!(said("debug"), ["debug", "rmcp=error"]);
        assert_eq!(said("outbound=debug,info"), ["info", "outbound=debug", "rmcp=error"]);
        assert_eq!(said("debug,rmcp=trace"), ["debug", "rmcp=trace"]);
        assert_eq!(said("off"), ["off"]);
        assert!(filter("x=loud").unwrap_err().to_string().starts_with("log.level: `x=loud`"));
    }
}
