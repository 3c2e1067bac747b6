//! The reference implementation: the port over plain data, for tests of the tools and of the behavior suite itself.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use call::{BoxFuture, Cx};
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, tz::TimeZone};
use sandbox::company::Account;
use tool::{CustomerKeys, Day, Fetch, Mark, Moment, Place, RecordId, Rows};

use crate::company::{Series, series};
use crate::meter::{Able, DropQuery, NewAnnotation, UsageMeter, UsageQuery};
use crate::model::{Annotation, Customer, ProductUsage, UsageDrop, change_percent};

/// One meter in memory.
pub(crate) struct Memory {
    source: String,
    able: Able,
    now: Timestamp,
    series: Vec<Series>,
    annotations: Mutex<Vec<Stored>>,
}

struct Stored {
    customer: String,
    marks: [Option<String>; 2],
    annotation: Annotation,
}

impl Memory {
    /// The whole demo company, as source `source`.
    pub(crate) fn new(source: &str, able: Able) -> Self {
        let now = Timestamp::now();
        let own = Self { source: source.into(), able, now, series: series(), annotations: Mutex::default() };
        for one in own.series.iter().filter(|s| s.note.is_some()) {
            let text = one.note.as_deref().unwrap_or_default();
            own.keep(&one.account.key, &one.product, monday(now, None), text, [None, None]);
        }
        own
    }

    fn keep(
        &self,
        customer: &str,
        product: &str,
        week: Date,
        text: &str,
        marks: [Option<String>; 2],
    ) -> Annotation {
        let mut all = self.annotations.lock().unwrap_or_else(PoisonError::into_inner);
        let annotation = Annotation {
            id: RecordId::new(&*self.source, format!("note-{}", all.len() + 1)),
            product: Label::new(product),
            week: Day(week),
            text: FreeText::new(text, Author::Internal),
            author: Some(Label::new("Agent")),
            created: Moment(self.now),
        };
        all.push(Stored { customer: customer.into(), marks, annotation: annotation.clone() });
        annotation
    }

    fn shown(&self, account: &Account) -> Customer {
        Customer {
            id: RecordId::new(&*self.source, &*account.key),
            name: Label::new(&account.name),
            keys: CustomerKeys {
                domain: Some(account.domain.clone()),
                erp_customer: account.erp_customer.clone(),
                billing_customer: account.billing_customer.clone(),
            },
            url: format!("https://{}.example/{}", self.source, account.key),
        }
    }

    fn accounts(&self) -> impl Iterator<Item = &Account> {
        let mut seen = Vec::new();
        self.series.iter().map(|s| &s.account).filter(move |account| {
            let new = !seen.contains(&account.key);
            seen.push(account.key.clone());
            new
        })
    }

    fn find(&self, id: &str) -> Result<Customer> {
        let missing = || Error::new(Code::NotFound, "there is no such customer");
        self.accounts().find(|a| a.key == id).map(|a| self.shown(a)).ok_or_else(missing)
    }

    fn read(&self, query: &UsageQuery) -> Vec<ProductUsage> {
        let all = self.annotations.lock().unwrap_or_else(PoisonError::into_inner);
        let own = |s: &&Series| s.account.key == query.customer && is(query.product.as_ref(), &s.product);
        let row = |s: &Series| ProductUsage {
            product: Label::new(&s.product),
            source: self.source.clone(),
            week: Day(monday(self.now, None)),
            last_week: s.weeks.first().copied().unwrap_or_default(),
            change_percent: change_percent(&s.weeks),
            weeks: s.weeks.iter().copied().take(query.weeks).collect(),
            annotations: all
                .iter()
                .rev()
                .filter(|a| a.customer == s.account.key && a.annotation.product.as_str() == s.product)
                .map(|a| a.annotation.clone())
                .collect(),
            as_of: Moment(self.now),
        };
        self.series.iter().filter(own).map(row).collect()
    }

