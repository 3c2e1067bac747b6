//! Suppliers compared.

use std::collections::{BTreeMap, HashMap};

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use futures::future::try_join3;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use tool::{Currency, Moment, Money, Totals};

use super::Sap;
use super::lens::{Lens, lacks, money};
use super::odata::{Clause, Filter, Property};
use super::partners::TOGETHER;
use super::question::{PARTNERS, Question, SUPPLIERS};
use super::wire::{self, ViewRow};
use crate::ledger::{Days, Noun, SWEEP, SupplierOrder, SupplierQuery, Sweep};
use crate::model::{Block, BlockKind, Contact, Lateness, Supplier};
use crate::ranking::rank;

/// What is shown of suppliers.
const SUPPLIER: &str = "Supplier,SupplierName,PaymentIsBlockedForSupplier,PostingIsBlocked,PurchasingIsBlocked,\
    to_SupplierCompany/CompanyCode,to_SupplierCompany/PaymentTerms,to_SupplierCompany/PaymentBlockingReason,\
    to_SupplierCompany/SupplierIsBlockedForPosting,to_SupplierPurchasingOrg/PurchasingOrganization,\
    to_SupplierPurchasingOrg/PaymentTerms,to_SupplierPurchasingOrg/PurchasingIsBlockedForSupplier,\
    to_SupplierPurchasingOrg/SupplierRespSalesPersonName,to_SupplierPurchasingOrg/SupplierPhoneNumber";

/// Rows of a view looked at: a year by month of all the suppliers that are looked at.
const VIEWED: usize = 12 * SWEEP;

/// What views tell of suppliers, by number.
type Spend = HashMap<String, Totals>;
type Deliveries = HashMap<String, Lateness>;

impl Sap {
    pub(super) async fn ranked(&self, cx: &Cx, query: &SupplierQuery) -> Result<Sweep<Supplier>> {
        let views = &self.keys.views;
        let unknown = match query.order {
            SupplierOrder::Spend if views.spend.is_none() => Some("spend"),
            SupplierOrder::Lateness if views.deliveries.is_none() => Some("lateness"),
            _ => None,
        };
        if let Some(what) = unknown {
            let message = format!("this SAP source does not know {what}: no view of it is configured");
            return Err(Error::new(Code::UnsupportedFilter, message));
        }
        let these = Clause::one_of("Supplier", query.ids.iter().map(String::as_str));
        let filter = Filter::default().and(Clause::is("DeletionIndicator", false)).and_some(these);
        let question = Question::of(SUPPLIERS, SUPPLIER)
            .filter(filter)
            .expand("to_SupplierCompany,to_SupplierPurchasingOrg")
            .order("Supplier");
        let (found, spend, deliveries) = try_join3(
            self.connection.ask(cx, &question, 0, SWEEP),
            self.spend(cx, query),
            self.deliveries(cx, query.days),
        )
        .await?;
        let lens = self.lens(cx);
        let rows: Vec<wire::Supplier<'_>> = found.rows()?;
        let mut suppliers: Vec<Supplier> = rows.iter().map(|row| self.supplier(&lens, row)).collect();
        for supplier in &mut suppliers {
            let number = supplier.id.native();
            let spent = spend.as_ref().map(|all| all.0.get(number).map(|t| t.iter().collect()));
            supplier.spend = spent.map(Option::unwrap_or_default);
            supplier.lateness = deliveries.as_ref().and_then(|all| all.0.get(number)).copied();
        }
        rank(&mut suppliers, query.order, query.currency);
        suppliers.truncate(query.limit);
        self.complete(cx, &mut suppliers).await?;
        let whole = |more: Option<bool>| !more.unwrap_or_default();
        let complete = !found.more && whole(spend.map(|s| s.1)) && whole(deliveries.map(|d| d.1));
        Ok(Sweep { rows: suppliers, complete, as_of: lens.now })
    }

