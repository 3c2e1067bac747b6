//! Who has to agree to a write.

mod asking;
#[cfg(test)]
mod asking_tests;
mod proposal;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use audit::ConsentSource;
use call::{BoxFuture, Cx, Layer, Next, Operation, Said};
use error::{Code, Error, Result};
use serde_json::{Map, Value};
use store::{Approval, NewPlan, Plan, Request, Scope, Standing};
use tool::{Answer, Call, Consent as Level};

use super::Ledger;
use super::once::{digest, key, no_plan, operation, plan, planned, repeating};
use crate::offer::Offer;
use crate::rules::{Granted, told};
use crate::state::State;
use asking::{Way, answers, asked, declined, nobody_to_ask, sealed, way};
use proposal::{change, committed, expiry, is_preview, noted, proposed, repeats, shown};

/// Asks the tool which consent this very call needs, and gets it: what was not agreed to is only shown, with a plan.
/// The plan commits what was shown, once, for the caller it was made for, and only while the change would still be
/// the same. Where a person has to agree, another than the caller decides out of band.
pub(crate) struct Consent {
    offer: Arc<Offer>,
    ledger: Arc<Ledger>,
    state: State,
}

impl Consent {
    pub(crate) fn new(offer: Arc<Offer>, ledger: Arc<Ledger>, state: State) -> Self {
        Self { offer, ledger, state }
    }

    async fn run(&self, cx: &Cx, ask: Call, next: Next<'_, Call, Answer>) -> Result<Answer> {
        if let Some(handle) = plan(&ask.arguments).map(str::to_owned) {
            return self.commit(cx, ask, &handle, next).await;
        }
        if cx.person().reply().is_some() {
            // An answer to a question that was never asked.
            return Err(self.mismatch(cx, ask, next, no_plan()).await);
        }
        match self.level(cx, &ask, next).await? {
            Level::None => next.run(cx, ask).await,
            level if !self.offer.mode.asks() => Ok(noted(level, next.run(cx, ask).await?)),
            // Agreed to when it was begun: `once` has its answer, waits for it, or looks for the effect.
            _ if self.is_known(&Scope::of(cx)?, &cx.require_operation()?.id).await? => {
                next.run(&repeating(cx), ask).await
            }
            level => self.propose(cx, ask, level, next).await,
        }
    }

    /// The consent that policy and the tool ask for. Where policy has to know the record first, it is looked at as for
    /// a preview: nothing is sent before the answer is yes.
    async fn level(&self, cx: &Cx, ask: &Call, next: Next<'_, Call, Answer>) -> Result<Level> {
        let Some(granted) = Granted::of(cx) else { return self.offer.toolbox.consent(ask) };
        if granted.is_open() && self.is_known(&Scope::of(cx)?, &cx.require_operation()?.id).await? {
            // `once` has its answer, waits for it, or looks for the effect.
            granted.repeats();
        }
        if granted.is_open() {
            self.preview(cx, ask, next).await?;
            self.settled(cx)?;
        }
        Ok(granted.consent())
    }

    /// Refuses what policy would have to know more of, and puts on record what it said to what is known.
    fn settled(&self, cx: &Cx) -> Result<()> {
        let Some(granted) = Granted::of(cx) else { return Ok(()) };
        if granted.is_open() {
            return Err(granted.unsettled());
        }
        self.ledger.decided(cx, told(&granted.decision()));
        Ok(())
    }

    /// Asks policy about what a plan says: roles may have changed since, and a commit need not repeat every argument.
    fn decide(&self, cx: &Cx, ask: &Call) -> Result<Cx> {
        let Some(granted) = Granted::of(cx) else { return Ok(cx.clone()) };
        granted.again(self.offer.toolbox.stakes(ask)?);
        let decision = granted.decision();
        self.ledger.decided(cx, told(&decision));
        decision.error().map_or_else(|| Ok(granted.bind(cx)), Err)
    }

    /// Shows what the call would do and stores that as a plan; where a person has to agree, asks them.
    async fn propose(
        &self,
        cx: &Cx,
        mut ask: Call,
        level: Level,
        next: Next<'_, Call, Answer>,
    ) -> Result<Answer> {
        ask.arguments.retain(|name, value| !value.is_null() && name != "plan");
        let preview = self.preview(cx, &ask, next).await?;
        if !is_preview(&preview) {
            return Ok(preview); // it was done before: there is nothing to agree to
        }
        let scope = Scope::of(cx)?;
        match way(level, cx.person()) {
            Way::Agent => {
                let handle = self.keep(&scope, &ask, &preview, Way::Agent).await?;
                Ok(proposed(preview, &handle, None))
            }
            Way::Client => {
                let handle = self.keep(&scope, &ask, &preview, Way::Client).await?;
                self.question(cx, &scope, &ask, &handle, preview)
            }
            Way::Approver => self.pending(&scope, &ask, preview).await,
        }
    }

