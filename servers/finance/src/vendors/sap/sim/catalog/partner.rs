//! Business partners: suppliers and customers with their addresses (version 2).

use super::{many, one};
use crate::vendors::sap::sim::schema::{
    Access, EntitySet, READ, Service, Version, WRITE, computed, date, flag, text,
};

/// Entities that may be changed, not created by themselves.
const CHANGE: Access = Access { create: false, update: true, delete: false };

/// API_BUSINESS_PARTNER.
pub(super) static PARTNERS: Service = Service {
    path: "/sap/opu/odata/sap/API_BUSINESS_PARTNER/",
    namespace: "API_BUSINESS_PARTNER",
    version: Version::V2,
    page: 50,
    sets: &[
        EntitySet {
            name: "A_BusinessPartner",
            kind: "A_BusinessPartnerType",
            keys: &["BusinessPartner"],
            properties: &[
                text("BusinessPartner", 10),
                computed(text("Customer", 10)),
                computed(text("Supplier", 10)),
                text("BusinessPartnerCategory", 1),
                text("BusinessPartnerGrouping", 4),
                computed(text("BusinessPartnerFullName", 81)),
                computed(date("CreationDate")),
                text("FirstName", 40),
                text("LastName", 40),
                text("OrganizationBPName1", 40),
                text("OrganizationBPName2", 40),
                text("SearchTerm1", 20),
                text("SearchTerm2", 20),
                flag("BusinessPartnerIsBlocked"),
                flag("IsMarkedForArchiving"),
            ],
            navigations: &[
                many(
                    "to_BusinessPartnerAddress",
                    "A_BusinessPartnerAddress",
                    &[("BusinessPartner", "BusinessPartner")],
                ),
                many(
                    "to_BuPaIdentification",
                    "A_BuPaIdentification",
                    &[("BusinessPartner", "BusinessPartner")],
                ),
                one("to_Customer", "A_Customer", &[("Customer", "Customer")]),
                one("to_Supplier", "A_Supplier", &[("Supplier", "Supplier")]),
            ],
            access: WRITE,
        },
        EntitySet {
            name: "A_BusinessPartnerAddress",
            kind: "A_BusinessPartnerAddressType",
            keys: &["BusinessPartner", "AddressID"],
            properties: &[
                text("BusinessPartner", 10),
                text("AddressID", 10),
                text("Country", 3),
                text("CityName", 40),
                text("PostalCode", 10),
                text("StreetName", 60),
                text("Language", 2),
            ],
            navigations: &[
                many("to_EmailAddress", "A_AddressEmailAddress", &[("AddressID", "AddressID")]),
                many("to_URLAddress", "A_AddressHomePageURL", &[("AddressID", "AddressID")]),
            ],
            access: CHANGE,
        },
        EntitySet {
            name: "A_AddressEmailAddress",
            kind: "A_AddressEmailAddressType",
            keys: &["AddressID", "Person", "OrdinalNumber"],
            properties: &[
                text("AddressID", 10),
                text("Person", 10),
                text("OrdinalNumber", 3),
                flag("IsDefaultEmailAddress"),
                text("EmailAddress", 241),
            ],
            navigations: &[],
            access: CHANGE,
        },
        EntitySet {
            name: "A_AddressHomePageURL",
            kind: "A_AddressHomePageURLType",
            keys: &["AddressID", "Person", "OrdinalNumber"],
            properties: &[
                text("AddressID", 10),
                text("Person", 10),
                text("OrdinalNumber", 3),
                flag("IsDefaultURLAddress"),
                text("SearchURLAddress", 50),
                text("WebsiteURL", 2048),
            ],
            navigations: &[],
            access: CHANGE,
        },
        EntitySet {
            name: "A_BuPaIdentification",
            kind: "A_BuPaIdentificationType",
            keys: &["BusinessPartner", "BPIdentificationType", "BPIdentificationNumber"],
            properties: &[
                text("BusinessPartner", 10),
                text("BPIdentificationType", 6),
                text("BPIdentificationNumber", 60),
            ],
            navigations: &[],
            access: READ,
        },
        EntitySet {
            name: "A_Customer",
            kind: "A_CustomerType",
            keys: &["Customer"],
            properties: &[
                text("Customer", 10),
                computed(text("CustomerName", 80)),
                computed(text("CustomerFullName", 220)),
                computed(date("CreationDate")),
                flag("DeletionIndicator"),
                flag("PostingIsBlocked"),
            ],
            navigations: &[],
            access: CHANGE,
        },
        EntitySet {
            name: "A_Supplier",
            kind: "A_SupplierType",
            keys: &["Supplier"],
            properties: &[
                text("Supplier", 10),
                computed(text("SupplierName", 80)),
                computed(text("SupplierFullName", 220)),
                text("SupplierAccountGroup", 4),
                computed(date("CreationDate")),
                flag("DeletionIndicator"),
                flag("PaymentIsBlockedForSupplier"),
                flag("PostingIsBlocked"),
                flag("PurchasingIsBlocked"),
            ],
            navigations: &[
                many("to_SupplierCompany", "A_SupplierCompany", &[("Supplier", "Supplier")]),
                many("to_SupplierPurchasingOrg", "A_SupplierPurchasingOrg", &[("Supplier", "Supplier")]),
            ],
            access: CHANGE,
        },
        EntitySet {
            name: "A_SupplierCompany",
            kind: "A_SupplierCompanyType",
            keys: &["Supplier", "CompanyCode"],
            properties: &[
                text("Supplier", 10),
                text("CompanyCode", 4),
                text("PaymentTerms", 4),
                text("PaymentBlockingReason", 1),
                flag("SupplierIsBlockedForPosting"),
                flag("DeletionIndicator"),
            ],
            navigations: &[],
            access: CHANGE,
        },
        EntitySet {
            name: "A_SupplierPurchasingOrg",
            kind: "A_SupplierPurchasingOrgType",
            keys: &["Supplier", "PurchasingOrganization"],
            properties: &[
                text("Supplier", 10),
                text("PurchasingOrganization", 4),
                text("PaymentTerms", 4),
                text("PurchaseOrderCurrency", 5),
                flag("PurchasingIsBlockedForSupplier"),
                text("SupplierRespSalesPersonName", 30),
                text("SupplierPhoneNumber", 16),
                flag("DeletionIndicator"),
            ],
            navigations: &[],
            access: CHANGE,
        },
    ],
};
