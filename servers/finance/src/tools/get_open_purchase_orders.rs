//! `get_open_purchase_orders`.

use std::cmp::Reverse;

use call::Cx;
use error::Result;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Detail, Listing, Meta, Money, Page, Source, Sources, Tool};

use crate::ledger::{Ledger, Noun, OrderQuery, Unit};
use crate::model::{Approval, Emptiable, PurchaseOrder};
use crate::reference;

/// Lists purchase orders (POs) that suppliers have not fully delivered, newest first: what we ordered, for how much,
/// whether it is approved and whether it is late. Not sales orders and not requisitions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetOpenPurchaseOrders {
    /// Id, number or exact name
    #[schemars(length(max = 200))]
    supplier: Option<String>,
    /// Company code or name
    #[schemars(length(max = 100))]
    company: Option<String>,
    /// Plant code or name
    #[schemars(length(max = 100))]
    plant: Option<String>,
    /// Worth at least this
    min_value: Option<Money>,
    approval: Option<Approval>,
    /// Only late ones, or only those on time
    overdue: Option<bool>,
    /// Only orders where this is missing
    where_empty: Option<Emptiable>,
    /// Only these
    #[schemars(length(max = 10))]
    ids: Option<Vec<String>>,
    /// `full` adds items
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

impl Tool for GetOpenPurchaseOrders {
    type Port = Ledger;
    type Out = Page<PurchaseOrder>;
    const META: Meta =
        Meta::read("get_open_purchase_orders", "Get open purchase orders", "finance:read").placed();

    fn able(port: &Ledger) -> bool {
        port.able().orders
    }

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::named([&self.company, &self.plant]), ..tool::Stakes::default() }
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Page<PurchaseOrder>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing =
            Listing { query, limit: self.limit, cursor, source: self.source.clone(), only: None };
        let ids =
            reference::documents(cx, sources, &mut listing, Noun::PurchaseOrder, self.ids.as_deref()).await?;
        let supplier = reference::one_supplier(cx, sources, &mut listing, self.supplier.as_deref()).await?;
        let company =
            reference::unit_of_each(cx, sources, &mut listing, Unit::Company, self.company.as_deref())
                .await?;
        let plant =
            reference::unit_of_each(cx, sources, &mut listing, Unit::Plant, self.plant.as_deref()).await?;
        let today = sources.begun(cx, &listing)?.to_zoned(TimeZone::UTC).date();
        let query = |source: &Source<Ledger>| -> Result<OrderQuery> {
            Ok(OrderQuery {
                ids: ids.of(&source.name),
                supplier: supplier.clone(),
                company: company.of(source)?,
                plant: plant.of(source)?,
                min_value: self.min_value,
                approval: self.approval,
                overdue: self.overdue,
                where_empty: self.where_empty,
                today,
                full: self.detail == Some(Detail::Full),
            })
        };
        sources
            .page(cx, &listing, newest_first, |source, page| {
                let query = query(source);
                Box::pin(async move { source.port.open_orders(cx, &query?, page).await })
            })
            .await
    }
}

fn newest_first(order: &PurchaseOrder) -> (Reverse<tool::Day>, &tool::RecordId) {
    (Reverse(order.ordered), &order.id)
}
