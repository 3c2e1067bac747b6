//! The one decision.

use std::sync::Arc;

use error::Code;
use jiff::Timestamp;
use tool::{Audience, Consent, Meta, Stakes, Sum, Targets, Within};

use crate::audience::Audiences;
use crate::checks::{CHECKS, Check, is_among};
use crate::policy::{Grant, Policy, Role};
use crate::{Decision, Frozen, Mark, Mode, Obligations, Reach, Reason, Subject, Verdict};

/// The question: may this caller do this?
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Who asks.
    pub who: &'a Subject,
    /// The tool.
    pub tool: &'a Meta,
    /// How much is known of the call.
    pub stage: Stage<'a>,
}

/// How much is known of a call. Each stage allows no more than the one before it.
#[derive(Clone, Copy, Debug)]
pub enum Stage<'a> {
    /// Nothing: the tool is to be listed.
    List,
    /// Its arguments.
    Call(&'a Stakes),
    /// What will be done or shown, resolved: the record's source and place, the amount, the target.
    Settled(&'a Stakes),
}

/// What holds at the moment of the question.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The time.
    pub now: Timestamp,
    /// How the process was started.
    pub mode: Mode,
    /// What is frozen.
    pub frozen: &'a Frozen,
    /// What the caller's workflow has read.
    pub taint: Option<&'a Mark>,
    /// The configured sources.
    pub sources: &'a [String],
}

/// Answers a question: what no role allows is denied, and a forbid overrides every allow.
#[must_use]
pub fn authorize(policy: &Policy, ask: &Ask<'_>, now: &Circumstances<'_>) -> Decision {
    answer(policy, ask, now, None)
}

/// Answers a question. What `first` allowed is under way, bound as it said: about such a call only those roles are heard
/// whose own yes would have bound it so. A forbid is heard of every role.
pub(crate) fn answer(
    policy: &Policy,
    ask: &Ask<'_>,
    now: &Circumstances<'_>,
    first: Option<&Decision>,
) -> Decision {
    if let Err((code, reason)) = gates(policy, ask, now) {
        return Decision::denied(code, vec![reason]);
    }
    let mut best: Option<(&Role, &Grant, Obligations)> = None;
    let mut refusals = Vec::new();
    for role in held(policy, ask.who) {
        let Some(grant) = role.grants.get(ask.tool.name) else { continue };
        let inquiry = Inquiry { role, grant, ask, now, audiences: &policy.audiences };
        match inquiry.refusal() {
            Some(refusal) => refusals.push(refusal),
            None => {
                let obligations = inquiry.obligations();
                let is_heard = first.is_none_or(|first| is_of_one_piece(role, &obligations, first));
                if is_heard && best.as_ref().is_none_or(|(_, _, than)| is_lighter(&obligations, than)) {
                    best = Some((role, grant, obligations));
                }
            }
        }
    }
    let Some((role, grant, obligations)) = best else { return nobody(ask, refusals) };
    // Last, so that only who lacks nothing else is told what to ask for.
    if !ask.who.scopes.grant(ask.tool.scope) {
        return Decision::lacking(ask.tool);
    }
    let reasons = vec![Reason::new(&grant.rule, format!("role `{}` may use `{}`", role.name, ask.tool.name))];
    let mut decision = Decision {
        verdict: Verdict::Allowed,
        role: Some(role.name.clone()),
        reasons,
        lacks: None,
        obligations,
    };
    if ask.tool.is_write()
        && let Some(stakes) = ask.stakes()
    {
        freeze(&mut decision, now, stakes);
        guard(&mut decision, policy, ask, now, stakes);
    }
    decision
}

impl<'a> Ask<'a> {
    /// What is at stake, once there is a call.
    pub(crate) fn stakes(&self) -> Option<&'a Stakes> {
        match self.stage {
            Stage::List => None,
            Stage::Call(stakes) | Stage::Settled(stakes) => Some(stakes),
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        matches!(self.stage, Stage::Settled(_))
    }
}

