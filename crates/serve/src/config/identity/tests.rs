use super::*;
use crate::config::{Config, Overrides};

const ISSUER: &str = "[identity]\nresource = \"https://crm.example.com/mcp\"\n\n[issuer.corp]\n\
    issuer = \"https://id.example.com\"\nprofile = \"keycloak\"\n";

fn parse(text: &str) -> Result<Config, String> {
    Config::parse("c.toml", text, &Overrides::default()).map_err(|problem| problem.to_string())
}

/// Why nobody can tell callers apart by this text.
fn refused(text: &str) -> String {
    let failure = match parse(text) {
        Ok(config) => {
            config.identity.authenticator(Clock::for_test()).err().expect("this must not be accepted")
        }
        Err(problem) => return problem,
    };
    match failure {
        Failure::Usage(why) | Failure::Failed(why) => why,
    }
}

#[test]
fn identity_is_configured_by_an_issuer_and_not_by_an_empty_table() {
    let of = |text: &str| {
        parse(text).unwrap().identity.authenticator(Clock::for_test()).unwrap_or_else(|_| panic!())
    };
    assert!(of(ISSUER).is_some_and(|authenticator| authenticator.is_configured()));
    assert!(of("").is_none());
    assert!(of("[identity.local]\nsubject = \"alice@corp\"").is_none());
    assert_eq!(parse(ISSUER).unwrap().identity.host(), Some("crm.example.com"));
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_the_nearest_key() {
    for (from, to, told) in [
        ("resource", "resourse", "c.toml:2: identity: unknown key `resourse`; did you mean `resource`?"),
        ("profile", "profil", "c.toml:6: issuer.corp: unknown key `profil`; did you mean `profile`?"),
        ("\"keycloak\"", "\"keyclaok\"", "c.toml:6: issuer.corp.profile: unknown variant"),
        ("[issuer.corp]", "[isuer.corp]", "c.toml:4: unknown key `isuer`; did you mean `issuer`?"),
        ("https://id", "http://id", "c.toml:5: issuer.corp.issuer: plain http is allowed to loopback only"),
        ("\"keycloak\"", "\"entra\"", "c.toml:4: issuer.corp.audiences: name what Entra calls this server"),
        (
            "resource = \"https://crm.example.com/mcp\"",
            "",
            "identity.resource: name this server as the issuer calls it",
        ),
    ] {
        let text = ISSUER.replace(from, to);
        assert!(refused(&text).contains(told), "{told} in {}", refused(&text));
    }
}

#[test]
fn a_file_of_revocations_that_nobody_would_heed_is_refused() {
    let told = refused("[identity]\nrevoked_file = \"/dev/null\"");
    assert!(told.starts_with("c.toml:2: identity.revoked_file: there is nobody to shut out"), "{told}");
}

#[test]
fn the_environment_names_issuers_too() {
    let variable = ("CHANCERY_ISSUER__CORP__TENANT".to_owned(), "acme".to_owned());
    let config = Config::parse("c.toml", ISSUER, &Overrides::of([variable])).unwrap();
    assert_eq!(config.identity.issuers["corp"].tenant.as_deref(), Some("acme"));
}

#[test]
fn the_person_at_the_machine_has_a_name_and_bounds() {
    let local = |text: &str| parse(text).unwrap().identity.local_caller();
    assert_eq!(local(""), Caller::local(LOCAL_CALLER));
    let alice =
        local("[identity.local]\nsubject = \"alice@corp\"\nscopes = [\"crm:read\"]\nroles = [\"sales\"]");
    assert_eq!((alice.subject.as_str(), alice.method), ("alice@corp", "local"));
    assert!(alice.scopes.grant("crm:read") && !alice.scopes.grant("crm:write"));
    assert!(alice.claims["roles"].contains("sales"));
}

#[cfg(unix)]
#[test]
fn a_file_of_keys_that_everybody_may_read_is_refused_with_the_cure() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let (keys, pepper) = (home.path().join("keys"), home.path().join("pepper"));
    std::fs::write(&keys, "").unwrap();
    std::fs::write(&pepper, "a pepper of some length").unwrap();
    let text =
        format!("[identity.keys]\nfile = \"{}\"\npepper = \"file:{}\"\n", keys.display(), pepper.display());
    let mode = |mode: u32| std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    let told = refused(&text);
    assert!(told.starts_with("c.toml:2: identity.keys.file: ") && told.contains("chmod 600"), "{told}");
    mode(0o600);
    assert!(parse(&text).unwrap().identity.authenticator(Clock::for_test()).is_ok());
    std::fs::write(&pepper, "short").unwrap();
    assert!(
        refused(&text).starts_with("c.toml:3: identity.keys.pepper: must have at least 16"),
        "{}",
        refused(&text)
    );
    std::fs::remove_file(&keys).unwrap();
    assert!(refused(&text).contains("keys create"), "{}", refused(&text));
}
