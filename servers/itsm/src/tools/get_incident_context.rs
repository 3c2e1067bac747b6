//! `get_incident_context`.

use call::Cx;
use error::Result;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Fetch, Link, Meta, Output, Sources, Tool};

use crate::around::{Around, At, Gap};
use crate::desk::{AlertQuery, ChangeQuery, Desk, OnCallQuery, SlaQuery};
use crate::model::{Alert, Change, Entry, Incident, OnCall, Remediation, SlaClock};
use crate::reference;

/// How long before an incident a change of its service still is a suspect.
const SUSPECT: SignedDuration = SignedDuration::from_hours(24);

/// Rows a section may have.
const ROWS: u32 = 10;

/// Everything about one IT incident, the whole picture of what is going on: its text, timeline, alerts, changes of the
/// service before it, SLA clocks, who is on call, and the `remediations` on offer. What could not be read is in
/// `missing`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetIncidentContext {
    /// Id, number (INC0010023), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    incident: String,
    /// Newest timeline entries to return; 10 if absent
    #[schemars(range(max = 50))]
    entries: Option<u32>,
}

/// One incident and what surrounds it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct IncidentContext {
    incident: Incident,
    /// Newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    timeline: Vec<Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<Alert>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    slas: Vec<SlaClock>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on_call: Vec<OnCall>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remediations: Vec<Remediation>,
    /// Sections that could not be read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<Gap>,
    /// Something was left out or shortened for the size of the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    /// How many rows were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    omitted: Option<usize>,
}

impl Output for IncidentContext {
    fn links(&self) -> Vec<Link> {
        vec![Link {
            kind: "incident".into(),
            id: self.incident.id.clone(),
            label: self.incident.title.to_string(),
        }]
    }
}

impl Tool for GetIncidentContext {
    type Port = Desk;
    type Out = IncidentContext;
    const META: Meta = Meta::read("get_incident_context", "Get an incident's context", "itsm:read");

    async fn run(self, cx: &Cx, sources: &Sources<Desk>) -> Result<IncidentContext> {
        let meant = reference::incident(cx, sources, &self.incident).await?;
        let incident = meant.source.port.get(cx, &meant.native).await?;
        let around = Around::new(cx, sources, &meant, &incident);
        let entries = self.entries.unwrap_or(ROWS).min(50);
        let (timeline, alerts, changes, slas, on_call, remediations) = tokio::join!(
            around.own("timeline", |_| true, |source, _| source.port.timeline(cx, &meant.native, entries)),
            alerts(cx, &around, incident.opened.0),
            changes(cx, &around, incident.opened.0),
            slas(cx, &around),
            on_call(cx, &around),
            remediations(cx, &around, &incident),
        );
        let mut missing = timeline.1;
        for gaps in [alerts.1, changes.1, slas.1, on_call.1, remediations.1] {
            missing.extend(gaps);
        }
        let mut changes = changes.0;
        changes.sort_by_key(|change| std::cmp::Reverse(change.start));
        let context = IncidentContext {
            timeline: timeline.0,
            alerts: alerts.0,
            changes,
            slas: slas.0,
            on_call: on_call.0,
            remediations: remediations.0,
            missing,
            incident,
            truncated: false,
            omitted: None,
        };
        Ok(tool::fit(context, cx.budget(), IncidentContext::shed))
    }
}

type Section<T> = (Vec<T>, Vec<Gap>);

fn first() -> Fetch {
    Fetch { token: None, limit: ROWS }
}

async fn alerts<'a>(cx: &'a Cx, around: &Around<'a>, opened: Timestamp) -> Section<Alert> {
    around
        .anywhere(
            "alerts",
            |able| able.alerts,
            |source, at| {
                Box::pin(async move {
                    let query = match at {
                        At::Own(incident) => AlertQuery { incident: Some(incident), ..AlertQuery::default() },
                        At::Elsewhere(service) => AlertQuery {
                            service: Some(service),
                            after: opened.checked_sub(SUSPECT).ok(),
                            ..AlertQuery::default()
                        },
                    };
                    Ok(source.port.alerts(cx, &query, first()).await?.rows)
                })
            },
        )
        .await
}