    fn supplier(&self, lens: &Lens<'_>, row: &wire::Supplier<'_>) -> Supplier {
        let terms = terms(row);
        Supplier {
            id: lens.id(&row.supplier),
            name: Label::new(&row.supplier_name),
            country: None,
            payment_terms: terms.map(Label::new),
            net_days: terms.and_then(|key| self.mapping.payment_terms.get(key)).copied(),
            blocks: blocks(row),
            contacts: contacts(row),
            spend: None,
            lateness: None,
            url: lens.url(Noun::Supplier, &row.supplier),
            as_of: Moment(lens.now),
        }
    }

    /// Adds countries and e-mail addresses, which only partners have.
    async fn complete(&self, cx: &Cx, suppliers: &mut [Supplier]) -> Result<()> {
        let numbers: Vec<String> = suppliers.iter().map(|s| s.id.native().to_owned()).collect();
        let select = "Supplier,BusinessPartnerFullName,to_BusinessPartnerAddress/Country,\
            to_BusinessPartnerAddress/to_EmailAddress/EmailAddress";
        let questions: Vec<Question> = numbers
            .chunks(TOGETHER)
            .map(|some| {
                let these = Clause::one_of("Supplier", some.iter().map(String::as_str));
                Question::of(PARTNERS, select)
                    .filter(Filter::default().and_some(these))
                    .expand("to_BusinessPartnerAddress/to_EmailAddress")
            })
            .collect();
        for found in self.connection.ask_all(cx, &questions, TOGETHER).await? {
            for partner in found.rows::<wire::Partner<'_>>()? {
                let own = suppliers.iter_mut().find(|s| s.id.native() == &*partner.supplier);
                if let (Some(supplier), Some(address)) = (own, partner.addresses.rows().first()) {
                    supplier.country = address.country.some().map(str::to_owned);
                    let email = address.emails.rows().first().and_then(|e| e.email_address.some());
                    add_email(&mut supplier.contacts, email);
                }
            }
        }
        Ok(())
    }

    /// What was spent on these days, and whether there was more than was looked at.
    async fn spend(&self, cx: &Cx, query: &SupplierQuery) -> Result<Option<(Spend, bool)>> {
        let Some(view) = &self.keys.views.spend else { return Ok(None) };
        let currency = query.currency.map(|c| Clause::is(view.currency.clone(), c.code()));
        let question = Question::of_view(
            &view.service,
            &view.set,
            columns(&[&view.supplier, &view.date, &view.amount, &view.currency]),
        )
        .filter(within(&view.date, query.days).and_some(currency))
        .order(columns(&[&view.supplier, &view.date, &view.currency]));
        let found = self.connection.ask(cx, &question, 0, VIEWED).await?;
        let mut spend = Spend::new();
        for row in found.rows::<ViewRow<'_>>()? {
            let amount = money(row.number(&view.amount)?, &row.text(&view.currency)?)?;
            spend.entry(row.text(&view.supplier)?.to_string()).or_default().add(amount);
        }
        Ok(Some((spend, found.more)))
    }

    /// Deliveries promised for these days, and whether there were more than were looked at.
    async fn deliveries(&self, cx: &Cx, days: Days) -> Result<Option<(Deliveries, bool)>> {
        let Some(view) = &self.keys.views.deliveries else { return Ok(None) };
        let question = Question::of_view(
            &view.service,
            &view.set,
            columns(&[&view.supplier, &view.date, &view.deliveries, &view.late]),
        )
        .filter(within(&view.date, days))
        .order(columns(&[&view.supplier, &view.date]));
        let found = self.connection.ask(cx, &question, 0, VIEWED).await?;
        let mut deliveries = Deliveries::new();
        for row in found.rows::<ViewRow<'_>>()? {
            let supplier = row.text(&view.supplier)?.to_string();
            let sum = deliveries.entry(supplier).or_insert(Lateness { deliveries: 0, late: 0 });
            sum.deliveries = sum.deliveries.saturating_add(count(row.number(&view.deliveries)?)?);
            sum.late = sum.late.saturating_add(count(row.number(&view.late)?)?);
        }
        Ok(Some((deliveries, found.more)))
    }
}

