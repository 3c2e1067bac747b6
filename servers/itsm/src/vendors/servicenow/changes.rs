//! Change requests (ServiceNow, "Change request form").

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use tool::{Count, Fetch, Moment, Rows, Total};

use super::ServiceNow;
use super::query::{Encoded, Term};
use super::search::{ignored, of_service};
use super::wire::Row;
use crate::desk::{ChangeQuery, ServiceDesk as _};
use crate::model::{Change, ChangeKind, Risk};

const CHANGES: &str = "/api/now/table/change_request";

const FIELDS: &str = "sys_id,number,short_description,state,risk,start_date,end_date,work_start,work_end,opened_at,\
    requested_by,assigned_to,business_service,cmdb_ci";

impl ServiceNow {
    pub(super) async fn changed(&self, cx: &Cx, query: &ChangeQuery, page: Fetch) -> Result<Rows<Change>> {
        query.within(&self.able())?;
        let cause = match &query.incident {
            None => None,
            Some(id) => {
                let cause =
                    self.row_of(cx, id, "caused_by", |row| Ok(row.value("caused_by").to_owned())).await?;
                if cause.is_empty() {
                    let total = Some(Total { count: 0, kind: Count::Exact });
                    return Ok(Rows { rows: Vec::new(), next: None, total, as_of: cx.now() });
                }
                Some(cause)
            }
        };
        let mut encoded = Encoded::new()
            .and_some(cause.map(|cause| Term::Is("sys_id", cause)))
            .and_some(query.risk.map(|risk| Term::In("risk", values(risk))))
            .and_some(query.after.map(|at| Term::From("start_date", at)))
            .and_some(query.before.map(|at| Term::Before("start_date", at)));
        if let Some(service) = &query.service {
            encoded = encoded.and_any(of_service(service));
        }
        let encoded = encoded.newest_first("start_date", "number");
        let read = |row: &Row<'_>| match holds(row, query) {
            true => self.change_of(row),
            false => Err(ignored()),
        };
        Ok(self.tables.list(cx, CHANGES, FIELDS, &encoded, &page, read).await?.rows(cx))
    }

    fn change_of(&self, row: &Row<'_>) -> Result<Change> {
        let start = ["start_date", "work_start", "opened_at"].into_iter().find_map(|field| row.time(field));
        let (Some(number), Some(start)) = (row.filled("number"), start) else {
            return Err(Error::new(Code::UpstreamGarbled, "the vendor's change has no number or no time"));
        };
        let author = ["requested_by", "assigned_to"].into_iter().find(|field| row.filled(field).is_some());
        Ok(Change {
            id: self.id(number),
            number: Some(Label::new(number)),
            kind: ChangeKind::ChangeRequest,
            title: Label::new(row.value("short_description")),
            status: row.filled("state").map(|_| Label::new(row.shown("state"))),
            risk: risk(row.value("risk")),
            service: self.named(row, "business_service").or_else(|| self.named(row, "cmdb_ci")),
            author: author.map(|field| Label::new(row.shown(field))),
            start: Moment(start),
            end: row.time("work_end").or_else(|| row.time("end_date")).map(Moment),
            url: Some(self.url("change_request", number)),
        })
    }
}

fn holds(row: &Row<'_>, query: &ChangeQuery) -> bool {
    let start = row.time("start_date");
    let service = query
        .service
        .as_deref()
        .is_none_or(|id| row.value("business_service") == id || row.value("cmdb_ci") == id);
    service
        && query.risk.is_none_or(|wanted| risk(row.value("risk")) == Some(wanted))
        && query.after.is_none_or(|from| start.is_some_and(|at| at >= from))
        && query.before.is_none_or(|until| start.is_some_and(|at| at < until))
}

/// `1` very high, `2` high, `3` moderate, `4` low, `5` none.
fn risk(value: &str) -> Option<Risk> {
    Some(match value {
        "1" | "2" => Risk::High,
        "3" => Risk::Moderate,
        "4" | "5" => Risk::Low,
        _ => return None,
    })
}

fn values(risk: Risk) -> Vec<String> {
    let values: &[&str] = match risk {
        Risk::High => &["1", "2"],
        Risk::Moderate => &["3"],
        Risk::Low => &["4", "5"],
    };
    values.iter().map(|&value| value.to_owned()).collect()
}