async fn changes<'a>(cx: &'a Cx, around: &Around<'a>, opened: Timestamp) -> Section<Change> {
    around
        .everywhere(
            "changes",
            |able| able.changes,
            |source, at| {
                Box::pin(async move {
                    let query = match at {
                        At::Own(incident) => {
                            ChangeQuery { incident: Some(incident), ..ChangeQuery::default() }
                        }
                        At::Elsewhere(service) => ChangeQuery {
                            service: Some(service),
                            after: opened.checked_sub(SUSPECT).ok(),
                            before: opened.checked_add(SignedDuration::from_hours(1)).ok(),
                            ..ChangeQuery::default()
                        },
                    };
                    Ok(source.port.changes(cx, &query, first()).await?.rows)
                })
            },
        )
        .await
}

async fn slas<'a>(cx: &'a Cx, around: &Around<'a>) -> Section<SlaClock> {
    around
        .own(
            "slas",
            |able| able.slas,
            |source, at| {
                Box::pin(async move {
                    let At::Own(incident) = at else { return Ok(Vec::new()) };
                    let query = SlaQuery { incident: Some(incident), ..SlaQuery::default() };
                    Ok(source.port.slas(cx, &query, first()).await?.rows)
                })
            },
        )
        .await
}

async fn on_call<'a>(cx: &'a Cx, around: &Around<'a>) -> Section<OnCall> {
    let (service, group) = (around.service(), around.group());
    around
        .anywhere(
            "on_call",
            |able| able.on_call,
            move |source, at| {
                let (service, group) = match at {
                    At::Own(_) => (service.clone(), group.clone()),
                    At::Elsewhere(service) => (Some(service), None),
                };
                Box::pin(async move {
                    let query = OnCallQuery { service, group, at: cx.now() };
                    source.port.on_call(cx, &query).await
                })
            },
        )
        .await
}

async fn remediations<'a>(cx: &'a Cx, around: &Around<'a>, incident: &'a Incident) -> Section<Remediation> {
    around
        .own(
            "remediations",
            |able| able.remediations,
            |source, _| match &incident.service_id {
                Some(service) => source.port.remediations(cx, service.native()),
                None => Box::pin(async { Ok(Vec::new()) }),
            },
        )
        .await
}

impl IncidentContext {
    /// Takes out what a reader misses least: old timeline first, then changes, alerts, who else is on call, clocks;
    /// then texts are halved. Remediations stay: without them nothing can be run.
    fn shed(&mut self) -> bool {
        self.truncated = true;
        let dropped = pop_beyond(&mut self.timeline, 3)
            || pop_beyond(&mut self.changes, 3)
            || pop_beyond(&mut self.alerts, 2)
            || pop_beyond(&mut self.on_call, 2)
            || pop_beyond(&mut self.slas, 1)
            || pop_beyond(&mut self.timeline, 1)
            || pop_beyond(&mut self.changes, 1);
        if dropped {
            self.omitted = Some(self.omitted.unwrap_or_default() + 1);
        }
        dropped || self.shorten()
    }

    /// Halves the longest text; `false` if nothing is worth halving.
    fn shorten(&mut self) -> bool {
        let entries = self.timeline.iter_mut().filter_map(|entry| entry.text.as_mut());
        let alerts = self.alerts.iter_mut().filter_map(|alert| alert.details.as_mut());
        let actions = self.remediations.iter_mut().filter_map(|action| action.description.as_mut());
        let texts = self.incident.description.iter_mut().chain(entries).chain(alerts).chain(actions);
        match texts.max_by_key(|text| text.as_str().len()) {
            Some(text) if text.as_str().len() > 64 => {
                text.shorten(text.as_str().len() / 2);
                true
            }
            _ => false,
        }
    }
}

fn pop_beyond<T>(rows: &mut Vec<T>, keep: usize) -> bool {
    rows.len() > keep && rows.pop().is_some()
}
