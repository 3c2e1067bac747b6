//! API keys and their file; certificates.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::*;
use crate::keys::{ApiKeys, KeyFile, NewKey};
use crate::{Certificate, Flaw, KeysConfig, Presented, Verifier as _};

struct House {
    dir: tempfile::TempDir,
    config: KeysConfig,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let pepper = dir.path().join("pepper");
        std::fs::write(&pepper, "a pepper of some length").unwrap();
        let pepper = format!("file:{}", pepper.display());
        let config = json!({ "file": dir.path().join("keys"), "pepper": pepper });
        Self { config: serde_json::from_value(config).unwrap(), dir }
    }

    fn file(&self) -> KeyFile {
        KeyFile::new(&self.config)
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.config.file).unwrap()
    }
}

fn now() -> jiff::Timestamp {
    clock().now()
}

fn new_key(subject: &str) -> NewKey {
    NewKey {
        subject: subject.to_owned(),
        tenant: Some("corp".to_owned()),
        scopes: ["crm:read".to_owned()].into(),
        roles: ["analyst".to_owned()].into(),
        life: Duration::from_secs(3600),
    }
}

async fn verdict(keys: &ApiKeys, text: &str) -> Result<Arc<Caller>, Refusal> {
    let presented = Presented::new(text).unwrap();
    keys.verify(&presented).await.map(|identity| Arc::clone(&identity.caller))
}

#[tokio::test(start_paused = true)]
async fn a_key_opens_until_it_ends_or_is_revoked() {
    let house = House::new();
    let created = house.file().create(&new_key("billing"), now()).unwrap();
    assert!(created.line.is_none(), "it was written");
    let text = created.secret.expose_secret();
    assert!(!house.text().contains(text.rsplit('_').next().unwrap()), "the secret is stored nowhere");
    let keys = ApiKeys::open(house.file(), clock()).unwrap();
    let caller = verdict(&keys, text).await.unwrap();
    assert_eq!((caller.subject.as_str(), caller.method), ("billing", "key"));
    assert_eq!(caller.token_id.as_deref(), Some(created.key.id.as_str()));
    assert!(caller.scopes.grant("crm:read") && caller.claims["roles"].contains("analyst"));
    let wrong = format!("{}0", &text[..text.len() - 1]);
    let other = if wrong == text { format!("{}1", &text[..text.len() - 1]) } else { wrong };
    for bad in [other.as_str(), "chancery_nobody_00", "chancery_", "chancery_x"] {
        assert_eq!(verdict(&keys, bad).await, Err(Refusal::Invalid(Flaw::Unknown)), "{bad}");
    }
    house.file().revoke(&created.key.id, now()).unwrap();
    verdict(&keys, text).await.expect("the file was not looked at yet");
    keys.reload();
    assert_eq!(verdict(&keys, text).await, Err(Refusal::Invalid(Flaw::Revoked)));
    let next = house.file().create(&new_key("billing"), now()).unwrap();
    keys.reload();
    verdict(&keys, next.secret.expose_secret()).await.unwrap();
    seconds(3600).await;
    assert_eq!(verdict(&keys, next.secret.expose_secret()).await, Err(Refusal::Invalid(Flaw::Expired)));
}

#[test]
fn commands_at_once_lose_no_key() {
    let house = House::new();
    std::thread::scope(|scope| {
        for n in 0..16 {
            let file = house.file();
            scope
                .spawn(move || assert!(file.create(&new_key(&n.to_string()), now()).unwrap().line.is_none()));
        }
    });
    assert_eq!(house.file().list().unwrap().len(), 16);
}

/// The server that reads the file is seldom who runs the command.
#[cfg(unix)]
#[test]
fn the_file_stays_whose_it_was() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let house = House::new();
    let created = house.file().create(&new_key("a"), now()).unwrap();
    let path = &house.config.file;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Only root may give a file away.
    let owner = if chown(path, Some(4711), Some(4712)).is_ok() { Some((4711, 4712)) } else { None };
    house.file().revoke(&created.key.id, now()).unwrap();
    let meta = std::fs::metadata(path).unwrap();
    assert_eq!(meta.mode() & 0o777, 0o640);
    assert_eq!((meta.uid(), meta.gid()), owner.unwrap_or((meta.uid(), meta.gid())));
}

#[test]
fn a_subject_has_two_live_keys_and_no_third() {
    let house = House::new();
    let first = house.file().create(&new_key("a"), now()).unwrap();
    house.file().create(&new_key("a"), now()).unwrap();
    house.file().create(&new_key("b"), now()).unwrap();
    let elsewhere = NewKey { tenant: Some("acme".to_owned()), ..new_key("a") };
    house.file().create(&elsewhere, now()).unwrap();
    let refused = house.file().create(&new_key("a"), now()).err().unwrap();
    assert_eq!(refused.code(), error::Code::Conflict);
    house.file().revoke(&first.key.id, now()).unwrap();
    house.file().create(&new_key("a"), now()).unwrap();
    assert_eq!(house.file().list().unwrap().len(), 5, "a revoked key stays as evidence");
}

