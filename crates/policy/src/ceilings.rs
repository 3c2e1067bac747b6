//! How much money one call may move.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tool::{Currency, Money, Totals};

/// The most that one call may move, per currency. A currency that is not named may not move at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ceilings(BTreeMap<Currency, Decimal>);

impl Ceilings {
    /// Sets the ceiling of a currency.
    pub(crate) fn set(&mut self, money: Money) {
        self.0.insert(money.currency, money.amount);
    }

    /// The ceilings in the order of their currencies' codes.
    pub fn iter(&self) -> impl Iterator<Item = Money> {
        self.0.iter().map(|(currency, amount)| Money::new(*amount, *currency))
    }

    /// The first amount that is above its ceiling or has none, in words.
    pub(crate) fn exceeded(&self, sums: &Totals) -> Option<String> {
        sums.iter().find_map(|money| match self.0.get(&money.currency) {
            None => Some(format!("no amount in {} may be moved", money.currency)),
            // A negative amount moves money too.
            Some(ceiling) if money.amount.abs() > *ceiling => {
                Some(format!("{money} is above the ceiling of {}", Money::new(*ceiling, money.currency)))
            }
            Some(_) => None,
        })
    }
}