/// The roles of a caller that the policy knows.
pub(crate) fn held<'p>(policy: &'p Policy, who: &'p Subject) -> impl Iterator<Item = &'p Role> {
    who.roles.iter().filter_map(|name| policy.roles.get(name.as_str()))
}

/// What stands before all roles: each of these says no on its own.
fn gates(policy: &Policy, ask: &Ask<'_>, now: &Circumstances<'_>) -> Result<(), (Code, Reason)> {
    let tool = ask.tool.name;
    if ask.tool.is_write() && now.mode.and(ask.who.tighten).read_only {
        return Err((Code::Permission, Reason::new("mode.read_only", "nothing may be written here")));
    }
    let forbid = held(policy, ask.who).find_map(|role| Some((role, role.forbids.get(tool)?)));
    if let Some((role, rule)) = forbid {
        let says = format!("role `{}` may never use `{tool}`", role.name);
        return Err((Code::Permission, Reason::new(rule, says)));
    }
    let stakes = ask.stakes().filter(|_| ask.tool.is_write());
    match stakes.and_then(|stakes| now.frozen.stops(&policy.domain, ask.tool, &stakes.sources)) {
        Some(says) => Err((Code::Frozen, Reason::new("control.freeze", says))),
        None => Ok(()),
    }
}

/// One role's part in a question.
pub(crate) struct Inquiry<'a> {
    pub(crate) role: &'a Role,
    pub(crate) grant: &'a Grant,
    pub(crate) ask: &'a Ask<'a>,
    pub(crate) now: &'a Circumstances<'a>,
    pub(crate) audiences: &'a Audiences,
}

impl Inquiry<'_> {
    /// Why this role does not allow the call. A listing asks for the tool alone.
    fn refusal(&self) -> Option<Reason> {
        let stakes = self.ask.stakes()?;
        let refused = |(name, check): &Check| Some(Reason::new(self.rule(name), check(self, stakes)?));
        CHECKS.iter().find_map(refused)
    }

    pub(crate) fn rule(&self, name: &str) -> String {
        format!("role.{}.{name}", self.role.name)
    }

    fn obligations(&self) -> Obligations {
        let stakes = self.ask.stakes();
        let role = self.role;
        Obligations {
            consent: Some(self.consent(stakes)),
            rows: role.rows,
            masks: role.masks,
            fields: role.fields.clone(),
            ceilings: self.grant.ceilings.clone().unwrap_or_default(),
            sources: role.sources.clone(),
            places: role.places.as_ref().map_or(Reach::All, |places| places.reach.clone()),
            withhold: self.now.mode.and(self.ask.who.tighten).lockdown,
            settle: !self.ask.is_settled() && stakes.is_some_and(|stakes| self.depends(stakes)),
        }
    }

    /// Whether the answer depends on what the arguments do not tell.
    fn depends(&self, stakes: &Stakes) -> bool {
        let audience_turns = self.ask.tool.labels.egress && !self.audiences.0.is_empty();
        let place = stakes.place == Within::OfRecord && (self.role.places.is_some() || audience_turns);
        let target = stakes.target.is_none() && self.grant.targets.is_some();
        place || target || stakes.money == Sum::Unknown
    }

    /// What the tool asks, raised to what the role asks; an action approved beforehand and listed runs unasked.
    fn consent(&self, stakes: Option<&Stakes>) -> Consent {
        let asked = stakes.and_then(|stakes| stakes.consent).unwrap_or(self.ask.tool.consent);
        let target = stakes.and_then(|stakes| stakes.target.as_ref());
        let unattended = self.ask.tool.stakes.targets == Targets::Actions
            && target.is_some_and(|target| is_among(target, &self.grant.unattended));
        if unattended { self.grant.consent } else { asked.max(self.grant.consent) }
    }
}

