//! `change_opportunity_stage`.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, json};
use tool::{
    Change, Consent, Day, FieldChange, Meta, Money, Record, Sources, Tool, Undo, WriteKind, Written, require,
};

use crate::book::{Able, Book, Changed, Stage, StageChange};
use crate::model::{Noun, Opportunity, Standing};
use crate::{reference, writing};

/// Characters of a stage's name and of a reason that the tool takes.
const LONGEST_STAGE: usize = 100;
const LONGEST_REASON: usize = 500;

/// Moves an opportunity (HubSpot deal) to another stage, forward or back, or closes it as won or lost. The error lists
/// the stages there are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeOpportunityStage {
    /// Id, URL or name
    #[schemars(length(max = 512))]
    opportunity: String,
    /// Stage by name; `won` or `lost` to close it
    #[schemars(length(min = 1, max = LONGEST_STAGE))]
    to: String,
    /// Why; needed to close it as lost
    #[schemars(length(min = 1, max = LONGEST_REASON))]
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
            let changed = Changed { after: change.applied(&now), before: now };
            return Ok(moved(changed, &stages, port.able()).as_preview());
        }
        let expected = if resumed { None } else { expected };
        let changed = port.change_stage(cx, &meant.native, &change, expected).await?;
        Ok(moved(changed, &stages, port.able()))
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

fn moved(changed: Changed, stages: &[Stage], able: Able) -> Written<Opportunity> {
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
    let by_hand = ByHand::of(&before, &after, stages);
    fields.extend(by_hand.fields(&before, &after));
    if before.close != after.close {
        let label = |close: Option<Day>| close.map(|day| Label::new(&day.0.to_string()));
        let (before, after) = (label(before.close), label(after.close));
        fields.push(FieldChange { field: "close".into(), before, after });
    }
    if let (Standing::Lost, true, Some(reason)) = (before.standing, able.lost_reason, &before.whole_reason) {
        undo.insert("lost_reason".into(), json!(reason));
    }
    let beyond = beyond(&before, &after, &by_hand, able);
    let undo = match beyond.is_empty() {
        true => Undo::Call { tool: "change_opportunity_stage", args: undo },
        false => {
            let fields = beyond.join(", ");
            let text = format!("move it back, and set in the CRM what this tool cannot restore: {fields}");
            Undo::Manual(text.into())
        }
    };
    written(after, fields, undo)
}

/// What people had set by hand and a move loses: the vendor sets it with the stage, there and back.
struct ByHand {
    probability: bool,
    forecast: bool,
}

impl ByHand {
    fn of(before: &Opportunity, after: &Opportunity, stages: &[Stage]) -> Self {
        let left =
            stages.iter().find(|s| before.stage != after.stage && same(&s.name, before.stage.as_str()));
        Self {
            probability: left.is_some_and(|s| s.probability.is_some() && s.probability != before.probability),
            forecast: left.is_some_and(|s| s.forecast.is_some() && s.forecast != before.forecast),
        }
    }

    fn fields(&self, before: &Opportunity, after: &Opportunity) -> impl Iterator<Item = FieldChange> {
        let percent = |o: &Opportunity| o.probability.map(|p| Label::new(&format!("{p}%")));
        let field = |field: &str, before, after| FieldChange { field: field.into(), before, after };
        let probability = self.probability.then(|| field("probability", percent(before), percent(after)));
        let forecast =
            self.forecast.then(|| field("forecast", before.forecast.clone(), after.forecast.clone()));
        probability.into_iter().chain(forecast)
    }
}

