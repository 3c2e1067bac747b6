//! `list_service_changes`.

use std::cmp::Reverse;

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Listing, Meta, Page, Sources, Tool, When, Window};

use crate::Source;
use crate::desk::{ChangeQuery, Desk, Noun};
use crate::listing;
use crate::model::{Change, Risk};

/// What was deployed, released or changed: deployments (PagerDuty change events) and change requests (ServiceNow)
/// planned for or made to a service, newest start first. To find what broke it; not for document or field changes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListServiceChanges {
    /// Service or configuration item: name or id; all if absent
    #[schemars(length(max = 200))]
    service: Option<String>,
    /// Begun at or after: date, date-time, or period back
    after: Option<When>,
    before: Option<When>,
    risk: Option<Risk>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for ListServiceChanges {
    type Port = Desk;
    type Out = Page<Change>;
    const META: Meta = Meta::read("list_service_changes", "List service changes", "itsm:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Desk>) -> Result<Page<Change>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let begun = sources.begun(cx, &listing)?;
        let window = Window::resolve(self.after.as_ref(), self.before.as_ref(), begun, ["after", "before"])?;
        let services =
            listing::keys(cx, sources, &mut listing, Noun::Service, self.service.as_deref()).await?;
        let query = ChangeQuery {
            after: window.after,
            before: window.before,
            risk: self.risk,
            ..ChangeQuery::default()
        };
        let (query, services) = (&query, &services);
        let fetch = |source, page| -> call::BoxFuture<'_, _> {
            Box::pin(async move {
                let source: &Source = source;
                let query = ChangeQuery { service: services.of(source)?, ..query.clone() };
                Ok(source.port.changes(cx, &query, page).await?.map(Change::brief))
            })
        };
        sources.page(cx, &listing, |change: &Change| (Reverse(change.start), &change.id), fetch).await
    }

    fn able(port: &Desk) -> bool {
        port.able().changes
    }
}
