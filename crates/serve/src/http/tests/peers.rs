//! Peers before anybody is known: what they are told, and that nothing is done for them.

use std::net::IpAddr;
use std::time::Duration;

use http::StatusCode;
use http::header::{AUTHORIZATION, RETRY_AFTER};
use identity::testing::{Issuer, SigningKey, claims, trusting};
use store::Rate;

use super::super::{Gate, PeerLimits, PeerRate};
use super::*;

const TWO: Option<PeerRate> =
    Some(PeerRate { rate: Rate { burst: 2, interval: Duration::from_secs(30) }, loopback: false });

fn from(address: &str, mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let address = SocketAddr::new(address.parse::<IpAddr>().unwrap(), 7);
    request.extensions_mut().insert(Peer { address, tls: false });
    request
}

#[tokio::test(start_paused = true)]
async fn a_peer_beyond_its_rate_is_told_when_to_come_again() {
    let peers = PeerLimits { requests: TWO, ..PeerLimits::default() };
    let endpoint = mount(Probe::new(), Config { peers, ..Config::default() });
    let ask = async |address: &str| endpoint.handle(from(address, request(call("peer").to_string()))).await;
    for _ in 0..2 {
        assert_eq!(ask("192.0.2.1").await.status(), StatusCode::OK);
    }
    let refused = ask("192.0.2.1").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[RETRY_AFTER], "30");
    assert_eq!(body(refused).await["error"]["message"], "too many requests come from your address");
    assert_eq!(ask("192.0.2.2").await.status(), StatusCode::OK);
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(ask("192.0.2.1").await.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn whoever_guesses_is_refused_before_a_signature_is_looked_at() {
    let key = SigningKey::ec("ec");
    let authenticator = trusting(&Issuer::publishing(&[&key]), json!({}));
    // Loads the issuer's keys, as a server does before it is ready.
    authenticator.examine().await;
    let resource = authenticator.resource("chancery-shelf", vec!["shelf:read".into()]).unwrap();
    let gate = Some(Arc::new(Gate::new(Arc::new(authenticator), resource, Box::new(|_, _, _| None))));
    let peers = PeerLimits { failures: TWO, ..PeerLimits::default() };
    let endpoint = mount(Probe::new(), Config { gate, peers, ..Config::default() });
    let ask = async |address: &str, token: Option<&str>| {
        let mut asked = from(address, request(call("peer").to_string()));
        if let Some(token) = token {
            asked.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        endpoint.handle(asked).await.status()
    };
    let good = key.sign(&claims(&json!({})));
    for _ in 0..9 {
        assert_eq!(ask("192.0.2.1", None).await, StatusCode::UNAUTHORIZED, "to ask is not to guess");
    }
    for _ in 0..3 {
        assert_eq!(ask("192.0.2.1", Some("guess")).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask("192.0.2.1", Some(&good)).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask("192.0.2.2", Some(&good)).await, StatusCode::OK);
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(ask("192.0.2.1", Some(&good)).await, StatusCode::OK);
}

#[tokio::test]
async fn a_network_that_is_not_served_does_not_get_to_speak() {
    let allow = vec!["192.0.2.0/24".parse().unwrap()];
    let endpoint = mount(
        Probe::new(),
        Config { peers: PeerLimits { allow, ..PeerLimits::default() }, ..Config::default() },
    );
    let refused = endpoint.handle(from("198.51.100.1", request(call("peer").to_string()))).await.status();
    assert_eq!(refused, StatusCode::FORBIDDEN);
    let serving = serve(endpoint);
    let mut stream = tokio::net::TcpStream::connect(serving.address).await.unwrap();
    assert!(is_closed(&mut stream).await, "loopback is not on the list");
    serving.stop.cancel();
    assert_eq!(serving.drained.await.unwrap(), Drained::Complete);
}
