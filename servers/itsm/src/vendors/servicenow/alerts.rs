//! Alerts, where Event Management is active (ServiceNow, "Alert form fields").

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use tool::{Count, Fetch, Moment, Rows, Total};

use super::query::{Encoded, Term};
use super::search::ignored;
use super::table::{Found, first};
use super::wire::Row;
use super::{ServiceNow, is_sys_id};
use crate::desk::AlertQuery;
use crate::model::{Alert, Severity};

const ALERTS: &str = "/api/now/table/em_alert";
const RELATIONS: &str = "/api/now/table/cmdb_rel_ci";

const FIELDS: &str = "sys_id,number,source,node,metric_name,message_key,severity,state,description,additional_info,\
    initial_remote_time,sys_created_on,cmdb_ci,incident,incident.number,incident.business_service";

/// Components of a service whose alerts count as its own.
const MOST_COMPONENTS: u32 = 100;

impl ServiceNow {
    pub(super) async fn rang(&self, cx: &Cx, query: &AlertQuery, page: Fetch) -> Result<Rows<Alert>> {
        self.event_management()?;
        let (items, cut) = match &query.service {
            Some(service) => self.components(cx, service).await?,
            None => (Vec::new(), false),
        };
        let mut encoded = Encoded::new()
            .and_some(query.incident.as_deref().map(of_incident))
            .and_some(query.after.map(|at| Term::From("initial_remote_time", at)))
            .and_some(query.before.map(|at| Term::Before("initial_remote_time", at)));
        if let Some(service) = &query.service {
            let by_incident = Term::Is("incident.business_service", service.clone());
            encoded = encoded.and_any(vec![Term::In("cmdb_ci", items.clone()), by_incident]);
        }
        let encoded = encoded.newest_first("initial_remote_time", "number");
        let read = |row: &Row<'_>| match holds(row, query, &items) {
            true => self.alert_of(row),
            false => Err(ignored()),
        };
        let mut found = self.tables.list(cx, ALERTS, FIELDS, &encoded, &page, read).await?.rows(cx);
        if cut {
            let count = found.total.map_or(found.rows.len() as u64, |total| total.count);
            found.total = Some(Total { count, kind: Count::AtLeast });
        }
        Ok(found)
    }

    pub(super) async fn one_alert(&self, cx: &Cx, id: &str) -> Result<Alert> {
        self.event_management()?;
        let field = if is_sys_id(id) { "sys_id" } else { "number" };
        let query = Encoded::new().and(Term::Is(field, id.to_owned())).oldest_first("number");
        let read = |row: &Row<'_>| match row.value(field).eq_ignore_ascii_case(id) {
            true => self.alert_of(row),
            false => Err(ignored()),
        };
        let found = self.tables.few(cx, ALERTS, FIELDS, &query, 1, read).await?.pop();
        found.ok_or_else(|| {
            Error::new(Code::NotFound, "there is no such alert, or the service account may not see it")
        })
    }

    fn event_management(&self) -> Result<()> {
        match self.keys.event_management {
            true => Ok(()),
            false => Err(Error::new(
                Code::Unsupported,
                "this desk keeps no alerts: Event Management is not configured",
            )),
        }
    }

    /// A service and what it stands on, and whether that is more than one question can name.
    async fn components(&self, cx: &Cx, service: &str) -> Result<(Vec<String>, bool)> {
        let query = Encoded::new().and(Term::Is("parent", service.to_owned())).oldest_first("child");
        let read = |row: &Row<'_>| match row.value("parent") == service {
            true => Ok(row.value("child").to_owned()),
            false => Err(ignored()),
        };
        let page = first(MOST_COMPONENTS);
        let Found { rows: mut items, next, .. } =
            self.tables.list(cx, RELATIONS, "parent,child", &query, &page, read).await?;
        items.retain(|item| is_sys_id(item));
        items.push(service.to_owned());
        Ok((items, next.is_some()))
    }

    fn alert_of(&self, row: &Row<'_>) -> Result<Alert> {
        let raised = row.time("initial_remote_time").or_else(|| row.time("sys_created_on"));
        let (Some(number), Some(raised)) = (row.filled("number"), raised) else {
            return Err(Error::new(Code::UpstreamGarbled, "the vendor's alert has no number or no time"));
        };
        let title = row.filled("description").and_then(|text| text.lines().next());
        let incident = row.filled("incident").map(|sys_id| row.filled("incident.number").unwrap_or(sys_id));
        let details = row.filled("additional_info").or_else(|| row.filled("description"));
        Ok(Alert {
            id: self.id(number),
            title: Label::new(title.or_else(|| row.filled("metric_name")).unwrap_or(number)),
            severity: severity(row.value("severity")),
            firing: !matches!(row.value("state"), "Closed" | "closed"),
            raised: Moment(raised),
            key: row.filled("message_key").map(Label::new),
            service: self.named(row, "cmdb_ci"),
            component: row.filled("node").map(Label::new),
            incident: incident.map(|native| self.id(native)),
            details: details.map(|text| FreeText::new(text, Author::Machine)),
            url: Some(self.url("em_alert", number)),
        })
    }
}

fn of_incident(id: &str) -> Term<'static> {
    Term::Is(if is_sys_id(id) { "incident" } else { "incident.number" }, id.to_owned())
}

fn holds(row: &Row<'_>, query: &AlertQuery, items: &[String]) -> bool {
    let raised = row.time("initial_remote_time");
    let incident = query.incident.as_deref().is_none_or(|id| {
        row.value("incident") == id || row.value("incident.number").eq_ignore_ascii_case(id)
    });
    let service = query.service.as_deref().is_none_or(|service| {
        items.iter().any(|item| item == row.value("cmdb_ci"))
            || row.value("incident.business_service") == service
    });
    incident
        && service
        && query.after.is_none_or(|from| raised.is_some_and(|at| at >= from))
        && query.before.is_none_or(|until| raised.is_some_and(|at| at < until))
}

/// `0` is an alert that ended, `1` critical to `5` information.
fn severity(value: &str) -> Option<Severity> {
    Some(match value {
        "1" => Severity::Critical,
        "2" => Severity::Error,
        "3" | "4" => Severity::Warning,
        "0" | "5" => Severity::Info,
        _ => return None,
    })
}
