//! The layers of the tool stack, one concern a file. Their order and its reasons stand in `stack.rs`.

mod authorize;
mod consent;
mod content;
mod deadline;
mod intent;
mod ledger;
mod limit;
mod meter;
mod once;
mod panic;
mod record;
mod redact;
mod reports;
mod trace;
mod turn;
mod validate;
mod visible;

pub(crate) use authorize::{Authorize, by_operator};
pub(crate) use consent::Consent;
pub(crate) use content::{Content, Redaction};
pub(crate) use deadline::Deadline;
pub(crate) use intent::Intent;
pub(crate) use ledger::{Append, Ledger, Reads};
pub(crate) use limit::Limit;
pub(crate) use meter::Meter;
pub(crate) use once::{Once, digest, in_order, operation, unknown};
pub(crate) use panic::Panic;
pub(crate) use record::Record;
pub(crate) use reports::Reports;
pub(crate) use trace::Trace;
pub(crate) use turn::Turn;
pub(crate) use validate::Validate;
pub(crate) use visible::{Visible, not_granted};
