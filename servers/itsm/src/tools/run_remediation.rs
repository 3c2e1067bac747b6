//! `run_remediation`.

use call::Cx;
use content::Label;
use error::{Candidate, Code, Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{
    Change, Consent, FieldChange, Mark, Meta, Output, Sources, Tool, Undo, WriteKind, Written, require,
};

use crate::desk::{Desk, Noun};
use crate::model::{Incident, Remediation, Run};
use crate::{Source, reference, writing};

/// Starts one of the pre-approved actions that get_incident_context lists in `remediations` for the incident's service.
/// Never a free command.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunRemediation {
    /// Id, number (INC0010023), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    incident: String,
    /// Id or exact name from `remediations`
    #[schemars(length(min = 1, max = 512))]
    remediation: String,
}

impl Output for Run {}

impl Tool for RunRemediation {
    type Port = Desk;
    type Out = Written<Run>;
    const META: Meta =
        Meta::write("run_remediation", "Run a remediation", "itsm:remediate", WriteKind::Destructive)
            .consent(Consent::Approve)
            .targets(tool::Targets::Actions);

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { target: Some(self.remediation.clone()), ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Desk>) -> Result<Written<Run>> {
        let mark = Mark::new(cx, None)?;
        let meant = reference::incident(cx, sources, &self.incident).await?;
        let (source, port) = (meant.source, &meant.source.port);
        require(port.able().remediations, source, "run remediations")?;
        let incident = port.get(cx, &meant.native).await?;
        let remediation = self.offered(cx, source, &incident).await?;
        let native = remediation.id.native();
        let earlier = mark.found(cx, "run", port.find_run(cx, native, &meant.native, &mark)).await?;
        if let Some(run) = earlier {
            return Ok(started(&incident, run).replayed("an earlier attempt had started it"));
        }
        if cx.is_preview() {
            let record = writing::record(&incident);
            return Ok(Written::preview(
                "incident",
                Change { record, fields: vec![field(&remediation.name)] },
            ));
        }
        let run = port.run(cx, native, &meant.native, &mark).await?;
        Ok(started(&incident, run))
    }

    fn able(port: &Desk) -> bool {
        port.able().remediations
    }
}

impl RunRemediation {
    /// The action, if the incident's service offers it; else `not_found` with those it does offer.
    async fn offered(&self, cx: &Cx, source: &Source, incident: &Incident) -> Result<Remediation> {
        let (Some(service), Some(name)) = (&incident.service_id, &incident.service) else {
            return Err(Error::new(
                Code::Conflict,
                "the incident names no service, so nothing is on offer for it",
            ));
        };
        let text = self.remediation.trim();
        let bare = text.strip_prefix(&format!("{}:", source.name)).unwrap_or(text);
        let native = source.port.recognize(Noun::Remediation, bare);
        let offered = source.port.remediations(cx, service.native()).await?;
        let is_meant = |r: &&Remediation| {
            Some(r.id.native()) == native.as_deref()
                || r.name.as_str().to_lowercase() == Label::new(text).as_str().to_lowercase()
        };
        let mut meant = offered.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(only), None) => Ok(only.clone()),
            (first, _) => {
                let code = if first.is_some() { Code::AmbiguousReference } else { Code::NotFound };
                let error = Error::new(code, format!("`{}` is not one action of {}", Label::new(text), name))
                    .hint("use the id of one of the actions in `candidates`; nothing else can be run");
                let candidate = |r: &Remediation| Candidate::new(r.id.to_string(), r.name.to_string());
                Err(offered.iter().take(5).map(candidate).fold(error, Error::candidate))
            }
        }
    }
}

fn started(incident: &Incident, run: Run) -> Written<Run> {
    let record = writing::record(incident);
    let fields = vec![field(&run.remediation.name)];
    let undo = Undo::None("what an action did is not taken back; look at the evidence again".into());
    let version = run.id.native().to_owned();
    Written::committed("incident", run, Change { record, fields }, undo).version(version)
}

fn field(remediation: &Label) -> FieldChange {
    FieldChange::new("remediation", remediation.clone())
}
