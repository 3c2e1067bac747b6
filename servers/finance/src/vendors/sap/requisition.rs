//! Requisitions: drafted with a mark, found again by it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use outbound::{Reply, Request};
use rust_decimal::Decimal;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tool::{Day, Mark, Moment};

use super::Sap;
use super::lens::{lacks, money};
use super::odata::{Clause, Filter};
use super::question::{CONTRACT_ITEMS, Question, REQUISITION_ITEMS, REQUISITION_SERVICE, REQUISITIONS};
use super::settings::Requisitions;
use super::wire::{self, Assignment, Item, RequisitionDraft};
use crate::ledger::{NewLine, NewRequisition};
use crate::model::{Requisition, RequisitionLine};

/// What is shown of items.
const ITEM: &str = "PurchaseRequisition,PurchaseRequisitionItem,PurchaseRequisitionItemText,RequestedQuantity,\
    BaseUnit,ItemNetAmount,PurReqnItemCurrency,DeliveryDate,Supplier,ReleaseIsNotCompleted,IsDeleted";

/// Items of one requisition at most; the tool allows fewer.
const MOST_ITEMS: usize = 200;

/// Bodies of this kind write decimals as texts.
const EXACT_JSON: &str = "application/json;IEEE754Compatible=true";

impl Sap {
    pub(super) async fn marked_requisition(&self, cx: &Cx, mark: &Mark) -> Result<Option<Requisition>> {
        let filter = Filter::default()
            .and(Clause::is("PurReqnExternalReference", reference(mark).as_str()))
            .and(Clause::is("IsDeleted", false));
        let question = Question::of(REQUISITION_ITEMS, ITEM)
            .filter(filter)
            .order("PurchaseRequisition,PurchaseRequisitionItem");
        let found = self.connection.ask(cx, &question, 0, MOST_ITEMS).await?;
        let items: Vec<wire::ItemRow<'_>> = found.rows()?;
        let Some(first) = items.first() else { return Ok(None) };
        let number = first.purchase_requisition.to_string();
        let own: Vec<_> = items.iter().filter(|item| *item.purchase_requisition == *number).collect();
        let these = Filter::default().and(Clause::is("PurchaseRequisition", number.as_str()));
        let question = Question::of(REQUISITIONS, "PurchaseRequisition,PurReqnDescription").filter(these);
        let found = self.connection.ask(cx, &question, 0, 1).await?;
        let heads: Vec<wire::Requisition<'_>> = found.rows()?;
        let head = heads.first().ok_or_else(|| lacks("the header of a requisition"))?;
        self.requisition(cx, head, &own, Vec::new()).map(Some)
    }

    pub(super) async fn draft(&self, cx: &Cx, new: &NewRequisition, mark: &Mark) -> Result<Requisition> {
        let configured = self.drafts()?;
        let reference = reference(mark);
        let mut items = Vec::new();
        for line in &new.lines {
            let contract_item = match &line.contract {
                Some(contract) => Some(self.only_item(cx, contract).await?),
                None => None,
            };
            items.push(item(configured, new, line, contract_item, &reference));
        }
        let draft = RequisitionDraft {
            purchase_requisition_type: &configured.document_type,
            pur_reqn_description: &new.title,
            items,
        };
        let request = || {
            let post = Request::post(REQUISITIONS.path, &[]).json(&draft);
            post.header("content-type", EXACT_JSON).accept(EXACT_JSON)
        };
        let reply = self.connection.create(cx, REQUISITION_SERVICE, request).await?;
        let head: wire::Requisition<'_> = reply.json()?;
        if head.items.is_empty() {
            // It is drafted; a system that does not answer with the items is asked for them.
            return self.drafted(cx, &head, warnings(&reply)).await;
        }
        self.requisition(cx, &head, &head.items.iter().collect::<Vec<_>>(), warnings(&reply))
    }

    /// How requisitions are drafted. `unsupported` where it is not configured.
    fn drafts(&self) -> Result<&Requisitions> {
        let message = "this SAP source drafts no requisitions: it is not configured to";
        self.keys.requisition.as_ref().ok_or_else(|| Error::new(Code::Unsupported, message))
    }

    async fn drafted(
        &self,
        cx: &Cx,
        head: &wire::Requisition<'_>,
        warnings: Vec<Label>,
    ) -> Result<Requisition> {
        let these = Clause::is("PurchaseRequisition", &*head.purchase_requisition);
        let question = Question::of(REQUISITION_ITEMS, ITEM)
            .filter(Filter::default().and(these))
            .order("PurchaseRequisitionItem");
        let found = self.connection.ask(cx, &question, 0, MOST_ITEMS).await?;
        let items: Vec<wire::ItemRow<'_>> = found.rows()?;
        self.requisition(cx, head, &items.iter().collect::<Vec<_>>(), warnings)
    }

