//! `search_incidents`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{CustomerPage, Detail, Listing, Meta, Sources, Tool, When, Window};

use crate::desk::{Desk, Query};
use crate::listing::{self, Scope};
use crate::model::{Emptiable, Incident, Priority, State};
use crate::reference;

/// Finds IT incidents (major outages, errors, degradations, security and privacy incidents) in ServiceNow and
/// PagerDuty, newest first; with `related_to`, open and past ones like another that happened before. Not for customer
/// cases or development issues.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchIncidents {
    /// Service or configuration item: name or id
    #[schemars(length(max = 200))]
    service: Option<String>,
    state: Option<StateFilter>,
    priority: Option<Priority>,
    /// Assignment group or team: name or id
    #[schemars(length(max = 200))]
    group: Option<String>,
    /// Date, date-time, or period back such as PT24H
    opened_after: Option<When>,
    opened_before: Option<When>,
    /// Words in title or text
    #[schemars(length(max = 500))]
    text: Option<String>,
    /// Customer: name, internet domain or customer number
    #[schemars(length(max = 200))]
    customer: Option<String>,
    /// Incident or alert that others are to resemble
    #[schemars(length(max = 512))]
    related_to: Option<String>,
    /// Only incidents that lack this: nobody assigned, say
    where_empty: Option<Emptiable>,
    /// Only these incidents: ids, numbers or URLs
    #[schemars(length(min = 1, max = 10), inner(length(max = 512)))]
    ids: Option<Vec<String>>,
    detail: Option<Detail>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next_cursor` of the last page
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    /// One configured source only
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// A state, or every state in which somebody still has work.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum StateFilter {
    Open,
    New,
    InProgress,
    OnHold,
    Resolved,
    Closed,
}

impl StateFilter {
    fn states(self) -> Vec<State> {
        match self {
            Self::Open => State::OPEN.to_vec(),
            Self::New => vec![State::New],
            Self::InProgress => vec![State::InProgress],
            Self::OnHold => vec![State::OnHold],
            Self::Resolved => vec![State::Resolved],
            Self::Closed => vec![State::Closed],
        }
    }
}

impl Tool for SearchIncidents {
    type Port = Desk;
    type Out = CustomerPage<Incident>;
    const META: Meta = Meta::read("search_incidents", "Search incidents", "itsm:read");

    async fn run(mut self, cx: &Cx, sources: &Sources<Desk>) -> Result<CustomerPage<Incident>> {
        let cursor = self.cursor.take();
        let listing = Listing {
            query: format!("{self:?}"),
            limit: self.limit,
            cursor,
            source: self.source.clone(),
            only: None,
        };
        let begun = sources.begun(cx, &listing)?;
        let paths = ["opened_after", "opened_before"];
        let window = Window::resolve(self.opened_after.as_ref(), self.opened_before.as_ref(), begun, paths)?;
        let query = Query {
            states: self.state.map(StateFilter::states).unwrap_or_default(),
            priority: self.priority,
            opened_after: window.after,
            opened_before: window.before,
            text: self.text,
            where_empty: self.where_empty,
            full: self.detail == Some(Detail::Full),
            ..Query::default()
        };
        let mut ids = Vec::new();
        for text in self.ids.iter().flatten() {
            ids.push(reference::incident(cx, sources, text).await?.id());
        }
        let scope = Scope {
            service: self.service,
            group: self.group,
            customer: self.customer,
            related_to: self.related_to,
            ids,
        };
        listing::incidents(cx, sources, listing, query, scope).await
    }
}
