//! Who we are.

use std::sync::Arc;
use std::time::Duration;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use oauth::Tokens;
use url::Url;

use crate::address;
use crate::answer::{Answer, Failure, Kind};
use crate::ask::Ask;
use crate::stack::Source;

/// Signs requests. A token that is refused is dropped, renewed and the request sent once more: the vendor did
/// nothing, and the retry budget is not charged.
///
/// A token endpoint may name the address that its token is for (Salesforce's `instance_url`): what was to go to the
/// source's own goes there then, if the vendor is trusted with it.
pub(crate) struct Token {
    tokens: Arc<Tokens>,
    base: Url,
    trusted_suffixes: &'static [&'static str],
}

impl Token {
    pub(crate) fn new(source: &Source, tokens: Arc<Tokens>) -> Self {
        let trusted_suffixes = source.profile.trusted_suffixes;
        Self { tokens, base: source.base.clone(), trusted_suffixes }
    }

    async fn handle(&self, cx: &Cx, ask: Ask, next: Next<'_, Ask, Answer>) -> Result<Answer> {
        let (signed, first) = match self.sign(cx, &ask).await {
            Ok(signed) => signed,
            Err(failure) => return Ok(failure.into()),
        };
        let answer = next.run(cx, signed).await?;
        if !self.is_refused(&answer, &first) {
            return Ok(answer);
        }
        let (signed, second) = match self.sign(cx, &ask).await {
            Ok(signed) => signed,
            Err(failure) => return Ok(failure.into()),
        };
        if second.header() == first.header() {
            // Nothing new to show: asking again would only count as another failed sign-in.
            return Ok(answer);
        }
        let answer = next.run(cx, signed).await?;
        self.is_refused(&answer, &second);
        Ok(answer)
    }

    /// `ask` with the present token, on its way to where that is for.
    async fn sign(&self, cx: &Cx, ask: &Ask) -> Result<(Ask, Arc<oauth::Token>), Failure> {
        let token = self.current(cx).await.map_err(unsigned)?;
        let moved = self.moved(&ask.plan.url, &token).map_err(|e| Failure::new(Kind::HeldBack, e))?;
        Ok((Ask { token: Some(token.header().clone()), moved, ..ask.clone() }, token))
    }

    /// Where `url` of the source is by what the token says. `upstream_garbled` for an address that the vendor is not
    /// trusted with: the token would be sent there.
    fn moved(&self, url: &Url, token: &oauth::Token) -> Result<Option<Url>> {
        let Some(instance) = token.instance().filter(|_| url.origin() == self.base.origin()) else {
            return Ok(None);
        };
        let mut moved = address::follow(&self.base, self.trusted_suffixes, instance)?;
        // The source's own path is its gateway's.
        let own = self.base.path().trim_end_matches('/');
        moved.set_path(url.path().strip_prefix(own).unwrap_or(url.path()));
        moved.set_query(url.query());
        moved.set_fragment(None);
        Ok(Some(moved))
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
fn unsigned(error: Error) -> Failure {
    match error.code() {
        Code::UpstreamUnavailable | Code::UpstreamGarbled | Code::RateLimited => {
            let wait = error.wait();
            Failure::after(Kind::NoToken, error, wait)
        }
        _ => Failure::new(Kind::Unauthorized, error),
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
    use crate::stack::stack as whole;

    fn stack(bottom: &Arc<Bottom>, tokens: Arc<Tokens>) -> Stack<Ask, Answer> {
        Stack::over(Arc::clone(bottom)).layer(Token::new(&source(), tokens)).layer(Judge::new(&source()))
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

    /// A source whose vendor has instances.
    fn instances() -> Source {
        let profile = crate::Profile { trusted_suffixes: &["vendor.example"], ..source().profile };
        Source { profile, ..source() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_goes_where_its_token_is_for_the_second_one_too() {
        let bottom = Bottom::seeing(|n, ask| {
            assert_eq!(ask.url().as_str(), format!("https://eu{n}.vendor.example/issue/PAY-1"));
            Step::status(if n == 1 { 401 } else { 200 })
        });
        let endpoint = Endpoint::naming("https://eu{}.vendor.example");
        let (stack, cx) = (whole(&instances(), endpoint.tokens(), Arc::clone(&bottom)), cx(10));
        assert_eq!(code(&stack, &cx, read()).await, None);
        assert_eq!((bottom.asked(), endpoint.granted()), (2, 2));
        assert_eq!(cx.journal().entries()[0].host, "eu2.vendor.example", "the record says who was asked");
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_has_nothing_of_the_path_that_leads_to_a_gateway() {
        let bottom = Bottom::seeing(|_, ask| {
            assert_eq!(ask.url().as_str(), "https://eu.vendor.example/PAY-1");
            Step::ok()
        });
        let gateway = Source { base: Url::parse("https://jira.example/issue/").unwrap(), ..instances() };
        let endpoint = Endpoint::naming("https://eu.vendor.example");
        let stack = whole(&gateway, endpoint.tokens(), Arc::clone(&bottom));
        assert_eq!((code(&stack, &cx(10), read()).await, bottom.asked()), (None, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn no_token_goes_to_an_instance_that_is_not_trusted() {
        for instance in ["https://vendor.example.evil.example", "http://eu.vendor.example"] {
            let bottom = Bottom::new(|_| Step::ok());
            let endpoint = Endpoint::naming(instance);
            let stack = whole(&instances(), endpoint.tokens(), Arc::clone(&bottom));
            assert_eq!(code(&stack, &cx(10), read()).await, Some(Code::UpstreamGarbled), "{instance}");
            assert_eq!((bottom.asked(), endpoint.granted()), (0, 1));
        }
    }
}
