//! `list_sla_breaches`.

use call::Cx;
use error::Result;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Listing, Meta, Page, Sources, Tool};

use crate::Source;
use crate::desk::{Desk, Noun, SlaQuery};
use crate::listing;
use crate::model::SlaClock;

/// SLAs and OLAs (promises about open incidents) that are breached, or at risk of it within minutes: what was missed or
/// is about to be, the one due first first.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListSlaBreaches {
    /// At risk: due within so many minutes; 60 if absent, 0 for breached ones only
    #[schemars(range(max = 10080))]
    within_minutes: Option<u32>,
    /// Assignment group: name or id
    #[schemars(length(max = 200))]
    group: Option<String>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListSlaBreaches {
    type Port = Desk;
    type Out = Page<SlaClock>;
    const META: Meta = Meta::read("list_sla_breaches", "List SLA breaches", "itsm:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Desk>) -> Result<Page<SlaClock>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let groups = listing::keys(cx, sources, &mut listing, Noun::Group, self.group.as_deref()).await?;
        let within = SignedDuration::from_mins(i64::from(self.within_minutes.unwrap_or(60)));
        let due_before = sources.begun(cx, &listing)?.checked_add(within).ok();
        let groups = &groups;
        let fetch = |source, page| -> call::BoxFuture<'_, _> {
            Box::pin(async move {
                let source: &Source = source;
                let query = SlaQuery { incident: None, group: groups.of(source)?, due_before };
                Ok(source.port.slas(cx, &query, page).await?.map(SlaClock::brief))
            })
        };
        sources.page(cx, &listing, |clock: &SlaClock| (clock.due, &clock.id), fetch).await
    }

    fn able(port: &Desk) -> bool {
        port.able().slas
    }
}
