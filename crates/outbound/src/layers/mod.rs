//! The layers of the stack, one file each.

mod attempt;
mod deadline;
mod judge;
mod token;

pub(crate) use attempt::Attempt;
pub(crate) use deadline::Deadline;
pub(crate) use judge::Judge;
pub(crate) use token::Token;
