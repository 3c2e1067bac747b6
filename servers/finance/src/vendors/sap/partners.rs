//! Names of partners, and partners by name.

use std::collections::{BTreeSet, HashMap};

use call::Cx;
use content::Label;
use error::Result;
use futures::future::try_join3;
use tool::{CustomerKeys, MatchedBy};
use url::Url;

use super::Sap;
use super::odata::{Clause, Filter};
use super::question::{
    ADDRESSES, CUSTOMERS, EMAILS, IDENTIFICATIONS, PARTNERS, Question, SUPPLIERS, Set, WEBSITES,
};
use super::wire;
use crate::ledger::{CustomerName, FoundCustomer};
use crate::model::{Customer, Party};

/// Partners found at most.
const MOST: usize = 10;

/// Numbers that one filter names at most: a URL has its limits.
pub(super) const TOGETHER: usize = 40;

/// Neighbors of customers that hold their keys.
const KEYS: &str = "to_BusinessPartnerAddress/to_URLAddress,to_BuPaIdentification";

impl Sap {
    /// Names of suppliers by number.
    pub(super) async fn supplier_names(
        &self,
        cx: &Cx,
        numbers: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, String>> {
        self.names(cx, SUPPLIERS, "Supplier", "Supplier,SupplierName", numbers).await
    }

    /// Names of customers by number.
    pub(super) async fn customer_names(
        &self,
        cx: &Cx,
        numbers: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, String>> {
        self.names(cx, CUSTOMERS, "Customer", "Customer,CustomerName", numbers).await
    }

    async fn names(
        &self,
        cx: &Cx,
        set: Set,
        key: &'static str,
        select: &'static str,
        numbers: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, String>> {
        let numbers: Vec<&str> = numbers.collect::<BTreeSet<_>>().into_iter().collect();
        let questions: Vec<Question> = numbers
            .chunks(TOGETHER)
            .map(|some| {
                let these = Clause::one_of(key, some.iter().copied());
                Question::of(set, select).filter(Filter::default().and_some(these))
            })
            .collect();
        let mut names = HashMap::new();
        for found in self.connection.ask_all(cx, &questions, TOGETHER).await? {
            let rows: Vec<wire::Named<'_>> = found.rows()?;
            names.extend(rows.iter().map(|row| (row.number.to_string(), row.name.to_string())));
        }
        Ok(names)
    }

    /// Suppliers called so or nearly so, exact names first.
    pub(super) async fn suppliers_called(&self, cx: &Cx, text: &str) -> Result<Vec<Party>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let question = |clause: Clause| {
            Question::of(PARTNERS, "Supplier,BusinessPartnerFullName")
                .filter(Filter::default().and(Clause::is_not("Supplier", "")).and(clause))
                .order("BusinessPartnerFullName,BusinessPartner")
        };
        let questions = [question(exactly(text)), question(called("Supplier", text))];
        let found = self.connection.ask_all(cx, &questions, 5 * MOST).await?;
        let mut partners: Vec<wire::Partner<'_>> = Vec::new();
        for found in &found {
            let rows: Vec<wire::Partner<'_>> = found.rows()?;
            partners.extend(rows);
        }
        let mut seen = BTreeSet::new();
        partners.retain(|partner| seen.insert(partner.supplier.to_string()));
        sort_by_nearness(&mut partners, text);
        let mut lens = self.lens(cx);
        lens.names = partners.iter().take(MOST).map(|p| named(&p.supplier, p)).collect();
        Ok(partners.iter().take(MOST).map(|partner| lens.party(&partner.supplier)).collect())
    }

    /// Customers called so, by whichever of their names.
    pub(super) async fn customers_called(&self, cx: &Cx, name: &CustomerName) -> Result<Vec<FoundCustomer>> {
        match name {
            CustomerName::Domain(domain) => self.customers_at(cx, domain).await,
            CustomerName::Text(text) if text.trim().is_empty() => Ok(Vec::new()),
            CustomerName::Text(text) => {
                let text = text.trim();
                let in_billing = self.customers_in_billing(cx, text);
                let by_name = self.customers_where(cx, exactly(text), text);
                let nearly = self.customers_where(cx, called("Customer", text), text);
                let (mut found, by_name, nearly) = try_join3(in_billing, by_name, nearly).await?;
                for one in by_name.into_iter().chain(nearly) {
                    if found.iter().all(|known| known.customer.id != one.customer.id) {
                        found.push(one);
                    }
                }
                found.truncate(MOST);
                Ok(found)
            }
        }
    }

    /// By their domain: that of a web site or an e-mail address.
    async fn customers_at(&self, cx: &Cx, domain: &str) -> Result<Vec<FoundCustomer>> {
        let websites = Question::of(WEBSITES, "AddressID,WebsiteURL")
            .filter(Filter::default().and(Clause::Contains("WebsiteURL".into(), domain.to_owned())));
        let emails = Question::of(EMAILS, "AddressID")
            .filter(Filter::default().and(Clause::EndsWith("EmailAddress".into(), format!("@{domain}"))));
        let found = self.connection.ask_all(cx, &[websites, emails], TOGETHER).await?;
        let mut addresses = BTreeSet::new();
        for (at, found) in found.iter().enumerate() {
            let rows: Vec<wire::Website<'_>> = found.rows()?;
            // A site that merely mentions the domain is not its owner's.
            let meant = rows.iter().filter(|row| at > 0 || host(&row.url).as_deref() == Some(domain));
            addresses.extend(meant.map(|row| row.address.to_string()));
        }
        let Some(these) = Clause::one_of("AddressID", addresses.iter().map(String::as_str)) else {
            return Ok(Vec::new());
        };
        let question = Question::of(ADDRESSES, "BusinessPartner").filter(Filter::default().and(these));
        let found = self.connection.ask(cx, &question, 0, TOGETHER).await?;
        let rows: Vec<wire::Address<'_>> = found.rows()?;
        let partners = Clause::one_of("BusinessPartner", rows.iter().map(|row| &*row.business_partner));
        let Some(these) = partners else { return Ok(Vec::new()) };
        let mut customers = self.customers_where(cx, these, domain).await?;
        customers.iter_mut().for_each(|found| found.matched_by = MatchedBy::Domain);
        Ok(customers)
    }

    /// By their number in billing, where partners carry it.
    async fn customers_in_billing(&self, cx: &Cx, text: &str) -> Result<Vec<FoundCustomer>> {
        let Some(kind) = &self.mapping.billing_identification else { return Ok(Vec::new()) };
        let filter = Filter::default()
            .and(Clause::is("BPIdentificationType", kind.as_str()))
            .and(Clause::is("BPIdentificationNumber", text));
        let question =
            Question::of(IDENTIFICATIONS, "BusinessPartner,BPIdentificationType,BPIdentificationNumber");
        let found = self.connection.ask(cx, &question.filter(filter), 0, MOST).await?;
        let rows: Vec<wire::Identification<'_>> = found.rows()?;
        let these = Clause::one_of("BusinessPartner", rows.iter().map(|row| &*row.partner));
        match these {
            Some(these) => self.customers_where(cx, these, text).await,
            None => Ok(Vec::new()),
        }
    }

    async fn customers_where(&self, cx: &Cx, clause: Clause, text: &str) -> Result<Vec<FoundCustomer>> {
        let select = "Customer,BusinessPartnerFullName,to_BusinessPartnerAddress/to_URLAddress/WebsiteURL,\
            to_BuPaIdentification/BPIdentificationType,to_BuPaIdentification/BPIdentificationNumber";
        let question = Question::of(PARTNERS, select)
            .filter(Filter::default().and(Clause::is_not("Customer", "")).and(clause))
            .expand(KEYS)
            .order("BusinessPartnerFullName,BusinessPartner");
        let found = self.connection.ask(cx, &question, 0, 5 * MOST).await?;
        let mut partners: Vec<wire::Partner<'_>> = found.rows()?;
        sort_by_nearness(&mut partners, text);
        let lens = self.lens(cx);
        let customer = |partner: &wire::Partner<'_>| Customer {
            id: lens.id(&partner.customer),
            name: Label::new(&partner.business_partner_full_name),
            keys: self.keys_of(partner),
        };
        let found = |partner: &wire::Partner<'_>| {
            let customer = customer(partner);
            let matched_by = customer.keys.matched(text).unwrap_or(MatchedBy::Name);
            FoundCustomer { customer, matched_by }
        };
        Ok(partners.iter().take(MOST).map(found).collect())
    }

