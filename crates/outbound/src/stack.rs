//! The way of a request, on one screen.

use std::sync::Arc;

use call::{Serve, Stack};
use oauth::Tokens;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::layers::{Attempt, Deadline, Judge, Token};
use crate::{Limits, Profile};

/// What the layers know of their source.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) profile: Profile,
    pub(crate) limits: Limits,
}

/// The stack of `source`, outermost first.
pub(crate) fn stack(
    source: &Source,
    tokens: Arc<Tokens>,
    transport: impl Serve<Ask, Answer> + 'static,
) -> Stack<Ask, Answer> {
    Stack::over(transport)
        .layer(Deadline) // what is left of the call's time binds all attempts together
        .layer(Token::new(tokens)) // inside the breaker: a refused token says nothing about the vendor's health
        .layer(Attempt::new(source)) // one slow attempt must leave time for another
        .layer(Judge::new(source)) // innermost: a reply is judged before anyone counts it
}
