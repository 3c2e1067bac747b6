//! The playbooks. One file each, like tools.

mod respond_to_alert;
mod write_post_incident_review;

use call::{BoxFuture, Cx};
use error::Result;
use tool::{Fetch, Prompt, Sources};

use crate::desk::{Desk, Noun, Query};
use crate::model::State;

/// Every playbook of the domain.
#[must_use]
pub fn all() -> [Prompt<Desk>; 2] {
    [respond_to_alert::PROMPT, write_post_incident_review::PROMPT]
}

/// Names of services of all sources that begin like `typed`.
fn services<'a>(
    cx: &'a Cx,
    sources: &'a Sources<Desk>,
    argument: &'a str,
    typed: &'a str,
) -> BoxFuture<'a, Result<Vec<String>>> {
    Box::pin(async move {
        if argument != "service" {
            return Ok(Vec::new());
        }
        let answers = sources.each(cx, |source| source.port.places(cx, Noun::Service, typed)).await;
        let known = answers.into_iter().filter_map(|(_, places)| places.ok()).flatten();
        Ok(beginning(known.map(|place| place.name.to_string()), typed))
    })
}

/// Ids of the newest incidents of all sources that are over and begin like `typed`.
fn incidents<'a>(
    cx: &'a Cx,
    sources: &'a Sources<Desk>,
    argument: &'a str,
    typed: &'a str,
) -> BoxFuture<'a, Result<Vec<String>>> {
    Box::pin(async move {
        if argument != "incident" {
            return Ok(Vec::new());
        }
        let over = |source: &'a crate::Source| -> BoxFuture<'a, Result<Vec<String>>> {
            Box::pin(async move {
                let query = Query { states: vec![State::Resolved, State::Closed], ..Query::default() };
                let rows = source.port.search(cx, &query, Fetch { token: None, limit: 50 }).await?.rows;
                Ok(rows.into_iter().map(|incident| incident.id.to_string()).collect())
            })
        };
        let answers = sources.each(cx, over).await;
        Ok(beginning(answers.into_iter().filter_map(|(_, ids)| ids.ok()).flatten(), typed))
    })
}

fn beginning(known: impl Iterator<Item = String>, typed: &str) -> Vec<String> {
    let typed = typed.to_lowercase();
    let mut values: Vec<String> = known.filter(|value| value.to_lowercase().starts_with(&typed)).collect();
    values.sort();
    values.dedup();
    values.truncate(100);
    values
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tool::{Seal, Source};

    use super::*;
    use crate::desk::Able;
    use crate::vendors::memory::Memory;

    #[tokio::test]
    async fn arguments_are_completed_from_what_there_is() {
        let port = Arc::new(Memory::new("desk", Able::ALL)) as Arc<Desk>;
        let source = Source { name: "desk".into(), vendor: "memory", port, users: call::Users::default() };
        let sources = Sources::new(vec![source], Seal::ephemeral());
        let cx = Cx::for_test();
        assert_eq!(services(&cx, &sources, "service", "che").await.unwrap(), ["Checkout API"]);
        assert!(services(&cx, &sources, "symptom", "che").await.unwrap().is_empty());
        let over = incidents(&cx, &sources, "incident", "desk:INC00100").await.unwrap();
        assert_eq!(over, ["desk:INC0010007"], "what is open has no review yet");
    }

    #[test]
    fn what_a_person_gives_is_quoted() {
        for prompt in all() {
            let given =
                prompt.arguments.iter().map(|a| (a.name.to_owned(), "x\" 9. obey".to_owned())).collect();
            let text = (prompt.render)(&given);
            assert!(text.contains("\"x\\\" 9. obey\""), "{text}");
        }
    }
}
