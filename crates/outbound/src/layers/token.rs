//! Who we are.

use std::sync::Arc;
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use oauth::Tokens;

use crate::answer::{Answer, Failure, Kind};
use crate::ask::Ask;

/// Signs requests. A token that is refused is dropped, renewed and the request sent once more: the vendor did
/// nothing, and the retry budget is not charged.
pub(crate) struct Token {
    tokens: Arc<Tokens>,
}

impl Token {
    pub(crate) fn new(tokens: Arc<Tokens>) -> Self {
        Self { tokens }
    }

    async fn handle(&self, cx: &Cx, mut ask: Ask, next: Next<'_, Ask, Answer>) -> Result<Answer> {
        let first = match self.current(cx).await {
            Ok(token) => token,
            Err(error) => return Ok(unsigned(error)),
        };
        ask.token = Some(first.header().clone());
        let answer = next.run(cx, ask.clone()).await?;
        if !self.is_refused(&answer, &first) {
            return Ok(answer);
        }
        let second = match self.current(cx).await {
            Ok(token) => token,
            Err(error) => return Ok(unsigned(error)),
        };
        if second.header() == first.header() {
            // Nothing new to show: asking again would only count as another failed sign-in.
            return Ok(answer);
        }
        ask.token = Some(second.header().clone());
        let answer = next.run(cx, ask).await?;
        self.is_refused(&answer, &second);
        Ok(answer)
    }

    async fn current(&self, cx: &Cx) -> Result<Arc<oauth::Token>> {
        let patience = cx.remaining().unwrap_or(Duration::MAX);
        tokio::time::timeout(patience, self.tokens.current())
            .await
            .unwrap_or_else(|_| Err(Error::new(Code::UpstreamUnavailable, "no token came in time")))
    }

    /// Tells the tokens what the vendor thinks of `token`, and us.
    fn is_refused(&self, answer: &Answer, token: &Arc<oauth::Token>) -> bool {
        match answer {
            Answer::Failed(Failure { kind: Kind::Unauthorized, .. }) => {
                self.tokens.reject(token);
                true
            }
            Answer::Done(_) | Answer::Refused(_) => {
                self.tokens.accept(token);
                false
            }
            Answer::Failed(_) => false,
        }
    }
}

/// No token: a refused credential is final, anything else may pass.
fn unsigned(error: Error) -> Answer {
    match error.code() {
        Code::UpstreamUnavailable | Code::UpstreamGarbled | Code::RateLimited => {
            let wait = error.wait();
            Answer::Failed(Failure::after(Kind::NoToken, error, wait))
        }
        _ => Answer::Failed(Failure::new(Kind::Unauthorized, error)),
    }
}

impl Layer<Ask, Answer> for Token {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.handle(cx, ask, next))
    }
}

#[cfg(test)]
mod tests {
    use call::Stack;

    use super::*;
    use crate::layers::Judge;
    use crate::layers::testing::{Bottom, Endpoint, Step, code, cx, fixed_tokens, read, source, write};

    fn stack(bottom: &Arc<Bottom>, tokens: Arc<Tokens>) -> Stack<Ask, Answer> {
        Stack::over(Arc::clone(bottom)).layer(Token::new(tokens)).layer(Judge::new(&source()))
    }

    /// A vendor that takes `token-<least>` and newer.
    fn vendor(least: u32) -> Arc<Bottom> {
        Bottom::seeing(move |_, ask| {
            let token = ask.token.as_ref().unwrap().to_str().unwrap().to_owned();
            let number: u32 = token.trim_start_matches("Bearer token-").parse().unwrap();
            Step::status(if number < least { 401 } else { 200 })
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_token_is_renewed_and_the_request_sent_once_more() {
        for ask in [read(), write()] {
            let (bottom, endpoint) = (vendor(2), Arc::new(Endpoint::default()));
            assert_eq!(code(&stack(&bottom, endpoint.tokens()), &cx(10), ask).await, None);
            assert_eq!((bottom.asked(), endpoint.granted()), (2, 2));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_refusal_is_final() {
        let (bottom, endpoint) = (vendor(9), Arc::new(Endpoint::default()));
        let stack = stack(&bottom, endpoint.tokens());
        assert_eq!(code(&stack, &cx(10), read()).await, Some(Code::UpstreamAuth));
        assert_eq!((bottom.asked(), endpoint.granted()), (2, 2));
        for _ in 0..10 {
            assert_eq!(code(&stack, &cx(10), read()).await, Some(Code::UpstreamAuth));
        }
        assert!(endpoint.granted() <= 4 && bottom.asked() <= 4, "no account is locked out");
    }

    #[tokio::test(start_paused = true)]
    async fn a_static_token_is_not_shown_twice_in_a_row() {
        let bottom = Bottom::new(|_| Step::status(401));
        let stack = stack(&bottom, fixed_tokens());
        assert_eq!(code(&stack, &cx(10), read()).await, Some(Code::UpstreamAuth));
        assert_eq!(bottom.asked(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_calls_with_a_revoked_token_make_one_request_for_another() {
        let (bottom, endpoint) = (vendor(2), Arc::new(Endpoint::default()));
        let (stack, cx) = (stack(&bottom, endpoint.tokens()), cx(10));
        let calls = (0..1000).map(|_| code(&stack, &cx, read()));
        assert!(futures::future::join_all(calls).await.iter().all(Option::is_none));
        assert_eq!((bottom.asked(), endpoint.granted()), (2000, 2));
    }
}
