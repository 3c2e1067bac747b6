//! Budgets, from the company's own view; company codes, plants and cost centers.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use rust_decimal::Decimal;
use tool::{Currency, Day, Moment, Money, Place};

use super::Sap;
use super::lens::money;
use super::odata::{Clause, Filter};
use super::question::{COMPANIES, COST_CENTERS, PLANTS, Question};
use super::settings::BudgetView;
use super::suppliers::{by_currency, columns};
use super::wire::{self, ViewRow};
use crate::ledger::{BudgetQuery, Noun, SWEEP, Unit};
use crate::model::Budget;

/// Cost centers that are read to find one by its name; among more of them no name is known to be unique.
const MOST_CENTERS: usize = 10_000;

/// The last special period of a year: they divide its last month, where what closes the year is posted.
const LAST_PERIOD: i8 = 16;

/// Periods of a year, special ones included, in as many currencies as anybody plans in.
const MOST_ROWS: usize = 500;

impl Sap {
    pub(super) async fn budgets_of(&self, cx: &Cx, query: &BudgetQuery) -> Result<Vec<Budget>> {
        let Some(view) = &self.keys.views.budget else {
            let message = "this SAP source knows no budgets: no view of them is configured";
            return Err(Error::new(Code::Unsupported, message));
        };
        let found = self.connection.ask(cx, &question(view, query), 0, MOST_ROWS).await?;
        if found.more {
            let message = "the view has more rows of this cost center than can be added up";
            return Err(Error::new(Code::TooBroad, message).hint("ask for a quarter or a month"));
        }
        let rows: Vec<ViewRow<'_>> = found.rows()?;
        let sums = by_currency(rows.iter().map(|row| {
            let currency = row.text(&view.currency)?;
            let amount = |column| money(row.number(column)?, &currency);
            let amounts: [Money; 3] =
                [amount(&view.budget)?, amount(&view.committed)?, amount(&view.actual)?];
            Ok((amounts[0].currency, amounts))
        }))?;
        let name = rows.first().map(|row| row.text(&view.name)).transpose()?;
        let lens = self.lens(cx);
        let budget = |(currency, [budget, committed, actual]): (Currency, [Decimal; 3])| Budget {
            id: lens.id(&query.cost_center),
            name: name.as_ref().and_then(wire::Text::some).map(Label::new),
            from: Day(query.period.from()),
            to: Day(query.period.to()),
            budget: Money::new(budget, currency),
            committed: Money::new(committed, currency),
            actual: Money::new(actual, currency),
            available: Money::new(budget - committed - actual, currency),
            url: lens.url(Noun::CostCenter, &query.cost_center),
            as_of: Moment(lens.now),
        };
        Ok(sums.into_iter().map(budget).collect())
    }

    pub(super) async fn units(&self, cx: &Cx, unit: Unit) -> Result<Vec<Place>> {
        let place = |key: &str, name: &str| Place {
            key: key.to_owned(),
            name: Label::new(if name.is_empty() { key } else { name }),
        };
        match unit {
            Unit::Company => {
                let question = Question::of(COMPANIES, "CompanyCode,CompanyCodeName").order("CompanyCode");
                let found = self.connection.ask(cx, &question, 0, SWEEP).await?;
                let rows: Vec<wire::CompanyCode<'_>> = found.rows()?;
                Ok(rows.iter().map(|row| place(&row.company_code, &row.company_code_name)).collect())
            }
            Unit::Plant => {
                let question = Question::of(PLANTS, "Plant,PlantName").order("Plant");
                let found = self.connection.ask(cx, &question, 0, SWEEP).await?;
                let rows: Vec<wire::Plant<'_>> = found.rows()?;
                Ok(rows.iter().map(|row| place(&row.plant, &row.plant_name)).collect())
            }
            Unit::CostCenter => self.cost_centers(cx).await,
        }
    }

    /// Cost centers that are valid today. `too_broad` where there are more than can be looked at.
    async fn cost_centers(&self, cx: &Cx) -> Result<Vec<Place>> {
        let today = cx.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let select = "ControllingArea,CostCenter,to_Text/Language,to_Text/CostCenterName,to_Text/CostCenterDescription";
        let question = Question::of(COST_CENTERS, select)
            .filter(
                Filter::default()
                    .and(Clause::until("ValidityStartDate", today))
                    .and(Clause::from("ValidityEndDate", today)),
            )
            .expand("to_Text")
            .order("CostCenter,ControllingArea");
        let found = self.connection.ask(cx, &question, 0, MOST_CENTERS).await?;
        if found.more {
            let message =
                "SAP has more than 10,000 cost centers: none can be told from the others by its name";
            return Err(Error::new(Code::TooBroad, message));
        }
        let language = self.keys.language.as_deref().unwrap_or("EN");
        let mut rows: Vec<wire::CostCenter<'_>> = found.rows()?;
        // A key is a cost center's own within its controlling area.
        rows.dedup_by(|a, b| a.cost_center == b.cost_center && a.controlling_area == b.controlling_area);
        let place = |row: &wire::CostCenter<'_>| {
            let texts = row.texts.rows();
            let own = texts.iter().find(|text| text.language.eq_ignore_ascii_case(language));
            let name = own
                .or(texts.first())
                .and_then(|t| t.cost_center_description.some().or(t.cost_center_name.some()));
            Place { key: row.cost_center.to_string(), name: Label::new(name.unwrap_or(&row.cost_center)) }
        };
        Ok(rows.iter().map(place).collect())
    }
}

fn question(view: &BudgetView, query: &BudgetQuery) -> Question {
    let period = |period: i8| format!("{period:03}");
    let last = if query.period.last == 12 { LAST_PERIOD } else { query.period.last };
    let filter = Filter::default()
        .and(Clause::is(view.cost_center.clone(), query.cost_center.as_str()))
        .and(Clause::is(view.year.clone(), query.period.year.to_string().as_str()))
        .and(Clause::from(view.period.clone(), period(query.period.first).as_str()))
        .and(Clause::until(view.period.clone(), period(last).as_str()));
    let select = columns(&[
        &view.cost_center,
        &view.name,
        &view.year,
        &view.period,
        &view.currency,
        &view.budget,
        &view.committed,
        &view.actual,
    ]);
    let order = columns(&[&view.currency, &view.period]);
    Question::of_view(&view.service, &view.set, select).filter(filter).order(order)
}
