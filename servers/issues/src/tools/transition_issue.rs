//! `transition_issue`.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use tool::{Consent, FieldChange, Meant, Meta, Repeat, Sources, Tool, Undo, WriteKind, Written};

use crate::model::Issue;
use crate::reference;
use crate::tracker::{Changed, Surroundings, Tracker, Transition};
use crate::writing;

/// Moves an issue (ticket) to another state by the state's name: start it, close it, done, reopen it. The error lists
/// the states it can go to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TransitionIssue {
    /// Id, key (PAY-12), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    issue: String,
    /// Target state
    #[schemars(length(min = 1, max = 100))]
    to: String,
}

impl Tool for TransitionIssue {
    type Port = Tracker;
    type Out = Written<Issue>;
    const META: Meta =
        Meta::write("transition_issue", "Move an issue", "issues:write", WriteKind::StateChange)
            .consent(Consent::Preview)
            .repeat(Repeat::Reconcile)
            .placed()
            .targets(tool::Targets::States);

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes {
            place: tool::Within::OfRecord,
            target: Some(self.to.clone()),
            ..tool::Stakes::default()
        }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Tracker>) -> Result<Written<Issue>> {
        let resumed = cx.require_operation()?.resumed;
        let meant = reference::issue(cx, sources, &self.issue).await?;
        let transitions = meant.source.port.transitions(cx, &meant.native).await?;
        // Some workflows lead from a state to itself, which a repeat must not go.
        let there = resumed && self.is_there(cx, &meant).await?;
        // Of several ways to a state the one that asks for nothing.
        let ways = transitions.iter().filter(|t| same(&t.to, &self.to) && !there);
        match ways.min_by_key(|t| t.wants.len()) {
            Some(transition) if !transition.wants.is_empty() => Err(unfilled(transition)),
            Some(transition) if cx.is_preview() => self.proposed(cx, &meant, transition).await,
            Some(transition) => {
                let changed = meant.source.port.transition(cx, &meant.native, transition).await?;
                Ok(moved(cx, &meant, changed).await)
            }
            None => self.already_there(cx, &meant, &transitions, resumed).await,
        }
    }
}

impl TransitionIssue {
    async fn proposed(
        &self,
        cx: &Cx,
        meant: &Meant<'_, Tracker>,
        transition: &Transition,
    ) -> Result<Written<Issue>> {
        let issue = meant.source.port.get(cx, &meant.native, Surroundings::NONE).await?.issue;
        let change = writing::change(&issue, vec![step(&issue.status, &Label::new(&transition.to))]);
        Ok(Written::preview("issue", change).version(writing::version(&issue)))
    }

    async fn is_there(&self, cx: &Cx, meant: &Meant<'_, Tracker>) -> Result<bool> {
        let issue = meant.source.port.get(cx, &meant.native, Surroundings::NONE).await?.issue;
        Ok(same(issue.status.as_str(), &self.to))
    }

    /// A state the issue cannot go to is fine if it is there, be it by an earlier attempt of ours.
    async fn already_there(
        &self,
        cx: &Cx,
        meant: &Meant<'_, Tracker>,
        transitions: &[Transition],
        resumed: bool,
    ) -> Result<Written<Issue>> {
        let issue = meant.source.port.get(cx, &meant.native, Surroundings::NONE).await?.issue;
        if !same(issue.status.as_str(), &self.to) {
            return Err(impossible(&issue, &self.to, transitions));
        }
        let (change, version) = (writing::change(&issue, Vec::new()), writing::version(&issue));
        let undo = Undo::None("it was in this state already".into());
        let written = Written::committed("issue", issue, change, undo).version(version);
        Ok(if resumed { written.replayed("an earlier attempt had worked") } else { written })
    }
}

fn same(a: &str, b: &str) -> bool {
    let bare =
        |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    bare(a) == bare(b)
}

fn impossible(issue: &Issue, to: &str, transitions: &[Transition]) -> Error {
    let mut allowed: Vec<String> = transitions.iter().map(|t| Label::new(&t.to).to_string()).collect();
    allowed.dedup();
    let hint = match allowed.is_empty() {
        true => "this issue cannot be moved by the service account".to_owned(),
        false => format!("move it to one of: {}", allowed.join(", ")),
    };
    let message = format!("an issue in state `{}` cannot go to `{}`", issue.status, Label::new(to));
    Error::new(Code::Conflict, message).hint(hint).allowed(allowed)
}

/// Some ways ask for values that this tool does not take: nobody shall agree to a move that will be refused.
fn unfilled(transition: &Transition) -> Error {
    let fields: Vec<String> = transition.wants.iter().map(|name| Label::new(name).to_string()).collect();
    let message = format!("moving to `{}` asks for: {}", Label::new(&transition.to), fields.join(", "));
    Error::new(Code::Unsupported, message)
        .hint("a person can move it in the tracker and fill in these fields")
}

async fn moved(cx: &Cx, meant: &Meant<'_, Tracker>, changed: Changed) -> Written<Issue> {
    let (before, after) = (changed.before.status, changed.after);
    // Whether there is a way back depends on the tracker's workflow; not knowing is no reason to fail what is done.
    let undo = match meant.source.port.transitions(cx, &meant.native).await {
        Ok(back) if back.iter().any(|t| same(&t.to, before.as_str()) && t.wants.is_empty()) => {
            let args = [("issue".to_owned(), json!(after.id)), ("to".to_owned(), json!(before))];
            Undo::Call { tool: "transition_issue", args: args.into_iter().collect::<Map<_, _>>() }
        }
        Ok(_) => Undo::None(format!("the workflow offers no way back to `{before}`").into()),
        Err(_) => Undo::Manual(format!("move it back to `{before}`, if the workflow lets you").into()),
    };
    let change = writing::change(&after, vec![step(&before, &after.status)]);
    let version = writing::version(&after);
    Written::committed("issue", after, change, undo).version(version)
}

fn step(before: &Label, after: &Label) -> FieldChange {
    FieldChange { field: "state".into(), before: Some(before.clone()), after: Some(after.clone()) }
}
