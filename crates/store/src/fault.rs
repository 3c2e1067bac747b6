//! What goes wrong with a store, and what to do about it.

use error::{Code, Error};

/// The store did not answer. Whether the statement ran is unknown; every caller of this crate can bear both.
pub(crate) fn unreachable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::Internal, "the server's store of operations and plans does not answer")
        .retryable(true)
        .hint("call again in a moment; if it stays, tell the operator that the store is unreachable")
        .source(cause)
}

/// The store was too slow.
pub(crate) fn late() -> Error {
    unreachable("no answer inside the time that a call of the store may take")
}

/// The store cannot be opened: an operator has to act. `problem` names the thing, `cure` the act.
pub(crate) fn unusable(problem: String, cure: impl Into<String>) -> Error {
    Error::new(Code::Internal, problem).retryable(false).hint(cure.into())
}

/// A row that this crate did not write, or a column of another type.
pub(crate) fn garbled(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("a row of the store cannot be read").source(cause)
}
