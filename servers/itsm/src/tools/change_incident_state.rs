//! `change_incident_state`.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use tool::{
    Consent, FieldChange, Mark, Meant, Meta, Place, RecordId, Sources, Tool, Undo, WriteKind, Written,
    require,
};

use crate::desk::{Changed, Desk, Move, Noun, Transition};
use crate::model::{Action, Incident, State};
use crate::{reference, writing};

/// Acknowledges, assigns, escalates or resolves an IT incident, as far as the desk's workflow allows; the error lists
/// what it does allow. Resolving may need a close code and notes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeIncidentState {
    /// Id, number (INC0010023), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    incident: String,
    action: Action,
    /// Assign to: e-mail, full name, user id or `me`
    #[schemars(length(min = 1, max = 200))]
    assignee: Option<String>,
    /// Assign to this group: name or id
    #[schemars(length(min = 1, max = 200))]
    group: Option<String>,
    /// How it was resolved, one of the desk's codes
    #[schemars(length(min = 1, max = 100))]
    close_code: Option<String>,
    /// What was done, or why
    #[schemars(length(min = 1, max = 4000))]
    notes: Option<String>,
}

impl Tool for ChangeIncidentState {
    type Port = Desk;
    type Out = Written<Incident>;
    const META: Meta = Meta::write(
        "change_incident_state",
        "Change an incident's state",
        "itsm:write",
        WriteKind::StateChange,
    )
    .consent(Consent::Preview)
    .targets(tool::Targets::Of(&["acknowledge", "assign", "escalate", "resolve"]));

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { target: Some(word(self.action).to_owned()), ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Desk>) -> Result<Written<Incident>> {
        let mark = Mark::new(cx, None)?;
        self.check()?;
        let meant = reference::incident(cx, sources, &self.incident).await?;
        let port = &meant.source.port;
        require(port.able().actions.contains(&self.action), meant.source, "do this with an incident")?;
        let group = self.group_meant(cx, sources, &meant).await?;
        let mut transition = self.transition(cx, &meant, group.as_ref()).await?;
        // After an attempt of unknown fate nothing is sent: calling a second person would be a second escalation.
        let earlier = port.find_changed(cx, &meant.native, &transition, &mark);
        if let Some(incident) = mark.found(cx, "change", earlier).await? {
            return Ok(unchanged(incident).replayed("an earlier attempt had worked"));
        }
        let moves = port.moves(cx, &meant.native).await?;
        let Some(allowed) = moves.iter().find(|m| m.action == self.action) else {
            return self.already_there(cx, &meant, &moves).await;
        };
        transition.close_code = self.complete(allowed)?;
        if cx.is_preview() {
            return self.proposed(cx, &meant, group, &transition).await;
        }
        let changing = port.change(cx, &meant.native, &transition, &mark);
        let changed = match self.action {
            // The next level is woken as by an incident of its own.
            Action::Escalate => {
                let service = port.get(cx, &meant.native).await?.service_id;
                let service = service.as_ref().map_or(meant.native.as_str(), RecordId::native);
                port.wakes().counted(cx, service, changing).await?
            }
            _ => changing.await?,
        };
        Ok(self.changed(changed))
    }
}

impl ChangeIncidentState {
    /// Each argument belongs to an action.
    fn check(&self) -> Result<()> {
        let assigns = self.action == Action::Assign;
        if assigns && self.assignee.is_none() && self.group.is_none() {
            return Err(Error::invalid("assignee", "name the person or the `group` to assign it to"));
        }
        let misplaced = [
            (self.assignee.is_some() && !assigns, "assignee", "assign"),
            (self.group.is_some() && !assigns, "group", "assign"),
            (self.close_code.is_some() && self.action != Action::Resolve, "close_code", "resolve"),
        ];
        match misplaced.iter().find(|(wrong, ..)| *wrong) {
            Some((_, name, action)) => {
                Err(Error::invalid(*name, format!("goes only with action `{action}`")))
            }
            None => Ok(()),
        }
    }

    /// The one group that it is to be assigned to: names are not unique, and the wrong team would be woken.
    async fn group_meant(
        &self,
        cx: &Cx,
        sources: &Sources<Desk>,
        meant: &Meant<'_, Desk>,
    ) -> Result<Option<Place>> {
        let Some(text) = &self.group else { return Ok(None) };
        let source = meant.source;
        require(source.port.able().assign_group, source, "assign an incident to a group")?;
        let (at, group) = reference::place(cx, sources, Noun::Group, Some(&source.name), text).await?;
        if at.name != source.name {
            return Err(Error::invalid("group", "belongs to another source than the incident"));
        }
        Ok(Some(group))
    }

    async fn transition(
        &self,
        cx: &Cx,
        meant: &Meant<'_, Desk>,
        group: Option<&Place>,
    ) -> Result<Transition> {
        let (source, able) = (meant.source, meant.source.port.able());
        require(able.close_code || self.close_code.is_none(), source, "record a close code")?;
        let assignee = match &self.assignee {
            Some(person) => Some(source.person(cx, person, |port| port.people(cx, person.trim())).await?),
            None => None,
        };
        Ok(Transition {
            action: self.action,
            assignee,
            group: group.map(|group| group.key.clone()),
            close_code: self.close_code.clone(),
            notes: self.notes.clone(),
        })
    }

