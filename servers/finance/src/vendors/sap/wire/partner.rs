//! Partners and the organization.

use serde::Deserialize;

use super::{Results, Text};

/// `A_Supplier` with its company codes and purchasing organizations.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Supplier<'a> {
    #[serde(borrow)]
    pub(in super::super) supplier: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) supplier_name: Text<'a>,
    #[serde(default)]
    pub(in super::super) payment_is_blocked_for_supplier: Option<bool>,
    #[serde(default)]
    pub(in super::super) posting_is_blocked: Option<bool>,
    #[serde(default)]
    pub(in super::super) purchasing_is_blocked: Option<bool>,
    #[serde(borrow, default, rename = "to_SupplierCompany")]
    pub(in super::super) companies: Results<SupplierCompany<'a>>,
    #[serde(borrow, default, rename = "to_SupplierPurchasingOrg")]
    pub(in super::super) organizations: Results<SupplierOrganization<'a>>,
}

/// `A_SupplierCompany`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct SupplierCompany<'a> {
    #[serde(borrow)]
    pub(in super::super) company_code: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) payment_terms: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) payment_blocking_reason: Text<'a>,
    pub(in super::super) supplier_is_blocked_for_posting: Option<bool>,
}

/// `A_SupplierPurchasingOrg`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct SupplierOrganization<'a> {
    #[serde(borrow)]
    pub(in super::super) purchasing_organization: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) payment_terms: Text<'a>,
    pub(in super::super) purchasing_is_blocked_for_supplier: Option<bool>,
    #[serde(borrow)]
    pub(in super::super) supplier_resp_sales_person_name: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) supplier_phone_number: Text<'a>,
}

/// `A_Supplier` or `A_Customer`, for its name alone.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Named<'a> {
    #[serde(borrow, alias = "Supplier", alias = "Customer")]
    pub(in super::super) number: Text<'a>,
    #[serde(borrow, alias = "SupplierName", alias = "CustomerName")]
    pub(in super::super) name: Text<'a>,
}

/// `A_BusinessPartner` with addresses and identifications.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Partner<'a> {
    #[serde(borrow, default)]
    pub(in super::super) supplier: Text<'a>,
    #[serde(borrow, default)]
    pub(in super::super) customer: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) business_partner_full_name: Text<'a>,
    #[serde(borrow, default, rename = "to_BusinessPartnerAddress")]
    pub(in super::super) addresses: Results<Address<'a>>,
    #[serde(borrow, default, rename = "to_BuPaIdentification")]
    pub(in super::super) identifications: Results<Identification<'a>>,
}

/// `A_BusinessPartnerAddress` with what is reached by it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Address<'a> {
    #[serde(borrow, default)]
    pub(in super::super) business_partner: Text<'a>,
    #[serde(borrow, default)]
    pub(in super::super) country: Text<'a>,
    #[serde(borrow, default, rename = "to_EmailAddress")]
    pub(in super::super) emails: Results<Email<'a>>,
    #[serde(borrow, default, rename = "to_URLAddress")]
    pub(in super::super) websites: Results<Website<'a>>,
}

/// `A_AddressEmailAddress`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Email<'a> {
    #[serde(borrow)]
    pub(in super::super) email_address: Text<'a>,
}

/// `A_AddressHomePageURL`; e-mail addresses are read as this too, for the address they belong to.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Website<'a> {
    #[serde(borrow, default, rename = "AddressID")]
    pub(in super::super) address: Text<'a>,
    #[serde(borrow, default, rename = "WebsiteURL")]
    pub(in super::super) url: Text<'a>,
}

/// `A_BuPaIdentification`.
#[derive(Debug, Deserialize)]
pub(in super::super) struct Identification<'a> {
    #[serde(borrow, default, rename = "BusinessPartner")]
    pub(in super::super) partner: Text<'a>,
    #[serde(borrow, rename = "BPIdentificationType")]
    pub(in super::super) kind: Text<'a>,
    #[serde(borrow, rename = "BPIdentificationNumber")]
    pub(in super::super) number: Text<'a>,
}

/// `A_CompanyCode`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct CompanyCode<'a> {
    #[serde(borrow)]
    pub(in super::super) company_code: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) company_code_name: Text<'a>,
}

/// `A_Plant`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct Plant<'a> {
    #[serde(borrow)]
    pub(in super::super) plant: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) plant_name: Text<'a>,
}

/// `A_CostCenter` with its names.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct CostCenter<'a> {
    #[serde(borrow)]
    pub(in super::super) controlling_area: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) cost_center: Text<'a>,
    #[serde(borrow, default, rename = "to_Text")]
    pub(in super::super) texts: Results<CostCenterText<'a>>,
}

/// `A_CostCenterText`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in super::super) struct CostCenterText<'a> {
    #[serde(borrow)]
    pub(in super::super) language: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) cost_center_name: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) cost_center_description: Text<'a>,
}
