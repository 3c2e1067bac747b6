//! `get_alert_evidence`.

use std::collections::BTreeMap;

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Count, Fetch, Meta, Moment, Output, SourceReport, Sources, Tool, When, Window};

use crate::Source;
use crate::desk::{AlertQuery, Desk, Noun};
use crate::gather::{Asked, each, gather};
use crate::model::{Alert, Severity};
use crate::{around, reference};

/// Alerts counted at most.
const MOST: usize = 2000;

/// How far back alerts of a service are looked for unless said.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What monitoring is seeing: alerts that fired for an incident, or for a service in a window, counted by kind (how
/// many) and with samples. Their `key` is the `dedup_key` for open_incident.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetAlertEvidence {
    /// Id, number, URL or exact title
    #[schemars(length(min = 1, max = 512))]
    incident: Option<String>,
    /// Instead of an incident: name or id
    #[schemars(length(min = 1, max = 200))]
    service: Option<String>,
    /// PT24H if absent
    after: Option<When>,
    before: Option<When>,
    /// Newest alerts to return in full; 5 if absent
    #[schemars(range(max = 20))]
    samples: Option<u32>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// Alerts counted and sampled.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct AlertEvidence {
    /// Alerts counted.
    count: usize,
    /// Of them still firing.
    firing: usize,
    /// Whether every alert was counted.
    complete: bool,
    /// By what the monitor says, most frequent first.
    groups: Vec<AlertGroup>,
    /// The newest.
    samples: Vec<Alert>,
    /// How each source answered.
    sources: Vec<SourceReport>,
    /// Something was left out or shortened for the size of the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// Alerts that say the same.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct AlertGroup {
    title: Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    count: usize,
    firing: usize,
    first: Moment,
    last: Moment,
}

impl Output for AlertEvidence {}

impl Tool for GetAlertEvidence {
    type Port = Desk;
    type Out = AlertEvidence;
    const META: Meta = Meta::read("get_alert_evidence", "Get alert evidence", "itsm:read");

    async fn run(self, cx: &Cx, sources: &Sources<Desk>) -> Result<AlertEvidence> {
        let window =
            Window::resolve(self.after.as_ref(), self.before.as_ref(), cx.now(), ["after", "before"])?;
        let asked = match (&self.incident, &self.service) {
            (Some(incident), None) => of_incident(cx, sources, incident, window).await?,
            (None, Some(service)) => {
                let window =
                    Window { after: window.after.or_else(|| cx.now().checked_sub(DAY).ok()), ..window };
                of_service(cx, sources, self.source.as_deref(), service, window).await?
            }
            _ => return Err(Error::invalid("incident", "give either `incident` or `service`")),
        };
        let (answers, reports) =
            gather(cx, sources, &asked, |source, query| Box::pin(all(cx, source, query))).await?;
        let complete = answers.len() == asked.len() && answers.iter().all(|(_, is_all)| *is_all);
        let alerts = answers.into_iter().flat_map(|(alerts, _)| alerts).collect();
        let samples = self.samples.unwrap_or(5).min(20) as usize;
        let evidence = count(alerts, complete, reports, samples);
        Ok(tool::fit(evidence, cx.budget(), AlertEvidence::shed))
    }

    fn able(port: &Desk) -> bool {
        port.able().alerts
    }
}

/// What one source is asked.
type Ask<'s> = Asked<'s, AlertQuery>;

/// The incident's own desk; if that keeps no alerts, the desks that know a service of the same name.
async fn of_incident<'s>(
    cx: &Cx,
    sources: &'s Sources<Desk>,
    text: &str,
    window: Window,
) -> Result<Vec<Ask<'s>>> {
    let meant = reference::incident(cx, sources, text).await?;
    let query = AlertQuery { after: window.after, before: window.before, ..AlertQuery::default() };
    if meant.source.port.able().alerts {
        return Ok(vec![(meant.source, Ok(AlertQuery { incident: Some(meant.native), ..query }))]);
    }
    let incident = meant.source.port.get(cx, &meant.native).await?;
    let Some(service) = &incident.service else {
        let message = "the incident names no service, and its desk keeps no alerts";
        return Err(Error::new(Code::Unsupported, message).hint("ask by `service`"));
    };
    let after = query.after.or_else(|| incident.opened.0.checked_sub(DAY).ok());
    let mut asked = Vec::new();
    for source in sources.all().iter().filter(|s| s.port.able().alerts) {
        if let Some(key) = around::same_service(cx, source, service).await.transpose() {
            asked.push((source, key.map(|key| AlertQuery { service: Some(key), after, ..query.clone() })));
        }
    }
    if asked.is_empty() {
        let message = "no desk that keeps alerts knows a service of this name";
        return Err(Error::new(Code::Unsupported, message));
    }
    Ok(asked)
}

async fn of_service<'s>(
    cx: &Cx,
    sources: &'s Sources<Desk>,
    source: Option<&str>,
    text: &str,
    window: Window,
) -> Result<Vec<Ask<'s>>> {
    let query = |key| AlertQuery {
        service: Some(key),
        after: window.after,
        before: window.before,
        ..AlertQuery::default()
    };
    let places = reference::places(cx, sources, Noun::Service, source, text).await?;
    Ok(each(places, query))
}

/// Every alert of a source, up to the most, and whether that is all.
async fn all(cx: &Cx, source: &Source, query: &AlertQuery) -> Result<(Vec<Alert>, bool)> {
    let (mut alerts, mut token, mut whole) = (Vec::new(), None, true);
    loop {
        let page = source.port.alerts(cx, query, Fetch { token, limit: 100 }).await?;
        whole &= page.total.is_none_or(|total| total.kind != Count::AtLeast);
        alerts.extend(page.rows);
        token = page.next;
        if token.is_none() || alerts.len() >= MOST {
            return Ok((alerts, whole && token.is_none()));
        }
    }
}

fn count(
    mut alerts: Vec<Alert>,
    complete: bool,
    sources: Vec<SourceReport>,
    samples: usize,
) -> AlertEvidence {
    alerts.sort_by(|a, b| b.raised.cmp(&a.raised).then_with(|| a.id.cmp(&b.id)));
    let mut groups: BTreeMap<(String, Option<Severity>), AlertGroup> = BTreeMap::new();
    for alert in &alerts {
        let group = groups.entry((alert.title.to_string(), alert.severity)).or_insert_with(|| AlertGroup {
            title: alert.title.clone(),
            severity: alert.severity,
            count: 0,
            firing: 0,
            first: alert.raised,
            last: alert.raised,
        });
        group.count += 1;
        group.firing += usize::from(alert.firing);
        group.first = group.first.min(alert.raised);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(group.count), std::cmp::Reverse(group.last)));
    AlertEvidence {
        count: alerts.len(),
        firing: alerts.iter().filter(|alert| alert.firing).count(),
        complete,
        groups,
        samples: alerts.into_iter().take(samples).collect(),
        sources,
        truncated: false,
    }
}

impl AlertEvidence {
    /// Rare groups go first, then old samples, then the longest details are halved.
    fn shed(&mut self) -> bool {
        self.truncated = true;
        (self.groups.len() > 10 && self.groups.pop().is_some())
            || (self.samples.len() > 1 && self.samples.pop().is_some())
            || self.shorten()
    }

    fn shorten(&mut self) -> bool {
        match self
            .samples
            .iter_mut()
            .filter_map(|alert| alert.details.as_mut())
            .max_by_key(|d| d.as_str().len())
        {
            Some(details) if details.as_str().len() > 64 => {
                details.shorten(details.as_str().len() / 2);
                true
            }
            _ => false,
        }
    }
}
