//! Amounts in Stripe's minor units (docs.stripe.com/currencies), which differ from ISO 4217 for some currencies.

use error::{Error, Result};
use rust_decimal::Decimal;
use tool::{Currency, Money};

/// Digits after the point of Stripe's unit of a currency.
fn digits(currency: Currency) -> u32 {
    match currency.code() {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        // ISK and UGX have no minor unit any more; Stripe still counts two decimals that are always zero.
        _ => 2,
    }
}

/// An amount as Stripe counts it.
pub(super) fn from_minor(minor: i64, code: &str) -> Result<Money> {
    let currency = Currency::parse(code)?;
    Ok(Money::new(Decimal::new(minor, digits(currency)), currency))
}

/// An amount for Stripe to count, exactly. Errors: `invalid_argument` for fractions of the smallest unit that Stripe
/// moves: whole tens of a three-decimal currency, whole units of ISK and UGX.
pub(super) fn to_minor(money: &Money) -> Result<i64> {
    let (digits, code) = (digits(money.currency), money.currency.code());
    let step = match code {
        "ISK" | "UGX" => 100,
        _ if digits == 3 => 10,
        _ => 1,
    };
    let too_fine = || Error::invalid("amount", format!("is finer than what can be moved in {code}"));
    let minor = exact(money.amount, digits).ok_or_else(too_fine)?;
    if minor % step == 0 { Ok(minor) } else { Err(too_fine()) }
}

/// The least number of minor units that is at least, or the greatest that is at most, an amount: the ends of a range.
pub(super) fn bound(amount: Decimal, currency: Currency, up: bool) -> Option<i64> {
    let scaled = amount.checked_mul(Decimal::from(10_u32.pow(digits(currency))))?;
    let whole = if up { scaled.ceil() } else { scaled.floor() };
    i64::try_from(whole).ok()
}

fn exact(amount: Decimal, digits: u32) -> Option<i64> {
    let scaled = amount.checked_mul(Decimal::from(10_u32.pow(digits)))?.normalize();
    (scaled.scale() == 0).then(|| i64::try_from(scaled.mantissa()).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_stripes_not_isos() {
        for (minor, code, amount) in [
            (150_000, "eur", "1500.00"),
            (98_000, "jpy", "98000"),
            (85_120, "kwd", "85.120"),
            (50_000, "isk", "500"),
            (50_000, "ugx", "500"),
            (700, "mga", "700.00"),
            (-1_250, "usd", "-12.50"),
        ] {
            let money = Money::parse(amount, code).unwrap();
            assert_eq!(from_minor(minor, code).unwrap(), money, "{code}");
            assert_eq!(to_minor(&money).unwrap(), minor, "{code}");
        }
        for (amount, code) in [("0.001", "EUR"), ("0.5", "JPY"), ("1.005", "KWD"), ("1.50", "ISK")] {
            assert!(to_minor(&Money::parse(amount, code).unwrap()).is_err(), "{amount} {code}");
        }
        assert!(from_minor(1, "not a code").is_err());
    }

    #[test]
    fn the_ends_of_a_range_lose_nothing() {
        let euro = Currency::parse("EUR").unwrap();
        let amount = Decimal::from_str_exact("10.001").unwrap();
        assert_eq!((bound(amount, euro, true), bound(amount, euro, false)), (Some(1_001), Some(1_000)));
    }
}
