//! Lists of cases: HubSpot's tickets.

use call::Cx;
use error::Result;
use tool::{Fetch, Rows};

use super::HubSpot;
use super::api::Object;
use super::hub::{self, Hunt, Stage};
use super::lists::{Window, both, ids, nothing, of_account};
use super::map::{self, Lens};
use super::query::{Conditions, Filter, Sort};
use super::wire::Found;
use crate::book::CaseQuery;
use crate::listing;
use crate::model::{CaseState, CustomerCase};

/// Properties of a ticket in a row, and the one that a full one has besides.
const TICKET: &[&str] =
    &["subject", "hs_pipeline_stage", "hs_ticket_priority", "hubspot_owner_id", "createdate"];
const TICKET_FULL: &[&str] = &["content"];

pub(super) fn ticket_properties(full: bool) -> Vec<&'static str> {
    both(TICKET, TICKET_FULL, full)
}

impl HubSpot {
    pub(super) async fn find_cases(
        &self,
        cx: &Cx,
        q: &CaseQuery,
        page: &Fetch,
    ) -> Result<Rows<CustomerCase>> {
        let lens = Lens::for_tickets(&self.hub, cx).await?;
        let mut conditions = Conditions::none();
        conditions.and_all(ids(Object::Ticket, &q.ids)?);
        conditions.and_all(of_account(q.account.as_deref())?);
        if q.state.is_some() || q.unclosed {
            let stages: Vec<String> = self.ticket_stages(&lens, q).map(|stage| stage.id.clone()).collect();
            if stages.is_empty() {
                return Ok(nothing(cx));
            }
            conditions.and(Filter::one_of("hs_pipeline_stage", stages));
        }
        conditions.and_all(q.severity.map(|s| Filter::eq("hs_ticket_priority", map::priority(s))));
        conditions.and_all(q.opened_before.map(|at| Filter::lt("createdate", at.as_millisecond())));
        let offset = hub::offset(page)?;
        let hunt = Hunt {
            object: Object::Ticket,
            conditions: &conditions,
            sort: Sort::descending("createdate"),
            properties: &ticket_properties(q.full),
            limit: page.limit,
            offset,
        };
        let reply = self.hub.search(cx, &hunt).await?;
        let found: Found<'_> = reply.json()?;
        let ids: Vec<String> = found.results.iter().map(|r| r.id.to_string()).collect();
        let companies = self.companies_of(cx, Object::Ticket, &ids).await?;
        let mut rows: Vec<CustomerCase> =
            found.results.iter().map(|r| lens.case(r, companies.get(&*r.id), q.full)).collect();
        if q.full {
            self.add_comments(cx, &lens, &ids, &mut rows).await?;
        }
        rows.sort_by(|a, b| listing::newest_opened(a).cmp(&listing::newest_opened(b)));
        Ok(Window::of(offset, &found).rows(rows, cx, true))
    }

    fn ticket_stages<'l>(&'l self, lens: &'l Lens<'_>, q: &CaseQuery) -> impl Iterator<Item = &'l Stage> {
        let (wanted, unclosed) = (q.state, q.unclosed);
        lens.ticket_stages.iter().filter(move |stage| {
            let state = match stage.closed {
                true => CaseState::Closed,
                false if self.hub.mapping.is_waiting(&stage.label) => CaseState::Waiting,
                false => CaseState::Open,
            };
            wanted.is_none_or(|wanted| wanted == state) && (!unclosed || state != CaseState::Closed)
        })
    }
}
