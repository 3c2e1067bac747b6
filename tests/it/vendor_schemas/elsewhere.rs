//! Operations that no schema file has.

/// The vendor, its page, and the operations that stand there. A new one fails until it is listed.
pub(crate) const ELSEWHERE: &[(&str, &str, &[&str])] = &[
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-labels/",
        &["POST /wiki/rest/api/content/{id}/label"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-content-restrictions/",
        &["GET /wiki/rest/api/content/{id}/restriction/byOperation"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-group/",
        &["GET /wiki/rest/api/group/by-id"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-search/",
        &["GET /wiki/rest/api/search"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-ancestors/",
        &["GET /wiki/api/v2/pages/{id}/ancestors"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-comment/",
        &["POST /wiki/api/v2/footer-comments", "POST /wiki/api/v2/inline-comments"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-page/",
        &["GET /wiki/api/v2/pages/{id}", "POST /wiki/api/v2/pages", "PUT /wiki/api/v2/pages/{id}"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-permissions/",
        &["GET /wiki/api/v2/spaces/{id}/permissions"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space/",
        &["GET /wiki/api/v2/spaces"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-user/",
        &["POST /wiki/api/v2/users-bulk"],
    ),
    (
        "confluence",
        "https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-version/",
        &["GET /wiki/api/v2/pages/{id}/versions"],
    ),
    ("confluence", "https://developer.atlassian.com/cloud/oauth/service-accounts/", &["POST /oauth/token"]),
    (
        "github",
        "https://docs.github.com/en/rest/checks/runs",
        &["GET /repos/{owner}/{repo}/commits/{ref}/check-runs"],
    ),
    (
        "github",
        "https://docs.github.com/en/rest/deployments/deployments",
        &["GET /repos/{owner}/{repo}/deployments"],
    ),
    (
        "github",
        "https://docs.github.com/en/rest/deployments/statuses",
        &["GET /repos/{owner}/{repo}/deployments/{id}/statuses"],
    ),
    (
        "github",
        "https://docs.github.com/en/rest/issues/issue-dependencies",
        &["GET /repos/{owner}/{repo}/issues/{number}/dependencies/blocked_by"],
    ),
    (
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/account-account-info-v3/guide",
        &["GET /account-info/{version}/details"],
    ),
    (
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide",
        &["POST /crm/associations/{version}/{from}/{to}/batch/read"],
    ),
    (
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide",
        &["GET /crm/owners/{version}"],
    ),
    (
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide",
        &[
            "GET /crm/objects/{version}/{object}/{id}",
            "POST /crm/objects/{version}/{object}",
            "PATCH /crm/objects/{version}/{object}/{id}",
            "POST /crm/objects/{version}/{object}/batch/read",
        ],
    ),
    (
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide",
        &["GET /crm/pipelines/{version}/{object}"],
    ),
    (
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide",
        &["GET /crm/properties/{version}/{object}/{property}"],
    ),
    (
        "hubspot",
        "https://developers.hubspot.com/docs/api-reference/search/guide",
        &["POST /crm/objects/{version}/{object}/search"],
    ),
    (
        "jira",
        "https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/",
        &["GET /rest/api/3/issue/{key}/remotelink"],
    ),
    (
        "jira",
        "https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/",
        &["GET /rest/agile/1.0/board", "GET /rest/agile/1.0/board/{id}/sprint"],
    ),
    (
        "jira",
        "https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/",
        &["GET /rest/agile/1.0/sprint/{id}/issue"],
    ),
    ("jira", "https://developer.atlassian.com/cloud/oauth/service-accounts/", &["POST /oauth/token"]),
    (
        "jira",
        "https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#api/2/serverInfo-getServerInfo",
        &["GET /rest/api/2/serverInfo"],
    ),
    (
        "jira",
        "https://support.atlassian.com/jira/kb/retrieve-my-atlassian-sites-cloud-id/",
        &["GET /_edge/tenant_info"],
    ),
    (
        "pagerduty",
        "https://developer.pagerduty.com/api-reference/",
        &[
            "GET /automation_actions/actions",
            "POST /automation_actions/actions/{id}/invocations",
            "GET /change_events",
            "GET /escalation_policies",
            "GET /incidents",
            "POST /incidents",
            "GET /incidents/{id}",
            "PUT /incidents/{id}",
            "GET /incidents/{id}/alerts",
            "GET /incidents/{id}/alerts/{alert_id}",
            "GET /incidents/{id}/log_entries",
            "POST /incidents/{id}/notes",
            "GET /incidents/{id}/past_incidents",
            "GET /incidents/{id}/related_change_events",
            "GET /incidents/{id}/related_incidents",
            "GET /oncalls",
            "GET /services",
            "GET /services/{id}",
            "GET /services/{id}/change_events",
            "GET /teams",
            "GET /teams/{id}",
        ],
    ),
    ("pagerduty", "https://developer.pagerduty.com/docs/app-oauth-token", &["POST /oauth/token"]),
    (
        "salesforce",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm",
        &["POST /services/data/{version}/composite"],
    ),
    (
        "salesforce",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm",
        &["GET /services/data/{version}/query"],
    ),
    (
        "salesforce",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_retrieve.htm",
        &["PATCH /services/data/{version}/sobjects/{object}/{id}"],
    ),
    (
        "salesforce",
        "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_upsert.htm",
        &["PATCH /services/data/{version}/sobjects/{object}/{field}/{value}"],
    ),
    (
        "salesforce",
        "https://developer.salesforce.com/docs/atlas.en-us.uiapi.meta/uiapi/ui_api_resources_picklist_values.htm",
        &["GET /services/data/{version}/ui-api/object-info/{object}/picklist-values/{record_type}/{field}"],
    ),
    (
        "salesforce",
        "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm",
        &["POST /services/oauth2/token"],
    ),
    (
        "sap",
        "https://api.sap.com/api/API_BILLING_DOCUMENT_SRV",
        &["GET /sap/opu/odata/sap/API_BILLING_DOCUMENT_SRV/A_BillingDocument"],
    ),
    (
        "sap",
        "https://api.sap.com/api/API_BUSINESS_PARTNER",
        &[
            "GET /sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BuPaIdentification",
            "GET /sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartner",
            "GET /sap/opu/odata/sap/API_BUSINESS_PARTNER/A_Customer",
            "GET /sap/opu/odata/sap/API_BUSINESS_PARTNER/A_Supplier",
        ],
    ),
    (
        "sap",
        "https://api.sap.com/api/API_COSTCENTER_SRV",
        &["GET /sap/opu/odata/sap/API_COSTCENTER_SRV/A_CostCenter"],
    ),
    (
        "sap",
        "https://api.sap.com/api/API_OPLACCTGDOCITEMCUBE_SRV",
        &["GET /sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube"],
    ),
    (
        "sap",
        "https://api.sap.com/api/API_PURCHASECONTRACT_PROCESS_SRV",
        &[
            "GET /sap/opu/odata/sap/API_PURCHASECONTRACT_PROCESS_SRV/A_PurchaseContract",
            "GET /sap/opu/odata/sap/API_PURCHASECONTRACT_PROCESS_SRV/A_PurchaseContractItem",
        ],
    ),
    (
        "sap",
        "https://api.sap.com/api/API_SUPPLIERINVOICE_PROCESS_SRV",
        &["GET /sap/opu/odata/sap/API_SUPPLIERINVOICE_PROCESS_SRV/A_SupplierInvoice"],
    ),
    (
        "sap",
        "https://api.sap.com/api/CE_PURCHASEORDER_0001",
        &["GET /sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/{version}/PurchaseOrder"],
    ),
    (
        "sap",
        "https://api.sap.com/api/CE_PURCHASEREQUISITION_0001",
        &[
            "GET /sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/{version}/",
            "POST /sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/{version}/PurchaseReqn",
        ],
    ),
    (
        "sap",
        "https://help.sap.com/docs/SAP_S4HANA_CLOUD (custom CDS views)",
        &["GET /sap/opu/odata/sap/{view}/{set}"],
    ),
    (
        "sap",
        "https://help.sap.com/docs/btp/sap-business-technology-platform/oauth-2-0-client-credentials-grant",
        &["POST /oauth/token"],
    ),
    (
        "servicenow",
        "https://www.servicenow.com/docs/bundle/api-reference/page/integrate/inbound-rest/concept/c_ServiceCatalogAPI.html",
        &["POST /api/sn_sc/servicecatalog/items/{id}/order_now"],
    ),
    (
        "servicenow",
        "https://www.servicenow.com/docs/bundle/api-reference/page/integrate/inbound-rest/concept/c_TableAPI.html",
        &["GET /api/now/table/{table}", "POST /api/now/table/{table}", "PATCH /api/now/table/{table}/{id}"],
    ),
    (
        "servicenow",
        "https://www.servicenow.com/docs/bundle/api-reference/page/integrate/inbound-rest/concept/on-call-rota-api.html",
        &["GET /api/now/on_call_rota/whoisoncall"],
    ),
    (
        "servicenow",
        "https://www.servicenow.com/docs/bundle/platform-security/page/administer/security/concept/c_OAuthApplications.html",
        &["POST /oauth_token.do"],
    ),
    ("stripe", "https://docs.stripe.com/api/balance_transactions/list", &["GET /v1/balance_transactions"]),
    (
        "stripe",
        "https://docs.stripe.com/api/charges",
        &["GET /v1/charges", "GET /v1/charges/search", "GET /v1/charges/{id}"],
    ),
    (
        "stripe",
        "https://docs.stripe.com/api/customers",
        &["GET /v1/customers/search", "GET /v1/customers/{id}"],
    ),
    ("stripe", "https://docs.stripe.com/api/invoice-payment", &["GET /v1/invoice_payments"]),
    (
        "stripe",
        "https://docs.stripe.com/api/invoices",
        &["GET /v1/invoices", "GET /v1/invoices/search", "GET /v1/invoices/{id}"],
    ),
    ("stripe", "https://docs.stripe.com/api/payouts/list", &["GET /v1/payouts"]),
    ("stripe", "https://docs.stripe.com/api/refunds/create", &["POST /v1/refunds"]),
];
