//! Proxies and private authorities, on real sockets.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use error::Code;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::fault::{Fault, Vendor};
use super::{client, cx, settings};
use crate::Request;

/// A vendor behind TLS whose certificate a private authority vouches for: no resolver knows its name.
const NAME: &str = "vendor.test";

/// The vendor's address and the authority's file.
async fn tls_vendor(dir: &tempfile::TempDir) -> (SocketAddr, PathBuf) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([NAME.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let file = dir.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();

    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(acceptor.accept(stream).await.ok()?);
                let mut line = String::new();
                while line != "\r\n" {
                    line.clear();
                    stream.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
                }
                let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
                stream.write_all(reply).await.ok()?;
                stream.shutdown().await.ok()
            });
        }
    });
    (address, file)
}

/// A proxy that connects whoever asks for the vendor's name to the vendor, and counts.
struct Proxy {
    url: String,
    tunnels: Arc<AtomicU32>,
}

impl Proxy {
    async fn to(vendor: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let tunnels = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&tunnels);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counter = Arc::clone(&counter);
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let (mut head, mut line) = (String::new(), String::new());
                    while line != "\r\n" {
                        line.clear();
                        stream.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
                        head.push_str(&line);
                    }
                    counter.fetch_add(1, Ordering::SeqCst);
                    if !head.starts_with(&format!("CONNECT {NAME}:443 ")) {
                        stream
                            .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
                            .await
                            .ok()?;
                        return None;
                    }
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
                    let mut vendor = TcpStream::connect(vendor).await.ok()?;
                    tokio::io::copy_bidirectional(&mut stream, &mut vendor).await.ok()
                });
            }
        });
        Self { url, tunnels }
    }

    fn tunnels(&self) -> u32 {
        self.tunnels.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_configured_proxy_and_authority_lead_to_the_vendor() {
    let dir = tempfile::tempdir().unwrap();
    let (vendor, authority) = tls_vendor(&dir).await;
    let proxy = Proxy::to(vendor).await;
    let mut settings = settings(&format!("https://{NAME}"));
    settings.proxy = Some(proxy.url.parse().unwrap());

    let stranger = client(&settings).send(&cx(), Request::post("/", &[])).await.unwrap_err();
    assert_eq!(stranger.code(), Code::UpstreamUnavailable, "nobody vouches for it, and nothing was sent");

    settings.ca_file = Some(authority);
    client(&settings).send(&cx(), Request::get("/", &[])).await.unwrap();
    assert!(proxy.tunnels() >= 1);
}

#[tokio::test]
async fn loopback_is_never_proxied() {
    let vendor = Vendor::start(|_| Fault::None).await;
    let proxy = Proxy::to(vendor.address).await;
    let mut settings = settings(&vendor.url());
    settings.proxy = Some(proxy.url.parse().unwrap());
    client(&settings).send(&cx(), Request::get("/", &[])).await.unwrap();
    assert_eq!((vendor.asked(), proxy.tunnels()), (1, 0));
}

#[tokio::test]
async fn a_name_without_an_address_is_not_an_unknown_outcome() {
    let nowhere = client(&settings("https://nowhere.invalid"));
    let error = nowhere.send(&cx(), Request::post("/", &[])).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
    assert!(!format!("{error:?}").contains("nowhere.invalid/"), "{error:?}");
}

/// Runs one of the tests below in a process of its own with an environment of its own: the environment of this one
/// is shared by all its tests. Says whether it succeeded.
async fn elsewhere(test: &str, environment: &[(&str, &str)]) -> bool {
    #[allow(clippy::disallowed_methods, reason = "a test that needs another environment")]
    let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    command.args(["--exact", &format!("tests::network::{test}"), "--ignored", "--nocapture"]);
    let output = command.envs(environment.iter().copied()).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("running 1 test"), "no such test: {text}");
    output.status.success()
}

#[tokio::test]
async fn the_environments_proxy_is_used_unless_it_exempts_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let (vendor, authority) = tls_vendor(&dir).await;
    let proxy = Proxy::to(vendor).await;
    let mut environment = vec![("HTTPS_PROXY", proxy.url.as_str()), ("TEST_CA", authority.to_str().unwrap())];
    assert!(elsewhere("reaches_the_vendor", &environment).await);
    let tunnels = proxy.tunnels();
    assert!(tunnels >= 1);
    environment.push(("NO_PROXY", NAME));
    assert!(!elsewhere("reaches_the_vendor", &environment).await, "its name leads nowhere without the proxy");
    assert_eq!(proxy.tunnels(), tunnels);
}

#[tokio::test]
async fn a_platform_without_certificates_still_reaches_loopback_and_private_vendors() {
    let dir = tempfile::tempdir().unwrap();
    let (vendor, authority) = tls_vendor(&dir).await;
    let proxy = Proxy::to(vendor).await;
    let plain = Vendor::start(|_| Fault::None).await;
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let environment = [
        ("SSL_CERT_DIR", empty.to_str().unwrap()),
        ("SSL_CERT_FILE", "/no/such/file"),
        ("HTTPS_PROXY", proxy.url.as_str()),
        ("TEST_CA", authority.to_str().unwrap()),
        ("TEST_PLAIN", &plain.url()),
    ];
    assert!(elsewhere("reaches_the_vendor", &environment).await);
    assert!(elsewhere("reaches_loopback", &environment).await);
    assert_eq!(plain.asked(), 1);
}

#[tokio::test]
#[ignore = "run by other tests, with an environment"]
async fn reaches_the_vendor() {
    let mut settings = settings(&format!("https://{NAME}"));
    settings.ca_file = Some(std::env::var_os("TEST_CA").unwrap().into());
    client(&settings).send(&cx(), Request::get("/", &[])).await.unwrap();
}

#[tokio::test]
#[ignore = "run by other tests, with an environment"]
async fn reaches_loopback() {
    let settings = settings(&std::env::var("TEST_PLAIN").unwrap());
    client(&settings).send(&cx(), Request::get("/", &[])).await.unwrap();
}
