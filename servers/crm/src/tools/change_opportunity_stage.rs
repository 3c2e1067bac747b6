//! `change_opportunity_stage`.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use tool::{
    Change, Consent, FieldChange, Meta, Money, Record, Sources, Tool, Undo, WriteKind, Written, require,
};

use crate::book::{Able, Book, Changed, Stage, StageChange};
use crate::model::{Noun, Opportunity, Standing};
use crate::{reference, writing};

/// Moves an opportunity (HubSpot deal) to another stage, forward or back, or closes it as won or lost. The error lists
/// the stages there are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeOpportunityStage {
    /// Id, URL or name
    #[schemars(length(max = 512))]
    opportunity: String,
    /// Stage by name; `won` or `lost` to close it
    #[schemars(length(min = 1, max = 100))]
    to: String,
    /// Why; needed to close it as lost
    #[schemars(length(min = 1, max = 500))]
    lost_reason: Option<String>,
    /// New amount, in its currency
    amount: Option<Money>,
    /// The `updated` you read: refused if it changed since
    #[schemars(length(max = 40))]
    expected_updated_at: Option<String>,
}

impl Tool for ChangeOpportunityStage {
    type Port = Book;
    type Out = Written<Opportunity>;
    const META: Meta =
        Meta::write("change_opportunity_stage", "Move an opportunity", "crm:write", WriteKind::StateChange)
            .consent(Consent::Preview)
            .money()
            .targets(tool::Targets::States);

    fn stakes(&self) -> tool::Stakes {
        let money = self.amount.map_or(tool::Sum::None, tool::Sum::of);
        tool::Stakes { money, target: Some(self.to.clone()), ..tool::Stakes::default() }
    }

    async fn run(mut self, cx: &Cx, sources: &Sources<Book>) -> Result<Written<Opportunity>> {
        self.amount = self.amount.map(|given| Money::new(given.amount, given.currency));
        let resumed = cx.require_operation()?.resumed;
        let expected = self.expected()?;
        let meant =
            reference::record(cx, sources, "opportunity", &[Noun::Opportunity], &self.opportunity).await?;
        let port = &meant.source.port;
        let (stages, now) =
            futures::future::try_join(port.stages(cx, &meant.native), port.opportunity(cx, &meant.native))
                .await?;
        let stage = self.target(&stages)?;
        require(
            port.able().lost_reason || self.lost_reason.is_none(),
            meant.source,
            "keep why a sale was lost",
        )?;
        self.check(port.able(), stage, &now)?;
        if let Some(amount) = self.amount {
            tool::settle_money(cx, amount)?;
        }
        // Setting a stage twice is setting it once, so an attempt of unknown fate is told by what is there.
        let there = same(now.stage.as_str(), &stage.name)
            && self.amount.is_none_or(|a| is(now.amount, a))
            && self.lost_reason.as_deref().is_none_or(|reason| says(&now, reason));
        if there && (resumed || expected.is_none()) {
            return Ok(already(now, resumed));
        }
        let change = StageChange { stage: stage.clone(), amount: self.amount, lost_reason: self.lost_reason };
        if cx.is_preview() {
            return Ok(moved(Changed { after: change.applied(&now), before: now }).as_preview());
        }
        let expected = if resumed { None } else { expected };
        Ok(moved(port.change_stage(cx, &meant.native, &change, expected).await?))
    }
}

impl ChangeOpportunityStage {
    fn expected(&self) -> Result<Option<Timestamp>> {
        let parse = |text: &String| {
            text.parse().map_err(|_| {
                Error::invalid(
                    "expected_updated_at",
                    "must be the `updated` of the opportunity as it was read",
                )
            })
        };
        self.expected_updated_at.as_ref().map(parse).transpose()
    }