    /// The number of a contract's only item, for lines that name the contract alone.
    async fn only_item(&self, cx: &Cx, contract: &str) -> Result<String> {
        let filter = Filter::default()
            .and(Clause::is("PurchaseContract", contract))
            .and(Clause::is("PurchasingDocumentDeletionCode", ""));
        let question = Question::of(CONTRACT_ITEMS, "PurchaseContractItem").filter(filter);
        let found = self.connection.ask(cx, &question, 0, 2).await?;
        let items: Vec<wire::ContractItem<'_>> = found.rows()?;
        match items.as_slice() {
            [only] => Ok(only.purchase_contract_item.to_string()),
            [] => Err(Error::invalid("lines.contract", "there is no such contract, or it has no items")),
            _ => Err(Error::invalid(
                "lines.contract",
                "the contract has several items; name the supplier instead",
            )),
        }
    }

    fn requisition(
        &self,
        cx: &Cx,
        head: &wire::Requisition<'_>,
        items: &[&wire::ItemRow<'_>],
        warnings: Vec<Label>,
    ) -> Result<Requisition> {
        let lens = self.lens(cx);
        let line = |item: &&wire::ItemRow<'_>| {
            Ok(RequisitionLine {
                number: item.purchase_requisition_item.to_string(),
                text: Label::new(&item.purchase_requisition_item_text),
                quantity: item.requested_quantity.0.normalize(),
                unit: item.base_unit.some().map(Label::new),
                value: money(item.item_net_amount.0, &item.pur_reqn_item_currency)?,
                need: item.delivery_date.0.map(Day),
                supplier: item.supplier.some().map(|supplier| lens.id(supplier)),
            })
        };
        let there = || items.iter().filter(|item| !item.is_deleted);
        let lines: Vec<RequisitionLine> = there().map(line).collect::<Result<_>>()?;
        let currency = lines.first().map(|line| line.value.currency).ok_or_else(|| lacks("items"))?;
        let total: Decimal = lines.iter().map(|line| line.value.amount).sum();
        Ok(Requisition {
            id: lens.id(&head.purchase_requisition),
            title: Label::new(&head.pur_reqn_description),
            lines,
            total: tool::Money::new(total, currency),
            released: there().all(|item| !item.release_is_not_completed),
            warnings,
            version: head.etag.as_ref().map(|etag| etag.to_string()),
            url: lens.launchpad.requisition(&head.purchase_requisition),
            as_of: Moment(lens.now),
        })
    }
}

fn item<'a>(
    configured: &'a Requisitions,
    new: &'a NewRequisition,
    line: &'a NewLine,
    contract_item: Option<String>,
    reference: &'a str,
) -> Item<'a> {
    Item {
        purchase_requisition_item_text: &line.text,
        account_assignment_category: "K",
        material_group: &configured.material_group,
        requested_quantity: line.quantity.normalize().to_string(),
        base_unit: line.unit.as_deref().unwrap_or(&configured.unit),
        purchase_requisition_price: line.price.amount.to_string(),
        pur_reqn_price_quantity: "1",
        pur_reqn_item_currency: line.price.currency.code(),
        purchasing_group: &configured.purchasing_group,
        purchasing_organization: configured.purchasing_organization.as_deref(),
        plant: new.plant.as_deref().unwrap_or(&configured.plant),
        delivery_date: new.need,
        supplier: line.supplier.as_deref(),
        purchase_contract: line.contract.as_deref(),
        purchase_contract_item: contract_item,
        pur_reqn_external_reference: reference,
        assignments: [Assignment { cost_center: &new.cost_center, gl_account: &configured.gl_account }],
    }
}

/// The mark as SAP keeps it, within the field's 35 characters: an operation as it is, a caller's own key by its hash.
fn reference(mark: &Mark) -> String {
    match &mark.external_key {
        None => format!("chancery-{}", mark.operation),
        Some(key) => format!("key-{}", URL_SAFE_NO_PAD.encode(&Sha256::digest(key.as_bytes())[..20])),
    }
}

/// What SAP remarked: `sap-message` of version 2 or `sap-messages` of version 4, JSON both.
fn warnings(reply: &Reply) -> Vec<Label> {
    #[derive(Deserialize)]
    struct Message {
        message: String,
        #[serde(default)]
        details: Vec<Message>,
    }
    let one = |text: &str| serde_json::from_str::<Message>(text).map(|message| vec![message]);
    let several = reply.header("sap-messages").map(serde_json::from_str::<Vec<Message>>);
    let messages = several.or_else(|| reply.header("sap-message").map(one)).and_then(Result::ok);
    let flat = messages.into_iter().flatten().flat_map(|own| {
        std::iter::once(own.message).chain(own.details.into_iter().map(|detail| detail.message))
    });
    flat.take(10).map(|text| Label::new(&text)).collect()
}
