//! The demo company's books as the port's own nouns.

use std::collections::HashMap;

use content::Label;
use jiff::{SignedDuration, Span, Timestamp, civil::Date, tz::TimeZone};
use rust_decimal::Decimal;
use sandbox::company;
use tool::{CustomerKeys, Day, Moment, Money, RecordId};

use crate::model::{
    Approval, Block, BlockKind, Budget, Contact, Contract, Customer, CustomerInvoice, InvoiceLine,
    InvoiceStatus, Lateness, OrderItem, Party, Payment, PaymentBlock, PaymentStatus, Payout, PurchaseOrder,
    Receivable, Supplier, SupplierInvoice, SupplierInvoiceStatus,
};

/// What one ledger of the company holds.
pub(super) struct Books {
    pub(super) customers: Vec<Customer>,
    pub(super) suppliers: Vec<Supplier>,
    pub(super) orders: Vec<PurchaseOrder>,
    pub(super) supplier_invoices: Vec<SupplierInvoice>,
    pub(super) contracts: Vec<Contract>,
    pub(super) customer_invoices: Vec<CustomerInvoice>,
    pub(super) budgets: Vec<Budget>,
    pub(super) payments: Vec<Payment>,
}

/// Fills books; everything a record needs of the world around it.
struct Scribe {
    source: String,
    home: &'static str,
    now: Timestamp,
    today: Date,
    accounts: Vec<company::Account>,
    names: HashMap<String, String>,
}

impl Books {
    /// The books that `home` keeps, as source `source`; buying is kept by `sap` alone.
    pub(super) fn open(source: &str, home: &'static str, now: Timestamp) -> Self {
        let buys = home == "sap";
        let mut scribe = Scribe {
            source: source.to_owned(),
            home,
            now,
            today: now.to_zoned(TimeZone::UTC).date(),
            accounts: company::accounts(),
            names: company::suppliers().into_iter().map(|s| (s.key, s.name)).collect(),
        };
        scribe.accounts.retain(|account| scribe_key(account, home).is_some());
        let only = |wanted: &str| wanted == home;
        Self {
            customers: scribe.accounts.iter().map(|a| scribe.customer(a)).collect(),
            suppliers: when(buys, company::suppliers).iter().map(|s| scribe.supplier(s)).collect(),
            orders: when(buys, company::purchase_orders).iter().filter_map(|o| scribe.order(o)).collect(),
            supplier_invoices: when(buys, company::supplier_invoices)
                .iter()
                .map(|i| scribe.supplier_invoice(i))
                .collect(),
            contracts: when(buys, company::contracts).iter().map(|c| scribe.contract(c)).collect(),
            customer_invoices: company::customer_invoices()
                .iter()
                .filter(|i| only(&i.home))
                .map(|i| scribe.customer_invoice(i))
                .collect(),
            budgets: when(buys, company::budgets).iter().map(|b| scribe.budget(b)).collect(),
            payments: company::payments()
                .iter()
                .filter(|p| only(&p.home))
                .map(|p| scribe.payment(p))
                .collect(),
        }
    }

    /// What is overdue on `today`.
    pub(super) fn overdue(&self, today: Date, now: Timestamp) -> impl Iterator<Item = Receivable> {
        let open = self.customer_invoices.iter().filter(|i| i.status == Some(InvoiceStatus::Open));
        open.filter_map(move |invoice| {
            let due = invoice.due.filter(|due| due.0 < today)?;
            let days = today.since(due.0).map_or(0, |span| span.get_days());
            Some(Receivable {
                id: invoice.id.clone(),
                number: invoice.number.clone(),
                customer: invoice.customer.clone(),
                open: invoice.open?,
                due,
                days_overdue: u32::try_from(days).unwrap_or_default(),
                dunning_level: None,
                url: invoice.url.clone(),
                as_of: Moment(now),
            })
        })
    }
}

fn when<T>(wanted: bool, load: fn() -> Vec<T>) -> Vec<T> {
    if wanted { load() } else { Vec::new() }
}

fn scribe_key(account: &company::Account, home: &str) -> Option<String> {
    if home == "sap" { account.erp_customer.clone() } else { account.billing_customer.clone() }
}

impl Scribe {
    fn id(&self, native: impl Into<String>) -> RecordId {
        RecordId::new(&*self.source, native)
    }

    fn url(&self, native: &str) -> String {
        format!("https://{}.example/{native}", self.source)
    }

