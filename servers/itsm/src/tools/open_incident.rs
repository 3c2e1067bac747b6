//! `open_incident`.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use tool::{
    Change, FieldChange, Mark, Meta, Place, Record, Sources, Tool, Undo, WriteKind, Written, require,
};

use crate::desk::{Desk, NewIncident};
use crate::model::{Action, Incident, Urgency};
use crate::{Source, reference, writing};

/// Opens an IT incident for a service that is down or failing and so pages (wakes) its team. One with the same
/// `dedup_key` that is open is returned instead. At most 5 per service and hour unless configured.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenIncident {
    /// What is broken, in a stable form: an alert's `key`, or service and symptom
    #[schemars(length(min = 1, max = 200))]
    dedup_key: String,
    /// Name or id
    #[schemars(length(min = 1, max = 200))]
    service: String,
    #[schemars(length(min = 1, max = 160))]
    title: String,
    #[schemars(length(max = 20000))]
    description: Option<String>,
    urgency: Urgency,
    /// Links to dashboards and logs, ids of alerts
    #[schemars(length(max = 10), inner(length(min = 1, max = 1000)))]
    evidence: Option<Vec<String>>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for OpenIncident {
    type Port = Desk;
    type Out = Written<Incident>;
    const META: Meta = Meta::write("open_incident", "Open an incident", "itsm:write", WriteKind::Additive);

    async fn run(self, cx: &Cx, sources: &Sources<Desk>) -> Result<Written<Incident>> {
        let mark = Mark::new(cx, Some(&self.dedup_key))?;
        let (source, service) =
            reference::service(cx, sources, self.source.as_deref(), &self.service).await?;
        let look = || source.port.find_opened(cx, &service.key, &mark);
        if let Some(found) = mark.found(cx, "incident", look()).await? {
            return Ok(opened(source, found, Vec::new()).replayed(ALREADY));
        }
        let fields = self.fields();
        let new = self.plan(sources, source, &service)?;
        if cx.is_preview() {
            // The incident has no id yet: what is affected is the service.
            let record = Record { id: source.id(&*service.key), label: service.name, url: None };
            return Ok(Written::preview("incident", Change { record, fields }));
        }
        let opening = source.port.open(cx, &new, &mark);
        match source.port.wakes().counted(cx, &service.key, opening).await {
            // Monitoring opened one under this key in the meantime.
            Err(error) if error.code() == Code::Conflict => match look().await? {
                Some(found) => Ok(opened(source, found, Vec::new()).replayed(ALREADY)),
                None => Err(error),
            },
            incident => Ok(opened(source, incident?, fields)),
        }
    }
}

const ALREADY: &str = "an incident with this dedup_key is open; nothing was opened now";

impl OpenIncident {
    /// All that will be written. Each piece of evidence stands for itself: a long list would be cut, and with it what
    /// stands at its end.
    fn fields(&self) -> Vec<FieldChange> {
        let field = |name: &str, text: &str| FieldChange::new(name, Label::new(text));
        let description = self.description.as_deref().filter(|text| !content::is_blank(text));
        let evidence = self.evidence.iter().flatten();
        [field("title", &self.title), field("urgency", &format!("{:?}", self.urgency).to_lowercase())]
            .into_iter()
            .chain(description.map(|text| field("description", text)))
            .chain(evidence.map(|link| field("evidence", link)))
            .collect()
    }

    fn plan(self, sources: &Sources<Desk>, source: &Source, service: &Place) -> Result<NewIncident> {
        require(
            source.port.able().urgencies.contains(&self.urgency),
            source,
            "open an incident of this urgency",
        )?;
        let evidence = self.evidence.unwrap_or_default();
        for (i, link) in evidence.iter().enumerate() {
            let is_link = url::Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !is_link && !sources.id(link).is_ok_and(|id| id.is_some()) {
                let problem = "must be an http or https URL, or an id of this server";
                return Err(Error::invalid(format!("evidence/{i}"), problem));
            }
        }
        Ok(NewIncident {
            service: service.key.clone(),
            title: self.title,
            description: describe(self.description.as_deref(), &evidence),
            urgency: self.urgency,
        })
    }
}

/// The description with the evidence below.
fn describe(text: Option<&str>, evidence: &[String]) -> Option<String> {
    let text = text.map(str::trim).filter(|t| !t.is_empty());
    let links = (!evidence.is_empty()).then(|| format!("Evidence:\n- {}", evidence.join("\n- ")));
    match (text, links) {
        (Some(text), Some(links)) => Some(format!("{text}\n\n{links}")),
        (text, links) => text.map(str::to_owned).or(links),
    }
}

fn opened(source: &Source, incident: Incident, fields: Vec<FieldChange>) -> Written<Incident> {
    let change = writing::change(&incident, fields);
    let able = source.port.able();
    let undo = match able.actions.contains(&Action::Resolve) && !able.close_code {
        true => {
            let args =
                [("incident".to_owned(), json!(incident.id)), ("action".to_owned(), json!(Action::Resolve))];
            Undo::Call { tool: "change_incident_state", args: args.into_iter().collect::<Map<_, _>>() }
        }
        false => Undo::Manual("desks keep what was opened; resolve it with change_incident_state".into()),
    };
    let version = writing::version(&incident);
    Written::committed("incident", incident, change, undo).version(version)
}
