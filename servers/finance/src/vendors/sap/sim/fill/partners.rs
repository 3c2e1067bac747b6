//! Suppliers and customers as business partners.

use rust_decimal::Decimal;
use sandbox::company::{Account, Supplier};

use super::{Books, amount, cut, number, parts, text};
use crate::vendors::sap::sim::value::Value;

/// The purchasing organization and company code that suppliers are known in.
const BUYER: &str = "1010";

pub(super) fn suppliers(books: &mut Books, suppliers: &[Supplier]) {
    for supplier in suppliers {
        partner(books, "Supplier", &supplier.key, &supplier.name, (&supplier.country, &supplier.city));
        online(
            books,
            &supplier.key,
            supplier.domain.as_deref(),
            supplier.contact.as_ref().map(|(_, mail)| mail),
        );
        supplier_roles(books, supplier);
        performance(books, supplier);
    }
}

fn supplier_roles(books: &mut Books, supplier: &Supplier) {
    let key = || text(&supplier.key);
    let created = Value::Date(books.day(supplier.created_days));
    books.add(
        "A_Supplier",
        [
            ("Supplier", key()),
            ("SupplierName", cut(&supplier.name, 80)),
            ("SupplierFullName", cut(&supplier.name, 220)),
            ("SupplierAccountGroup", text("SUPL")),
            ("CreationDate", created),
            ("PaymentIsBlockedForSupplier", Value::Flag(supplier.payment_block)),
            ("PurchasingIsBlocked", Value::Flag(supplier.purchasing_block)),
        ],
    );
    books.add(
        "A_SupplierCompany",
        [
            ("Supplier", key()),
            ("CompanyCode", text(BUYER)),
            ("PaymentTerms", cut(&supplier.terms, 4)),
            ("PaymentBlockingReason", text(if supplier.payment_block { "A" } else { "" })),
        ],
    );
    let person = supplier.contact.as_ref().map_or("", |(name, _)| name);
    books.add(
        "A_SupplierPurchasingOrg",
        [
            ("Supplier", key()),
            ("PurchasingOrganization", text(BUYER)),
            ("PaymentTerms", cut(&supplier.terms, 4)),
            ("PurchaseOrderCurrency", text(&supplier.currency)),
            ("PurchasingIsBlockedForSupplier", Value::Flag(supplier.purchasing_block)),
            ("SupplierRespSalesPersonName", cut(person, 30)),
        ],
    );
}

/// The last twelve months of spend and deliveries, month by month.
fn performance(books: &mut Books, supplier: &Supplier) {
    let spend = parts(amount(&supplier.spend), 12);
    let deliveries = parts(Decimal::from(supplier.deliveries), 12);
    let late = parts(Decimal::from(supplier.late), 12);
    for (month, ((spend, deliveries), late)) in spend.into_iter().zip(deliveries).zip(late).enumerate() {
        let day = books.day(-15 - 30 * i64::try_from(month).unwrap_or_default());
        books.add(
            "ZC_SupplierSpend",
            [
                ("Supplier", text(&supplier.key)),
                ("PostingDate", Value::Date(day)),
                ("TransactionCurrency", text(&supplier.currency)),
                ("NetAmount", number(spend)),
            ],
        );
        books.add(
            "ZC_SupplierDelivery",
            [
                ("Supplier", text(&supplier.key)),
                ("DeliveryDate", Value::Date(day)),
                ("NumberOfDeliveries", number(deliveries.trunc())),
                ("NumberOfLateDeliveries", number(late.trunc())),
            ],
        );
    }
}

pub(super) fn customers(books: &mut Books, accounts: &[Account]) {
    for account in accounts {
        let Some(key) = &account.erp_customer else { continue };
        partner(books, "Customer", key, &account.name, (&account.country, &account.city));
        online(books, key, Some(&account.domain), None);
        let created = Value::Date(books.day(account.created_days));
        books.add(
            "A_Customer",
            [
                ("Customer", text(key)),
                ("CustomerName", cut(&account.name, 80)),
                ("CustomerFullName", cut(&account.name, 220)),
                ("CreationDate", created),
                ("PostingIsBlocked", Value::Flag(account.status == "closed")),
            ],
        );
        if let Some(billing) = &account.billing_customer {
            books.add(
                "A_BuPaIdentification",
                [
                    ("BusinessPartner", text(key)),
                    ("BPIdentificationType", text("ZBILL")),
                    ("BPIdentificationNumber", cut(billing, 60)),
                ],
            );
        }
    }
}

/// A business partner in the role that the property `role` numbers.
fn partner(books: &mut Books, role: &'static str, key: &str, name: &str, (country, city): (&str, &str)) {
    let created = Value::Date(books.day(-900));
    books.add(
        "A_BusinessPartner",
        [
            ("BusinessPartner", text(key)),
            (role, text(key)),
            ("BusinessPartnerCategory", text("2")),
            ("BusinessPartnerFullName", cut(name, 81)),
            ("OrganizationBPName1", cut(name, 40)),
            ("SearchTerm1", cut(&name.to_uppercase(), 20)),
            ("CreationDate", created),
        ],
    );
    books.add(
        "A_BusinessPartnerAddress",
        [
            ("BusinessPartner", text(key)),
            ("AddressID", address(key)),
            ("Country", text(country)),
            ("CityName", cut(city, 40)),
            ("Language", text("EN")),
        ],
    );
}

fn online(books: &mut Books, key: &str, domain: Option<&str>, mail: Option<&String>) {
    if let Some(domain) = domain {
        let website = format!("https://www.{domain}");
        books.add(
            "A_AddressHomePageURL",
            [
                ("AddressID", address(key)),
                ("OrdinalNumber", text("1")),
                ("IsDefaultURLAddress", Value::Flag(true)),
                ("SearchURLAddress", cut(&website.to_uppercase(), 50)),
                ("WebsiteURL", text(website)),
            ],
        );
    }
    if let Some(mail) = mail {
        books.add(
            "A_AddressEmailAddress",
            [
                ("AddressID", address(key)),
                ("OrdinalNumber", text("1")),
                ("IsDefaultEmailAddress", Value::Flag(true)),
                ("EmailAddress", cut(mail, 241)),
            ],
        );
    }
}

fn address(key: &str) -> Value {
    text(super::in_range("2", key).chars().take(10).collect::<String>())
}