/// Whether one role's yes is bound to less than another's. One role answers a call, never a mixture: reach of one with
/// the masks of another would show what neither may see.
fn is_lighter(one: &Obligations, than: &Obligations) -> bool {
    let burden = |o: &Obligations| {
        let sources = match &o.sources {
            Reach::All => (0, 0),
            Reach::Only(names) => (1, usize::MAX - names.len()),
        };
        let rows = o.rows.map_or(0, |rows| u32::MAX - rows);
        let fields: usize = o.fields.values().map(|treatment| *treatment as usize).sum();
        (sources, !o.places.is_all(), o.consent, o.masks.weight() + fields, rows)
    };
    burden(one) < burden(than)
}

/// Whether a role's yes goes with what a call is bound to: it is the role that bound it, or one that would have bound
/// it to the same. Places may differ: whoever says yes now has seen them.
fn is_of_one_piece(role: &Role, yes: &Obligations, first: &Decision) -> bool {
    let Some(answered) = &first.role else { return false };
    let bound = &first.obligations;
    let sources = match (&yes.sources, &bound.sources) {
        (Reach::All, _) => true,
        (Reach::Only(_), Reach::All) => false,
        // A freeze may have left fewer than the role has.
        (Reach::Only(has), Reach::Only(left)) => left.iter().all(|name| has.contains(name)),
    };
    let shown = (&yes.masks, &yes.fields, yes.rows) == (&bound.masks, &bound.fields, bound.rows);
    *answered == role.name || (sources && shown)
}

/// No role allows it: the refusals of those that have the tool, or that none has it.
fn nobody(ask: &Ask<'_>, refusals: Vec<Reason>) -> Decision {
    if !refusals.is_empty() {
        return Decision::denied(Code::Permission, refusals);
    }
    let says = match ask.who.roles.as_slice() {
        [] => "this caller has no role".to_owned(),
        roles => format!("no rule of {} allows `{}`", roles.join(", "), ask.tool.name),
    };
    Decision::denied(Code::Permission, vec![Reason::new("default", says)])
}

/// A frozen source is out of a write's reach; with no source left the write is refused.
fn freeze(decision: &mut Decision, now: &Circumstances<'_>, stakes: &Stakes) {
    if !decision.is_allowed() || !stakes.sources.is_empty() || now.frozen.has_no_source_of(now.sources) {
        return;
    }
    let thawed = |name: &&String| !now.frozen.source(name);
    let left: Arc<[String]> =
        touched(&decision.obligations.sources, stakes, now.sources).iter().filter(thawed).cloned().collect();
    if left.is_empty() {
        let reason = Reason::new("control.freeze", now.frozen.says("every source within reach"));
        *decision = Decision::denied(Code::Frozen, vec![reason]);
        return;
    }
    decision.obligations.sources = Reach::Only(left);
}

/// What leaves the company a person confirms; what a workflow that read others' text would carry to more people than
/// could read it before, another person approves (security, section 1.2).
fn guard(decision: &mut Decision, policy: &Policy, ask: &Ask<'_>, now: &Circumstances<'_>, stakes: &Stakes) {
    if !decision.is_allowed() || !ask.tool.labels.egress {
        return;
    }
    let named = touched(&decision.obligations.sources, stakes, now.sources);
    let audience =
        policy.audiences.widest(&named, &stakes.place).max(stakes.audience.unwrap_or(Audience::Team));
    if audience == Audience::Outside && decision.consent() < Consent::Confirm {
        decision.obligations.consent = Some(Consent::Confirm);
        decision
            .reasons
            .push(Reason::new("audience", "people outside the company may read what this writes"));
    }
    let widened = now.taint.and_then(|mark| mark.widened_by(audience));
    if let Some(says) = widened.filter(|_| policy.taint.is_some()) {
        decision.obligations.consent = Some(Consent::Approve);
        decision.reasons.push(Reason::new("taint", says));
    }
}

/// The sources that a call touches: those it names, or all within reach.
pub(crate) fn touched(reach: &Reach, stakes: &Stakes, configured: &[String]) -> Arc<[String]> {
    match reach {
        _ if !stakes.sources.is_empty() => stakes.sources.as_slice().into(),
        Reach::All => configured.into(),
        Reach::Only(names) => names.clone(),
    }
}