    fn dropped(&self, query: &DropQuery) -> Vec<UsageDrop> {
        let row = |s: &Series| {
            let change_percent = change_percent(&s.weeks).filter(|c| *c <= -i64::from(query.at_least))?;
            let customer = self.shown(&s.account);
            Some(UsageDrop {
                id: RecordId::new(&*self.source, format!("{}/{}", s.account.key, s.product)),
                url: customer.url.clone(),
                customer,
                product: Label::new(&s.product),
                last_week: s.weeks.first().copied().unwrap_or_default(),
                change_percent,
                as_of: Moment(self.now),
            })
        };
        let wanted = |s: &&Series| {
            is(query.customer.as_ref(), &s.account.key) && is(query.product.as_ref(), &s.product)
        };
        let mut rows: Vec<_> = self.series.iter().filter(wanted).filter_map(row).collect();
        rows.sort_by(|a, b| (a.change_percent, &a.id).cmp(&(b.change_percent, &b.id)));
        rows
    }
}

fn is(wanted: Option<&String>, value: &str) -> bool {
    wanted.is_none_or(|w| w == value)
}

/// The Monday of the week of `day`, or of the last whole week before `now`.
fn monday(now: Timestamp, day: Option<Date>) -> Date {
    let day =
        day.unwrap_or_else(|| now.to_zoned(TimeZone::UTC).date().saturating_sub(jiff::Span::new().weeks(1)));
    let back = day.weekday().since(Weekday::Monday);
    day.saturating_sub(jiff::Span::new().days(i64::from(back)))
}

impl UsageMeter for Memory {
    fn able(&self) -> Able {
        self.able
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        let native =
            reference.strip_prefix(&format!("https://{}.example/", self.source)).unwrap_or(reference);
        self.accounts().any(|a| a.key == native).then(|| native.to_owned())
    }

    fn products<'a>(&'a self, _: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>> {
        let keys: BTreeSet<&str> = self.series.iter().map(|s| s.product.as_str()).collect();
        let products = keys.into_iter().map(|key| Place { key: key.into(), name: Label::new(key) }).collect();
        Box::pin(async move { Ok(products) })
    }

    fn customer<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Customer>> {
        Box::pin(async move { self.find(id) })
    }

    fn customers<'a>(&'a self, _: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Customer>>> {
        let wanted = text.to_lowercase();
        let mut found: Vec<_> = self.accounts().map(|a| self.shown(a)).collect();
        found.retain(|c| c.keys.matched(text).is_some() || c.name.as_str().to_lowercase().contains(&wanted));
        found.sort_by_key(|c| c.keys.matched(text).is_none());
        found.truncate(10);
        Box::pin(async move { Ok(found) })
    }

    fn usage<'a>(&'a self, _: &'a Cx, query: &'a UsageQuery) -> BoxFuture<'a, Result<Vec<ProductUsage>>> {
        Box::pin(async move { self.find(&query.customer).map(|_| self.read(query)) })
    }

    fn drops<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a DropQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<UsageDrop>>> {
        Box::pin(async move {
            if query.product.is_some() && !self.able.drops_by_product {
                return Err(Error::new(Code::UnsupportedFilter, "drops cannot be filtered by product"));
            }
            let start: usize = page.token.and_then(|t| t.parse().ok()).unwrap_or_default();
            let all = self.dropped(query);
            let end = all.len().min(start + page.limit as usize);
            let next = (end < all.len()).then(|| end.to_string());
            let rows = all.into_iter().skip(start).take(page.limit as usize).collect();
            Ok(Rows { rows, next, total: None, as_of: self.now })
        })
    }

    fn annotate<'a>(
        &'a self,
        _: &'a Cx,
        new: &'a NewAnnotation,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Annotation>> {
        Box::pin(async move {
            if !self.able.annotations {
                return Err(Error::new(Code::Unsupported, "annotations are not kept"));
            }
            let marks = [Some(mark.operation.clone()), mark.external_key.clone()];
            Ok(self.keep(&new.customer, &new.product, monday(self.now, new.day), &new.text, marks))
        })
    }

    fn find_marked<'a>(&'a self, _: &'a Cx, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Annotation>>> {
        let wanted = mark.external_key.clone().unwrap_or_else(|| mark.operation.clone());
        let all = self.annotations.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|a| a.marks.contains(&Some(wanted.clone())));
        let found = found.map(|a| a.annotation.clone());
        Box::pin(async move { Ok(found) })
    }
}