    /// What the desk's workflow asks for beside the action itself, and the close code as the desk spells it: some store
    /// any text, and their reports know their own spelling alone.
    fn complete(&self, allowed: &Move) -> Result<Option<String>> {
        let codes = &allowed.close_codes;
        let given = self.close_code.as_ref();
        let known = given.and_then(|code| codes.iter().find(|one| one.eq_ignore_ascii_case(code)));
        if !codes.is_empty() && known.is_none() {
            let problem = "must be one of the desk's codes, in `allowed`";
            return Err(Error::invalid("close_code", problem).allowed(codes.iter().cloned()));
        }
        if allowed.needs_notes && self.notes.as_ref().is_none_or(|notes| content::is_blank(notes)) {
            return Err(Error::invalid("notes", "this desk asks for notes: say what was done"));
        }
        Ok(known.or(given).cloned())
    }

    /// What would be done; which state the incident is in then, the desk decides.
    async fn proposed(
        &self,
        cx: &Cx,
        meant: &Meant<'_, Desk>,
        group: Option<Place>,
        transition: &Transition,
    ) -> Result<Written<Incident>> {
        let incident = meant.source.port.get(cx, &meant.native).await?;
        let group = group.map(|group| format!("{} ({})", group.name, meant.source.id(group.key)));
        let given = [
            ("action", Some(word(self.action))),
            ("assignee", self.assignee.as_deref()),
            ("group", group.as_deref()),
            ("close_code", transition.close_code.as_deref()),
            ("notes", self.notes.as_deref()),
        ];
        let given = given.into_iter().filter_map(|(name, text)| text.map(|text| (name, text)));
        let fields = given.map(|(name, text)| FieldChange::new(name, Label::new(text))).collect();
        let change = writing::change(&incident, fields);
        Ok(Written::preview("incident", change).version(writing::version(&incident)))
    }

    /// An action that is not offered is fine if its effect is there.
    async fn already_there(
        &self,
        cx: &Cx,
        meant: &Meant<'_, Desk>,
        moves: &[Move],
    ) -> Result<Written<Incident>> {
        let incident = meant.source.port.get(cx, &meant.native).await?;
        if self.holds(&incident) {
            return Ok(unchanged(incident));
        }
        let allowed: Vec<String> = moves.iter().map(|m| word(m.action).to_owned()).collect();
        let hint = match allowed.is_empty() {
            true => "nothing can be done with it any more; open another incident if it is back".to_owned(),
            false => format!("allowed now: {}", allowed.join(", ")),
        };
        let message =
            format!("an incident in state `{}` does not allow `{}`", incident.status, word(self.action));
        Err(Error::new(Code::Conflict, message).hint(hint).allowed(allowed))
    }

    /// Whether the incident shows the action's effect. Who is assigned and how far it was escalated shows in no way
    /// that could be told from the work of others.
    fn holds(&self, incident: &Incident) -> bool {
        match self.action {
            Action::Acknowledge => incident.state == State::InProgress,
            Action::Resolve => !incident.state.is_open(),
            Action::Assign | Action::Escalate => false,
        }
    }

    fn changed(&self, changed: Changed) -> Written<Incident> {
        let Changed { before, after, assignee_before } = changed;
        let mut fields = Vec::new();
        let mut note = |name: &str, before: Option<Label>, after: Option<Label>| {
            if before != after {
                fields.push(FieldChange { field: name.into(), before, after });
            }
        };
        note("state", Some(before.status.clone()), Some(after.status.clone()));
        note("assignee", names(&before), names(&after));
        note("group", before.group, after.group.clone());
        let undo = match (self.action, assignee_before) {
            (Action::Assign, Some(person)) if self.group.is_none() => {
                let args = [
                    ("incident", json!(after.id)),
                    ("action", json!(Action::Assign)),
                    ("assignee", json!(person)),
                ];
                let args =
                    args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>();
                Undo::Call { tool: "change_incident_state", args }
            }
            (Action::Assign, _) => Undo::Manual("assign it back by hand".into()),
            (Action::Acknowledge, _) => Undo::Manual("a person can take it back at the desk".into()),
            (Action::Escalate, _) => Undo::None("who was called was called".into()),
            (Action::Resolve, _) => {
                Undo::None("what is resolved stays so; open another if it is back".into())
            }
        };
        let (change, version) = (writing::change(&after, fields), writing::version(&after));
        Written::committed("incident", after, change, undo).version(version)
    }
}

fn unchanged(incident: Incident) -> Written<Incident> {
    let (change, version) = (writing::change(&incident, Vec::new()), writing::version(&incident));
    let undo = Undo::None("it was so already".into());
    Written::committed("incident", incident, change, undo).version(version)
}

fn names(incident: &Incident) -> Option<Label> {
    let names: Vec<&str> = incident.assignees.iter().map(Label::as_str).collect();
    (!names.is_empty()).then(|| Label::new(&names.join(", ")))
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Acknowledge => "acknowledge",
        Action::Assign => "assign",
        Action::Escalate => "escalate",
        Action::Resolve => "resolve",
    }
}
