//! The company's own CDS views, published as OData (`@OData.publish: true`). No two systems have the same; these stand
//! for what an ABAP developer writes in a day over ACDOCA and EKBE.

use crate::vendors::sap::sim::schema::{EntitySet, READ, Service, Version, date, decimal, text};

/// What was spent with suppliers, by posting day.
pub(super) static SPEND: Service = Service {
    path: "/sap/opu/odata/sap/ZC_SUPPLIERSPEND_CDS/",
    namespace: "ZC_SUPPLIERSPEND_CDS",
    version: Version::V2,
    page: 1000,
    sets: &[EntitySet {
        name: "ZC_SupplierSpend",
        kind: "ZC_SupplierSpendType",
        keys: &["Supplier", "PostingDate", "TransactionCurrency"],
        properties: &[
            text("Supplier", 10),
            date("PostingDate"),
            text("TransactionCurrency", 5),
            decimal("NetAmount", 23, 2),
        ],
        navigations: &[],
        access: READ,
    }],
};

/// How late suppliers delivered, by the day a delivery was promised for.
pub(super) static DELIVERIES: Service = Service {
    path: "/sap/opu/odata/sap/ZC_SUPPLIERDELIVERY_CDS/",
    namespace: "ZC_SUPPLIERDELIVERY_CDS",
    version: Version::V2,
    page: 1000,
    sets: &[EntitySet {
        name: "ZC_SupplierDelivery",
        kind: "ZC_SupplierDeliveryType",
        keys: &["Supplier", "DeliveryDate"],
        properties: &[
            text("Supplier", 10),
            date("DeliveryDate"),
            decimal("NumberOfDeliveries", 10, 0),
            decimal("NumberOfLateDeliveries", 10, 0),
        ],
        navigations: &[],
        access: READ,
    }],
};

/// What cost centers may spend, have ordered and have spent, by fiscal period.
pub(super) static BUDGET: Service = Service {
    path: "/sap/opu/odata/sap/ZC_BUDGETAVAILABILITY_CDS/",
    namespace: "ZC_BUDGETAVAILABILITY_CDS",
    version: Version::V2,
    page: 1000,
    sets: &[EntitySet {
        name: "ZC_BudgetAvailability",
        kind: "ZC_BudgetAvailabilityType",
        keys: &["CostCenter", "FiscalYear", "FiscalPeriod", "Currency"],
        properties: &[
            text("CostCenter", 10),
            text("CostCenterName", 20),
            text("FiscalYear", 4),
            text("FiscalPeriod", 3),
            text("Currency", 5),
            decimal("BudgetAmount", 23, 2),
            decimal("CommittedAmount", 23, 2),
            decimal("ActualAmount", 23, 2),
        ],
        navigations: &[],
        access: READ,
    }],
};
