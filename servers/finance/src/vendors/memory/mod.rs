//! The reference implementation: the port over plain data, for tests of the tools and of the behavior suite itself.

mod books;
mod write;

use std::cmp::Reverse;
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{BoxFuture, Cx};
use content::Label;
use error::{Code, Error, Result};
use jiff::Timestamp;
use tool::{Count, Fetch, Mark, MatchedBy, Place, Rows, Total};

use self::books::Books;
use self::write::Written;
use crate::caps::Caps;
use crate::ledger::{
    Able, BudgetQuery, ContractQuery, CustomerInvoiceQuery, CustomerName, FinanceLedger, FoundCustomer,
    NewRefund, NewRequisition, Noun, OrderQuery, PaymentQuery, ReceivableQuery, SupplierInvoiceQuery,
    SupplierOrder, SupplierQuery, Sweep, Unit,
};
use crate::model::{
    Budget, Contract, Customer, CustomerInvoice, Emptiable, Party, Payment, PurchaseOrder, Receivable,
    Refund, Requisition, Supplier, SupplierInvoice,
};
use crate::ranking;

/// Plants and cost centers of one name, with nothing booked on them.
const NAMESAKES: [&str; 2] = ["LAGER-N", "LAGER-S"];

/// One ledger in memory.
pub(crate) struct Memory {
    source: String,
    home: &'static str,
    able: Able,
    caps: Caps,
    now: Timestamp,
    books: Books,
    written: Mutex<Written>,
}

impl Memory {
    /// The books that `home` (`sap` or `stripe`) keeps, as source `source`.
    pub(crate) fn new(source: &str, home: &'static str, able: Able) -> Self {
        let now = Timestamp::now();
        Self {
            source: source.into(),
            home,
            able,
            caps: toml::from_str("EUR = \"5000.00\"\nKWD = \"100.000\"").unwrap(),
            now,
            books: Books::open(source, home, now),
            written: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page<T: Clone>(&self, rows: Vec<T>, fetch: &Fetch) -> Result<Rows<T>> {
        let start: usize = fetch.token.as_deref().map_or(Ok(0), str::parse).map_err(|_| missing("page"))?;
        let count = rows.len();
        let rows: Vec<T> = rows.into_iter().skip(start).take(fetch.limit as usize).collect();
        let end = start + rows.len();
        Ok(Rows {
            rows,
            next: (end < count).then(|| end.to_string()),
            total: Some(Total { count: count as u64, kind: Count::Exact }),
            as_of: self.now,
        })
    }

    fn sweep<T>(&self, rows: Vec<T>) -> Sweep<T> {
        Sweep { rows, complete: true, as_of: self.now }
    }
}

fn missing(id: &str) -> Error {
    Error::new(Code::NotFound, format!("there is no `{id}`"))
}

fn can(able: bool, what: &str) -> Result<()> {
    let refused = || Err(Error::new(Code::Unsupported, format!("this ledger has no {what}")));
    if able { Ok(()) } else { refused() }
}

fn filters(able: bool, by: &str) -> Result<()> {
    let refused = || Err(Error::new(Code::UnsupportedFilter, format!("cannot filter by {by}")));
    if able { Ok(()) } else { refused() }
}

/// A future of what is known already.
fn ready<'a, T: Send + 'a>(answer: Result<T>) -> BoxFuture<'a, Result<T>> {
    Box::pin(std::future::ready(answer))
}

fn is<T: PartialEq>(wanted: Option<&T>, value: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == value)
}

fn among(ids: &[String], id: &tool::RecordId) -> bool {
    ids.is_empty() || ids.iter().any(|wanted| wanted == id.native())
}

fn near(name: &Label, text: &str) -> bool {
    name.as_str().to_lowercase().contains(&text.to_lowercase())
}

