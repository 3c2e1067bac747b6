//! Company codes, plants and cost centers (version 2).

use super::many;
use crate::vendors::sap::sim::schema::{EntitySet, READ, Service, Version, date, text};

/// API_COMPANYCODE_SRV.
pub(super) static COMPANIES: Service = Service {
    path: "/sap/opu/odata/sap/API_COMPANYCODE_SRV/",
    namespace: "API_COMPANYCODE_SRV",
    version: Version::V2,
    page: 1000,
    sets: &[EntitySet {
        name: "A_CompanyCode",
        kind: "A_CompanyCodeType",
        keys: &["CompanyCode"],
        properties: &[
            text("CompanyCode", 4),
            text("CompanyCodeName", 25),
            text("Country", 3),
            text("Currency", 5),
            text("ControllingArea", 4),
        ],
        navigations: &[],
        access: READ,
    }],
};

/// API_PLANT_SRV.
pub(super) static PLANTS: Service = Service {
    path: "/sap/opu/odata/sap/API_PLANT_SRV/",
    namespace: "API_PLANT_SRV",
    version: Version::V2,
    page: 1000,
    sets: &[EntitySet {
        name: "A_Plant",
        kind: "A_PlantType",
        keys: &["Plant"],
        properties: &[text("Plant", 4), text("PlantName", 30), text("PlantCategory", 1)],
        navigations: &[],
        access: READ,
    }],
};

/// API_COSTCENTER_SRV.
pub(super) static COST_CENTERS: Service = Service {
    path: "/sap/opu/odata/sap/API_COSTCENTER_SRV/",
    namespace: "API_COSTCENTER_SRV",
    version: Version::V2,
    page: 1000,
    sets: &[
        EntitySet {
            name: "A_CostCenter",
            kind: "A_CostCenterType",
            keys: &["ControllingArea", "CostCenter", "ValidityEndDate"],
            properties: &[
                text("ControllingArea", 4),
                text("CostCenter", 10),
                date("ValidityEndDate"),
                date("ValidityStartDate"),
                text("CompanyCode", 4),
                text("CostCtrResponsiblePersonName", 20),
                text("CostCenterCurrency", 5),
            ],
            navigations: &[many(
                "to_Text",
                "A_CostCenterText",
                &[
                    ("ControllingArea", "ControllingArea"),
                    ("CostCenter", "CostCenter"),
                    ("ValidityEndDate", "ValidityEndDate"),
                ],
            )],
            access: READ,
        },
        EntitySet {
            name: "A_CostCenterText",
            kind: "A_CostCenterTextType",
            keys: &["ControllingArea", "CostCenter", "ValidityEndDate", "Language"],
            properties: &[
                text("ControllingArea", 4),
                text("CostCenter", 10),
                date("ValidityEndDate"),
                text("Language", 2),
                text("CostCenterName", 20),
                text("CostCenterDescription", 40),
            ],
            navigations: &[],
            access: READ,
        },
    ],
};
