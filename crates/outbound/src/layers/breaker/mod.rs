//! Leaving a vendor alone that does not answer.

mod gate;
mod window;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};

use self::gate::Gate;
use self::window::Grade;
use crate::answer::{Answer, Failure, Kind};
use crate::ask::{Ask, Plan};
use crate::stack::Source;
use crate::{Class, Limits};

/// One gate per host and class; the credential is the source's. Reads may go on where writes fail.
pub(crate) struct Breaker {
    source: String,
    limits: Limits,
    gates: Mutex<BTreeMap<(String, Class), Arc<Gate>>>,
}

impl Breaker {
    pub(crate) fn new(source: &Source) -> Self {
        Self { source: source.name.clone(), limits: source.limits.clone(), gates: Mutex::default() }
    }

    fn gate(&self, plan: &Plan) -> Arc<Gate> {
        // Hosts are few: the source's own and those its vendor is trusted with.
        let key = (plan.host().to_owned(), plan.class);
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(key).or_insert_with(|| Arc::new(Gate::new(&self.source, plan.class)));
        Arc::clone(gate)
    }

    /// What an answer says of the vendor's health; `None` if nothing.
    fn grade(&self, plan: &Plan, answer: &Answer) -> Option<Grade> {
        let answered = if self.is_slow(plan) { Grade::Slow } else { Grade::Good };
        match answer {
            Answer::Done(_) | Answer::Refused(_) => Some(answered),
            Answer::Failed(Failure { kind, .. }) => match kind {
                Kind::Connect => Some(Grade::Unconnected),
                Kind::Lost => Some(Grade::Bad),
                Kind::TooLarge => Some(answered),
                Kind::Throttled
                | Kind::Busy
                | Kind::Exhausted
                | Kind::Unauthorized
                | Kind::NoToken
                | Kind::HeldBack => None,
            },
        }
    }

    fn is_slow(&self, plan: &Plan) -> bool {
        plan.tally.last().took > self.limits.attempt(plan.class).mul_f64(0.8)
    }
}

impl Layer<Ask, Answer> for Breaker {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Ask,
        next: Next<'a, Ask, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let plan = Arc::clone(&ask.plan);
            let permit = match self.gate(&plan).enter(cx.deadline()) {
                Ok(permit) => permit,
                Err(left) => {
                    let message = format!("{} did not work and is left alone for a moment", self.source);
                    let error = Error::new(Code::UpstreamUnavailable, message).retry_after(left);
                    return Ok(Failure::new(Kind::HeldBack, error).into());
                }
            };
            let answer = next.run(cx, ask).await?;
            permit.settle(self.grade(&plan, &answer));
            Ok(answer)
        })
    }
}