impl Memory {
    fn orders(&self, q: &OrderQuery) -> Result<Vec<PurchaseOrder>> {
        can(self.able.orders, "purchase orders")?;
        filters(q.where_empty.is_none_or(|f| self.able.empty.contains(&f)), "where_empty")?;
        let lacks = |order: &PurchaseOrder, field| match field {
            Emptiable::Requester => order.requester.is_none(),
            Emptiable::Contract => order.contracts.is_empty(),
            Emptiable::Due => order.due.is_none(),
        };
        let matches = |order: &&PurchaseOrder| {
            among(&q.ids, &order.id)
                && q.supplier.as_ref().is_none_or(|s| order.supplier.id.native() == s)
                && is(q.company.as_ref(), &order.company)
                && q.plant.as_ref().is_none_or(|p| order.plants.contains(p))
                && q.min_value.is_none_or(|min| {
                    order.value.currency == min.currency && order.value.amount >= min.amount
                })
                && q.approval.is_none_or(|a| order.approval == Some(a))
                && is(q.overdue.as_ref(), &order.overdue)
                && q.where_empty.is_none_or(|field| lacks(order, field))
        };
        let mut rows: Vec<PurchaseOrder> = self.books.orders.iter().filter(matches).cloned().collect();
        rows.sort_by_key(|o| (Reverse(o.ordered), o.id.clone()));
        for order in rows.iter_mut().filter(|_| !q.full) {
            order.items.clear();
        }
        Ok(rows)
    }

    fn ranked(&self, q: &SupplierQuery) -> Result<Sweep<Supplier>> {
        can(self.able.suppliers, "suppliers")?;
        filters(q.order != SupplierOrder::Spend || self.able.spend, "spend")?;
        filters(q.order != SupplierOrder::Lateness || self.able.lateness, "lateness")?;
        let mut rows: Vec<Supplier> =
            self.books.suppliers.iter().filter(|s| among(&q.ids, &s.id)).cloned().collect();
        for row in &mut rows {
            row.spend = row.spend.take().filter(|_| self.able.spend);
            row.lateness = row.lateness.filter(|_| self.able.lateness);
        }
        ranking::rank(&mut rows, q.order, q.currency);
        rows.truncate(q.limit);
        Ok(self.sweep(rows))
    }

    fn bills(&self, q: &SupplierInvoiceQuery) -> Result<Vec<SupplierInvoice>> {
        can(self.able.supplier_invoices, "invoices of suppliers")?;
        filters(q.block.is_none_or(|b| self.able.blocks.contains(&b)), "blocked_because")?;
        let matches = |invoice: &&SupplierInvoice| {
            among(&q.ids, &invoice.id)
                && q.supplier.as_ref().is_none_or(|s| invoice.supplier.id.native() == s)
                && q.posted.has(invoice.posted.0)
                && is(q.status.as_ref(), &invoice.status)
                && q.block.is_none_or(|b| invoice.blocked_because.contains(&b))
        };
        let mut rows: Vec<_> = self.books.supplier_invoices.iter().filter(matches).cloned().collect();
        rows.sort_by_key(|i| (Reverse(i.posted), i.id.clone()));
        Ok(rows)
    }

    fn agreements(&self, q: &ContractQuery) -> Result<Vec<Contract>> {
        can(self.able.contracts, "contracts")?;
        let matches = |contract: &&Contract| {
            among(&q.ids, &contract.id)
                && q.supplier.as_ref().is_none_or(|s| contract.supplier.id.native() == s)
                && q.amounts.is_none_or(|span| contract.target.as_ref().is_some_and(|t| span.has(t)))
                && ((q.ends.from, q.ends.to) == (None, None)
                    || contract.ends.is_some_and(|day| q.ends.has(day.0)))
        };
        let mut rows: Vec<_> = self.books.contracts.iter().filter(matches).cloned().collect();
        rows.sort_by_key(|c| (c.ends.is_none(), c.ends, c.id.clone()));
        Ok(rows)
    }