    fn day(&self, days: i64) -> Day {
        Day(self.today.saturating_add(Span::new().days(days)))
    }

    fn as_of(&self) -> Moment {
        Moment(self.now)
    }

    fn party(&self, supplier: &str) -> Party {
        let name = self.names.get(supplier).map_or(supplier, String::as_str);
        Party { id: self.id(supplier), name: Label::new(name) }
    }

    fn buyer(&self, account: &str) -> Party {
        let found = self.accounts.iter().find(|a| a.key == account).unwrap();
        Party { id: self.id(scribe_key(found, self.home).unwrap()), name: Label::new(&found.name) }
    }

    fn customer(&self, account: &company::Account) -> Customer {
        Customer {
            id: self.id(scribe_key(account, self.home).unwrap()),
            name: Label::new(&account.name),
            keys: CustomerKeys {
                domain: Some(account.domain.clone()),
                erp_customer: account.erp_customer.clone(),
                billing_customer: account.billing_customer.clone(),
            },
        }
    }

    fn supplier(&self, supplier: &company::Supplier) -> Supplier {
        let block = |yes: bool, kind| yes.then_some(Block { kind, reason: None });
        let contact = |(name, email): &(String, String)| Contact {
            name: Some(Label::new(name)),
            email: Some(Label::new(email)),
            phone: None,
        };
        Supplier {
            id: self.id(&*supplier.key),
            name: Label::new(&supplier.name),
            country: Some(supplier.country.clone()),
            payment_terms: Some(Label::new(&supplier.terms)),
            net_days: supplier.terms.strip_prefix("NT").and_then(|n| n.parse().ok()).or(Some(0)),
            blocks: block(supplier.purchasing_block, BlockKind::Purchasing)
                .into_iter()
                .chain(block(supplier.payment_block, BlockKind::Payment))
                .collect(),
            contacts: supplier.contact.iter().map(contact).collect(),
            spend: Some(vec![money(&supplier.spend, &supplier.currency)]),
            lateness: Some(Lateness { deliveries: supplier.deliveries, late: supplier.late }),
            url: self.url(&supplier.key),
            as_of: self.as_of(),
        }
    }

    /// `None` if everything came.
    fn order(&self, order: &company::PurchaseOrder) -> Option<PurchaseOrder> {
        let missing = |item: &&company::OrderItem| !item.completed && item.delivered < item.quantity;
        let due = order.items.iter().filter(missing).map(|item| self.day(item.need_days)).min()?;
        let items: Vec<OrderItem> = order.items.iter().map(|i| self.item(i, &order.currency)).collect();
        let value = items.iter().map(|item| item.value.amount).sum();
        Some(PurchaseOrder {
            id: self.id(&*order.key),
            supplier: self.party(&order.supplier),
            company: order.company_code.clone(),
            plants: vec![order.plant.clone()],
            value: Money::new(value, money("0", &order.currency).currency),
            approval: Some(match order.approval.as_str() {
                "released" => Approval::Approved,
                "rejected" => Approval::Rejected,
                _ => Approval::Waiting,
            }),
            status: None,
            ordered: self.day(order.created_days),
            due: Some(due),
            overdue: due.0 < self.today,
            requester: order.requester.as_deref().map(Label::new),
            contracts: order.contract.iter().map(|c| self.id(&**c)).collect(),
            url: self.url(&order.key),
            as_of: self.as_of(),
            items,
        })
    }

    fn item(&self, item: &company::OrderItem, currency: &str) -> OrderItem {
        let price = money(&item.price, currency);
        OrderItem {
            text: Label::new(&item.text),
            quantity: Decimal::from(item.quantity),
            unit: Some(Label::new(&item.unit)),
            value: Money::new(price.amount * Decimal::from(item.quantity), price.currency),
            due: Some(self.day(item.need_days)),
        }
    }

