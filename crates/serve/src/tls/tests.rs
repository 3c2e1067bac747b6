use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;

use rcgen::{CertifiedKey as Made, generate_simple_self_signed};
use rustls::pki_types::ServerName;
use rustls::version::TLS12;
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio_rustls::TlsConnector;

use super::*;

/// A folder with `cert.pem` and `key.pem`.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn paths(&self) -> (PathBuf, PathBuf) {
        (self.0.path().join("cert.pem"), self.0.path().join("key.pem"))
    }

    /// Writes a new certificate for `name` and returns it.
    fn issue(&self, name: &str) -> CertificateDer<'static> {
        let Made { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
        let (certificate, key) = self.paths();
        fs::write(certificate, cert.pem()).unwrap();
        fs::write(&key, signing_key.serialize_pem()).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
        cert.der().clone()
    }

    fn load(&self) -> Result<Tls> {
        let (certificate, key) = self.paths();
        Tls::load(certificate, key, None)
    }
}

/// A server's side and a client that trusts it.
pub(crate) fn pair() -> (Tls, TlsConnector) {
    let folder = Folder::new();
    let certificate = folder.issue("localhost");
    (folder.load().unwrap(), client(&certificate, &TLS13))
}

fn client(certificate: &CertificateDer<'static>, version: &'static SupportedProtocolVersion) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// What a client that trusts `certificate` makes of the server.
async fn shake(
    tls: &Tls,
    certificate: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> io::Result<(ProtocolVersion, CertificateDer<'static>)> {
    let (near, far) = tokio::io::duplex(4096);
    let name = ServerName::try_from("localhost").unwrap();
    let connecting = client(certificate, version).connect(name, near);
    let (client, _server) = tokio::join!(connecting, tls.accept(far));
    let client = client?;
    let (_, session) = client.get_ref();
    let shown = session.peer_certificates().unwrap()[0].clone().into_owned();
    Ok((session.protocol_version().unwrap(), shown))
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_may_read_is_refused_with_the_cure() {
    let folder = Folder::new();
    folder.issue("localhost");
    for (mode, allowed) in [(0o600, true), (0o440, true), (0o644, false), (0o660, false)] {
        fs::set_permissions(folder.paths().1, PermissionsExt::from_mode(mode)).unwrap();
        let loaded = folder.load().map(drop);
        assert_eq!(loaded.is_ok(), allowed, "{mode:o}: {loaded:?}");
        if let Err(refused) = loaded {
            assert!(refused.wire("c").hint.contains("chmod 600"), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_handshake_is_tls_1_3_and_nothing_older() {
    let folder = Folder::new();
    let certificate = folder.issue("localhost");
    let tls = folder.load().unwrap();
    let (version, shown) = shake(&tls, &certificate, &TLS13).await.unwrap();
    assert_eq!((version, shown), (ProtocolVersion::TLSv1_3, certificate.clone()));
    assert!(shake(&tls, &certificate, &TLS12).await.is_err());
}

#[tokio::test]
async fn a_new_certificate_comes_into_force() {
    let folder = Folder::new();
    let old = folder.issue("localhost");
    let tls = folder.load().unwrap();
    let new = folder.issue("localhost");
    assert_eq!(shake(&tls, &old, &TLS13).await.unwrap().1, old, "not before it was looked at");
    tls.renewal.look();
    assert_eq!(shake(&tls, &new, &TLS13).await.unwrap().1, new);
}

#[tokio::test]
async fn files_that_cannot_be_used_leave_the_old_certificate_in_force() {
    let folder = Folder::new();
    let old = folder.issue("localhost");
    let tls = folder.load().unwrap();
    let (certificate, key) = folder.paths();
    let kept = fs::read(&key).unwrap();
    for broken in ["", "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n"] {
        fs::write(&certificate, broken).unwrap();
        tls.renewal.look();
        assert_eq!(shake(&tls, &old, &TLS13).await.unwrap().1, old, "{broken:?}");
    }
    folder.issue("localhost");
    fs::write(&key, kept).unwrap();
    tls.renewal.look();
    assert_eq!(shake(&tls, &old, &TLS13).await.unwrap().1, old, "another's key");
    fs::remove_file(&key).unwrap();
    tls.renewal.look();
    assert_eq!(shake(&tls, &old, &TLS13).await.unwrap().1, old, "no key");
    let healed = folder.issue("localhost");
    tls.renewal.look();
    assert_eq!(shake(&tls, &healed, &TLS13).await.unwrap().1, healed);
}

#[test]
fn what_cannot_be_used_at_the_start_is_named() {
    let folder = Folder::new();
    assert!(folder.load().err().unwrap().message().contains("cert.pem"), "no certificate");
    folder.issue("localhost");
    let (_, key) = folder.paths();
    fs::write(&key, "nothing").unwrap();
    assert!(folder.load().err().unwrap().message().contains("key.pem"), "no key");
    let other = Folder::new();
    other.issue("localhost");
    fs::copy(other.paths().1, &key).unwrap();
    assert!(folder.load().err().unwrap().message().contains("key.pem"), "another's key");
}

/// An authority of clients, and a certificate that it signed for `name`.
fn authority(name: &str) -> (rcgen::Certificate, rcgen::Certificate, rcgen::KeyPair) {
    let (ca_key, key) = (rcgen::KeyPair::generate().unwrap(), rcgen::KeyPair::generate().unwrap());
    let mut ca = rcgen::CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).unwrap();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let mut leaf = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    (ca_certificate, leaf.signed_by(&key, &issuer).unwrap(), key)
}

/// A certificate of a client and its key.
type Shown<'a> = (&'a rcgen::Certificate, &'a rcgen::KeyPair);

/// Whom the server takes a client for that shows this.
async fn meet(
    tls: &Tls,
    server: &CertificateDer<'static>,
    identity: Option<Shown<'_>>,
) -> io::Result<Option<Arc<Certificate>>> {
    let mut roots = RootCertStore::empty();
    roots.add(server.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let config = match identity {
        Some((certificate, key)) => {
            let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            config.with_client_auth_cert(vec![certificate.der().clone()], key).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    let (near, far) = tokio::io::duplex(4096);
    let name = ServerName::try_from("localhost").unwrap();
    let (_client, stream) =
        tokio::join!(TlsConnector::from(Arc::new(config)).connect(name, near), tls.accept(far));
    stream.map(|stream| shown(&stream))
}

#[tokio::test]
async fn a_client_may_show_a_certificate_of_a_known_authority() {
    let folder = Folder::new();
    let server = folder.issue("localhost");
    let (ca, leaf, key) = authority("agent.example.com");
    let (_, stranger, stranger_key) = authority("agent.example.com");
    let authorities = folder.0.path().join("clients.pem");
    fs::write(&authorities, ca.pem()).unwrap();
    let load = || {
        let (certificate, key) = folder.paths();
        Tls::load(certificate, key, Some(authorities.clone()))
    };
    let tls = load().unwrap();
    let certificate = meet(&tls, &server, Some((&leaf, &key))).await.unwrap().unwrap();
    assert_eq!(*certificate, Certificate::read(leaf.der()).unwrap());
    assert!(meet(&tls, &server, None).await.unwrap().is_none(), "a token may tell who it is");
    let another = meet(&tls, &server, Some((&stranger, &stranger_key))).await;
    assert!(another.is_err(), "another authority's");
    fs::write(&authorities, "nothing").unwrap();
    let refused = load().err().unwrap();
    assert!(refused.message().contains("clients.pem"), "{refused}");
}

#[tokio::test]
async fn authorities_come_into_force_and_go() {
    let folder = Folder::new();
    let server = folder.issue("localhost");
    let (former_ca, former, former_key) = authority("agent.example.com");
    let (next_ca, next, next_key) = authority("agent.example.com");
    let authorities = folder.0.path().join("clients.pem");
    let (certificate, key) = folder.paths();
    let (one, other) = (former_ca.pem(), next_ca.pem());
    let both = format!("{one}{other}");
    fs::write(&authorities, &one).unwrap();
    let tls = Tls::load(certificate, key, Some(authorities.clone())).unwrap();
    let taken = async || {
        let former = meet(&tls, &server, Some((&former, &former_key))).await;
        let next = meet(&tls, &server, Some((&next, &next_key))).await;
        (former.is_ok(), next.is_ok())
    };
    assert_eq!(taken().await, (true, false));
    for (text, expected) in [(&*both, (true, true)), (&*other, (false, true)), ("nothing", (false, true))] {
        fs::write(&authorities, text).unwrap();
        tls.renewal.look();
        assert_eq!(taken().await, expected, "{text}");
    }
}