    fn invoices(&self, q: &CustomerInvoiceQuery) -> Result<Vec<CustomerInvoice>> {
        can(!self.able.customer_invoices.is_empty(), "invoices to customers")?;
        filters(q.status.is_none_or(|s| self.able.customer_invoices.contains(&s)), "status")?;
        let matches = |invoice: &&CustomerInvoice| {
            among(&q.ids, &invoice.id)
                && q.number
                    .as_deref()
                    .is_none_or(|n| invoice.number.as_ref().is_some_and(|own| own.as_str() == n))
                && q.customer.as_ref().is_none_or(|c| invoice.customer.id.native() == c)
                && q.issued.has(invoice.issued.0)
                && q.status.is_none_or(|s| invoice.status == Some(s))
                && q.amounts.is_none_or(|span| span.has(&invoice.total))
        };
        let mut rows: Vec<_> = self.books.customer_invoices.iter().filter(matches).cloned().collect();
        rows.sort_by_key(|i| (Reverse(i.issued), i.id.clone()));
        for invoice in rows.iter_mut().filter(|_| !q.full) {
            invoice.lines.clear();
        }
        Ok(rows)
    }

    fn overdue(&self, q: &ReceivableQuery) -> Result<Sweep<Receivable>> {
        can(self.able.receivables, "receivables")?;
        let matches = |row: &Receivable| {
            q.customer.as_ref().is_none_or(|c| row.customer.id.native() == c)
                && q.due.has(row.due.0)
                && is(q.currency.as_ref(), &row.open.currency)
        };
        Ok(self.sweep(self.books.overdue(q.today, self.now).filter(matches).collect()))
    }

    fn paid(&self, q: &PaymentQuery) -> Result<Vec<Payment>> {
        can(!self.able.payments.is_empty(), "payments")?;
        filters(q.status.is_none_or(|s| self.able.payments.contains(&s)), "status")?;
        let written = self.lock();
        let matches = |payment: &Payment| {
            among(&q.ids, &payment.id)
                && q.customer
                    .as_ref()
                    .is_none_or(|c| payment.customer.as_ref().is_some_and(|p| p.id.native() == c))
                && q.amounts.is_none_or(|span| span.has(&payment.amount))
                && q.window.holds(payment.at.0)
                && is(q.status.as_ref(), &payment.status)
        };
        let current = self.books.payments.iter().map(|payment| written.current(payment));
        let mut rows: Vec<Payment> = current.filter(matches).collect();
        rows.sort_by_key(|p| (Reverse(p.at), p.id.clone()));
        Ok(rows)
    }
}

impl FinanceLedger for Memory {
    fn able(&self) -> Able {
        self.able
    }

    fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        let prefix = format!("https://{}.example/", self.source);
        let bare = reference.strip_prefix(&prefix).unwrap_or(reference);
        let begins = match (noun, self.home == "sap") {
            (Noun::Supplier, true) => "1030",
            (Noun::Customer, true) => "1710",
            (Noun::PurchaseOrder, true) => "4500",
            (Noun::SupplierInvoice, true) => "5105",
            (Noun::Contract, true) => "4600",
            (Noun::CustomerInvoice, true) => "9000",
            (Noun::Payment, true) => "1400",
            (Noun::CostCenter, true) => "CC-",
            (Noun::Customer, false) => "cus_",
            (Noun::CustomerInvoice, false) => "in_",
            (Noun::Payment, false) => "ch_",
            _ => return None,
        };
        let plain = bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        (plain && bare.starts_with(begins)).then(|| bare.to_owned())
    }

    fn places<'a>(&'a self, _: &'a Cx, unit: Unit) -> BoxFuture<'a, Result<Vec<Place>>> {
        let place = |key: &str, name: &str| Place { key: key.to_owned(), name: Label::new(name) };
        let mut all: Vec<Place> = match unit {
            Unit::Company => self.books.orders.iter().map(|o| place(&o.company, &o.company)).collect(),
            Unit::Plant => self.books.orders.iter().flat_map(|o| &o.plants).map(|p| place(p, p)).collect(),
            Unit::CostCenter => self
                .books
                .budgets
                .iter()
                .map(|b| place(b.id.native(), b.name.as_ref().map_or("", Label::as_str)))
                .collect(),
        };
        let namesakes = NAMESAKES.iter().filter(|_| unit != Unit::Company);
        all.extend(namesakes.map(|key| place(key, "Lager")));
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all.dedup_by(|a, b| a.key == b.key);
        ready(Ok(all))
    }

    fn find_suppliers<'a>(&'a self, _: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Party>>> {
        let party = |s: &Supplier| Party { id: s.id.clone(), name: s.name.clone() };
        let found = self.books.suppliers.iter().filter(|s| near(&s.name, text)).map(party).take(10).collect();
        ready(can(self.able.suppliers, "suppliers").map(|()| found))
    }

    fn find_customers<'a>(
        &'a self,
        _: &'a Cx,
        name: &'a CustomerName,
    ) -> BoxFuture<'a, Result<Vec<FoundCustomer>>> {
        let by = |customer: &Customer| match name {
            CustomerName::Domain(text) => customer.keys.matched(text),
            CustomerName::Text(text) if customer.id.native() == text => Some(MatchedBy::Id),
            CustomerName::Text(text) => {
                customer.keys.matched(text).or_else(|| near(&customer.name, text).then_some(MatchedBy::Name))
            }
        };
        let found = |c: &Customer| Some(FoundCustomer { customer: c.clone(), matched_by: by(c)? });
        ready(Ok(self.books.customers.iter().filter_map(found).take(10).collect()))
    }

    fn open_orders<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a OrderQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<PurchaseOrder>>> {
        ready(self.orders(query).and_then(|rows| self.page(rows, &page)))
    }

    fn suppliers<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a SupplierQuery,
    ) -> BoxFuture<'a, Result<Sweep<Supplier>>> {
        ready(self.ranked(query))
    }

    fn supplier_invoices<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a SupplierInvoiceQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<SupplierInvoice>>> {
        ready(self.bills(query).and_then(|rows| self.page(rows, &page)))
    }

    fn contracts<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a ContractQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Contract>>> {
        ready(self.agreements(query).and_then(|rows| self.page(rows, &page)))
    }

    fn customer_invoices<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a CustomerInvoiceQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<CustomerInvoice>>> {
        ready(self.invoices(query).and_then(|rows| self.page(rows, &page)))
    }

    fn receivables<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a ReceivableQuery,
    ) -> BoxFuture<'a, Result<Sweep<Receivable>>> {
        ready(self.overdue(query))
    }

    fn budgets<'a>(&'a self, _: &'a Cx, query: &'a BudgetQuery) -> BoxFuture<'a, Result<Vec<Budget>>> {
        let (key, period) = (&query.cost_center, query.period);
        let whole = (period.first, period.last) == (1, 12);
        let of = |b: &&Budget| b.id.native() == key && whole && b.from.0 == period.from();
        let found = self.books.budgets.iter().filter(of).cloned().collect();
        ready(can(self.able.budgets, "budgets").map(|()| found))
    }

    fn payments<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a PaymentQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Payment>>> {
        ready(self.paid(query).and_then(|rows| self.page(rows, &page)))
    }

    fn requisition_caps(&self) -> &Caps {
        &self.caps
    }

    fn find_requisition<'a>(
        &'a self,
        _: &'a Cx,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Requisition>>> {
        ready(Ok(self.lock().requisition(mark)))
    }

    fn draft_requisition<'a>(
        &'a self,
        _: &'a Cx,
        new: &'a NewRequisition,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Requisition>> {
        let able = can(self.able.requisitions, "requisitions");
        ready(able.map(|()| self.lock().draft(&self.source, self.now, new, mark)))
    }

    fn refund_caps(&self) -> &Caps {
        &self.caps
    }

    fn find_refund<'a>(
        &'a self,
        _: &'a Cx,
        payment: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Refund>>> {
        ready(Ok(self.lock().refund_of(payment, mark)))
    }

    fn refund<'a>(&'a self, _: &'a Cx, new: &'a NewRefund, mark: &'a Mark) -> BoxFuture<'a, Result<Refund>> {
        let able = can(self.able.refunds, "refunds");
        let paid = self.books.payments.iter().find(|p| p.id.native() == new.payment);
        let payment = able.and_then(|()| paid.ok_or_else(|| missing(&new.payment)));
        ready(payment.and_then(|payment| self.lock().give_back(payment, new, mark, self.now)))
    }
}
