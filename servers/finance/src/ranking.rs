//! How suppliers are ranked: once for the port that picks the first few, once for the tool that merges sources.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use tool::Currency;

use crate::ledger::SupplierOrder;
use crate::model::Supplier;

/// Sorts suppliers; ties by id. What is not known ranks last, and so does spend in another currency than the one
/// ranked in. Answers the currency that spend was ranked in: the one asked for, else the one most suppliers have.
pub fn rank(
    suppliers: &mut [Supplier],
    order: SupplierOrder,
    currency: Option<Currency>,
) -> Option<Currency> {
    let currency = match order {
        SupplierOrder::Spend => currency.or_else(|| commonest(&*suppliers)),
        _ => currency,
    };
    suppliers.sort_by(|a, b| compare(a, b, order, currency).then_with(|| a.id.cmp(&b.id)));
    currency
}

/// Whether the first few of every source hold the first few of all: left to itself, each source ranks spend in the
/// currency that most of its own suppliers have, and leaves out those who have most in another.
pub fn is_ranked_alike(sources: &[Vec<Supplier>], most: usize) -> bool {
    let ranked_in = |rows: &Vec<Supplier>| commonest(rows).filter(|_| rows.len() >= most);
    let together = commonest(sources.iter().flatten());
    sources.iter().filter_map(ranked_in).all(|own| Some(own) == together)
}

fn compare(a: &Supplier, b: &Supplier, order: SupplierOrder, currency: Option<Currency>) -> Ordering {
    match order {
        SupplierOrder::Spend => most_first(spend(a, currency), spend(b, currency)),
        SupplierOrder::Lateness => most_first(late_share(a), late_share(b)),
        SupplierOrder::PaymentTerms => most_first(a.net_days, b.net_days),
        SupplierOrder::Blocks => b.blocks.len().cmp(&a.blocks.len()),
        SupplierOrder::Name => a.name.as_str().to_lowercase().cmp(&b.name.as_str().to_lowercase()),
    }
}

/// `None` is less than anything, so it comes last.
fn most_first<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    Reverse(a).cmp(&Reverse(b))
}

fn spend(supplier: &Supplier, currency: Option<Currency>) -> Option<Decimal> {
    let spend = supplier.spend.iter().flatten();
    spend.filter(|money| Some(money.currency) == currency).map(|money| money.amount).next()
}

fn late_share(supplier: &Supplier) -> Option<Decimal> {
    let lateness = supplier.lateness?;
    Decimal::from(lateness.late).checked_div(Decimal::from(lateness.deliveries))
}

fn commonest<'s>(suppliers: impl IntoIterator<Item = &'s Supplier>) -> Option<Currency> {
    let mut counts = BTreeMap::<Currency, usize>::new();
    for money in suppliers.into_iter().flat_map(|s| s.spend.iter().flatten()) {
        *counts.entry(money.currency).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(currency, count)| (*count, Reverse(*currency)))
        .map(|(currency, _)| currency)
}

#[cfg(test)]
mod tests {
    use content::Label;
    use tool::{Moment, Money, RecordId};

    use super::*;
    use crate::model::Lateness;

    fn supplier(key: &str, spend: &[(&str, &str)], late: Option<(u32, u32)>) -> Supplier {
        Supplier {
            id: RecordId::new("s", key),
            name: Label::new(key),
            country: None,
            payment_terms: None,
            net_days: None,
            blocks: Vec::new(),
            contacts: Vec::new(),
            spend: Some(spend.iter().map(|(amount, code)| Money::parse(amount, code).unwrap()).collect()),
            lateness: late.map(|(late, deliveries)| Lateness { deliveries, late }),
            url: String::new(),
            as_of: Moment(jiff::Timestamp::UNIX_EPOCH),
        }
    }

    fn ranked(order: SupplierOrder, currency: Option<&str>) -> (String, Option<Currency>) {
        let mut all = [
            supplier("a", &[("10", "EUR")], Some((1, 10))),
            supplier("b", &[("9000", "JPY"), ("20", "EUR")], Some((1, 2))),
            supplier("c", &[("5000", "JPY")], Some((0, 0))),
            supplier("d", &[], None),
            supplier("e", &[("10.00", "EUR")], Some((5, 50))),
        ];
        let currency = rank(&mut all, order, currency.map(|code| Currency::parse(code).unwrap()));
        (all.iter().map(|s| s.id.native()).collect(), currency)
    }

    #[test]
    fn spend_is_ranked_within_one_currency() {
        let euro = Currency::parse("EUR").ok();
        assert_eq!(ranked(SupplierOrder::Spend, None), ("baecd".into(), euro), "the commonest currency");
        assert_eq!(ranked(SupplierOrder::Spend, Some("JPY")).0, "bcade");
    }

    #[test]
    fn a_source_that_ranked_in_another_currency_may_have_left_out_the_first() {
        let of = |codes: &[&str]| codes.iter().map(|code| supplier(code, &[("10", code)], None)).collect();
        let (euros, dollars): (Vec<Supplier>, Vec<Supplier>) = (of(&["EUR", "EUR"]), of(&["USD"]));
        assert!(is_ranked_alike(&[euros.clone(), euros.clone()], 2));
        assert!(is_ranked_alike(&[euros.clone(), dollars.clone()], 3), "neither left anybody out");
        assert!(is_ranked_alike(&[euros.clone(), dollars.clone()], 2), "nor did the second");
        assert!(!is_ranked_alike(&[euros, dollars], 1), "here it may have");
    }

    #[test]
    fn what_is_not_known_comes_last() {
        assert_eq!(ranked(SupplierOrder::Lateness, None).0, "baecd", "no deliveries, no lateness");
        assert_eq!(ranked(SupplierOrder::PaymentTerms, None).0, "abcde");
    }
}