/// What a call of this tool cannot set again as it was.
fn beyond(before: &Opportunity, after: &Opportunity, by_hand: &ByHand, able: Able) -> Vec<&'static str> {
    let fits = |text: &str, longest| (1..=longest).contains(&text.chars().count());
    let reason = before.whole_reason.as_deref();
    let reason_lost = match before.standing {
        // A loss wants a reason.
        Standing::Lost => able.lost_reason && !reason.is_some_and(|reason| fits(reason, LONGEST_REASON)),
        // Nothing but a loss takes one, and none can be taken away.
        Standing::Open | Standing::Won => before.whole_reason != after.whole_reason,
    };
    let unsettable = before.amount.is_none_or(|amount| amount.amount.is_sign_negative());
    let fields = [
        ("to", !fits(before.stage.as_str(), LONGEST_STAGE)),
        ("amount", before.amount != after.amount && unsettable),
        ("probability", by_hand.probability),
        ("forecast", by_hand.forecast),
        ("close", before.close != after.close),
        ("lost_reason", reason_lost),
    ];
    fields.into_iter().filter(|(_, lost)| *lost).map(|(field, _)| field).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::AccountBook;
    use crate::vendors::memory::Memory;

    fn money(amount: &str) -> Option<Money> {
        Some(Money::parse(amount, "EUR").unwrap())
    }

    async fn open() -> Opportunity {
        let memory = Memory::new("sf", "salesforce", Able::ALL);
        memory.opportunity(&Cx::for_test(), "opportunity/nordwind-instant-payouts").await.unwrap()
    }

    fn stage(name: &str, standing: Standing) -> Stage {
        Stage { id: name.into(), name: name.into(), standing, probability: None, forecast: None }
    }

    fn lost(opportunity: &Opportunity, reason: Option<&str>) -> Opportunity {
        let stage = stage("Closed Lost", Standing::Lost);
        let change = StageChange { stage, amount: None, lost_reason: reason.map(str::to_owned) };
        change.applied(opportunity)
    }

    #[tokio::test]
    async fn what_cannot_be_set_again_is_undone_by_hand() {
        let open = open().await;
        let unpriced = Opportunity { amount: None, ..open.clone() };
        let negative = Opportunity { amount: money("-5"), ..open.clone() };
        let (long, longer) = ("why ".repeat(120), "why ".repeat(130));
        let later = Opportunity { close: Some(Day(jiff::civil::date(2026, 12, 31))), ..open.clone() };
        let none: &[&str] = &[];
        for (before, after, beyond) in [
            (&open, &open, none),
            (&open, &lost(&open, Some("Price")), &["lost_reason"]),
            (&unpriced, &open, &["amount"]),
            (&negative, &open, &["amount"]),
            (&open, &Opportunity { amount: money("1"), ..open.clone() }, none),
            (&open, &later, &["close"]),
            (&lost(&open, None), &open, &["lost_reason"]),
            (&lost(&open, Some("Price")), &open, none),
            (&lost(&open, Some(&long)), &open, none),
            (&lost(&open, Some(&longer)), &open, &["lost_reason"]),
        ] {
            let by_hand = ByHand::of(before, after, &[]);
            assert_eq!(super::beyond(before, after, &by_hand, Able::ALL), beyond, "{before:?} to {after:?}");
        }
        let forgetful = Able { lost_reason: false, ..Able::ALL };
        let by_hand = ByHand::of(&open, &open, &[]);
        assert!(beyond(&lost(&open, None), &open, &by_hand, forgetful).is_empty(), "it wants no reason");
    }

    #[tokio::test]
    async fn what_was_set_by_hand_and_goes_with_the_stage_is_shown_and_set_again_by_hand() {
        let open = open().await;
        let own = |name: &str, probability, forecast| Stage {
            probability: Some(probability),
            forecast: Some(Label::new(forecast)),
            ..stage(name, Standing::Open)
        };
        let stages = [own(open.stage.as_str(), 20, "Pipeline"), own("Verbal", 80, "Commit")];
        for (probability, forecast, undo, shown) in [
            (20, "Pipeline", "tool", vec!["to"]),
            (35, "Pipeline", "manual", vec!["to", "probability"]),
            (35, "Best Case", "manual", vec!["to", "probability", "forecast"]),
        ] {
            let (probability, forecast) = (Some(probability), Some(Label::new(forecast)));
            let before = Opportunity { probability, forecast, ..open.clone() };
            let change = StageChange { stage: stages[1].clone(), amount: None, lost_reason: None };
            let changed = Changed { after: change.applied(&before), before };
            let written = serde_json::to_value(moved(changed, &stages, Able::ALL)).unwrap();
            let fields = written["change"]["fields"].as_array().unwrap();
            let names: Vec<&str> = fields.iter().map(|f| f["field"].as_str().unwrap()).collect();
            assert_eq!((written["undo"].get(undo).is_some(), names), (true, shown), "{written}");
            assert!(fields.iter().filter(|f| f["field"] == "probability").all(|f| f["after"] == "80%"));
        }
    }

    #[tokio::test]
    async fn a_reason_is_given_back_whole() {
        let open = open().await;
        let reason = "because ".repeat(50);
        let changed = Changed { before: lost(&open, Some(&reason)), after: open };
        let written = serde_json::to_value(moved(changed, &[], Able::ALL)).unwrap();
        assert_eq!(written["undo"]["args"]["lost_reason"], reason, "a label of it would be cut");
    }
}
