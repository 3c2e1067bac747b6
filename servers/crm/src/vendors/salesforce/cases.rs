//! Cases and renewals.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use tool::{Fetch, Moment, Rows};

use super::Salesforce;
use super::accounts::{ACCOUNT_ID, ID, OWNER_ID, due_field, in_force, known_ids, object, unmapped};
use super::map::Lens;
use super::settings::Renewals;
use super::severity::priorities;
use super::soql::{Clause, Direction, Field, Soql, Value};
use super::wire::Record;
use crate::book::{CaseQuery, RenewalQuery};
use crate::model::{CaseComment, CaseState, CustomerCase, Renewal};

/// Comments that are looked through for the newest of each case.
const MOST_COMMENTS: usize = 2_000;

const STATUS: Field = Field::new("Status");
const IS_CLOSED: Field = Field::new("IsClosed");
const OPENED: Field = Field::new("CreatedDate");

impl Salesforce {
    pub(super) async fn found_cases(
        &self,
        cx: &Cx,
        query: &CaseQuery,
        page: Fetch,
    ) -> Result<Rows<CustomerCase>> {
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let severity = query
            .severity
            .map(|severity| Clause::In(Field::new("Priority"), priorities(&self.configured, severity)));
        let soql = newest(query.full)
            .and_some(known_ids("Case", &query.ids))
            .and_some(query.account.as_deref().map(|id| Clause::Is(ACCOUNT_ID, id.into())))
            .and_some(query.state.map(|state| self.in_state(state)))
            .and_some(query.unclosed.then(unclosed))
            .and_some(severity)
            .and_some(query.opened_before.map(|at| Clause::Below(OPENED, Value::Moment(at))));
        let mut rows = self.connection.list(cx, soql, &page, |record| lens.case(record)).await?;
        if query.full {
            self.add_comments(cx, &mut rows.rows).await?;
        }
        Ok(rows)
    }

    /// The newest comments of each case.
    async fn add_comments(&self, cx: &Cx, cases: &mut [CustomerCase]) -> Result<()> {
        let ids = cases.iter().map(|case| case.id.native().to_owned()).collect();
        let author = ["CreatedBy.Name", "CreatedBy.UserType"];
        let fields = ["ParentId", "CommentBody", "IsPublished", "CreatedDate"].into_iter().chain(author);
        let soql = Soql::of("CaseComment", fields.map(Field::new))
            .and(Clause::In(Field::new("ParentId"), ids))
            .by(OPENED, Direction::Down)
            .by(ID, Direction::Up);
        let said = |record: &Record<'_>| Ok((record.need("ParentId")?.to_owned(), comment(record, cx)));
        let (said, _) = self.connection.every(cx, &soql, MOST_COMMENTS, said).await?;
        for case in cases {
            let own = said.iter().filter(|(id, _)| id == case.id.native()).take(CaseQuery::COMMENTS);
            case.comments = own.map(|(_, comment)| comment.clone()).collect();
        }
        Ok(())
    }

    fn in_state(&self, state: CaseState) -> Clause {
        let waiting = self.configured.waiting.clone();
        match state {
            CaseState::Closed => Clause::Is(IS_CLOSED, Value::Flag(true)),
            CaseState::Waiting => Clause::All(vec![unclosed(), Clause::In(STATUS, waiting)]),
            CaseState::Open => Clause::All(vec![unclosed(), Clause::NotIn(STATUS, waiting)]),
        }
    }

    pub(super) async fn found_renewals(
        &self,
        cx: &Cx,
        query: &RenewalQuery,
        page: Fetch,
    ) -> Result<Rows<Renewal>> {
        let renewals = self.kept_renewals()?;
        let org = self.org(cx).await?;
        let lens = Lens::new(&self.source, &self.configured, &org, cx);
        let worth = match (query.min_value, &renewals.value) {
            (Some(min), Some(field)) => Some(self.worth(&org, field, min)?),
            (Some(_), None) => return Err(unmapped("renewals.value")),
            (None, _) => None,
        };
        let soql = soonest(&lens, renewals, query)
            .and_some(query.before.map(|day| Clause::Below(due_field(renewals), Value::Day(day))))
            .and_some(worth)
            .and_some(query.owner.as_deref().map(|id| Clause::Is(OWNER_ID, id.into())))
            .and_some(query.account.as_deref().map(|id| Clause::Is(ACCOUNT_ID, id.into())));
        self.connection.list(cx, soql, &page, |record| lens.renewal(renewals, record)).await
    }

    /// Where renewals are kept. `unsupported` where configuration does not say.
    pub(super) fn kept_renewals(&self) -> Result<&Renewals> {
        self.configured.renewals.as_ref().ok_or_else(|| {
            Error::new(
                Code::Unsupported,
                "Salesforce has no renewals by itself, and `map.renewals` is not configured",
            )
        })
    }
}

/// Employees are standard users; customers come through a portal.
fn comment(record: &Record<'_>, cx: &Cx) -> CaseComment {
    let internal = record.text("CreatedBy.UserType") == Some("Standard");
    let author = if internal { Author::Internal } else { Author::Customer };
    CaseComment {
        author: record.text("CreatedBy.Name").map(Label::new),
        at: Moment(record.time("CreatedDate").unwrap_or(cx.now())),
        public: record.maybe("IsPublished"),
        text: FreeText::new(record.text("CommentBody").unwrap_or_default(), author),
    }
}

/// Cases in their order.
pub(super) fn newest(full: bool) -> Soql {
    Soql::of("Case", Lens::case_fields(full)).by(OPENED, Direction::Down).by(ID, Direction::Up)
}

/// Not closed.
pub(super) fn unclosed() -> Clause {
    Clause::Is(IS_CLOSED, Value::Flag(false))
}

/// Renewals to come, in their order.
pub(super) fn soonest(lens: &Lens<'_>, renewals: &Renewals, query: &RenewalQuery) -> Soql {
    let due = due_field(renewals);
    in_force(Soql::of(object(renewals), lens.renewal_fields(renewals)), renewals)
        .and(Clause::AtLeast(due.clone(), Value::Day(query.from)))
        .by(due, Direction::Up)
        .by(ID, Direction::Up)
}
