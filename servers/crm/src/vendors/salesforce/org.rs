//! What the org has set up: its currencies, record types and stages.

use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use content::Label;
use error::Result;

use super::connection::{Connection, part};
use super::soql::{Clause, Direction, Field, Soql, Value};
use super::wire::{Answers, Description, Page, Record};
use crate::model::Standing;

/// The org as it is set up.
#[derive(Clone, Debug, Default)]
pub(super) struct Org {
    /// Records have a currency of their own.
    pub(super) currencies: bool,
    /// Opportunities have record types.
    pub(super) record_types: bool,
    /// Every active stage, in its order.
    pub(super) stages: Vec<OrgStage>,
}

/// A stage.
#[derive(Clone, Debug)]
pub(super) struct OrgStage {
    /// What an opportunity's `StageName` says.
    pub(super) name: String,
    /// What people see, where it is translated or renamed.
    pub(super) label: String,
    pub(super) standing: Standing,
    /// What an opportunity gets with it, whatever it had.
    pub(super) probability: Option<u8>,
    pub(super) forecast: Option<Label>,
}

impl Org {
    /// The field of a record's currency, where it has one.
    pub(super) fn currency(&self) -> Option<Field> {
        self.currencies.then_some(CURRENCY)
    }

    /// The stage of this name or label, case aside.
    pub(super) fn stage(&self, text: &str) -> Option<&OrgStage> {
        let same = |own: &str| own.to_lowercase() == text.trim().to_lowercase();
        self.stages.iter().find(|stage| same(&stage.name) || same(&stage.label))
    }
}

/// The field of a record's currency.
pub(super) const CURRENCY: Field = Field::new("CurrencyIsoCode");

/// The org, kept for ten minutes and used for an hour.
pub(super) async fn org(cache: &Cached<Org>, cx: &Cx, connection: &Connection) -> Result<Arc<Org>> {
    let connection = connection.clone();
    cache
        .shared(cx, |cx| async move {
            let value = ask(&cx, &connection).await?;
            Ok(Fresh { value, fresh_for: Duration::from_mins(10), valid_for: Duration::from_hours(1) })
        })
        .await
}

async fn ask(cx: &Cx, connection: &Connection) -> Result<Org> {
    let fields =
        ["ApiName", "MasterLabel", "IsClosed", "IsWon", "DefaultProbability", "ForecastCategoryName"];
    let stages = Soql::of("OpportunityStage", fields.map(Field::new))
        .and(Clause::Is(Field::new("IsActive"), Value::Flag(true)))
        .by(Field::new("SortOrder"), Direction::Up);
    let q: String = url::form_urlencoded::byte_serialize(stages.text().as_bytes()).collect();
    let paths = ["sobjects/Opportunity/describe".to_owned(), format!("query?q={q}")];
    let reply = connection.together(cx, &paths).await?;
    let answers: Answers<'_> = reply.json()?;
    let mut answers = answers.answers.iter();
    let mut next = || answers.next().ok_or_else(|| error::Error::internal("a part of an answer is missing"));
    let described: Description<'_> = part(next()?)?;
    let stages: Page<'_> = part(next()?)?;
    let has = |name: &str| described.fields.iter().any(|field| &*field.name == name);
    Ok(Org {
        currencies: has("CurrencyIsoCode"),
        record_types: has("RecordTypeId"),
        stages: stages.records.iter().map(stage).collect::<Result<_>>()?,
    })
}

fn stage(record: &Record<'_>) -> Result<OrgStage> {
    let label = record.need("MasterLabel")?;
    Ok(OrgStage {
        name: record.text("ApiName").unwrap_or(label).to_owned(),
        label: label.to_owned(),
        standing: standing(record),
        probability: percent(record, "DefaultProbability"),
        forecast: record.text("ForecastCategoryName").map(Label::new),
    })
}

/// Whole percent.
pub(super) fn percent(record: &Record<'_>, field: &str) -> Option<u8> {
    record.number(field).and_then(|percent| u8::try_from(percent.round()).ok())
}

/// How a record with these two flags stands.
pub(super) fn standing(record: &Record<'_>) -> Standing {
    match (record.flag("IsClosed"), record.flag("IsWon")) {
        (true, true) => Standing::Won,
        (true, false) => Standing::Lost,
        (false, _) => Standing::Open,
    }
}
