//! Middleware of both planes: tools (`serve`) and vendor HTTP (`outbound`).

use error::Result;
use futures::future::BoxFuture;

use crate::Cx;

/// One concern around every call. `next` may be run once, several times (retry) or not at all (refusal).
pub trait Layer<Q, A>: Send + Sync {
    /// Handles `ask`, usually by running `next`.
    fn handle<'a>(&'a self, cx: &'a Cx, ask: Q, next: Next<'a, Q, A>) -> BoxFuture<'a, Result<A>>;
}

/// The bottom of a stack; tests swap it.
pub trait Serve<Q, A>: Send + Sync {
    /// Answers `ask`.
    fn serve<'a>(&'a self, cx: &'a Cx, ask: Q) -> BoxFuture<'a, Result<A>>;
}

/// The rest of the stack, as a layer sees it.
pub struct Next<'a, Q, A> {
    rest: &'a [Box<dyn Layer<Q, A>>],
    end: &'a dyn Serve<Q, A>,
}

// By hand: a derive would ask `Q` and `A` to be `Copy` too, and retry runs the rest several times.
impl<Q, A> Clone for Next<'_, Q, A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Q, A> Copy for Next<'_, Q, A> {}

impl<'a, Q, A> Next<'a, Q, A> {
    /// Runs the rest of the stack.
    pub fn run<'b>(self, cx: &'b Cx, ask: Q) -> BoxFuture<'b, Result<A>>
    where
        'a: 'b,
    {
        match self.rest.split_first() {
            Some((layer, rest)) => layer.handle(cx, ask, Next { rest, end: self.end }),
            None => self.end.serve(cx, ask),
        }
    }
}

/// Layers, outermost first, over a bottom.
pub struct Stack<Q, A> {
    layers: Vec<Box<dyn Layer<Q, A>>>,
    end: Box<dyn Serve<Q, A>>,
}

impl<Q, A> Stack<Q, A> {
    /// A stack of no layers over `end`.
    #[must_use]
    pub fn over(end: impl Serve<Q, A> + 'static) -> Self {
        Self { layers: Vec::new(), end: Box::new(end) }
    }

    /// Adds a layer inside those added before: a stack reads from the outside in.
    #[must_use]
    pub fn layer(mut self, layer: impl Layer<Q, A> + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }
}

impl<Q, A> Serve<Q, A> for Stack<Q, A> {
    fn serve<'a>(&'a self, cx: &'a Cx, ask: Q) -> BoxFuture<'a, Result<A>> {
        Next { rest: &self.layers, end: &*self.end }.run(cx, ask)
    }
}

impl<Q, A, S: Serve<Q, A> + ?Sized> Serve<Q, A> for std::sync::Arc<S> {
    fn serve<'a>(&'a self, cx: &'a Cx, ask: Q) -> BoxFuture<'a, Result<A>> {
        (**self).serve(cx, ask)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Twice;
    impl Layer<u32, u32> for Twice {
        fn handle<'a>(
            &'a self,
            cx: &'a Cx,
            ask: u32,
            next: Next<'a, u32, u32>,
        ) -> BoxFuture<'a, Result<u32>> {
            Box::pin(async move { Ok(next.run(cx, ask).await? + next.run(cx, ask).await?) })
        }
    }

    struct Renamed;
    impl Layer<u32, u32> for Renamed {
        fn handle<'a>(
            &'a self,
            cx: &'a Cx,
            ask: u32,
            next: Next<'a, u32, u32>,
        ) -> BoxFuture<'a, Result<u32>> {
            Box::pin(async move {
                let inner = cx.clone().with_budget(7);
                next.run(&inner, ask).await
            })
        }
    }

    struct Count(AtomicU32);
    impl Serve<u32, u32> for Count {
        fn serve<'a>(&'a self, cx: &'a Cx, ask: u32) -> BoxFuture<'a, Result<u32>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { Ok(ask + u32::try_from(cx.budget()).unwrap()) })
        }
    }

    #[tokio::test]
    async fn layers_run_outside_in_and_may_run_the_rest_again() {
        let stack = Stack::over(Count(AtomicU32::new(0))).layer(Twice).layer(Renamed);
        assert_eq!(stack.serve(&Cx::for_test(), 3).await.unwrap(), 20);
    }
}
