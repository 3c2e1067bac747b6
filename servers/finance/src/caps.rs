//! How much one write may cost.

use std::collections::BTreeMap;

use error::{Code, Error, Result};
use rust_decimal::Decimal;
use serde::Deserialize;
use tool::{Currency, Money};

/// The most that one write may cost, per currency: `caps = { EUR = "5000.00" }`. A currency without a cap is refused,
/// so nothing that moves money works before somebody has said how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Caps(BTreeMap<Currency, Decimal>);

impl Caps {
    /// No caps: nothing is allowed.
    #[must_use]
    pub fn none() -> &'static Self {
        static NONE: Caps = Caps(BTreeMap::new());
        &NONE
    }

    /// `permission` if `money` is above the cap of its currency or the currency has none.
    pub fn hold(&self, money: &Money) -> Result<()> {
        let refused = |message: String| {
            let hint = "ask an administrator; caps are set per source and currency in the configuration";
            Err(Error::new(Code::Permission, message).hint(hint))
        };
        match self.0.get(&money.currency) {
            None => refused(format!("no amounts in {} are allowed here", money.currency)),
            Some(cap) if money.amount > *cap => {
                refused(format!("{money} is above the cap of {cap} {}", money.currency))
            }
            Some(_) => Ok(()),
        }
    }
}