    /// Stores what was shown as a plan, for as long as this way to agree may take.
    async fn keep(&self, scope: &Scope, ask: &Call, preview: &Answer, way: Way) -> Result<String> {
        let new = NewPlan {
            scope,
            digest: &digest(&ask.arguments),
            arguments: &bytes(&ask.arguments)?,
            shown: &bytes(&change(preview))?,
            record_version: version(preview),
            expiry: expiry(way),
        };
        self.state.plans.propose(new).await
    }

    /// Asks another person, unless they were asked for the very same before and have yet to decide. The arguments
    /// name no plan.
    async fn pending(&self, scope: &Scope, ask: &Call, preview: Answer) -> Result<Answer> {
        if !self.state.means.decidable {
            return Err(nobody_to_ask());
        }
        if let Some((handle, approval)) = self.waiting(scope, ask, &preview).await? {
            return Ok(proposed(preview, &handle, Some(&approval)));
        }
        // Before a plan is stored: what is refused for its number must leave nothing behind.
        self.state.approvals.room(scope).await.inspect_err(count)?;
        let handle = self.keep(scope, ask, &preview, Way::Approver).await?;
        let approval = self.request(scope, ask, &handle, &preview).await?;
        Ok(proposed(preview, &handle, Some(&approval)))
    }

    /// The plan and the open request of the same call by the same caller, if the change would still be the one that
    /// the request is about. Another idempotency key means another write.
    async fn waiting(
        &self,
        scope: &Scope,
        ask: &Call,
        preview: &Answer,
    ) -> Result<Option<(String, Approval)>> {
        let open = self.state.approvals.still_open(scope, &digest(&ask.arguments)).await?;
        let Some((handle, open)) = open.and_then(|open| Some((open.plan.clone()?, open))) else {
            return Ok(None);
        };
        let Some(plan) = self.state.plans.peek(scope, &handle).await? else { return Ok(None) };
        let same = plan.operation.is_none()
            && stored(&plan)? == ask.arguments
            && shows(&plan, preview)?
            && open.operation == planned(scope, &handle).id;
        Ok(same.then_some((handle, open)))
    }

    /// Does what a plan says, if that is still what was agreed to.
    async fn commit(&self, cx: &Cx, ask: Call, handle: &str, next: Next<'_, Call, Answer>) -> Result<Answer> {
        let scope = Scope::of(cx)?;
        let Some(plan) = self.state.plans.peek(&scope, handle).await? else {
            return Err(self.mismatch(cx, ask, next, no_plan()).await);
        };
        if !repeats(&ask.arguments, &stored(&plan)?) {
            let differs = Error::new(Code::PlanMismatch, "the arguments are not those of the plan");
            return Err(self.mismatch(cx, ask, next, differs).await);
        }
        if let Some(reply) = cx.person().reply() {
            if !answers(&self.state.means.seal, reply, &scope, handle, &plan.digest, cx.now()) {
                return Err(self.mismatch(cx, ask, next, no_plan()).await);
            }
            if reply.said != Said::Yes {
                return Err(declined(reply.said));
            }
        }
        let ask = committed(&ask, stored(&plan)?, handle);
        // As it began, if it did; else by the key that it or its plan was given.
        let operation = match &plan.operation {
            Some(id) => Operation::known(id.clone()),
            None => operation(cx, &ask)?,
        };
        let begun = self.is_known(&scope, &operation.id).await?;
        let cx = &self.decide(&cx.clone().with_operation(operation), &ask)?;
        if begun {
            if let Some(granted) = Granted::of(cx) {
                granted.repeats();
            }
            // A repeat: `once` has the answer, waits for it, or looks for the effect.
            return next.run(&repeating(cx), ask).await;
        }
        if plan.expires_at <= cx.now() {
            return Err(self.mismatch(cx, ask, next, no_plan()).await);
        }
        let fresh = self.preview(cx, &ask, next).await?;
        self.settled(cx)?;
        if !is_preview(&fresh) {
            return Ok(fresh);
        }
        if !shows(&plan, &fresh)? {
            let moved = Error::new(Code::PlanMismatch, "the record changed since the plan was made");
            return Err(self.mismatch(cx, ask, next, moved).await);
        }
        // What is needed now may be more than when the plan was made.
        let person = cx.person();
        let agreed = match way(self.now(cx, &ask)?, person) {
            Way::Client if person.reply().is_none() => {
                return self.question(cx, &scope, &ask, handle, fresh);
            }
            Way::Approver => match self.approved(&scope, &ask, handle).await? {
                Some(agreed) => agreed,
                None => return Err(self.raised(&scope, ask, fresh).await),
            },
            // Who sat at the client nobody knows: the client says that somebody agreed.
            _ if person.reply().is_some() => ConsentSource::Client.into(),
            _ => ConsentSource::Agent.into(),
        };
        self.ledger.agreed(cx, agreed);
        next.run(cx, ask).await
    }

    /// The question to the person at the client.
    fn question(&self, cx: &Cx, scope: &Scope, ask: &Call, handle: &str, preview: Answer) -> Result<Answer> {
        let seal = sealed(&self.state.means.seal, scope, handle, &digest(&ask.arguments), cx.now())?;
        let preview = proposed(preview, handle, None);
        Ok(asked(preview, self.title(&ask.tool), &ask.arguments, handle, seal))
    }