    /// The stage of that name, or the only one that stands so.
    fn target<'s>(&self, stages: &'s [Stage]) -> Result<&'s Stage> {
        if let Some(stage) = stages.iter().find(|s| same(&s.name, &self.to)) {
            return Ok(stage);
        }
        let standing = match self.to.trim().to_lowercase().as_str() {
            "won" => Some(Standing::Won),
            "lost" => Some(Standing::Lost),
            _ => None,
        };
        let mut closing = stages.iter().filter(|s| Some(s.standing) == standing);
        match (closing.next(), closing.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(no_stage(&self.to, stages)),
        }
    }

    fn check(&self, able: Able, stage: &Stage, now: &Opportunity) -> Result<()> {
        let lost = stage.standing == Standing::Lost;
        if lost && able.lost_reason && self.lost_reason.is_none() {
            return Err(Error::invalid("lost_reason", "say why it was lost"));
        }
        if !lost && self.lost_reason.is_some() {
            return Err(Error::invalid(
                "lost_reason",
                format!("`{}` is no lost stage", Label::new(&stage.name)),
            ));
        }
        self.amount.map_or(Ok(()), |amount| now.takes(amount))
    }
}

fn same(a: &str, b: &str) -> bool {
    let bare =
        |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    bare(a) == bare(b)
}

fn is(amount: Option<Money>, wanted: Money) -> bool {
    amount.is_some_and(|a| a.amount == wanted.amount && a.currency == wanted.currency)
}

fn says(opportunity: &Opportunity, reason: &str) -> bool {
    opportunity.whole_reason.as_deref().is_some_and(|own| own.trim() == reason.trim())
}

fn no_stage(to: &str, stages: &[Stage]) -> Error {
    let allowed: Vec<String> = stages.iter().map(|s| Label::new(&s.name).to_string()).collect();
    let message = format!("the opportunity's pipeline has no single stage `{}`", Label::new(to));
    Error::new(Code::Conflict, message)
        .hint(format!("move it to one of: {}", allowed.join(", ")))
        .allowed(allowed)
}

fn already(opportunity: Opportunity, resumed: bool) -> Written<Opportunity> {
    let undo = Undo::None("it was in this stage already".into());
    let written = written(opportunity, Vec::new(), undo);
    if resumed { written.replayed("an earlier attempt had worked") } else { written }
}

fn moved(changed: Changed) -> Written<Opportunity> {
    let (before, after) = (changed.before, changed.after);
    let mut fields = vec![FieldChange {
        field: "to".into(),
        before: Some(before.stage.clone()),
        after: Some(after.stage.clone()),
    }];
    let mut undo = Map::new();
    undo.insert("opportunity".into(), json!(after.id));
    undo.insert("to".into(), json!(before.stage));
    if before.amount != after.amount {
        let label = |amount: Option<Money>| amount.map(|a| Label::new(&a.to_string()));
        fields.push(FieldChange {
            field: "amount".into(),
            before: label(before.amount),
            after: label(after.amount),
        });
        if let Some(amount) = before.amount {
            undo.insert("amount".into(), json!(amount));
        }
    }
    if before.lost_reason != after.lost_reason {
        fields.push(FieldChange {
            field: "lost_reason".into(),
            before: before.lost_reason.clone(),
            after: after.lost_reason.clone(),
        });
    }
    if let (Standing::Lost, Some(reason)) = (before.standing, &before.lost_reason) {
        undo.insert("lost_reason".into(), json!(reason));
    }
    written(after, fields, Undo::Call { tool: "change_opportunity_stage", args: undo })
}

fn written(opportunity: Opportunity, fields: Vec<FieldChange>, undo: Undo) -> Written<Opportunity> {
    let record = Record {
        id: opportunity.id.clone(),
        label: opportunity.name.clone(),
        url: Some(opportunity.url.clone()),
    };
    let version = opportunity.updated.map(|at| at.0.to_string());
    let written = Written::committed(writing::KIND, opportunity, Change { record, fields }, undo);
    match version {
        Some(version) => written.version(version),
        None => written,
    }
}
