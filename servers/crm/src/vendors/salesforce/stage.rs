//! Moving an opportunity.

use call::Cx;
use error::{Code, Error, Result};
use jiff::Timestamp;
use outbound::Request;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::Salesforce;
use super::accounts::ID;
use super::ids;
use super::org::OrgStage;
use super::soql::{Clause, Field, Soql};
use super::wire::{Page, PicklistValues};
use crate::book::{Changed, Stage, StageChange};
use crate::model::Opportunity;

/// The record type of records that have none (User Interface API Developer Guide, "Get Values for a Picklist Field").
const MASTER: &str = "012000000000000AAA";

impl Salesforce {
    /// The stages of the opportunity's record type, its own included.
    pub(super) async fn ways(&self, cx: &Cx, opportunity: &str) -> Result<Vec<Stage>> {
        let absent = || {
            Error::new(Code::NotFound, "Salesforce has no such opportunity, or this account may not see it")
        };
        let id =
            ids::id(opportunity).filter(|id| ids::object(id) == Some("Opportunity")).ok_or_else(absent)?;
        let org = self.org(cx).await?;
        let record_type = org.record_types.then_some(Field::new("RecordTypeId"));
        let fields = [ID, Field::new("StageName")].into_iter().chain(record_type);
        let soql = Soql::of("Opportunity", fields).and(Clause::Is(ID, id.as_str().into())).limit(1);
        let reply = self.connection.query(cx, &soql).await?;
        let page: Page<'_> = reply.json()?;
        let record = page.records.first().ok_or_else(absent)?;
        let admitted = self.admitted(cx, record.text("RecordTypeId").unwrap_or(MASTER)).await?;
        let own = record.text("StageName").unwrap_or_default();
        let possible = |stage: &&OrgStage| {
            stage.name == own || admitted.as_ref().is_none_or(|names| names.contains(&stage.name))
        };
        let shown = |stage: &OrgStage| Stage {
            id: stage.name.clone(),
            name: stage.name.clone(),
            standing: stage.standing,
            probability: stage.probability,
            forecast: stage.forecast.clone(),
        };
        Ok(org.stages.iter().filter(possible).map(shown).collect())
    }

    /// The stages a record type admits; `None` where the interface that tells is closed to this account, so that all
    /// stages of the org count.
    async fn admitted(&self, cx: &Cx, record_type: &str) -> Result<Option<Vec<String>>> {
        let request = Request::get(
            "/services/data/v{version}/ui-api/object-info/Opportunity/picklist-values/{type}/StageName",
            &[self.connection.version(), record_type],
        );
        match self.connection.send(cx, request).await {
            Ok(reply) => {
                let found: PicklistValues<'_> = reply.json()?;
                Ok(Some(found.values.iter().map(|value| value.value.to_string()).collect()))
            }
            Err(error) if matches!(error.code(), Code::NotFound | Code::Permission) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn moved(
        &self,
        cx: &Cx,
        opportunity: &str,
        change: &StageChange,
        expected: Option<Timestamp>,
    ) -> Result<Changed> {
        let before = self.one_opportunity(cx, opportunity).await?;
        unchanged(&before, expected)?;
        change.amount.map_or(Ok(()), |amount| before.takes(amount))?;
        let body = self.written(change)?;
        let id = before.id.native();
        let request = Request::patch(
            "/services/data/v{version}/sobjects/Opportunity/{id}",
            &[self.connection.version(), id],
        );
        let seen = before.updated.map(|at| at.0.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        let request = match &seen {
            Some(seen) => request.header("if-unmodified-since", seen),
            None => request,
        };
        self.connection.send(cx, request.json(&body)).await?;
        let after = match self.one_opportunity(cx, id).await {
            Ok(after) => after,
            // It moved: what is known of it is better than an error that says it may not have.
            Err(_) => change.applied(&before),
        };
        Ok(Changed { before, after })
    }

    fn written(&self, change: &StageChange) -> Result<Map<String, Value>> {
        let mut body = Map::from_iter([("StageName".to_owned(), json!(change.stage.id))]);
        if let Some(amount) = change.amount {
            body.insert("Amount".into(), exact(&amount.amount.to_string())?);
        }
        if let Some(reason) = &change.lost_reason {
            let field = self.configured.lost_reason.as_ref().ok_or_else(|| {
                let message =
                    "Salesforce has no field for it by itself, and `map.lost_reason` is not configured";
                Error::new(Code::Unsupported, message)
            })?;
            body.insert(field.name().to_owned(), json!(reason));
        }
        Ok(body)
    }
}

/// A number as it is written, digit by digit.
fn exact(number: &str) -> Result<Value> {
    let raw = RawValue::from_string(number.to_owned())
        .map_err(|e| Error::internal("an amount is no number").source(e))?;
    serde_json::to_value(raw).map_err(|e| Error::internal("an amount is no number").source(e))
}

/// Times at Salesforce are kept to the second.
fn unchanged(before: &Opportunity, expected: Option<Timestamp>) -> Result<()> {
    match expected {
        Some(expected) if before.changed_after(expected) => {
            Err(Error::new(Code::Conflict, "the opportunity changed since it was read"))
        }
        _ => Ok(()),
    }
}
