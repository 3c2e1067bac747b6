//! What goes wrong on the way, and what Stripe says of it.

use call::Cx;
use error::Code;
use sandbox::Rule;
use tool::Fetch;

use super::Lab;

fn rule(fault: &str, times: u32) -> Rule {
    serde_json::from_str(&format!(r#"{{"fault": {fault}, "times": {times}}}"#)).unwrap()
}

async fn read(lab: &Lab) -> Result<usize, Code> {
    let page = Fetch { token: None, limit: 5 };
    let rows = lab.ledger.customer_invoices(&Cx::for_test(), &Default::default(), page).await;
    rows.map(|rows| rows.rows.len()).map_err(|error| error.code())
}

#[tokio::test]
async fn a_read_survives_what_passes() {
    let lab = Lab::start().await;
    for fault in [
        r#"{"kind": "status", "status": 500}"#,
        r#"{"kind": "status", "status": 429, "headers": {"retry-after": "0"}}"#,
        r#"{"kind": "status", "status": 409, "headers": {"stripe-should-retry": "true", "retry-after": "0"}}"#,
        r#"{"kind": "reset_before"}"#,
        r#"{"kind": "truncate"}"#,
        r#"{"kind": "garbage"}"#,
    ] {
        lab.running.control.add_fault(rule(fault, 1)).unwrap();
        assert_eq!(read(&lab).await, Ok(5), "{fault}");
        lab.running.control.clear_faults();
    }
}

#[tokio::test]
async fn what_stripe_calls_hopeless_is_not_asked_again() {
    let lab = Lab::start().await;
    let hopeless = r#"{"kind": "status", "status": 500, "headers": {"stripe-should-retry": "false"}}"#;
    lab.running.control.add_fault(rule(hopeless, 5)).unwrap();
    assert_eq!(read(&lab).await, Err(Code::UpstreamUnavailable));
    assert_eq!(lab.asked("/v1/invoices").len(), 1);
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_the_operators_affair() {
    let lab = Lab::with("", Some("rk_test_wrong")).await;
    assert_eq!(read(&lab).await, Err(Code::UpstreamAuth));
    drop(lab.simulator);
}
