//! `search_contracts_by_value_range`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Day, Listing, Meta, Money, Page, RecordId, Sources, Tool, When};

use crate::ledger::{Amounts, ContractQuery, Days, Ledger, Noun};
use crate::model::Contract;
use crate::reference;

/// Finds purchase contracts (outline agreements, frame contracts) with suppliers by value and by when they end, the
/// first to expire first. Not the paper itself and not contracts with customers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchContractsByValueRange {
    /// Target value at least
    min_value: Option<Money>,
    /// At most; the same currency
    max_value: Option<Money>,
    #[schemars(length(max = 200))]
    supplier: Option<String>,
    /// Expiring on or after
    ends_after: Option<When>,
    /// Expiring before
    ends_before: Option<When>,
    /// Only these
    #[schemars(length(max = 10))]
    ids: Option<Vec<String>>,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[schemars(length(max = 4096))]
    cursor: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Tool for SearchContractsByValueRange {
    type Port = Ledger;
    type Out = Page<Contract>;
    const META: Meta =
        Meta::read("search_contracts_by_value_range", "Search contracts by value", "finance:read");

    fn able(port: &Ledger) -> bool {
        port.able().contracts
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Page<Contract>> {
        let cursor = self.cursor.take();
        let query = format!("{self:?}");
        let mut listing = Listing { query, limit: self.limit, cursor, source: self.source, only: None };
        let amounts = Amounts::between(self.min_value, self.max_value, ["min_value", "max_value"])?;
        let begun = sources.begun(cx, &listing)?;
        let (after, before) = (self.ends_after.as_ref(), self.ends_before.as_ref());
        let ends = Days::resolve(after, before, begun, ["ends_after", "ends_before"])?;
        let ids =
            reference::documents(cx, sources, &mut listing, Noun::Contract, self.ids.as_deref()).await?;
        let supplier = reference::one_supplier(cx, sources, &mut listing, self.supplier.as_deref()).await?;
        let query =
            |source: &str| ContractQuery { ids: ids.of(source), supplier: supplier.clone(), amounts, ends };
        sources
            .page(cx, &listing, first_to_end, |source, page| {
                let query = query(&source.name);
                Box::pin(async move { source.port.contracts(cx, &query, page).await })
            })
            .await
    }
}

/// Those without an end last.
fn first_to_end(contract: &Contract) -> ((bool, Option<Day>), &RecordId) {
    ((contract.ends.is_none(), contract.ends), &contract.id)
}
