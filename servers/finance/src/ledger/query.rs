//! What a ledger is asked for, in resolved values.

use error::{Error, Result};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Currency, Money, When, Window};

use crate::model::{Approval, Emptiable, InvoiceStatus, PaymentBlock, PaymentStatus, SupplierInvoiceStatus};

/// How a caller may call a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerName {
    /// An internet domain, lower case.
    Domain(String),
    /// Anything else: a name or a key of any system.
    Text(String),
}

/// A span of days, both included; open where absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Option<Date>,
    /// The last.
    pub to: Option<Date>,
}

impl Days {
    /// The days that two arguments mean: from `after` on, and up to but not including `before`. `paths` names them in
    /// errors; days that end before they begin are refused.
    pub fn resolve(
        after: Option<&When>,
        before: Option<&When>,
        now: Timestamp,
        paths: [&str; 2],
    ) -> Result<Self> {
        let from = after.map(|w| w.day(now, paths[0])).transpose()?;
        let end = before.map(|w| w.day(now, paths[1])).transpose()?;
        match (from, end) {
            (Some(from), Some(end)) if from >= end => {
                Err(Error::invalid(paths[0], format!("must lie before `{}`", paths[1])))
            }
            _ => Ok(Self { from, to: end.and_then(|day| day.yesterday().ok()) }),
        }
    }

    /// Whether `day` lies in it.
    #[must_use]
    pub fn has(&self, day: Date) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }
}

/// A span of amounts of one currency, both ends included; open where absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// The least.
    pub min: Option<Decimal>,
    /// The most.
    pub max: Option<Decimal>,
    /// The currency of both: amounts of others do not match.
    pub currency: Currency,
}

impl Amounts {
    /// The span that two arguments, `min_*` and `max_*`, mean. `paths` names them in errors.
    pub fn between(min: Option<Money>, max: Option<Money>, paths: [&str; 2]) -> Result<Option<Self>> {
        if let (Some(min), Some(max)) = (&min, &max) {
            if min.currency != max.currency {
                let problem = format!("must be of the currency of `{}`", paths[0]);
                return Err(Error::invalid(paths[1], problem));
            }
            if min.amount > max.amount {
                return Err(Error::invalid(paths[0], format!("must not be above `{}`", paths[1])));
            }
        }
        let currency = min.or(max).map(|money| money.currency);
        Ok(currency.map(|currency| Self { min: min.map(|m| m.amount), max: max.map(|m| m.amount), currency }))
    }

    /// Exactly this much.
    #[must_use]
    pub fn exactly(money: Money) -> Self {
        Self { min: Some(money.amount), max: Some(money.amount), currency: money.currency }
    }

    /// Whether `money` lies in it.
    #[must_use]
    pub fn has(&self, money: &Money) -> bool {
        money.currency == self.currency
            && self.min.is_none_or(|min| money.amount >= min)
            && self.max.is_none_or(|max| money.amount <= max)
    }
}

/// Which open purchase orders: not fully delivered, not deleted. All filters hold together.
#[derive(Clone, Debug)]
pub struct OrderQuery {
    /// These and no others (native ids); other filters still hold.
    pub ids: Vec<String>,
    /// With this supplier, by the ledger's id.
    pub supplier: Option<String>,
    /// Of this company code.
    pub company: Option<String>,
    /// With an item for this plant.
    pub plant: Option<String>,
    /// Worth at least this much in this currency.
    pub min_value: Option<Money>,
    /// Approved this far.
    pub approval: Option<Approval>,
    /// With an item that should have come before `today`, or with none.
    pub overdue: Option<bool>,
    /// With this field empty.
    pub where_empty: Option<Emptiable>,
    /// Today in UTC.
    pub today: Date,
    /// With items.
    pub full: bool,
}

/// What suppliers are ranked by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupplierOrder {
    /// The most spent first, in the currency asked for.
    #[default]
    Spend,
    /// The largest share of late deliveries first; those without deliveries last.
    Lateness,
    /// The longest time to pay first; unknown last.
    PaymentTerms,
    /// Blocked ones first.
    Blocks,
    /// By name, case aside.
    Name,
}

/// Which suppliers, in which order.
#[derive(Clone, Debug)]
pub struct SupplierQuery {
    /// These and no others (native ids); empty for all that are not archived.
    pub ids: Vec<String>,
    /// What to rank by; ties by id. What the ledger does not know ranks last.
    pub order: SupplierOrder,
    /// Spend in this currency; in whatever currencies there are if absent.
    pub currency: Option<Currency>,
    /// The days that spend and lateness cover.
    pub days: Days,
    /// How many are wanted.
    pub limit: usize,
}

/// Which invoices of suppliers.
#[derive(Clone, Debug, Default)]
pub struct SupplierInvoiceQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// From this supplier, by the ledger's id.
    pub supplier: Option<String>,
    /// Posted on these days.
    pub posted: Days,
    /// In this status.
    pub status: Option<SupplierInvoiceStatus>,
    /// Blocked for this reason.
    pub block: Option<PaymentBlock>,
}