    fn supplier_invoice(&self, invoice: &company::SupplierInvoice) -> SupplierInvoice {
        let block = invoice.block.as_deref().map(|block| match block {
            "price" => PaymentBlock::Price,
            "quantity" => PaymentBlock::Quantity,
            _ => PaymentBlock::Manual,
        });
        SupplierInvoice {
            id: self.id(&*invoice.key),
            reference: Some(Label::new(&invoice.reference)),
            supplier: self.party(&invoice.supplier),
            company: "1010".into(),
            amount: money(&invoice.amount, &invoice.currency),
            status: match invoice.status.as_str() {
                "paid" => SupplierInvoiceStatus::Paid,
                "blocked" => SupplierInvoiceStatus::Blocked,
                _ => SupplierInvoiceStatus::Open,
            },
            blocked_because: block.into_iter().collect(),
            block: None,
            posted: self.day(invoice.posted_days),
            due: Some(self.day(invoice.due_days)),
            paid: invoice.paid_days.map(|d| self.day(d)),
            order: invoice.order.as_deref().map(|o| self.id(o)),
            url: self.url(&invoice.key),
            as_of: self.as_of(),
        }
    }

    fn contract(&self, contract: &company::Contract) -> Contract {
        Contract {
            id: self.id(&*contract.key),
            supplier: self.party(&contract.supplier),
            title: Some(Label::new(&contract.text)),
            company: Some(contract.company_code.clone()),
            target: Some(money(&contract.value, &contract.currency)),
            called: Some(money(&contract.called, &contract.currency)),
            starts: Some(self.day(contract.start_days)),
            ends: contract.end_days.map(|days| self.day(days)),
            url: self.url(&contract.key),
            as_of: self.as_of(),
        }
    }

    fn customer_invoice(&self, invoice: &company::CustomerInvoice) -> CustomerInvoice {
        let total = money(&invoice.amount, &invoice.currency);
        let status = match invoice.status.as_str() {
            "draft" => InvoiceStatus::Draft,
            "open" => InvoiceStatus::Open,
            "void" => InvoiceStatus::Void,
            "uncollectible" => InvoiceStatus::Uncollectible,
            _ => InvoiceStatus::Paid,
        };
        let left = if status == InvoiceStatus::Open { total.amount } else { Decimal::ZERO };
        CustomerInvoice {
            id: self.id(&*invoice.key),
            number: Some(Label::new(&invoice.key)),
            customer: self.buyer(&invoice.account),
            total,
            open: Some(Money::new(left, total.currency)),
            status: Some(status),
            issued: self.day(invoice.issued_days),
            due: invoice.due_days.map(|d| self.day(d)),
            url: self.url(&invoice.key),
            as_of: Some(self.as_of()),
            note: None,
            lines: vec![InvoiceLine { text: Some(Label::new(&invoice.text)), amount: total }],
        }
    }

    fn budget(&self, budget: &company::Budget) -> Budget {
        let year = self.today.year() + i16::try_from(budget.year).unwrap_or_default();
        let amount = |text: &str| money(text, &budget.currency);
        let (all, committed, actual) = (&budget.budget, &budget.committed, &budget.actual);
        let left = amount(all).amount - amount(committed).amount - amount(actual).amount;
        Budget {
            id: self.id(&*budget.key),
            name: Some(Label::new(&budget.name)),
            from: Day(Date::constant(year, 1, 1)),
            to: Day(Date::constant(year, 12, 31)),
            budget: amount(all),
            committed: amount(committed),
            actual: amount(actual),
            available: Money::new(left, amount(all).currency),
            url: self.url(&budget.key),
            as_of: self.as_of(),
        }
    }

    fn payment(&self, payment: &company::Payment) -> Payment {
        let amount = money(&payment.amount, &payment.currency);
        let status = match payment.status.as_str() {
            "failed" => PaymentStatus::Failed,
            "disputed" => PaymentStatus::Disputed,
            "refunded" => PaymentStatus::Refunded,
            "authorized" => PaymentStatus::Pending,
            _ => PaymentStatus::Paid,
        };
        Payment {
            id: self.id(&*payment.key),
            customer: Some(self.buyer(&payment.account)),
            amount,
            collected: None,
            refunded: (status == PaymentStatus::Refunded).then_some(amount),
            status,
            reason: payment.failure.as_deref().map(Label::new),
            method: payment.card.as_ref().map(|c| Label::new(&format!("card ending in {c}"))),
            at: Moment(self.now + SignedDuration::from_hours(payment.hours)),
            invoice: payment.invoice.as_deref().map(|i| self.id(i)),
            payout: payment.payout.as_deref().map(|id| Payout {
                id: self.id(id),
                arrives: None,
                status: None,
            }),
            url: self.url(&payment.key),
            as_of: self.as_of(),
        }
    }
}

fn money(amount: &str, currency: &str) -> Money {
    Money::parse(amount, currency).unwrap()
}