#[test]
fn revoking_a_key_changes_its_line_and_no_other() {
    let house = House::new();
    house.file().create(&new_key("a"), now()).unwrap();
    let created = house.file().create(&new_key("b"), now()).unwrap();
    let (first, second) = house.text().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let around =
        |line: &str| format!("# Ada's, until May\r\n\n{first}\r\n# the night job\n{line}\n# the end");
    std::fs::write(&house.config.file, around(second.trim_end())).unwrap();
    let at = now();
    let revoked = house.file().revoke(&created.key.id, at).unwrap();
    assert_eq!((&revoked.id, revoked.revoked), (&created.key.id, Some(at)));
    assert_eq!(house.text(), around(&serde_json::to_string(&revoked).unwrap()));
    house.file().revoke(&created.key.id, now()).unwrap();
    assert_eq!(house.text(), around(&serde_json::to_string(&revoked).unwrap()), "once is enough");
}

#[tokio::test(start_paused = true)]
async fn a_broken_file_leaves_the_old_keys_in_force() {
    let house = House::new();
    let created = house.file().create(&new_key("a"), now()).unwrap();
    let keys = ApiKeys::open(house.file(), clock()).unwrap();
    std::fs::write(&house.config.file, "{not json\n").unwrap();
    keys.reload();
    verdict(&keys, created.secret.expose_secret()).await.unwrap();
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn a_file_that_is_emptied_after_a_trouble_holds_no_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    let created = house.file().create(&new_key("a"), now()).unwrap();
    let keys = ApiKeys::open(house.file(), clock()).unwrap();
    let mode = |mode| std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(&house.config.file, mode(0o644)).unwrap();
    keys.reload();
    verdict(&keys, created.secret.expose_secret()).await.unwrap();
    std::fs::write(&house.config.file, "").unwrap();
    std::fs::set_permissions(&house.config.file, mode(0o600)).unwrap();
    keys.reload();
    assert_eq!(verdict(&keys, created.secret.expose_secret()).await.unwrap_err(), Flaw::Unknown.into());
}

#[test]
fn files_that_are_not_in_order_are_refused_with_the_cure() {
    let house = House::new();
    let opened =
        || ApiKeys::open(house.file(), clock()).err().map(|e| format!("{} {}", e.message(), e.wire("").hint));
    assert!(opened().unwrap().contains("keys create"), "missing");
    house.file().create(&new_key("a"), now()).unwrap();
    assert_eq!(opened(), None);
    let good = house.text();
    for (text, says) in [
        (format!("# a comment\n\n{good}{good}"), "line 4: the key"),
        (good.replace("subject", "subjekt"), "subjekt"),
        (good.replace("\"hash\":\"", "\"hash\":\"z"), "incomplete"),
    ] {
        std::fs::write(&house.config.file, text).unwrap();
        let told = opened().unwrap();
        assert!(told.contains(says), "{told}");
    }
    std::fs::write(&house.config.file, good).unwrap();
    std::fs::write(house.dir.path().join("pepper"), "short").unwrap();
    assert!(opened().unwrap().contains("16 characters"));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_use_is_refused_with_the_cure() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::new();
    house.file().create(&new_key("a"), now()).unwrap();
    for (mode, fine) in [(0o600, true), (0o440, true), (0o644, false), (0o602, false), (0o660, false)] {
        std::fs::set_permissions(&house.config.file, std::fs::Permissions::from_mode(mode)).unwrap();
        let opened = ApiKeys::open(house.file(), clock());
        assert_eq!(opened.is_ok(), fine, "{mode:o}");
        if let Err(error) = opened {
            assert!(error.wire("").hint.contains("chmod 600"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_whose_the_configuration_says() {
    let issued = |name: &str| {
        let mut params = rcgen::CertificateParams::default();
        params.subject_alt_names = vec![rcgen::SanType::URI(name.try_into().unwrap())];
        let key = rcgen::KeyPair::generate().unwrap();
        Certificate::read(params.self_signed(&key).unwrap().der()).unwrap()
    };
    let name = "spiffe://corp/agents/7";
    let (agent, stranger) = (issued(name), issued("spiffe://corp/agents/77"));
    let entry = json!({ "name": format!("uri:{name}"), "subject": "agent-7", "scopes": ["crm:read"] });
    let issuer = Issuer::publishing(&[]);
    let authenticator = configured(&issuer, json!({ "certificates": [entry] }), &[]).unwrap();
    let ask = async |certificate: Option<&Certificate>| {
        authenticator.authenticate(&Uri::from_static("/mcp"), &HeaderMap::new(), certificate).await
    };
    let caller = ask(Some(&agent)).await.unwrap();
    assert_eq!((caller.subject.as_str(), caller.method), ("agent-7", "mtls"));
    assert_eq!(ask(Some(&stranger)).await, Err(Refusal::Invalid(Flaw::Certificate)));
    assert_eq!(ask(None).await, Err(Refusal::Missing));
    assert!(Certificate::read(b"no certificate").is_err());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_bound_to_a_certificate_needs_it() {
    let pair = rcgen::KeyPair::generate().unwrap();
    let issued = rcgen::CertificateParams::default().self_signed(&pair).unwrap();
    let certificate = Certificate::read(issued.der()).unwrap();
    let key = SigningKey::ec("k");
    let authenticator = trusting(&Issuer::publishing(&[&key]), json!({}));
    let token = key.sign(&claims(&json!({ "cnf": { "x5t#S256": certificate.thumbprint() } })));
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}")).unwrap());
    let uri = Uri::from_static("/mcp");
    authenticator.authenticate(&uri, &headers, Some(&certificate)).await.unwrap();
    let bound = Err(Refusal::Invalid(Flaw::Binding));
    assert_eq!(authenticator.authenticate(&uri, &headers, None).await, bound, "also after it was believed");
}
