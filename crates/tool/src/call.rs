//! A call and its answer, as the tool stack passes them.

use std::borrow::Cow;

use content::{People, Tally};
use error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Facts;

/// One call of a tool. Arguments are as the client sent them, the envelope's included.
#[derive(Clone, Debug)]
pub struct Call {
    /// The tool's name.
    pub tool: String,
    /// The arguments.
    pub arguments: Map<String, Value>,
}

/// The answer of a tool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The structured content.
    pub value: Value,
    /// The same as compact JSON, written once: whoever changes `value` calls [`Answer::write`].
    #[serde(skip)]
    pub text: String,
    /// What a write did.
    pub facts: Option<Facts>,
    /// Rows in the answer.
    pub rows: usize,
    /// Records the answer names.
    pub links: Vec<Link>,
    /// Texts that were withheld from this caller.
    #[serde(skip)]
    pub withheld: usize,
    /// What was redacted and suspected in it.
    #[serde(default)]
    pub tally: Tally,
    /// People whose names stand in it, in fields that say nothing of it.
    #[serde(default, skip_serializing_if = "People::is_empty")]
    pub people: People,
    /// What the person at the client has to be asked before anything is done; such an answer is never stored.
    #[serde(skip)]
    pub question: Option<Question>,
}

/// A question of yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the person reads.
    pub text: String,
    /// The plan that a yes commits.
    pub plan: String,
    /// What comes back with the answer ([`call::Reply`]): it ties the answer to caller, tool, arguments and plan.
    pub seal: String,
}

impl Answer {
    /// An answer that is `value`.
    #[must_use]
    pub fn new(value: Value, facts: Option<Facts>, rows: usize, links: Vec<Link>) -> Self {
        let text = compact(&value);
        let (tally, people) = (Tally::default(), People::new());
        Self { value, text, facts, rows, links, withheld: 0, tally, people, question: None }
    }

    /// Writes `text` anew after `value` changed.
    pub fn write(&mut self) {
        self.text = compact(&self.value);
    }

    /// The answer as it is stored for repeats of the same call.
    ///
    /// # Errors
    /// `internal`, which would be a defect: every part of an answer is JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        // Whom the answer hides is not kept beside it.
        let kept = Self { people: self.people.still_in(&self.text), ..self.clone() };
        serde_json::to_vec(&kept).map_err(|e| Error::internal("an answer cannot be stored").source(e))
    }

    /// An answer as [`Answer::to_bytes`] wrote it, perhaps in an earlier version of this program.
    ///
    /// # Errors
    /// `internal` where it is no answer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let read = serde_json::from_slice::<Self>(bytes);
        let mut answer = read.map_err(|e| Error::internal("a stored answer cannot be read").source(e))?;
        answer.write();
        Ok(answer)
    }
}

/// A value as compact JSON. Its `Display` writes the same through a formatter, at twice the cost.
fn compact(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| value.to_string())
}

/// A record that a host may read as a resource: `chancery://<domain>/<source>/<kind>/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The resource kind: `issue`.
    pub kind: Cow<'static, str>,
    /// The record.
    pub id: crate::RecordId,
    /// What a person would call it.
    pub label: String,
}

#[cfg(test)]
mod tests {
    use content::Label;

    use super::*;
    use crate::{FieldChange, RecordId, Status};

    #[test]
    fn an_answer_is_stored_and_read_back_whole() {
        let id = RecordId::new("jira", "PAY-12");
        let change = FieldChange { field: "state".into(), before: None, after: Some(Label::new("done")) };
        let facts = Facts {
            status: Status::Committed,
            target: id.clone(),
            url: Some("https://acme.example/PAY-12".into()),
            version: Some("7".into()),
            changes: vec![change],
        };
        let link = Link { kind: "issue".into(), id, label: "Pay twice".into() };
        let value = serde_json::json!({"status": "committed", "record": {"z": 1, "a": 2.50}});
        let answer = Answer::new(value, Some(facts), 1, vec![link]);
        let read = Answer::from_bytes(&answer.to_bytes().unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{answer:?}"));
        assert!(Answer::from_bytes(b"{}").is_err());
    }
}
