//! How much one write may cost.

use std::collections::BTreeMap;

use error::{Code, Error, Result};
use rust_decimal::Decimal;
use serde::Deserialize;
use tool::{Currency, Money};

/// The most that one write may cost, per currency: `caps = { EUR = "5000.00" }`. A currency without a cap is refused,
/// so nothing that moves money works before somebody has said how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<Currency, String>")]
pub struct Caps(BTreeMap<Currency, Decimal>);

impl TryFrom<BTreeMap<Currency, String>> for Caps {
    type Error = String;

    /// Decimal texts: a number in a configuration file would be a float.
    fn try_from(texts: BTreeMap<Currency, String>) -> Result<Self, String> {
        let cap = |(currency, text): (Currency, String)| match Decimal::from_str_exact(&text) {
            Ok(amount) if amount.is_sign_positive() => Ok((currency, amount)),
            _ => Err(format!("the cap for {currency} must be a decimal text, such as \"500.00\"")),
        };
        texts.into_iter().map(cap).collect::<Result<_, _>>().map(Self)
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_holds_its_own_currency_to_the_last_unit() {
        let caps: Caps = toml::from_str("EUR = \"500.00\"\njpy = \"80000\"").unwrap();
        let held = |amount: &str, code: &str| caps.hold(&Money::parse(amount, code).unwrap());
        assert!(held("500", "EUR").is_ok() && held("80000", "JPY").is_ok());
        for (amount, code) in [("500.01", "EUR"), ("1", "USD"), ("80001", "JPY")] {
            assert_eq!(held(amount, code).unwrap_err().code(), Code::Permission, "{amount} {code}");
        }
        assert!(Caps::none().hold(&Money::parse("0.01", "EUR").unwrap()).is_err());
        for wrong in ["EUR = \"much\"", "EURO = \"1\"", "EUR = 500.5", "EUR = \"-1\""] {
            assert!(toml::from_str::<Caps>(wrong).is_err(), "{wrong}");
        }
    }
}
