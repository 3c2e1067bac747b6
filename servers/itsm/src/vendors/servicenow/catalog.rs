//! Remediations: catalog items that the configuration maps to services (ServiceNow, "Service Catalog API").

use std::collections::BTreeMap;

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::SignedDuration;
use outbound::Request;
use tool::{Mark, Moment};

use super::ServiceNow;
use super::query::{Encoded, Term};
use super::settings::Item;
use super::wire::{Answered, Order, Ordered, Row};
use crate::model::{Named, Remediation, Run};

const ORDER: &str = "/api/sn_sc/servicecatalog/items/{sys_id}/order_now";
const LINES: &str = "/api/now/table/sc_req_item";

/// How far back a run without a mark is looked for.
const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// Runs of one item that are looked through.
const LOOKED_THROUGH: u32 = 20;

impl ServiceNow {
    pub(super) async fn offered(&self, cx: &Cx, service: &str) -> Result<Vec<Remediation>> {
        let items = &self.mapping.remediations;
        if items.is_empty() {
            let message = "this source has no catalog items configured as remediations";
            return Err(Error::new(Code::Unsupported, message));
        }
        let by_id = |item: &Item| item.services.iter().any(|one| one == service);
        // The name is asked for only where the configuration goes by names.
        let name = match items.iter().all(by_id) {
            true => String::new(),
            false => self.component(cx, service, "name", str::to_owned).await?,
        };
        let by_name = |item: &Item| item.services.iter().any(|one| one.to_lowercase() == name.to_lowercase());
        let offered = items.iter().filter(|item| by_id(item) || (!name.is_empty() && by_name(item)));
        Ok(offered
            .map(|item| Remediation {
                id: self.id(&item.key),
                name: Label::new(&item.name),
                description: item.description.as_deref().map(|text| FreeText::new(text, Author::Internal)),
            })
            .collect())
    }

    pub(super) async fn started(&self, cx: &Cx, key: &str, incident: &str, mark: &Mark) -> Result<Run> {
        let item = self.catalog_item(key)?;
        let number = self.row_of(cx, incident, "number", |row| Ok(row.value("number").to_owned())).await?;
        let mut variables: BTreeMap<&str, &str> =
            item.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        variables.extend(item.incident_variable.as_deref().map(|name| (name, number.as_str())));
        variables.extend(item.mark_variable.as_deref().map(|name| (name, mark.operation.as_str())));
        let request = Request::post(ORDER, &[&item.item]).json(&Order { quantity: "1", variables });
        let reply = self.tables.send(cx, request).await?;
        let ordered: Ordered<'_> = reply.json::<Answered<_>>()?.result;
        Ok(Run {
            id: ordered.request_number.0.to_string(),
            remediation: self.item_named(item),
            status: Label::new("requested"),
            started: Moment(cx.now()),
            url: Some(self.url("sc_request", &ordered.request_number.0)),
        })
    }

    pub(super) async fn found_run(
        &self,
        cx: &Cx,
        key: &str,
        incident: &str,
        mark: &Mark,
    ) -> Result<Option<Run>> {
        let item = self.catalog_item(key)?;
        let variable = |name: &Option<String>| name.as_deref().map(|name| format!("variables.{name}"));
        let (marked, told) = (variable(&item.mark_variable), variable(&item.incident_variable));
        let number = match (&marked, &told) {
            (None, Some(_)) => {
                self.row_of(cx, incident, "number", |row| Ok(row.value("number").to_owned())).await?
            }
            _ => String::new(),
        };
        let since = cx.now().saturating_sub(RECENT).map_err(|e| Error::internal("the clock").source(e))?;
        let query = Encoded::new()
            .and(Term::Is("cat_item", item.item.clone()))
            .and_some(marked.is_none().then_some(Term::From("sys_created_on", since)))
            .newest_first("sys_created_on", "number");
        let also = [&marked, &told].into_iter().flatten().map(String::as_str);
        let fields = ["cat_item", "sys_created_on", "stage", "request.number"];
        let fields = fields.into_iter().chain(also).collect::<Vec<_>>().join(",");
        let meant = |row: &Row<'_>| match (&marked, &told) {
            (Some(field), _) => row.value(field) == mark.operation,
            (None, Some(field)) => row.value(field) == number,
            (None, None) => true,
        };
        let read = |row: &Row<'_>| {
            let own = row.value("cat_item") == item.item && meant(row);
            Ok(own.then(|| self.run_of(item, row)).flatten())
        };
        let found = self.tables.few(cx, LINES, &fields, &query, LOOKED_THROUGH, read).await?;
        Ok(found.into_iter().flatten().next())
    }

    fn run_of(&self, item: &Item, row: &Row<'_>) -> Option<Run> {
        let number = row.filled("request.number")?;
        Some(Run {
            id: number.to_owned(),
            remediation: self.item_named(item),
            status: Label::new(row.shown("stage")),
            started: Moment(row.time("sys_created_on")?),
            url: Some(self.url("sc_request", number)),
        })
    }

    fn catalog_item(&self, key: &str) -> Result<&Item> {
        self.mapping
            .remediations
            .iter()
            .find(|item| item.key == key)
            .ok_or_else(|| Error::new(Code::NotFound, "no remediation of this source is called so"))
    }

    fn item_named(&self, item: &Item) -> Named {
        Named { id: self.id(&item.key), name: Label::new(&item.name) }
    }
}
