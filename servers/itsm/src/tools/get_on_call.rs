//! `get_on_call`.

use call::Cx;
use error::{Error, Result};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Meta, Moment, Output, SourceReport, Sources, Tool, When};

use crate::desk::{Desk, Noun, OnCallQuery};
use crate::gather::{Asked, each, gather};
use crate::model::OnCall;
use crate::reference;

/// Who is on call (on duty, gets paged, at night or on Sunday too) for a service or team, now or at a time, by
/// escalation level.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetOnCall {
    /// Name or id
    #[schemars(length(min = 1, max = 200))]
    service: Option<String>,
    /// Instead of a service: team or group, name or id
    #[schemars(length(min = 1, max = 200))]
    group: Option<String>,
    /// Date-time with offset; now if absent
    at: Option<When>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// Who is on call, and who was asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct OnCallNow {
    /// The time asked about.
    at: Moment,
    on_call: Vec<OnCall>,
    /// How each source answered.
    sources: Vec<SourceReport>,
    /// Some were left out for the size of the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

impl Output for OnCallNow {
    const LIST: Option<&'static str> = Some("on_call");

    fn rows(&self) -> usize {
        self.on_call.len()
    }
}

impl Tool for GetOnCall {
    type Port = Desk;
    type Out = OnCallNow;
    const META: Meta = Meta::read("get_on_call", "Get who is on call", "itsm:read");

    async fn run(self, cx: &Cx, sources: &Sources<Desk>) -> Result<OnCallNow> {
        let at = self.at.as_ref().map_or(Ok(cx.now()), |when| when.resolve(cx.now(), "at"))?;
        let asked = self.asked(cx, sources, at).await?;
        let (answers, reports) =
            gather(cx, sources, &asked, |source, query| source.port.on_call(cx, query)).await?;
        let on_call = answers.into_iter().flatten().collect();
        let now = OnCallNow { at: Moment(at), on_call, sources: reports, truncated: false };
        Ok(tool::fit(now, cx.budget(), |now| {
            now.truncated = true;
            now.on_call.pop().is_some()
        }))
    }

    fn able(port: &Desk) -> bool {
        port.able().on_call
    }
}

impl GetOnCall {
    /// What each source concerned is asked.
    async fn asked<'s>(
        &self,
        cx: &Cx,
        sources: &'s Sources<Desk>,
        at: Timestamp,
    ) -> Result<Vec<Asked<'s, OnCallQuery>>> {
        let (noun, text) = match (&self.service, &self.group) {
            (Some(service), None) => (Noun::Service, service),
            (None, Some(group)) => (Noun::Group, group),
            _ => return Err(Error::invalid("service", "give either `service` or `group`")),
        };
        let places = reference::places(cx, sources, noun, self.source.as_deref(), text).await?;
        let query = |key: String| match noun {
            Noun::Group => OnCallQuery { service: None, group: Some(key), at },
            _ => OnCallQuery { service: Some(key), group: None, at },
        };
        Ok(each(places, query))
    }
}
