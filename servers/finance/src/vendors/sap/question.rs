//! A question to an entity set.

use std::borrow::Cow;

use outbound::Request;
use url::Url;

use super::odata::{Filter, Version};

/// An entity set by the address of its service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Set {
    /// The path; views have their service and set filled in.
    pub(super) path: &'static str,
    /// The protocol of its service.
    pub(super) version: Version,
}

/// API_PURCHASEORDER_2.
pub(super) const ORDERS: Set =
    v4("/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001/PurchaseOrder");
/// API_PURCHASEREQUISITION_2.
pub(super) const REQUISITIONS: Set =
    v4("/sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/0001/PurchaseReqn");
/// The items of requisitions.
pub(super) const REQUISITION_ITEMS: Set = v4(
    "/sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/0001/PurchaseReqnItem",
);
/// The document of the service that requisitions are written to; tokens come from there.
pub(super) const REQUISITION_SERVICE: &str =
    "/sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/0001/";
/// Partners of all kinds.
pub(super) const PARTNERS: Set = v2("/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartner");
/// Addresses of partners.
pub(super) const ADDRESSES: Set = v2("/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartnerAddress");
/// E-mail addresses.
pub(super) const EMAILS: Set = v2("/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_AddressEmailAddress");
/// Web sites.
pub(super) const WEBSITES: Set = v2("/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_AddressHomePageURL");
/// Numbers of partners in other systems.
pub(super) const IDENTIFICATIONS: Set = v2("/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BuPaIdentification");
/// Partners as customers.
pub(super) const CUSTOMERS: Set = v2("/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_Customer");
/// Partners as suppliers.
pub(super) const SUPPLIERS: Set = v2("/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_Supplier");
/// Invoices of suppliers.
pub(super) const SUPPLIER_INVOICES: Set =
    v2("/sap/opu/odata/sap/API_SUPPLIERINVOICE_PROCESS_SRV/A_SupplierInvoice");
/// Contracts with suppliers.
pub(super) const CONTRACTS: Set =
    v2("/sap/opu/odata/sap/API_PURCHASECONTRACT_PROCESS_SRV/A_PurchaseContract");
/// Their items.
pub(super) const CONTRACT_ITEMS: Set =
    v2("/sap/opu/odata/sap/API_PURCHASECONTRACT_PROCESS_SRV/A_PurchaseContractItem");
/// Invoices to customers.
pub(super) const BILLING: Set = v2("/sap/opu/odata/sap/API_BILLING_DOCUMENT_SRV/A_BillingDocument");
/// Items of accounts: what is owed, by whom, cleared by what.
pub(super) const ITEMS: Set =
    v2("/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube");
/// Company codes.
pub(super) const COMPANIES: Set = v2("/sap/opu/odata/sap/API_COMPANYCODE_SRV/A_CompanyCode");
/// Plants.
pub(super) const PLANTS: Set = v2("/sap/opu/odata/sap/API_PLANT_SRV/A_Plant");
/// Cost centers.
pub(super) const COST_CENTERS: Set = v2("/sap/opu/odata/sap/API_COSTCENTER_SRV/A_CostCenter");
/// A view of the company's own.
const VIEW: Set = v2("/sap/opu/odata/sap/{service}/{set}");

const fn v2(path: &'static str) -> Set {
    Set { path, version: Version::V2 }
}

const fn v4(path: &'static str) -> Set {
    Set { path, version: Version::V4 }
}

/// What is asked of a set.
#[derive(Clone, Debug)]
pub(super) struct Question {
    set: Set,
    /// What fills the path.
    within: Vec<String>,
    filter: Filter,
    select: Cow<'static, str>,
    expand: &'static str,
    order: Cow<'static, str>,
    count: bool,
}

impl Question {
    /// Everything in a set, of which `select` is shown.
    pub(super) fn of(set: Set, select: &'static str) -> Self {
        Self {
            set,
            within: Vec::new(),
            filter: Filter::default(),
            select: select.into(),
            expand: "",
            order: "".into(),
            count: false,
        }
    }

    /// Everything in a view of the company's own.
    pub(super) fn of_view(service: &str, set: &str, select: String) -> Self {
        Self { within: vec![service.to_owned(), set.to_owned()], select: select.into(), ..Self::of(VIEW, "") }
    }

    /// What fits the filter.
    pub(super) fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// With these neighbors.
    pub(super) fn expand(self, expand: &'static str) -> Self {
        Self { expand, ..self }
    }

    /// In this order.
    pub(super) fn order(self, order: impl Into<Cow<'static, str>>) -> Self {
        Self { order: order.into(), ..self }
    }

    /// With the number of all that fit.
    pub(super) fn counted(self, count: bool) -> Self {
        Self { count, ..self }
    }

    /// Rows `skip` to `skip + top`.
    pub(super) fn request(&self, skip: usize, top: usize) -> Request {
        let mut request = self.bare().query("$top", top);
        if skip > 0 {
            request = request.query("$skip", skip);
        }
        if let Some(filter) = self.filter.text(self.set.version) {
            request = request.query("$filter", filter);
        }
        for (option, value) in
            [("$select", &*self.select), ("$expand", self.expand), ("$orderby", &*self.order)]
        {
            if !value.is_empty() {
                request = request.query(option, value);
            }
        }
        match (self.count, self.set.version) {
            (false, _) => request,
            (true, Version::V2) => request.query("$inlinecount", "allpages"),
            (true, Version::V4) => request.query("$count", "true"),
        }
    }

    /// The rest of an answer that SAP cut, by the link it gave. Only the link's options are taken: behind a gateway
    /// its host is one that nobody outside can reach, and a token must not follow it.
    pub(super) fn rest(&self, link: &str) -> Option<Request> {
        let base = Url::parse("http://sap/").ok()?;
        let link = base.join(link).ok()?;
        let continues = |(name, _): &(Cow<'_, str>, Cow<'_, str>)| matches!(&**name, "$skiptoken" | "$skip");
        if !link.query_pairs().any(|pair| continues(&pair)) {
            return None;
        }
        let own = |name: &str| name.starts_with('$');
        let pairs = link.query_pairs().filter(|(name, _)| own(name));
        Some(pairs.fold(self.bare(), |request, (name, value)| request.query(&name, value)))
    }

    fn bare(&self) -> Request {
        let within: Vec<&str> = self.within.iter().map(String::as_str).collect();
        let accept = match self.set.version {
            Version::V2 => "application/json",
            // Decimals as texts: a JSON number is a float to many a reader on the way.
            Version::V4 => "application/json;odata.metadata=minimal;IEEE754Compatible=true",
        };
        Request::get(self.set.path, &within).accept(accept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_its_options_and_nothing_else() {
        let question = Question::of(SUPPLIERS, "Supplier");
        let link =
            "http://internal:44300/sap/opu/odata/sap/OTHER/A_Supplier?$select=Supplier&x=1&$skiptoken='a b'";
        let rest = question.rest(link).unwrap();
        let expected = format!("{}?%24select=Supplier&%24skiptoken=%27a%20b%27", SUPPLIERS.path);
        assert_eq!(rest.route().unwrap(), expected);
        let relative = Question::of(ORDERS, "").rest("PurchaseOrder?$skiptoken=100").unwrap();
        assert_eq!(relative.route().unwrap(), format!("{}?%24skiptoken=100", ORDERS.path));
        assert!(question.rest("A_Supplier?$top=5").is_none(), "it would begin again");
    }

    #[test]
    fn views_cannot_leave_their_folder() {
        let question = Question::of_view("../../../sap/bc", "..", String::new());
        assert!(question.request(0, 1).route().is_err());
    }
}
