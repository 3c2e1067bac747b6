//! The simulator as a client that nobody here wrote meets it.

use bytes::Bytes;
use http::Request;
use sandbox::Answer;
use serde_json::{Value, json};

use super::*;

const PARTNERS: &str = "/sap/opu/odata/sap/API_BUSINESS_PARTNER";
const ORDERS: &str = "/sap/opu/odata4/sap/api_purchaseorder_2/srvd_a2x/sap/purchaseorder/0001";
const REQUISITIONS: &str =
    "/sap/opu/odata4/sap/api_purchaserequisition_2/srvd_a2x/sap/purchaserequisition/0001";

/// A client that keeps cookies and nothing else.
struct Client {
    simulator: Simulator,
    token: String,
    cookies: String,
}

impl Client {
    fn new() -> Self {
        let mut client =
            Self { simulator: (VENDOR.simulate)(), token: "Fetch".into(), cookies: String::new() };
        let answer = client.send("GET", &format!("{PARTNERS}/"), &[("x-csrf-token", "Fetch")], None);
        let header = |name: &str| -> Vec<String> {
            let own = answer.headers.iter().filter(|(own, _)| own == name);
            own.map(|(_, value)| value.to_str().unwrap().to_owned()).collect()
        };
        client.token = header("x-csrf-token").remove(0);
        let pairs = header("set-cookie");
        client.cookies = pairs.iter().map(|c| c.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
        client
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", "Basic Q0hBTkNFUlk6c2FuZGJveC1zYXAtcGFzc3dvcmQ=");
        if headers.iter().all(|(name, _)| *name != "accept") {
            request = request.header("accept", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        self.simulator.reply(request.body(body).unwrap()).unwrap()
    }

    fn get(&self, path: &str) -> (u16, Value) {
        read(&self.send("GET", path, &[], None))
    }

    fn write(&self, method: &str, path: &str, etag: Option<&str>, body: Value) -> (u16, Value) {
        let mut headers = vec![("x-csrf-token", self.token.as_str()), ("cookie", self.cookies.as_str())];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        read(&self.send(method, path, &headers, Some(body)))
    }
}

fn read(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap_or_default())
}

#[test]
fn services_describe_themselves() {
    let client = Client::new();
    let metadata =
        client.send("GET", &format!("{PARTNERS}/$metadata"), &[("accept", "application/xml")], None);
    let xml = String::from_utf8(metadata.body.to_vec()).unwrap();
    assert!(xml.contains(r#"<EntitySet Name="A_Supplier" EntityType="API_BUSINESS_PARTNER.A_SupplierType""#));
    assert!(
        xml.contains(
            r#"<Property Name="BusinessPartner" Type="Edm.String" Nullable="false" MaxLength="10"/>"#
        )
    );
    let (status, document) = client.get(&format!("{ORDERS}/"));
    assert_eq!((status, document["value"][0]["name"].as_str()), (200, Some("PurchaseOrder")));
    let (_, document) = client.get(&format!("{PARTNERS}/"));
    assert_eq!(document["d"]["EntitySets"][0], "A_BusinessPartner");
}

#[test]
fn version_2_lists_as_its_documents_say() {
    let client = Client::new();
    let query = "$filter=substringof('GmbH',SupplierName)&$top=1&$inlinecount=allpages&$select=Supplier,SupplierName\
        &$orderby=SupplierName%20desc&$format=json&sap-language=EN";
    let (status, body) = client.get(&format!("{PARTNERS}/A_Supplier?{query}"));
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["d"]["results"].as_array().unwrap().len(), 1);
    assert!(body["d"]["__count"].as_str().unwrap().parse::<u32>().unwrap() > 1, "{body}");
    let row = &body["d"]["results"][0];
    assert!(row["SupplierName"].as_str().unwrap().contains("GmbH") && row.get("CreationDate").is_none());
    let uri = row["__metadata"]["uri"].as_str().unwrap();
    let path = &uri[uri.find("/sap/").unwrap()..];
    let (status, one) = client.get(&format!("{path}?$expand=to_SupplierCompany"));
    assert_eq!((status, &one["d"]["Supplier"]), (200, &row["Supplier"]));
    assert!(one["d"]["to_SupplierCompany"]["results"][0]["PaymentTerms"].is_string(), "{one}");
    assert!(one["d"]["to_SupplierPurchasingOrg"]["__deferred"]["uri"].is_string());
    assert!(one["d"]["CreationDate"].as_str().unwrap().starts_with("/Date("), "{one}");
    let (status, all) = client.get(&format!("{path}/to_SupplierCompany"));
    assert_eq!((status, all["d"]["results"].as_array().unwrap().len()), (200, 1));
    let count = client.send("GET", &format!("{PARTNERS}/A_Supplier/$count"), &[], None);
    assert!(String::from_utf8(count.body.to_vec()).unwrap().parse::<u32>().unwrap() >= 10);
}

#[test]
fn version_4_lists_as_its_documents_say() {
    let client = Client::new();
    let expand =
        "$expand=_PurchaseOrderItem($select=Plant,NetAmount;$expand=_PurchaseOrderScheduleLineTP;$top=1)";
    let query = format!("$filter=CompanyCode%20eq%20'1010'&$top=1&$count=true&{expand}");
    let (status, body) = client.get(&format!("{ORDERS}/PurchaseOrder?{query}"));
    assert_eq!(status, 200, "{body}");
    assert!(body["@odata.count"].as_u64().unwrap() > 1);
    let order = &body["value"][0];
    assert!(order["@odata.etag"].as_str().unwrap().starts_with("W/\""));
    let item = &order["_PurchaseOrderItem"][0];
    assert!(item["NetAmount"].is_number() && item.get("Material").is_none(), "{item}");
    assert!(item["_PurchaseOrderScheduleLineTP"].is_array());
    let exact = [("accept", "application/json;IEEE754Compatible=true")];
    let path =
        format!("{ORDERS}/PurchaseOrder('{}')/_PurchaseOrderItem", order["PurchaseOrder"].as_str().unwrap());
    let (_, items) = read(&client.send("GET", &path, &exact, None));
    assert!(items["value"][0]["NetAmount"].is_string(), "{items}");
    let by_segment = format!("{ORDERS}/PurchaseOrder/{}", order["PurchaseOrder"].as_str().unwrap());
    assert_eq!(client.get(&by_segment).1["PurchaseOrder"], order["PurchaseOrder"]);
}

#[test]
fn malformed_questions_are_refused_in_the_shape_of_their_version() {
    let client = Client::new();
    for query in [
        "$filter=Nme%20eq%20'x'",
        "$filter=SupplierName%20eq",
        "$filter=SupplierName%20eq%20'x'%20or",
        "$filter=CreationDate%20lt%202026-01-01",
        "$filter=Supplier%20gt%205",
        "$select=Nme",
        "$expand=to_Nothing",
        "$orderby=Nme",
        "$top=-1",
        "$count=true",
        "$search=x",
    ] {
        let (status, body) = client.get(&format!("{PARTNERS}/A_Supplier?{query}"));
        assert_eq!(status, 400, "{query}: {body}");
        assert!(body["error"]["message"]["value"].is_string(), "{body}");
        assert!(body["error"]["innererror"]["errordetails"].is_array(), "{body}");
    }
    for query in [
        "$filter=Supplier%20eq%20datetime'2026-01-01T00:00:00'",
        "$filter=_PurchaseOrderItem/any(i:i/OrderQuantity%20gt%205)",
        "$filter=substringof('x',Supplier)",
        "$inlinecount=allpages",
        "$expand=_PurchaseOrderItem($select=Nme)",
        "$expand=_PurchaseOrderItem($top=1",
    ] {
        let (status, body) = client.get(&format!("{ORDERS}/PurchaseOrder?{query}"));
        assert_eq!(status, 400, "{query}: {body}");
        assert!(body["error"]["message"].is_string() && body["error"]["details"].is_array(), "{body}");
    }
    assert_eq!(client.get(&format!("{PARTNERS}/A_Nothing")).0, 404);
    assert_eq!(client.get(&format!("{PARTNERS}/A_Supplier('99999999')")).0, 404);
    assert_eq!(client.write("POST", &format!("{PARTNERS}/$batch"), None, json!({})).0, 501);
}

#[test]
fn strangers_stay_outside() {
    let client = Client::new();
    let wrong = [("authorization", "Basic eDp5")];
    let request = Request::builder().uri(format!("{PARTNERS}/")).header(wrong[0].0, wrong[0].1);
    let answer = client.simulator.reply(request.body(Bytes::new()).unwrap()).unwrap();
    assert_eq!(answer.status.as_u16(), 401);
    assert!(answer.headers.iter().any(|(name, _)| name == "www-authenticate"));
}

#[test]
fn writes_need_the_token_and_the_session_together() {
    let client = Client::new();
    let path = format!("{PARTNERS}/A_BusinessPartner");
    let new = json!({ "BusinessPartnerCategory": "2", "OrganizationBPName1": "Acme" });
    let token = ("x-csrf-token", client.token.as_str());
    for headers in [vec![], vec![token], vec![("cookie", client.cookies.as_str())]] {
        let answer = client.send("POST", &path, &headers, Some(new.clone()));
        assert_eq!(answer.status.as_u16(), 403);
        let required = answer.headers.iter().find(|(name, _)| name == "x-csrf-token").unwrap();
        assert_eq!(required.1, "Required");
    }
    let (status, body) = client.write("POST", &path, None, new);
    assert_eq!((status, &body["d"]["BusinessPartnerFullName"]), (201, &json!("Acme")));
    let (status, body) = client.write("POST", &path, None, json!({ "Nme": "x" }));
    assert_eq!(status, 400, "{body}");
}

#[test]
fn changes_need_the_present_version() {
    let client = Client::new();
    let item = json!({
        "PurchaseRequisitionItemText": "Paper", "RequestedQuantity": 5, "BaseUnit": "EA", "Plant": "1710",
        "PurchasingGroup": "001", "MaterialGroup": "SERVICES", "PurchaseRequisitionPrice": 1.5,
        "PurReqnPriceQuantity": 1, "PurReqnItemCurrency": "EUR", "PurReqnReleaseStatus": "05",
    });
    let new = json!({ "PurchaseRequisitionType": "NB", "_PurchaseRequisitionItem": [item] });
    let (status, body) = client.write("POST", &format!("{REQUISITIONS}/PurchaseReqn"), None, new);
    assert_eq!(status, 201, "{body}");
    let first = &body["_PurchaseRequisitionItem"][0];
    assert_eq!((&first["PurReqnReleaseStatus"], &first["ItemNetAmount"]), (&json!("03"), &json!(7.5)));
    let number = body["PurchaseRequisition"].as_str().unwrap();
    let path = format!(
        "{REQUISITIONS}/PurchaseReqnItem(PurchaseRequisition='{number}',PurchaseRequisitionItem='10')"
    );
    let etag = first["@odata.etag"].as_str().unwrap();
    let change = json!({ "RequisitionerName": "ANA" });
    assert_eq!(client.write("PATCH", &path, None, change.clone()).0, 428);
    assert_eq!(client.write("PATCH", &path, Some("W/\"old\""), change.clone()).0, 412);
    let (status, changed) = client.write("PATCH", &path, Some(etag), change.clone());
    assert_eq!((status, &changed["RequisitionerName"]), (200, &json!("ANA")));
    assert_eq!(client.write("PATCH", &path, Some(etag), change).0, 412, "the version moved on");
    assert_eq!(client.write("DELETE", &path, Some("*"), json!({})).0, 204);
    assert_eq!(client.get(&path).1["IsDeleted"], true, "deleting is flagging");
    let (status, _) = client.write("POST", &format!("{ORDERS}/PurchaseOrderScheduleLine"), None, json!({}));
    assert_eq!(status, 405);
}

#[test]
fn neighbors_are_made_where_they_belong() {
    let client = Client::new();
    let path = format!("{PARTNERS}/A_Supplier('10300001')/to_SupplierCompany");
    let company = json!({ "CompanyCode": "1710", "PaymentTerms": "NT45" });
    let (status, body) = client.write("POST", &path, None, company.clone());
    assert_eq!((status, &body["d"]["Supplier"]), (201, &json!("10300001")), "{body}");
    assert_eq!(client.get(&path).1["d"]["results"].as_array().unwrap().len(), 2);
    assert_eq!(client.write("POST", &path, None, company).0, 400, "it is there already");
    assert_eq!(
        client.write("POST", &path, None, json!({ "PaymentTerms": "NT45" })).0,
        400,
        "of which company?"
    );
    let one = format!("{PARTNERS}/A_SupplierCompany(Supplier='10300001',CompanyCode='1710')");
    assert_eq!(client.write("PATCH", &one, Some("*"), json!({ "PaymentBlockingReason": "A" })).0, 204);
    assert_eq!(client.get(&one).1["d"]["PaymentTerms"], "NT45", "a patch leaves the rest");
    assert_eq!(client.write("PUT", &one, Some("*"), json!({ "PaymentTerms": "NT30" })).0, 204);
    assert_eq!(client.get(&one).1["d"]["PaymentBlockingReason"], "", "a put does not");
    let too_long = json!({ "PaymentTerms": "NT30X" });
    assert_eq!(client.write("PATCH", &one, Some("*"), too_long).0, 400);
}

#[test]
fn what_was_written_is_gone_after_a_reset() {
    let client = Client::new();
    let path = format!("{PARTNERS}/A_BusinessPartner");
    let new = json!({ "BusinessPartnerCategory": "1", "FirstName": "Ana", "LastName": "Ruiz" });
    let (_, body) = client.write("POST", &path, None, new.clone());
    let number = body["d"]["BusinessPartner"].as_str().unwrap();
    assert_eq!(client.get(&format!("{path}('{number}')")).1["d"]["BusinessPartnerFullName"], "Ana Ruiz");
    client.simulator.control().reset();
    assert_eq!(client.get(&format!("{path}('{number}')")).0, 404);
    assert_eq!(client.write("POST", &path, None, new).0, 403, "sessions end with it");
}
