//! One call as policy sees it, from its arguments to what is known once its record was found.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::Cx;
use error::{Code, Error, Result};
use policy::{Decision, Gate, Reach, Stage, Subject};
use tool::{Consent, Known, Meta, Money, Settle, Stakes, Sum, Terms, Within};

/// A call that was asked about. Clones are the same call.
#[derive(Clone)]
pub(crate) struct Granted(Arc<Inner>);

struct Inner {
    gate: Arc<Gate>,
    who: Subject,
    workflow: String,
    tool: Meta,
    state: Mutex<State>,
}

/// What was asked, and what was found out since.
struct State {
    stakes: Stakes,
    /// By the arguments.
    first: Decision,
    found: Found,
    /// By what is known beyond them.
    settled: Option<Decision>,
    /// Nothing has to be found out: the call repeats one that was allowed.
    repeats: bool,
}

/// Everything that was found out: all of it together has to be allowed, by one role.
#[derive(Default)]
struct Found {
    places: Vec<String>,
    money: Option<Money>,
}

impl Found {
    fn note(&mut self, known: &Known) {
        if let Some(place) = known.place.as_ref().filter(|place| !self.places.contains(place)) {
            self.places.push(place.clone());
        }
        self.money = known.money.or(self.money);
    }

    /// What is at stake by the arguments and by this.
    fn beyond(&self, asked: &Stakes) -> Stakes {
        let mut stakes = asked.clone();
        if !self.places.is_empty() {
            stakes.place = Within::Named(self.places.clone());
        }
        if let Some(money) = self.money {
            stakes.money = Sum::of(money);
        }
        stakes
    }
}

impl Granted {
    pub(super) fn new(gate: Arc<Gate>, who: Subject, cx: &Cx, tool: Meta, stakes: Stakes) -> Self {
        // A derived workflow ends with the half hour; what was read in it is still known to the agent.
        let workflow = if cx.workflow().derived { String::new() } else { cx.workflow().id.clone() };
        let first = gate.authorize(&who, &workflow, &tool, Stage::Call(&stakes));
        let state = State { stakes, first, found: Found::default(), settled: None, repeats: false };
        Self(Arc::new(Inner { gate, who, workflow, tool, state: Mutex::new(state) }))
    }

    /// The call that a context belongs to; `None` for one of the operator.
    pub(crate) fn of(cx: &Cx) -> Option<&Self> {
        cx.attached()
    }

    /// Asks once more, about other arguments than the call's own: those of the plan that it commits.
    pub(crate) fn again(&self, stakes: Stakes) {
        let Inner { gate, who, workflow, tool, .. } = &*self.0;
        let first = gate.authorize(who, workflow, tool, Stage::Call(&stakes));
        *self.state() = State { stakes, first, found: Found::default(), settled: None, repeats: false };
    }

    /// The decision by all that is known now.
    pub(crate) fn decision(&self) -> Decision {
        let state = self.state();
        state.settled.as_ref().unwrap_or(&state.first).clone()
    }

    /// Who has to agree, by all that is known now.
    pub(crate) fn consent(&self) -> Consent {
        let state = self.state();
        state.settled.as_ref().unwrap_or(&state.first).consent()
    }

    /// Whether the record has still to be found before anything may be shown or sent.
    pub(crate) fn is_open(&self) -> bool {
        let state = self.state();
        state.first.obligations.settle && state.settled.is_none() && !state.repeats
    }

    /// Says that the call repeats a write that was begun, which policy allowed then.
    pub(crate) fn repeats(&self) {
        self.state().repeats = true;
    }

    /// The refusal of a call whose tool found nothing out: what is not known is not within reach.
    pub(crate) fn unsettled(&self) -> Error {
        let state = self.state();
        let message = match state.stakes.money {
            Sum::Unknown => "how much this would move is not known".to_owned(),
            _ => {
                format!(
                    "where this lies is not known, and this caller keeps to {}",
                    state.first.obligations.places
                )
            }
        };
        Error::new(Code::Permission, message).hint("name the place or the amount in the call")
    }

    /// `cx` with what the call is bound to.
    pub(crate) fn bind(&self, cx: &Cx) -> Cx {
        let bound = self.state().first.obligations.clone();
        let sources = match bound.sources {
            Reach::All => None,
            Reach::Only(names) => Some(names),
        };
        let terms =
            Terms { sources, masks: bound.masks, fields: bound.fields, settle: Some(Arc::new(self.clone())) };
        cx.clone().with_attached(Arc::new(terms)).with_attached(Arc::new(self.clone()))
    }

    /// Remembers what the caller's workflow has read, and whether it is suspected of giving instructions.
    pub(crate) fn note(&self, suspected: bool) {
        let Inner { gate, who, workflow, tool, .. } = &*self.0;
        let state = self.state();
        gate.note(who, workflow, tool, suspected, &state.stakes, &state.first);
    }

    /// The places to which a caller keeps who must not learn what lies elsewhere.
    pub(crate) fn hidden_beyond(&self) -> Option<Reach> {
        let state = self.state();
        let places = &state.first.obligations.places;
        (state.stakes.place == Within::OfRecord && !places.is_all()).then(|| places.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settle for Granted {
    fn settle(&self, known: &Known) -> Result<()> {
        let Inner { gate, who, workflow, tool, .. } = &*self.0;
        let mut state = self.state();
        let State { stakes, first, found, settled, .. } = &mut *state;
        found.note(known);
        let decision = gate.settle(who, workflow, tool, &found.beyond(stakes), first);
        let refusal = decision.error();
        // One refusal is enough: a later place within reach does not take it back.
        if settled.as_ref().is_none_or(Decision::is_allowed) {
            *settled = Some(decision);
        }
        refusal.map_or(Ok(()), Err)
    }

    fn wants_place(&self) -> bool {
        self.state().first.obligations.settle
    }
}

/// A decision for the record.
pub(crate) fn told(decision: &Decision) -> audit::Decision {
    let consent = match decision.consent() {
        Consent::None => None,
        Consent::Preview => Some("preview"),
        Consent::Confirm => Some("confirm"),
        Consent::Approve => Some("approve"),
    };
    let reason = |r: &policy::Reason| audit::Reason { rule: r.rule.clone(), says: r.says.clone() };
    audit::Decision {
        allow: decision.is_allowed(),
        role: decision.role.as_deref().map(str::to_owned),
        consent: consent.map(str::to_owned),
        reasons: decision.reasons.iter().map(reason).collect(),
    }
}
