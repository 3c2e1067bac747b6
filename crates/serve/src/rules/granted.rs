//! One call as policy sees it, from its arguments to what is known once its record was found.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use call::Cx;
use error::{Code, Error, Result};
use policy::{Decision, Gate, Reach, Stage, Subject};
use tool::{Consent, Known, Meta, Settle, Stakes, Sum, Terms, Within};

/// A call that was asked about.
pub(crate) struct Granted {
    gate: Arc<Gate>,
    who: Subject,
    workflow: String,
    tool: Meta,
    stakes: Stakes,
    /// By the arguments.
    first: Decision,
    settled: Mutex<Settled>,
}

/// What was found out since.
#[derive(Default)]
struct Settled {
    known: Known,
    last: Option<Decision>,
}

impl Granted {
    pub(super) fn new(gate: Arc<Gate>, cx: &Cx, tool: Meta, stakes: Stakes) -> Self {
        let who = gate.subject(cx.caller());
        // A derived workflow ends with the half hour; what was read in it is still known to the agent.
        let workflow = if cx.workflow().derived { String::new() } else { cx.workflow().id.clone() };
        let first = gate.authorize(&who, &workflow, &tool, Stage::Call(&stakes));
        Self { gate, who, workflow, tool, stakes, first, settled: Mutex::default() }
    }

    /// Why the call is not granted, by what is known now.
    pub(crate) fn refusal(&self) -> Option<Error> {
        self.decision().error()
    }

    /// The decision by all that is known now.
    pub(crate) fn decision(&self) -> Decision {
        self.settled().last.clone().unwrap_or_else(|| self.first.clone())
    }

    /// Who has to agree, by all that is known now.
    pub(crate) fn consent(&self) -> Consent {
        self.decision().consent()
    }

    /// Whether the record has still to be found before anything may be shown or sent.
    pub(crate) fn is_open(&self) -> bool {
        self.first.obligations.settle && self.settled().last.is_none()
    }

    /// Whether more was found out than the arguments told.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled().last.is_some()
    }

    /// The refusal of a call whose tool found nothing out: what is not known is not within reach.
    pub(crate) fn unsettled(&self) -> Error {
        let message = match self.stakes.money {
            Sum::Unknown => "how much this would move is not known".to_owned(),
            _ => format!("where this record lies is not known, and this caller keeps to {}", self.places()),
        };
        Error::new(Code::Permission, message)
            .hint("name the place, the amount or the record itself in the call")
    }

    /// `cx` with what the call is bound to.
    pub(crate) fn bind(self: &Arc<Self>, cx: &Cx) -> Cx {
        let sources = match &self.first.obligations.sources {
            Reach::All => None,
            Reach::Only(names) => Some(names.clone()),
        };
        let terms = Terms { sources, masks: self.first.obligations.masks, settle: Some(self.clone()) };
        cx.clone().with_attached(Arc::new(terms)).with_attached(self.clone())
    }

    /// Remembers what the caller's workflow has read.
    pub(crate) fn note(&self) {
        self.gate.note(&self.who, &self.workflow, &self.tool, &self.stakes, &self.first);
    }

    /// Whether records of other places must look as if there were none.
    pub(crate) fn hides_places(&self) -> bool {
        self.stakes.place == Within::OfRecord && !self.first.obligations.places.is_all()
    }

    /// The places within reach, in words.
    pub(crate) fn places(&self) -> &Reach {
        &self.first.obligations.places
    }

    fn settled(&self) -> MutexGuard<'_, Settled> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settle for Granted {
    fn settle(&self, known: &Known) -> Result<()> {
        let mut settled = self.settled();
        let Settled { known: all, last } = &mut *settled;
        all.place = known.place.clone().or(all.place.take());
        all.money = known.money.or(all.money);
        let mut stakes = self.stakes.clone();
        if let Some(place) = &all.place {
            stakes.place = Within::one(place);
        }
        if let Some(money) = all.money {
            stakes.money = Sum::of(money);
        }
        let decision = self.gate.authorize(&self.who, &self.workflow, &self.tool, Stage::Settled(&stakes));
        let refusal = decision.error();
        // One refusal is enough: a later place within reach does not take it back.
        if last.as_ref().is_none_or(Decision::is_allowed) {
            *last = Some(decision);
        }
        refusal.map_or(Ok(()), Err)
    }

    fn wants_place(&self) -> bool {
        self.first.obligations.settle
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