/// Which contracts with suppliers.
#[derive(Clone, Debug, Default)]
pub struct ContractQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// With this supplier, by the ledger's id.
    pub supplier: Option<String>,
    /// With a target value in this span.
    pub amounts: Option<Amounts>,
    /// Ending on these days.
    pub ends: Days,
}

/// Which invoices to customers.
#[derive(Clone, Debug, Default)]
pub struct CustomerInvoiceQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// With this number on the paper.
    pub number: Option<String>,
    /// To this customer, by the ledger's id.
    pub customer: Option<String>,
    /// Issued on these days.
    pub issued: Days,
    /// In this status.
    pub status: Option<InvoiceStatus>,
    /// With a total in this span.
    pub amounts: Option<Amounts>,
    /// With lines and notes.
    pub full: bool,
}

/// Which unpaid invoices that are past due.
#[derive(Clone, Debug)]
pub struct ReceivableQuery {
    /// Of this customer, by the ledger's id.
    pub customer: Option<String>,
    /// Due on these days; always before `today`.
    pub due: Days,
    /// In this currency.
    pub currency: Option<Currency>,
    /// Today in UTC.
    pub today: Date,
}

/// A stretch of one fiscal year that is a calendar year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The year.
    pub year: i16,
    /// Its first month, 1 to 12.
    pub first: i8,
    /// Its last month, 1 to 12, not before the first.
    pub last: i8,
}

impl Period {
    /// Reads `2026`, `2026-Q4` or `2026-11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_at_checked(4)?;
        let year: i16 = year.parse().ok()?;
        let (first, last) = match rest.strip_prefix('-') {
            None if rest.is_empty() => (1, 12),
            Some(quarter) if quarter.starts_with(['Q', 'q']) => {
                let quarter: i8 = quarter[1..].parse().ok().filter(|q| (1..=4).contains(q))?;
                (3 * quarter - 2, 3 * quarter)
            }
            Some(month) => {
                let month: i8 = month.parse().ok().filter(|m| (1..=12).contains(m))?;
                (month, month)
            }
            None => return None,
        };
        (year >= 1900).then_some(Self { year, first, last })
    }

    /// Its first day.
    #[must_use]
    pub fn from(self) -> Date {
        Date::new(self.year, self.first, 1).unwrap_or(Date::MIN)
    }

    /// Its last day.
    #[must_use]
    pub fn to(self) -> Date {
        Date::new(self.year, self.last, 1).map_or(Date::MAX, Date::last_of_month)
    }
}

/// Which budgets.
#[derive(Clone, Debug)]
pub struct BudgetQuery {
    /// Of this cost center.
    pub cost_center: String,
    /// For this stretch of time, committed and actual as of its end.
    pub period: Period,
}

/// Which payments of customers.
#[derive(Clone, Debug, Default)]
pub struct PaymentQuery {
    /// These and no others (native ids).
    pub ids: Vec<String>,
    /// By this customer, by the ledger's id.
    pub customer: Option<String>,
    /// Worth this much.
    pub amounts: Option<Amounts>,
    /// In this stretch of time.
    pub window: Window,
    /// In this status.
    pub status: Option<PaymentStatus>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_year_a_quarter_or_a_month() {
        for (text, from, to) in [
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026-Q4", "2026-10-01", "2026-12-31"),
            ("2024-02", "2024-02-01", "2024-02-29"),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!((period.from().to_string(), period.to().to_string()), (from.into(), to.into()));
        }
        for wrong in ["", "26", "2026-", "2026-Q5", "2026-13", "2026-1x", "20é6", "2026Q1", "0001"] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_end_before_their_end_and_amounts_are_of_one_currency() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let days = |after: &str, before: &str| {
            Days::resolve(Some(&after.into()), Some(&before.into()), now, ["after", "before"])
        };
        let quarter = days("2026-10-01", "2027-01-01").unwrap();
        assert_eq!(quarter.to.unwrap().to_string(), "2026-12-31");
        assert!(quarter.has("2026-12-31".parse().unwrap()) && !quarter.has("2027-01-01".parse().unwrap()));
        assert!(days("2026-10-01", "2026-10-01").is_err());
        let money = |amount: &str, code: &str| Some(Money::parse(amount, code).unwrap());
        let between = |min, max| Amounts::between(min, max, ["min", "max"]);
        assert!(between(money("1", "EUR"), money("2", "USD")).is_err());
        assert!(between(money("2", "EUR"), money("1", "EUR")).is_err());
        let span = between(money("1", "EUR"), None).unwrap().unwrap();
        assert!(span.has(&money("1.00", "EUR").unwrap()) && !span.has(&money("5", "USD").unwrap()));
        assert_eq!(between(None, None).unwrap(), None);
    }
}
