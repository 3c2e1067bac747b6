//! Money: exact decimals with their currency, never a float and never summed across currencies.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use error::{Error, Result};
use rust_decimal::Decimal;
use schemars::generate::Contract;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 4217 code: `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The currency with this code, case aside.
    pub fn parse(code: &str) -> Result<Self> {
        match code.trim().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_alphabetic) => {
                Ok(Self([a, b, c].map(|letter| letter.to_ascii_uppercase())))
            }
            _ => Err(Error::invalid("currency", "must be a code of three letters, such as EUR")),
        }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        // Three ASCII letters, by construction.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Digits after the point of its smallest unit (ISO 4217, list one).
    #[must_use]
    pub fn digits(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF"
            | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = Cow::<'de, str>::deserialize(from)?;
        Self::parse(&code).map_err(|_| D::Error::custom("must be a code of three letters, such as EUR"))
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        text(generator, "^[A-Za-z]{3}$")
    }
}

/// An amount of one currency: `{"amount": "1200.00", "currency": "EUR"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Decimal, such as 1200.00
    #[serde(serialize_with = "written", deserialize_with = "read")]
    #[schemars(schema_with = "decimal")]
    pub amount: Decimal,
    /// ISO 4217 code
    pub currency: Currency,
}

impl Money {
    /// An amount with at least the digits its currency has: `1200` euros are `1200.00`.
    #[must_use]
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        let mut amount = amount.normalize();
        if amount.scale() < currency.digits() {
            amount.rescale(currency.digits());
        }
        Self { amount, currency }
    }

    /// An amount and a code as vendors write them: `"1200.00"`, `"EUR"`.
    pub fn parse(amount: &str, currency: &str) -> Result<Self> {
        let wrong = |_| Error::invalid("amount", "must be a decimal number, such as 1200.00");
        let amount = Decimal::from_str_exact(amount.trim()).map_err(wrong)?;
        Ok(Self::new(amount, Currency::parse(currency)?))
    }

    /// An amount in its currency's smallest unit: 120000 cents.
    #[must_use]
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self::new(Decimal::new(minor, currency.digits()), currency)
    }

    /// The amount in its currency's smallest unit, if it is a whole number of them.
    #[must_use]
    pub fn minor(&self) -> Option<i64> {
        let factor = Decimal::from(10_u64.pow(self.currency.digits()));
        let minor = self.amount.checked_mul(factor)?.normalize();
        (minor.scale() == 0).then(|| i64::try_from(minor.mantissa()).ok()).flatten()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

fn written<S: Serializer>(amount: &Decimal, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(amount)
}

fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    let text = Cow::<'de, str>::deserialize(from)?;
    Decimal::from_str_exact(&text).map_err(|_| D::Error::custom("must be a decimal number, such as 1200.00"))
}

fn decimal(generator: &mut SchemaGenerator) -> Schema {
    text(generator, r"^-?\d{1,15}(\.\d{1,6})?$")
}

/// Callers are held to a pattern; what leaves is right by construction, and each byte said about it is paid for.
fn text(generator: &SchemaGenerator, pattern: &str) -> Schema {
    match generator.contract() {
        Contract::Serialize => json_schema!({ "type": "string" }),
        _ => json_schema!({ "type": "string", "pattern": pattern }),
    }
}

/// Sums, one for each currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<Currency, Decimal>);

impl Totals {
    /// Adds an amount to its currency's sum. A sum beyond what a decimal holds stays at the limit.
    pub fn add(&mut self, money: Money) {
        let sum = self.0.entry(money.currency).or_default();
        *sum = sum.saturating_add(money.amount);
    }

    /// The sums in the order of their currencies' codes.
    pub fn iter(&self) -> impl Iterator<Item = Money> {
        self.0.iter().map(|(currency, amount)| Money::new(*amount, *currency))
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Money> for Totals {
    fn from_iter<I: IntoIterator<Item = Money>>(all: I) -> Self {
        let mut totals = Self::default();
        all.into_iter().for_each(|money| totals.add(money));
        totals
    }
}

impl Serialize for Totals {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl JsonSchema for Totals {
    fn schema_name() -> Cow<'static, str> {
        "Totals".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <Vec<Money>>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money::parse(amount, currency).unwrap()
    }

    #[test]
    fn an_amount_goes_in_and_out_exactly() {
        for (given, expected) in [("1200", "1200.00"), ("0.1", "0.10"), ("-12.345", "-12.345"), ("1e3", "")] {
            let json = format!(r#"{{"amount":"{given}","currency":"eur"}}"#);
            let read: Result<Money, _> = serde_json::from_str(&json);
            match expected {
                "" => assert!(read.is_err(), "{given}"),
                _ => {
                    let read = read.unwrap();
                    let money = Money::new(read.amount, read.currency);
                    assert_eq!(serde_json::to_value(money).unwrap()["amount"], expected);
                    assert_eq!(money.currency.code(), "EUR");
                }
            }
        }
        for wrong in [r#"{"amount":1.5,"currency":"EUR"}"#, r#"{"amount":"1","currency":"EURO"}"#] {
            assert!(serde_json::from_str::<Money>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn smallest_units_depend_on_the_currency() {
        for (minor, code, amount) in
            [(123_456, "EUR", "1234.56"), (98_000, "JPY", "98000"), (1_005, "KWD", "1.005")]
        {
            let money = Money::from_minor(minor, Currency::parse(code).unwrap());
            assert_eq!(money, self::money(amount, code));
            assert_eq!(money.minor(), Some(minor));
        }
        assert_eq!(money("0.005", "EUR").minor(), None, "half a cent is no number of cents");
        assert_eq!(money("79228162514264337593543950335", "JPY").minor(), None);
    }

    #[test]
    fn totals_keep_currencies_apart() {
        let totals: Totals =
            [money("0.10", "EUR"), money("0.20", "EUR"), money("5", "JPY")].into_iter().collect();
        let shown: Vec<String> = totals.iter().map(|m| m.to_string()).collect();
        assert_eq!(shown, ["0.30 EUR", "5 JPY"]);
    }
}
