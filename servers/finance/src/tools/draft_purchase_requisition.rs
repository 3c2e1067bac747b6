//! `draft_purchase_requisition`.

use call::Cx;
use content::Label;
use error::{Error, Result};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{
    Change, Consent, FieldChange, Mark, Meant, Meta, Money, Record, Source, Sources, Tool, Undo, When,
    WriteKind, Written, require,
};

use crate::ledger::{Ledger, NewLine, NewRequisition, Noun, Unit};
use crate::model::Requisition;
use crate::reference;

/// Drafts a purchase requisition (a request to buy something) on a cost center. It is not released: the company's
/// release strategy still applies, and nothing is ordered.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftPurchaseRequisition {
    /// What for
    #[schemars(length(min = 1, max = 40))]
    title: String,
    #[schemars(length(min = 1, max = 20))]
    lines: Vec<Line>,
    /// Id, code or name
    #[schemars(length(min = 1, max = 200))]
    cost_center: String,
    #[schemars(length(max = 100))]
    plant: Option<String>,
    need_by: When,
    /// Your own key: never drafted twice
    #[schemars(length(min = 1, max = 200))]
    external_key: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// One line.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Line {
    #[schemars(length(min = 1, max = 40))]
    text: String,
    /// Decimal, such as 10
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String", regex(pattern = r"^\d{1,10}(\.\d{1,3})?$"))]
    quantity: Decimal,
    /// Unit code; pieces if absent
    #[schemars(length(min = 1, max = 3))]
    unit: Option<String>,
    /// Of one unit; one currency for all lines
    price: Money,
    /// Preferred supplier
    #[schemars(length(max = 200))]
    supplier: Option<String>,
    /// Contract to call from
    #[schemars(length(max = 200))]
    contract: Option<String>,
}

impl Tool for DraftPurchaseRequisition {
    type Port = Ledger;
    type Out = Written<Requisition>;
    const META: Meta = Meta::write(
        "draft_purchase_requisition",
        "Draft a purchase requisition",
        "finance:write",
        WriteKind::Additive,
    )
    .consent(Consent::Approve)
    .money()
    .placed();

    fn able(port: &Ledger) -> bool {
        port.able().requisitions
    }

    fn stakes(&self) -> tool::Stakes {
        // A negative price must not hide what another line costs.
        let amount = |line: &Line| line.quantity.saturating_mul(line.price.amount).abs();
        let money = self.lines.iter().map(|line| Money::new(amount(line), line.price.currency)).collect();
        let place = self.plant.as_deref().map_or(tool::Within::OfRecord, tool::Within::one);
        tool::Stakes { money: tool::Sum::Of(money), place, ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Written<Requisition>> {
        let wanted = self.source.as_deref();
        let (source, place) =
            reference::unit(cx, sources, Unit::CostCenter, wanted, &self.cost_center).await?;
        require(source.port.able().requisitions, source, "draft a requisition")?;
        let mark = Mark::new(cx, self.external_key.as_deref())?;
        let look = source.port.find_requisition(cx, &mark);
        if let Some(found) = mark.found(cx, "requisition", look).await? {
            return Ok(drafted(found).replayed("it was drafted before; nothing was drafted now"));
        }
        let new = self.plan(cx, sources, source, place.key.clone()).await?;
        let total = total(&new.lines)?;
        source.port.requisition_caps().hold(&total)?;
        if cx.is_preview() {
            // The requisition has no id yet: what is charged is the cost center.
            let record = Record { id: source.id(&*place.key), label: place.name, url: None };
            let fields = fields(Label::new(&new.title), new.lines.len(), total);
            return Ok(Written::preview("requisition", Change { record, fields }));
        }
        Ok(drafted(source.port.draft_requisition(cx, &new, &mark).await?))
    }
}

impl DraftPurchaseRequisition {
    async fn plan(
        self,
        cx: &Cx,
        sources: &Sources<Ledger>,
        source: &Source<Ledger>,
        cost_center: String,
    ) -> Result<NewRequisition> {
        let need = self.need_by.day_to_come(cx.now(), "need_by")?;
        let plant = match &self.plant {
            Some(text) => {
                let plant = reference::unit(cx, sources, Unit::Plant, Some(&source.name), text).await?.1;
                tool::settle_place(cx, &*plant.key)?;
                Some(plant.key)
            }
            None => None,
        };
        let mut lines = Vec::new();
        for line in self.lines {
            lines.push(line.plan(cx, sources, source).await?);
        }
        Ok(NewRequisition { title: self.title, lines, cost_center, plant, need })
    }
}

impl Line {
    async fn plan(self, cx: &Cx, sources: &Sources<Ledger>, source: &Source<Ledger>) -> Result<NewLine> {
        if self.quantity.is_zero() || self.price.amount <= Decimal::ZERO {
            return Err(Error::invalid("lines", "quantities and prices must be above zero"));
        }
        let supplier = match &self.supplier {
            Some(text) => Some(same(source, reference::supplier(cx, sources, text).await?, "supplier")?),
            None => None,
        };
        let contract = match &self.contract {
            Some(text) => {
                let meant = reference::document(cx, sources, Noun::Contract, text).await?;
                Some(same(source, meant, "contract")?)
            }
            None => None,
        };
        let (text, quantity, unit, price) = (self.text, self.quantity, self.unit, self.price);
        Ok(NewLine { text, quantity, unit, price, supplier, contract })
    }
}

/// What a line names must live where the cost center does.
fn same(source: &Source<Ledger>, meant: Meant<'_, Ledger>, argument: &str) -> Result<String> {
    if meant.source.name == source.name {
        return Ok(meant.native);
    }
    let problem = format!("the {argument} is of source `{}`, the cost center of another", meant.source.name);
    Err(Error::invalid(format!("lines.{argument}"), problem))
}

/// What all lines come to; they must be of one currency.
fn total(lines: &[NewLine]) -> Result<Money> {
    let too_much = || Error::invalid("lines", "the total is beyond all bounds");
    let mut total: Option<Money> = None;
    for line in lines {
        let value = line.price.amount.checked_mul(line.quantity).ok_or_else(too_much)?;
        let (sum, currency) = total.map_or((Decimal::ZERO, line.price.currency), |t| (t.amount, t.currency));
        if currency != line.price.currency {
            return Err(Error::invalid("lines", "all prices must be of one currency"));
        }
        total = Some(Money::new(sum.checked_add(value).ok_or_else(too_much)?, currency));
    }
    total.ok_or_else(|| Error::invalid("lines", "must not be empty"))
}

fn drafted(requisition: Requisition) -> Written<Requisition> {
    let label = Label::new(&format!("{} {}", requisition.id.native(), requisition.title));
    let record = Record { id: requisition.id.clone(), label, url: Some(requisition.url.clone()) };
    let fields = fields(requisition.title.clone(), requisition.lines.len(), requisition.total);
    let undo = Undo::Manual("set the deletion flag of its items in the ledger; nothing was released".into());
    let version = requisition.version.clone();
    let written = Written::committed("requisition", requisition, Change { record, fields }, undo);
    match version {
        Some(version) => written.version(version),
        None => written,
    }
}

fn fields(title: Label, lines: usize, total: Money) -> Vec<FieldChange> {
    vec![
        FieldChange::new("title", title),
        FieldChange::new("lines", Label::new(&lines.to_string())),
        FieldChange::new("total", Label::new(&total.to_string())),
    ]
}
