//! What the warehouse holds.

use std::time::Duration;

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, tz::TimeZone};
use sandbox::page::PageTokens;
use sandbox::{Records, Row};

use crate::company;

/// The whole warehouse.
pub(super) struct House {
    pub(super) customers: Vec<Customer>,
    pub(super) series: Vec<Series>,
    pub(super) annotations: Records<Annotation, u64>,
    pub(super) pages: PageTokens,
}

/// A customer.
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) erp_customer: Option<String>,
    pub(super) billing_customer: Option<String>,
}

/// A customer's calls to one product.
pub(super) struct Series {
    pub(super) customer: String,
    pub(super) product: String,
    /// Calls a week, the newest first.
    pub(super) weeks: Vec<u64>,
}

/// What somebody noted, and the key it came under.
pub(super) struct Annotation {
    pub(super) id: u64,
    pub(super) draft: Draft,
    pub(super) key: Option<String>,
}

/// What is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) customer: String,
    pub(super) product: String,
    pub(super) week: Date,
    pub(super) text: String,
    pub(super) author: String,
}

/// A series that fell.
pub(super) struct Fall {
    pub(super) customer: String,
    pub(super) product: String,
    pub(super) calls: u64,
    pub(super) change_percent: i64,
}

impl House {
    /// The demo company's.
    pub(super) fn of_the_company() -> Self {
        let now = Timestamp::now();
        let mut house = Self {
            customers: Vec::new(),
            series: Vec::new(),
            annotations: Records::new(),
            pages: PageTokens::new(Duration::from_hours(1)),
        };
        for one in company::series() {
            let customer = format!("cst_{}", one.account.key);
            if house.customer(&customer).is_none() {
                house.customers.push(Customer {
                    id: customer.clone(),
                    name: one.account.name,
                    domain: one.account.domain,
                    erp_customer: one.account.erp_customer,
                    billing_customer: one.account.billing_customer,
                });
            }
            if let Some(text) = one.note {
                let (customer, product) = (customer.clone(), one.product.clone());
                let author = "colleague@halden.example".to_owned();
                house.note(Draft { customer, product, week: week(now, None), text, author }, None, now);
            }
            house.series.push(Series { customer, product: one.product, weeks: one.weeks });
        }
        house
    }

    pub(super) fn customer(&self, id: &str) -> Option<&Customer> {
        self.customers.iter().find(|c| c.id == id)
    }

    /// Customers one of whose keys is the text, then those whose name contains it.
    pub(super) fn called(&self, text: &str) -> Vec<&Customer> {
        let text = text.trim().to_lowercase();
        let is = |key: Option<&str>| key.is_some_and(|k| k.to_lowercase() == text);
        let keyed = |c: &&Customer| {
            is(Some(&c.domain)) || is(c.erp_customer.as_deref()) || is(c.billing_customer.as_deref())
        };
        let (keyed, others): (Vec<_>, Vec<_>) = self.customers.iter().partition(keyed);
        let named = others.into_iter().filter(|c| c.name.to_lowercase().contains(&text));
        keyed.into_iter().chain(named).collect()
    }

    /// The steepest falls first, then by customer and product.
    pub(super) fn drops(&self, at_least: usize, customer: Option<&str>, product: Option<&str>) -> Vec<Fall> {
        let own =
            |s: &&Series| customer.is_none_or(|c| s.customer == c) && product.is_none_or(|p| s.product == p);
        let mut falls: Vec<Fall> = self.series.iter().filter(own).filter_map(fall).collect();
        falls.retain(|f| f.change_percent.unsigned_abs() >= at_least as u64);
        let id = |f: &Fall| format!("{}/{}", f.customer, f.product);
        falls.sort_by_cached_key(|f| (f.change_percent, id(f)));
        falls
    }

    /// The annotation that came under a key.
    pub(super) fn keyed(&self, key: &str) -> Option<&Row<Annotation>> {
        self.annotations.iter().map(|(_, row)| row).find(|row| row.value.key.as_deref() == Some(key))
    }

    /// Keeps an annotation; its number.
    pub(super) fn note(&mut self, draft: Draft, key: Option<&str>, now: Timestamp) -> u64 {
        let id = self.annotations.next_number();
        self.annotations.insert(id, Annotation { id, draft, key: key.map(str::to_owned) }, now);
        id
    }
}

/// How far the newest week lies below the mean of the four before; nothing where it does not.
fn fall(series: &Series) -> Option<Fall> {
    let [newest, a, b, c, d, ..] = series.weeks[..] else { return None };
    let mean = (a + b + c + d) / 4;
    let lost = mean.checked_sub(newest).filter(|lost| *lost > 0)?;
    Some(Fall {
        customer: series.customer.clone(),
        product: series.product.clone(),
        calls: newest,
        change_percent: -i64::try_from(lost * 100 / mean).ok()?,
    })
}

/// The Monday of the week of `day`, or of the last whole week.
pub(super) fn week(now: Timestamp, day: Option<Date>) -> Date {
    let last = || now.to_zoned(TimeZone::UTC).date().saturating_sub(Span::new().weeks(1));
    let day = day.unwrap_or_else(last);
    day.saturating_sub(Span::new().days(i64::from(day.weekday().since(Weekday::Monday))))
}
