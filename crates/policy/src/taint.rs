//! Which workflow has read whose text.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tool::Audience;

/// Workflows remembered for one caller; beyond them the caller as a whole is remembered.
const WORKFLOWS: usize = 256;
/// Callers remembered; beyond them everybody is.
const CALLERS: usize = 4_096;

/// What a workflow has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The tool that returned text written by others, if one has.
    pub untrusted: Option<&'static str>,
    /// The narrowest audience of the private records it has read, if it has read any.
    pub narrowest: Option<Audience>,
    /// When it is forgotten.
    pub until: Timestamp,
}

impl Mark {
    /// Why a write for this audience needs an approval.
    pub(crate) fn widened_by(&self, audience: Audience) -> Option<String> {
        let (tool, narrowest) = (self.untrusted?, self.narrowest?);
        let word = |audience| match audience {
            Audience::Team => "a team",
            Audience::Company => "the company",
            Audience::Outside => "people outside the company",
        };
        (audience > narrowest).then(|| {
            format!(
                "this workflow has read text written by others (`{tool}`) and records for {}, and would now write for {}",
                word(narrowest),
                word(audience)
            )
        })
    }

    fn join(&mut self, other: &Self) {
        self.untrusted = self.untrusted.or(other.untrusted);
        self.narrowest = match (self.narrowest, other.narrowest) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.until = self.until.max(other.until);
    }
}

/// The marks of all workflows of this process. What is read on another server is not known here.
#[derive(Default)]
pub(crate) struct Taint(Mutex<State>);

#[derive(Default)]
struct State {
    callers: HashMap<String, Marks>,
    /// Of callers beyond the bound.
    everybody: Option<Mark>,
}

#[derive(Default)]
struct Marks {
    workflows: HashMap<String, Mark>,
    /// Of workflows beyond the bound.
    whole: Option<Mark>,
}

impl Taint {
    /// Notes that a workflow has read something. Nothing is forgotten before its time, whatever the number: what
    /// finds no room is remembered of the caller as a whole, or of everybody.
    pub(crate) fn note(&self, caller: &str, workflow: &str, read: &Mark, now: Timestamp) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.callers.contains_key(caller) && state.callers.len() >= CALLERS {
            state.sweep(now);
        }
        if !state.callers.contains_key(caller) && state.callers.len() >= CALLERS {
            return join(&mut state.everybody, read, now);
        }
        let marks = state.callers.entry(caller.to_owned()).or_default();
        if !marks.workflows.contains_key(workflow) && marks.workflows.len() >= WORKFLOWS {
            marks.workflows.retain(|_, mark| mark.until > now);
        }
        if !marks.workflows.contains_key(workflow) && marks.workflows.len() >= WORKFLOWS {
            return join(&mut marks.whole, read, now);
        }
        let mut mark = marks.workflows.remove(workflow);
        join(&mut mark, read, now);
        marks.workflows.extend(mark.map(|mark| (workflow.to_owned(), mark)));
    }

    /// What is remembered of a workflow.
    pub(crate) fn of(&self, caller: &str, workflow: &str, now: Timestamp) -> Option<Mark> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let marks = state.callers.get(caller);
        let own = marks.and_then(|marks| marks.workflows.get(workflow));
        let whole = marks.and_then(|marks| marks.whole.as_ref());
        let known =
            [own, whole, state.everybody.as_ref()].into_iter().flatten().filter(|mark| mark.until > now);
        known.cloned().reduce(|mut one, other| {
            one.join(&other);
            one
        })
    }
}

impl State {
    fn sweep(&mut self, now: Timestamp) {
        for marks in self.callers.values_mut() {
            marks.workflows.retain(|_, mark| mark.until > now);
            marks.whole = marks.whole.take().filter(|mark| mark.until > now);
        }
        self.callers.retain(|_, marks| !marks.workflows.is_empty() || marks.whole.is_some());
    }
}

fn join(mark: &mut Option<Mark>, read: &Mark, now: Timestamp) {
    match mark {
        Some(mark) if mark.until > now => mark.join(read),
        _ => *mark = Some(read.clone()),
    }
}

/// When a mark made now is forgotten.
pub(crate) fn until(now: Timestamp, taint: Duration) -> Timestamp {
    now.saturating_add(taint).unwrap_or(Timestamp::MAX)
}