    /// What a person out of band agreed to; `None` where nobody was asked.
    async fn approved(&self, scope: &Scope, ask: &Call, handle: &str) -> Result<Option<audit::Consent>> {
        let (approvals, operation) = (&self.state.approvals, &planned(scope, handle).id);
        // Whether this call or another of the same plan uses the approval is all one: `once` lets one of them act.
        approvals.redeem(scope, operation, &digest(&ask.arguments)).await?;
        let Some(approval) = approvals.asked(scope, operation).await? else { return Ok(None) };
        // Of what was used, and not of what stood there before: who can write to the store can do so in between.
        self.state.means.signer.check(&approval)?;
        if approval.standing != Standing::Redeemed {
            return Err(proposal::ungranted(&approval));
        }
        let (source, by, request) = (ConsentSource::Person, approval.approver, Some(approval.id));
        Ok(Some(audit::Consent { source, by, request }))
    }

    /// Asks another person for what nobody had to be asked when its plan was made. That plan would be gone before they
    /// decide, so the request is for a new one, which the caller is told.
    async fn raised(&self, scope: &Scope, mut ask: Call, fresh: Answer) -> Error {
        ask.arguments.remove("plan");
        match self.pending(scope, &ask, fresh).await {
            Ok(pending) => proposal::raised(pending),
            Err(error) => error,
        }
    }

    /// The consent that is needed by all that is known now.
    fn now(&self, cx: &Cx, ask: &Call) -> Result<Level> {
        cx.attached::<Granted>()
            .map_or_else(|| self.offer.toolbox.consent(ask), |granted| Ok(granted.consent()))
    }

    /// Asks for approval of a plan.
    async fn request(&self, scope: &Scope, ask: &Call, handle: &str, preview: &Answer) -> Result<Approval> {
        let request = Request {
            scope,
            operation: &planned(scope, handle).id,
            digest: &digest(&ask.arguments),
            shown: &bytes(&shown(ask, preview))?,
            plan: Some(handle),
            expiry: expiry(Way::Approver),
        };
        let approval = self.state.approvals.request(request).await.inspect_err(count)?;
        if let Some(bell) = &self.state.means.bell {
            bell.ring(&approval, self.title(&ask.tool));
        }
        Ok(approval)
    }

    /// The tool's name for people.
    fn title<'a>(&'a self, tool: &'a str) -> &'a str {
        self.offer.spec(tool).map_or(tool, |spec| spec.meta.title)
    }

    /// Whether an operation is done, runs, or is of unknown fate. One of which nothing came is forgotten, and its plan
    /// may be tried again while it lasts.
    async fn is_known(&self, scope: &Scope, operation: &str) -> Result<bool> {
        Ok(self.state.operations.find(operation).await?.iter().any(|known| known.scope == *scope))
    }

    /// A plan that does not fit, with the fresh one that does.
    async fn mismatch(&self, cx: &Cx, ask: Call, next: Next<'_, Call, Answer>, error: Error) -> Error {
        let level = self.now(cx, &ask).unwrap_or(Level::None);
        let fresh = match level > Level::None && self.offer.mode.asks() {
            true => self.propose(cx, ask, level, next).await.ok(),
            false => None,
        };
        match fresh {
            Some(fresh) => error.preview(fresh.value),
            None => error.hint("leave `plan` out and send the arguments themselves"),
        }
    }

    /// What the call would do now; nothing is changed. It ends in time like a read: nobody is to be told that a write
    /// is of unknown fate where none was sent.
    async fn preview(&self, cx: &Cx, ask: &Call, next: Next<'_, Call, Answer>) -> Result<Answer> {
        let operation = cx.require_operation()?.clone().preview();
        let preview = cx.clone().with_operation(operation);
        cx.bounded(next.run(&preview, ask.clone())).await
    }
}

impl Layer<Call, Answer> for Consent {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        let is_write = self.offer.spec(&ask.tool).is_some_and(|s| s.meta.is_write());
        // What is looked for was agreed to before it was sent.
        if !is_write || cx.operation().is_some_and(|operation| operation.resumed) {
            return next.run(cx, ask);
        }
        Box::pin(self.run(cx, ask, next))
    }
}

/// Counts a caller who was refused because too much of theirs waits.
fn count(error: &Error) {
    if error.code() == Code::RateLimited {
        crate::limits::refused("approvals");
    }
}

/// Whether a preview shows what its plan showed, of the same version of the record.
fn shows(plan: &Plan, preview: &Answer) -> Result<bool> {
    Ok(bytes(&change(preview))? == plan.shown && version(preview) == plan.record_version.as_deref())
}

/// The version of the record that an answer is about.
fn version(answer: &Answer) -> Option<&str> {
    answer.facts.as_ref().and_then(|facts| facts.version.as_deref())
}

/// The arguments of a plan.
fn stored(plan: &Plan) -> Result<Map<String, Value>> {
    let read = serde_json::from_slice(&plan.arguments);
    read.map_err(|e| Error::internal("the arguments of a plan cannot be read").source(e))
}

fn bytes(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|e| Error::internal("a plan cannot be stored").source(e))
}
