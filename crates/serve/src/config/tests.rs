use super::*;

const TEXT: &str = r#"
[server]
listen = "127.0.0.1:0"

[audit]
reads = "async"

[source.jira-eu]
vendor = "jira"
base_url = "https://acme.atlassian.net"
auth = { grant = "basic", user = "bot", password = "file:SECRET" }
"#;

fn none() -> Overrides {
    Overrides::default()
}

fn set(variables: &[(&str, &str)]) -> Overrides {
    Overrides::of(variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())))
}

/// `TEXT` with a secret that exists.
fn text() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, "canary-1").unwrap();
    let text = TEXT.replace("SECRET", &file.display().to_string().replace('\\', "/"));
    (dir, text)
}

fn problem(text: &str, overrides: &Overrides) -> String {
    Config::parse("c.toml", text, overrides).expect_err("this must not be accepted").to_string()
}

#[test]
fn tables_are_read() {
    let (_dir, text) = text();
    let config = Config::parse("c.toml", &text, &none()).unwrap();
    assert_eq!(config.server.listen, Some("127.0.0.1:0".parse().unwrap()));
    assert_eq!(config.audit.reads, crate::layers::Reads::Async);
    assert_eq!(config.sources[0].settings.name, "jira-eu");
    assert!(!format!("{config:?}").contains("canary"), "secrets are not in Debug");
}

#[test]
fn unknown_keys_are_named_with_line_and_nearest_key() {
    let (_dir, text) = text();
    let typo = |from: &str, to: &str| problem(&text.replace(from, to), &none());
    assert_eq!(typo("reads", "raeds"), "c.toml:6: audit: unknown key `raeds`; did you mean `reads`?");
    assert_eq!(typo("[server]", "[sever]"), "c.toml:2: unknown key `sever`; did you mean `server`?");
    let early = problem("[source.jira]\nvendor = \"jira\"\n\nbase_ulr = \"https://x\"", &none());
    assert_eq!(early, "c.toml:4: source.jira: unknown key `base_ulr`; did you mean `base_url`?");
    let auth = typo("password =", "pasword =");
    assert!(auth.starts_with("c.toml:11: source.jira-eu"), "{auth}");
}

#[test]
fn what_only_a_vendor_can_judge_is_named_at_its_line() {
    let (_dir, text) = text();
    let told = |from: &str, to: &str, error: error::Error| {
        let config = Config::parse("c.toml", &text.replace(from, to), &none()).unwrap();
        config.sources[0].problem(&error).to_string()
    };
    let misspelled = told("base_url", "bse_url", {
        error::Error::invalid("source/jira-eu", "unknown field `bse_url`, expected `cloud_id`")
    });
    assert_eq!(misspelled, "c.toml:10: source.jira-eu: unknown key `bse_url`; did you mean `base_url`?");
    let vendor = told("x", "x", error::Error::invalid("vendor", "this server has no vendor `jira`"));
    assert!(
        vendor.starts_with("c.toml:9: source.jira-eu: vendor: this server has no vendor `jira`"),
        "{vendor}"
    );
    let elsewhere = told("x", "x", error::Error::invalid("site", "is needed"));
    assert!(elsewhere.starts_with("c.toml:8: source.jira-eu: "), "{elsewhere}");
}

#[test]
fn wrong_values_are_named_without_being_shown() {
    let (_dir, text) = text();
    let shown = problem(&text.replace("\"127.0.0.1:0\"", "\"canary-2\""), &none());
    assert_eq!(shown, "c.toml:3: server.listen: expected an address and port such as 127.0.0.1:8080");
    let table = problem("source = \"canary-3\"", &none());
    assert!(table.contains("`source` must hold tables") && !table.contains("canary"), "{table}");
    let typed = problem("[audit]\ndir = [\"x\"]\nreads = 3", &none());
    assert!(typed.starts_with("c.toml:"), "{typed}");
    let mixed = problem("[limits]\nconnections = \"canary-4\"", &none());
    assert!(mixed.starts_with("c.toml:2: limits.connections: ") && !mixed.contains("canary"), "{mixed}");
    let proxy = "proxy = \"http://u:canary-5@proxy.corp:3128\"\n";
    for (line, before) in [(proxy.to_owned(), "auth = {"), (format!("[identity]\n{proxy}"), "[server]")] {
        let shown = problem(&text.replace(before, &format!("{line}{before}")), &none());
        assert!(shown.contains("HTTPS_PROXY") && !shown.contains("canary"), "{shown}");
    }
    assert!(problem("[server", &none()).starts_with("c.toml:1: "));
    assert!(problem("[source.Jira]\nvendor = \"jira\"", &none()).starts_with("c.toml:1: "));
}

#[test]
fn a_missing_secret_names_key_line_and_cure() {
    let missing = problem("\n[seal]\nkeys = [\"env:CHANCERY_TEST_NO_SUCH_SECRET\"]", &none());
    assert!(missing.starts_with("c.toml:3: seal.keys: "), "{missing}");
    assert!(missing.contains("set the environment variable CHANCERY_TEST_NO_SUCH_SECRET"), "{missing}");
}