    fn keys_of(&self, partner: &wire::Partner<'_>) -> CustomerKeys {
        let websites = partner.addresses.rows().iter().flat_map(|address| address.websites.rows());
        let kind = self.mapping.billing_identification.as_deref();
        let identified = partner.identifications.rows().iter().find(|own| Some(&*own.kind) == kind);
        CustomerKeys {
            domain: websites.filter_map(|site| host(&site.url)).next(),
            erp_customer: Some(partner.customer.to_string()),
            billing_customer: identified.map(|own| own.number.to_string()),
        }
    }
}

fn named(number: &str, partner: &wire::Partner<'_>) -> (String, String) {
    (number.to_owned(), partner.business_partner_full_name.to_string())
}

/// Partners of this name. They are asked for by themselves: among all whose names merely contain it they might not be
/// within the first.
fn exactly(text: &str) -> Clause {
    let full_name = "BusinessPartnerFullName";
    Clause::Any(vec![Clause::is(full_name, text), Clause::is(full_name, titled(text).as_str())])
}

/// Partners with this number or something like this name. SAP compares letter by letter, so that the usual ways to
/// write a name are all asked for; its search term is the beginning of the name in capitals.
fn called(number: &'static str, text: &str) -> Clause {
    let full_name = "BusinessPartnerFullName";
    let mut ways = vec![Clause::Contains(full_name.into(), text.to_owned())];
    let titled = titled(text);
    if titled != text {
        ways.push(Clause::Contains(full_name.into(), titled));
    }
    let term: String = text.to_uppercase().chars().take(20).collect();
    ways.push(Clause::Contains("SearchTerm1".into(), term));
    if super::launchpad::number(crate::ledger::Noun::Customer, text).is_some() {
        ways.push(Clause::is(number, text));
    }
    Clause::Any(ways)
}

/// Every word with a capital: `nordwind handel` is `Nordwind Handel`.
fn titled(text: &str) -> String {
    let mut starts = true;
    let letter = |c: char| {
        let shown: String = if starts { c.to_uppercase().collect() } else { c.to_string() };
        starts = c.is_whitespace();
        shown
    };
    text.chars().map(letter).collect()
}

/// Exact names first, then as SAP had them.
fn sort_by_nearness(partners: &mut [wire::Partner<'_>], text: &str) {
    let text = text.to_lowercase();
    partners.sort_by_key(|partner| partner.business_partner_full_name.to_lowercase() != text);
}

/// The domain of a web site, `www.` aside.
fn host(url: &str) -> Option<String> {
    let url = if url.contains("://") { Url::parse(url) } else { Url::parse(&format!("https://{url}")) };
    let url = url.ok()?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}