/// Names of columns, as `$select` and `$orderby` list them.
pub(super) fn columns(properties: &[&Property]) -> String {
    properties.iter().map(|property| property.name()).collect::<Vec<_>>().join(",")
}

fn within(date: &Property, days: Days) -> Filter {
    Filter::default()
        .and_some(days.from.map(|first| Clause::from(date.clone(), first)))
        .and_some(days.to.map(|last| Clause::until(date.clone(), last)))
}

fn count(number: Decimal) -> Result<u32> {
    number.to_u32().ok_or_else(|| lacks("a number of deliveries"))
}

/// The payment terms that purchasing agreed on, else those of the books.
fn terms<'a>(row: &'a wire::Supplier<'_>) -> Option<&'a str> {
    let agreed = row.organizations.rows().iter().find_map(|own| own.payment_terms.some());
    agreed.or_else(|| row.companies.rows().iter().find_map(|own| own.payment_terms.some()))
}

fn blocks(row: &wire::Supplier<'_>) -> Vec<Block> {
    let everywhere = [
        (row.purchasing_is_blocked, BlockKind::Purchasing),
        (row.posting_is_blocked, BlockKind::Posting),
        (row.payment_is_blocked_for_supplier, BlockKind::Payment),
    ];
    let mut blocks: Vec<Block> = everywhere
        .into_iter()
        .filter(|(is_set, _)| *is_set == Some(true))
        .map(|(_, kind)| Block { kind, reason: Some(Label::new("everywhere")) })
        .collect();
    // What holds everywhere needs no place.
    let mut add = |is_set: bool, kind: BlockKind, place: String| {
        if is_set && blocks.iter().all(|block| block.kind != kind) {
            blocks.push(Block { kind, reason: Some(Label::new(&place)) });
        }
    };
    for own in row.organizations.rows() {
        let is_set = own.purchasing_is_blocked_for_supplier == Some(true);
        add(
            is_set,
            BlockKind::Purchasing,
            format!("purchasing organization {}", &*own.purchasing_organization),
        );
    }
    for own in row.companies.rows() {
        let place = format!("company code {}", &*own.company_code);
        add(own.supplier_is_blocked_for_posting == Some(true), BlockKind::Posting, place.clone());
        if let Some(key) = own.payment_blocking_reason.some() {
            add(true, BlockKind::Payment, format!("{place}, payment block {key}"));
        }
    }
    blocks
}

fn contacts(row: &wire::Supplier<'_>) -> Vec<Contact> {
    let contact = |own: &wire::SupplierOrganization<'_>| {
        let name = own.supplier_resp_sales_person_name.some().map(Label::new);
        let phone = own.supplier_phone_number.some().map(Label::new);
        (name.is_some() || phone.is_some()).then_some(Contact { name, email: None, phone })
    };
    let mut contacts: Vec<Contact> = row.organizations.rows().iter().filter_map(contact).collect();
    contacts.dedup();
    contacts
}

/// The address of the house goes with the only person named, or stands alone.
fn add_email(contacts: &mut Vec<Contact>, email: Option<&str>) {
    let Some(email) = email.map(Label::new) else { return };
    match contacts.as_mut_slice() {
        [only] => only.email = Some(email),
        _ => contacts.push(Contact { name: None, email: Some(email), phone: None }),
    }
}

/// Sums of one kind per currency.
pub(super) fn by_currency<const N: usize>(
    rows: impl Iterator<Item = Result<(Currency, [Money; N])>>,
) -> Result<BTreeMap<Currency, [Decimal; N]>> {
    let mut sums = BTreeMap::<Currency, [Decimal; N]>::new();
    for row in rows {
        let (currency, amounts) = row?;
        let sum = sums.entry(currency).or_insert([Decimal::ZERO; N]);
        for (sum, amount) in sum.iter_mut().zip(amounts) {
            *sum = sum.saturating_add(amount.amount);
        }
    }
    Ok(sums)
}
