//! What callers call things resolves or fails as it should.

use it::Spawn;
use serde_json::json;

#[tokio::test]
async fn references_resolve_in_every_form() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    let by_id = client.ok("get_issue", json!({"issue": "jira:PAY-12"})).await;
    let url = by_id["issue"]["url"].as_str().unwrap();
    let title = by_id["issue"]["title"].as_str().unwrap();
    for reference in ["PAY-12", url, title] {
        let found = client.ok("get_issue", json!({"issue": reference})).await;
        assert_eq!(found["issue"]["id"], "jira:PAY-12", "{reference}");
    }
    let web = client.ok("get_issue", json!({"issue": "halden/web#7"})).await;
    assert_eq!(web["issue"]["id"], "github:halden/web#7");
    assert_eq!(client.refused("get_issue", json!({"issue": "PAY-99999"})).await["code"], "not_found");
    let mine = client.ok("list_assigned_work", json!({})).await;
    assert_eq!(mine["sources"].as_array().unwrap().len(), 2, "`me` is mapped in both: {mine}");
    let two = client.refused("list_assigned_work", json!({"user": "Ana Ruiz", "source": "jira"})).await;
    assert_eq!(two["code"], "ambiguous_reference");
    assert_eq!(two["candidates"].as_array().unwrap().len(), 2, "{two}");
    let by_mail = json!({"user": "bjorn.akesson@halden.example", "source": "jira"});
    assert!(!client.ok("list_assigned_work", by_mail).await["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn text_cannot_widen_a_search() {
    let server = Spawn::sandbox("issues").start().await;
    let client = server.client();
    for text in [
        "zzz\" OR project = OPS",
        "zzz repo:halden/secret",
        "zzz) OR (1=1",
        "zzz\n\"",
        "zzz\\",
        "zzz 設定 ' OR '",
    ] {
        let page = client.ok("search_issues", json!({"text": text})).await;
        assert_eq!(page["items"], json!([]), "{text:?}");
    }
    let everything = client.ok("search_issues", json!({"limit": 100})).await.to_string();
    assert!(!everything.contains("halden/secret"));
}

#[tokio::test]
async fn incidents_resolve_by_number_whatever_their_state() {
    let server = Spawn::sandbox("itsm").start().await;
    let client = server.client();
    for vendor in server.vendors() {
        for state in ["open", "resolved"] {
            let asked = json!({"source": vendor, "state": state, "detail": "full", "limit": 3});
            let page = client.ok("search_incidents", asked).await;
            let rows = page["items"].as_array().unwrap();
            assert!(!rows.is_empty(), "{vendor} has nothing {state}");
            for row in rows {
                let number =
                    row["number"].as_str().or_else(|| row["id"].as_str()?.split(':').nth(1)).unwrap();
                for reference in [number, number.trim_start_matches('#'), row["url"].as_str().unwrap()] {
                    let found = client.ok("get_incident_context", json!({"incident": reference})).await;
                    assert_eq!(found["incident"]["id"], row["id"], "{vendor} {state} {reference}");
                }
            }
        }
    }
    for unknown in ["#999999999", "INC9999999"] {
        let refused = client.refused("get_incident_context", json!({"incident": unknown})).await;
        assert_eq!(refused["code"], "not_found", "{unknown}: {refused}");
    }
}

#[tokio::test]
async fn what_is_written_on_a_record_has_an_id_like_all_others() {
    let itsm = Spawn::sandbox("itsm").start().await;
    let client = itsm.client();
    for vendor in itsm.vendors() {
        let open = json!({"source": vendor, "service": "Checkout API", "state": "open", "limit": 1});
        let incident = client.ok("search_incidents", open).await["items"][0]["id"].clone();
        let note = json!({"incident": incident, "audience": "internal", "text": "Looking."});
        let posted = client.ok("post_incident_update", note).await;
        let offers = client.ok("get_incident_context", json!({"incident": incident})).await;
        let run = json!({"incident": incident, "remediation": offers["remediations"][0]["id"]});
        let started = client.ok("run_remediation", run).await;
        for written in [posted, started] {
            let id = written["record"]["id"].as_str().unwrap_or_default();
            assert!(id.starts_with(&format!("{vendor}:")), "{vendor}: {written}");
        }
    }
}
