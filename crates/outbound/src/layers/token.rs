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
