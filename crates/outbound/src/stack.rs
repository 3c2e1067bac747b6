//! The way of a request, on one screen.

use std::sync::Arc;

use call::{Serve, Stack};
use oauth::Tokens;
use url::Url;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::layers::{Attempt, Breaker, Bulkhead, Deadline, Judge, Quota, Retry, Token, Trace};
use crate::{Limits, Profile};

/// What the layers know of their source.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) profile: Profile,
    pub(crate) base: Url,
    pub(crate) limits: Limits,
}

/// The stack of `source`, outermost first.
pub(crate) fn stack(
    source: &Source,
    tokens: Arc<Tokens>,
    bottom: impl Serve<Ask, Answer> + 'static,
) -> Stack<Ask, Answer> {
    Stack::over(bottom)
        .layer(Trace::new(source)) // outermost: what is held back within is news too
        .layer(Deadline) // what is left of the call's time binds waits and attempts together
        .layer(Retry::new(source)) // all below happens per attempt: each costs quota and is seen by the breaker
        .layer(Breaker::new(source)) // a dead vendor is not asked, and its recovery is probed gently
        .layer(Quota::new(source)) // the vendor's own limits, learned by one call and kept by all
        .layer(Bulkhead::new(source)) // a slow vendor takes its own places; inside all waits, or they would fill them
        .layer(Token::new(source, tokens)) // inside the breaker: a refused token says nothing of the vendor's health
        .layer(Attempt::new(source)) // one slow attempt must leave time for another
        .layer(Judge::new(source)) // innermost: a reply is judged before anyone counts it
}