#[test]
fn a_key_that_can_be_guessed_is_refused_where_it_stands() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let reference = format!("file:{}", file.path().display());
    let text = format!("[server]\n[seal]\nkeys = [\"{reference}\"]");
    std::fs::write(file.path(), "only fifteen :(\n").unwrap();
    let short = problem(&text, &none());
    assert!(short.starts_with("c.toml:3: seal.keys: ") && short.contains(&reference), "{short}");
    assert!(short.contains("at least 16") && short.contains("openssl rand"), "{short}");
    assert!(!short.contains("fifteen"), "{short}");
    let variable = set(&[("CHANCERY_SEAL__KEYS", &format!("[\"{reference}\"]"))]);
    let told = problem("", &variable);
    assert!(told.starts_with("environment variable CHANCERY_SEAL__KEYS: seal.keys: "), "{told}");
    std::fs::write(file.path(), "sixteen letters!").unwrap();
    Config::parse("c.toml", &text, &none()).unwrap();
}

#[test]
fn the_environment_overrides_keys() {
    let (_dir, text) = text();
    let overrides = set(&[
        ("CHANCERY_SOURCE__JIRA_EU__BASE_URL", "http://127.0.0.1:1"),
        ("CHANCERY_AUDIT__READS", "best_effort"),
        ("CHANCERY_LIMITS__CONNECTIONS", "7"),
        ("CHANCERY_CONFIG", "elsewhere"),
        ("OTHER__X", "1"),
    ]);
    let config = Config::parse("c.toml", &text, &overrides).unwrap();
    assert!(
        format!("{:?}", config.sources[0].settings).contains("127.0.0.1"),
        "{:?}",
        config.sources[0].settings
    );
    assert_eq!(config.audit.reads, crate::layers::Reads::BestEffort);
    assert_eq!(config.limits.limits().connections, 7);
    assert_eq!(config.sources.len(), 1);
}

#[test]
fn who_calls_is_never_nobody() {
    let certificate = "[[identity.certificates]]\nname = \"dns:a.example\"\nscopes = []\nsubject = ";
    for (table, line) in [("[identity.local]\nsubject = ", 2), (certificate, 4)] {
        let said = problem(&format!("{table}\"\""), &none());
        assert!(
            said.starts_with(&format!("c.toml:{line}: ")) && said.contains("must not be empty"),
            "{said}"
        );
        let named = Config::parse("c.toml", &format!("{table}\"ann\""), &none());
        assert!(named.is_ok(), "{:?}", named.err());
    }
}

#[test]
fn a_variable_is_named_where_it_is_wrong() {
    let unknown = problem("", &set(&[("CHANCERY_AUDIT__RAEDS", "async")]));
    assert_eq!(
        unknown,
        "environment variable CHANCERY_AUDIT__RAEDS: audit: unknown key `raeds`; did you mean `reads`?"
    );
    let no_table = problem("audit = 3", &set(&[("CHANCERY_AUDIT__READS", "async")]));
    assert!(no_table.contains("`audit` is not a table"), "{no_table}");
}

#[test]
fn record_and_store_go_to_the_users_state_directory() {
    let dir = |set: &'static [(&str, &str)]| {
        default_audit_dir(|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    };
    assert_eq!(dir(&[("HOME", "/a")]).unwrap(), PathBuf::from("/a/.local/state/chancery/audit"));
    assert_eq!(dir(&[("HOME", "/h"), ("XDG_STATE_HOME", "/s")]).unwrap(), PathBuf::from("/s/chancery/audit"));
    assert!(dir(&[("HOME", "")]).unwrap_err().to_string().contains("CHANCERY_AUDIT__DIR"));

    let home = |name: &str| (name == "HOME").then(|| "/a".to_owned());
    let store = default_store_file(home, "crm").unwrap();
    assert_eq!(store, PathBuf::from("/a/.local/state/chancery/store/crm.db"));
    let nowhere = default_store_file(|_| None, "crm").unwrap_err().to_string();
    assert!(nowhere.contains("CHANCERY_STORE__URL"), "{nowhere}");
}

#[test]
fn limits_are_wrong_at_their_line() {
    let wrong = problem("[limits.caller]\nper_second = 20\nin_flight = 0", &none());
    assert!(
        wrong.starts_with("c.toml:3: limits.caller.in_flight: 0 is no limit: write a whole number from 1"),
        "{wrong}"
    );
    let unknown = problem("[limits]\nconnections = 9\n[limits.day.tenant]\nrow = 1", &none());
    assert_eq!(unknown, "c.toml:4: limits: unknown key `row`; did you mean `rows`?");
    let network = problem("[limits]\nallow = [\"10.0.0.0/99\"]", &none());
    assert!(network.starts_with("c.toml:2: limits.allow: "), "{network}");
    let set = set(&[("CHANCERY_LIMITS__CALLER__PER_SECOND", "0")]);
    let variable = problem("", &set);
    assert!(variable.starts_with("environment variable CHANCERY_LIMITS__CALLER__PER_SECOND: "), "{variable}");
}
