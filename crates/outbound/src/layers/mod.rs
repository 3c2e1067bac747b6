//! The layers of the stack, one file each.

mod attempt;
mod breaker;
mod bulkhead;
mod deadline;
mod judge;
mod quota;
mod retry;
mod token;
mod trace;

pub(crate) use attempt::Attempt;
pub(crate) use breaker::Breaker;
pub(crate) use bulkhead::Bulkhead;
pub(crate) use deadline::Deadline;
pub(crate) use judge::Judge;
pub(crate) use quota::{Quota, code_for};
pub(crate) use retry::Retry;
pub(crate) use token::Token;
pub(crate) use trace::Trace;

#[cfg(test)]
pub(crate) mod testing;
