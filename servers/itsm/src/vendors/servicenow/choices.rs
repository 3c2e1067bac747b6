//! The states and close codes of the desk, by the instance's own list of choices.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use call::{Cx, Fresh};
use error::{Code, Result};

use super::ServiceNow;
use super::query::{Encoded, Term};
use super::settings::Mapping;
use super::table::Tables;
use super::wire::Row;
use crate::model::State;

const CHOICES: &str = "/api/now/table/sys_choice";

/// States and codes at most.
const MOST: u32 = 200;

/// What an incident's fields can be.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    /// What each value of `state` means.
    states: BTreeMap<String, State>,
    /// Values of `close_code`, in order.
    pub(super) close_codes: Vec<String>,
}

impl Choices {
    /// What a state means. One that nobody explained is being worked on, until the incident is not active any more.
    pub(super) fn state(&self, value: &str, active: &str) -> State {
        let unknown = if active == "false" { State::Closed } else { State::InProgress };
        self.states.get(value).copied().unwrap_or(unknown)
    }

    /// The values that mean one of these.
    pub(super) fn values(&self, wanted: &[State]) -> Vec<String> {
        self.states
            .iter()
            .filter(|(_, state)| wanted.contains(state))
            .map(|(value, _)| value.clone())
            .collect()
    }
}

/// The states of a fresh instance (ServiceNow, "Incident state values").
const STANDARD: [(&str, State); 6] = [
    ("1", State::New),
    ("2", State::InProgress),
    ("3", State::OnHold),
    ("6", State::Resolved),
    ("7", State::Closed),
    ("8", State::Closed),
];

impl ServiceNow {
    /// The choices, asked for once an hour at most.
    pub(super) async fn choices(&self, cx: &Cx) -> Result<Arc<Choices>> {
        let (tables, mapping) = (self.tables.clone(), Arc::clone(&self.mapping));
        self.choices
            .shared(cx, |cx| async move {
                let value = understood(&listed(&tables, &cx).await?, &mapping);
                Ok(Fresh { value, fresh_for: Duration::from_hours(1), valid_for: Duration::from_hours(24) })
            })
            .await
    }
}

/// Table, field and value.
type Listed = (String, String, String);

async fn listed(tables: &Tables, cx: &Cx) -> Result<Vec<Listed>> {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let query = Encoded::new()
        // A table without choices of its own has those of the one it extends.
        .and(Term::In("name", names(&["incident", "task"])))
        .and(Term::In("element", names(&["state", "close_code"])))
        .and(Term::Is("inactive", "false".into()))
        // Every language lists every value.
        .and(Term::Is("language", "en".into()))
        .oldest_first("sequence");
    let fields = "name,element,value";
    let read = |row: &Row<'_>| {
        let text = |field| row.value(field).to_owned();
        Ok((text("name"), text("element"), text("value")))
    };
    match tables.few(cx, CHOICES, fields, &query, MOST, read).await {
        // Not everybody may read the list; the vendor's own states are known.
        Err(error) if error.code() == Code::Permission => Ok(Vec::new()),
        outcome => outcome,
    }
}

fn understood(rows: &[Listed], mapping: &Mapping) -> Choices {
    let of = |element: &str| -> Vec<String> {
        let named = |table: &str| -> Vec<String> {
            let rows = rows.iter().filter(|(name, own, _)| name == table && own == element);
            rows.map(|(_, _, value)| value.clone()).collect()
        };
        let own = named("incident");
        let mut values = if own.is_empty() { named("task") } else { own };
        let mut seen = std::collections::BTreeSet::new();
        values.retain(|value| seen.insert(value.clone()));
        values
    };
    let standard = |value: &str| STANDARD.iter().find(|(one, _)| *one == value).map(|(_, state)| *state);
    let meant = |value: &String| {
        mapping.states.get(value).copied().or_else(|| standard(value)).unwrap_or(State::InProgress)
    };
    // Old incidents have states that are not offered any more.
    let known = STANDARD.iter().map(|(value, _)| (*value).to_owned()).chain(mapping.states.keys().cloned());
    let states = of("state").into_iter().chain(known);
    Choices {
        states: states.map(|value| (value.clone(), meant(&value))).collect(),
        close_codes: of("close_code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sites_own_states_mean_what_its_owner_says() {
        let row = |table: &str, field: &str, value: &str| (table.into(), field.into(), value.into());
        let rows = [
            row("task", "state", "-5"),
            row("incident", "state", "2"),
            row("incident", "state", "9"),
            row("incident", "state", "10"),
            row("task", "close_code", "general"),
        ];
        let mapping = Mapping { states: [("9".to_owned(), State::OnHold)].into(), ..Mapping::default() };
        let choices = understood(&rows, &mapping);
        assert_eq!(choices.values(&[State::OnHold]), ["3", "9"]);
        assert_eq!(choices.values(&[State::InProgress]), ["10", "2"], "nobody explained 10");
        assert_eq!(choices.state("10", "true"), State::InProgress);
        assert_eq!(choices.state("77", "false"), State::Closed, "not active any more");
        assert_eq!(choices.values(&[State::New]), ["1"], "the table's own list, not the one it extends");
        assert_eq!(choices.close_codes, ["general"]);
    }
}
