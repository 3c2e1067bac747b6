use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use call::CancellationToken;
use error::Code;
use tempfile::TempDir;
use tokio::time::Instant;

use super::*;
use crate::{Event, Gate, Health, PRESETS, Settings, Severity, Verdict};

fn gate(roles: Option<&Path>, freeze: Option<&Path>) -> Gate {
    let settings = Settings {
        roles: roles.map(Path::to_owned),
        freeze: freeze.map(Path::to_owned),
        mode: Mode::default(),
    };
    Gate::open(settings, house(), clock()).unwrap()
}

fn write(gate: &Gate) -> Decision {
    gate.authorize(&gate.subject(&Caller::local("ada")), "w", &WRITE, Stage::Call(&at(Within::one("x"))))
}

#[tokio::test(start_paused = true)]
async fn a_freeze_holds_within_five_seconds_and_ends_as_soon() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("freeze.toml");
    std::fs::write(&file, "").unwrap();
    let gate = Arc::new(gate(None, Some(&file)));
    let stop = CancellationToken::new();
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = said.clone();
    let tell = move |event: &Event| heard.lock().unwrap().push(event.clone());
    let watching = tokio::spawn(gate.clone().watch(stop.clone(), tell));
    let until = async |frozen: bool| {
        let begun = Instant::now();
        // The clock stands still while a file is looked at.
        while write(&gate).is_allowed() == frozen && begun.elapsed() < Duration::from_secs(60) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        begun.elapsed()
    };
    assert!(write(&gate).is_allowed());
    std::fs::write(&file, "all = true\nreason = \"month end\"").unwrap();
    assert!(until(true).await <= Duration::from_secs(5));
    assert!(write(&gate).error().unwrap().message().contains("month end"));
    std::fs::write(&file, "sources = [\"attic\"]").unwrap();
    assert!(until(false).await <= Duration::from_secs(5), "the cellar is left");
    std::fs::write(&file, "all = maybe").unwrap();
    assert!(until(true).await <= Duration::from_secs(5), "somebody wanted to stop something");
    assert!(gate.health().freeze.unwrap().contains("freeze.toml"));
    stop.cancel();
    watching.await.unwrap();
    let said = said.lock().unwrap();
    assert!(matches!(said.last(), Some(Event::FreezeGarbled(_))), "{said:?}");
}

#[test]
fn a_broken_roles_file_leaves_the_former_one_in_force_and_says_so() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("roles.toml");
    std::fs::write(&path, file("")).unwrap();
    let gate = gate(Some(&path), None);
    assert!(write(&gate).is_allowed());
    let broken = [
        ("role = 3", "role"),
        (&*file("wirte = []\n"), "did you mean `write`?"),
        (&*file("forbid = [\"jars:move_jra\"]\n"), "did you mean `jars:move_jar`?"),
        (&*file("[taint]\nminutes = 0\n"), "set `[taint] minutes`"),
        (&*file("fields = { \"jars:lable\" = \"drop\" }\n"), "did you mean `label`?"),
        (&*file("fields = { label = \"drop\" }\n"), "`label` is no `domain:field`"),
    ];
    for (text, says) in broken {
        std::fs::write(&path, text).unwrap();
        assert!(gate.poll().is_empty(), "it may be written right now");
        let events = gate.poll();
        let [Event::PolicyRefused(why)] = events.as_slice() else { panic!("{text}: {events:?}") };
        assert!(why.contains(says), "{says} in {why}");
        assert_eq!(gate.health().roles.as_ref(), Some(why));
        assert!(write(&gate).is_allowed(), "the former roles hold");
        assert!(gate.poll().is_empty(), "it is said once");
    }
    std::fs::write(&path, file("forbid = [\"jars:move_jar\"]\n")).unwrap();
    assert!(gate.poll().is_empty());
    assert_eq!(gate.poll(), [Event::PolicyChanged]);
    assert_eq!((gate.health(), write(&gate).is_allowed()), (Health::default(), false));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(gate.poll().as_slice(), [Event::PolicyRefused(_)]));
    assert!(!write(&gate).is_allowed());
}

#[test]
fn a_look_between_the_emptying_of_a_file_and_its_writing_loosens_nothing() {
    let home = TempDir::new().unwrap();
    let (freeze, roles) = (home.path().join("freeze.toml"), home.path().join("roles.toml"));
    std::fs::write(&freeze, "sources = [\"attic\"]").unwrap();
    std::fs::write(&roles, file("forbid = [\"jars:pay_for_jar\"]\n")).unwrap();
    let gate = gate(Some(&roles), Some(&freeze));
    let allowed = |tool: &Meta, source: &str| {
        let stakes = Stakes { sources: vec![source.into()], ..at(Within::one("x")) };
        gate.authorize(&keeper(), "w", tool, Stage::Call(&stakes)).is_allowed()
    };
    gate.poll();
    assert!(!allowed(&WRITE, "attic") && allowed(&WRITE, "cellar") && !allowed(&PAY, "cellar"));
    std::fs::write(&freeze, "").unwrap();
    std::fs::write(&roles, file("")).unwrap();
    assert!(gate.poll().is_empty());
    assert!(!allowed(&WRITE, "attic") && !allowed(&PAY, "cellar"));
    std::fs::write(&freeze, "sources = [\"cellar\"]").unwrap();
    std::fs::write(&roles, file("forbid = [\"jars:pay_for_jar\"]\n# as before\n")).unwrap();
    assert!(gate.poll().is_empty());
    assert!(!allowed(&WRITE, "cellar"), "what is to be frozen is frozen at once");
    assert!(matches!(gate.poll().as_slice(), [Event::PolicyChanged, Event::FreezeChanged(Some(_))]));
    assert!(allowed(&WRITE, "attic") && !allowed(&WRITE, "cellar") && !allowed(&PAY, "attic"));
    assert!(gate.poll().is_empty());
}

#[test]
fn a_freeze_file_that_is_there_and_cannot_be_read_freezes_every_write() {
    let home = TempDir::new().unwrap();
    let (file, roles) = (home.path().join("freeze.toml"), home.path().join("roles.toml"));
    std::fs::write(&roles, super::file("")).unwrap();
    let gate = gate(Some(&roles), Some(&file));
    assert!(matches!(gate.poll().as_slice(), [Event::FreezeMissing(_)]));
    assert!(write(&gate).is_allowed(), "there never was one");
    let wide: Vec<u8> = "\u{feff}all = true".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [wide, vec![b'#'; 256 * 1024 + 1]] {
        std::fs::write(&file, bytes).unwrap();
        let events = gate.poll();
        assert!(matches!(events.as_slice(), [Event::FreezeGarbled(_)]), "{events:?}");
        assert_eq!(write(&gate).verdict, Verdict::Denied(Code::Frozen));
        assert!(gate.health().freeze.is_some());
        std::fs::write(&file, "").unwrap();
        assert!(gate.poll().is_empty() && !write(&gate).is_allowed());
        assert_eq!(gate.poll(), [Event::FreezeChanged(None)]);
        assert!(write(&gate).is_allowed());
    }
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(matches!(gate.poll().as_slice(), [Event::FreezeGarbled(_)]), "what is there is no file");
    std::fs::remove_dir(&file).unwrap();
    assert!(matches!(gate.poll().as_slice(), [Event::FreezeMissing(_)]));
    assert!(!write(&gate).is_allowed(), "what was frozen stays frozen");

    std::fs::write(&file, "").unwrap();
    std::fs::write(&roles, [0xff, 0xfe]).unwrap();
    assert!(matches!(gate.poll().as_slice(), [Event::PolicyRefused(_)]));
    assert_eq!(gate.poll(), [Event::FreezeChanged(None)]);
    assert!(write(&gate).is_allowed(), "the former roles hold");
}

#[test]
fn a_file_that_opens_the_trifecta_does_not_open_the_gate() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("roles.toml");
    std::fs::write(&path, file("[taint]\nminutes = 0\n")).unwrap();
    let settings = Settings { roles: Some(path.clone()), ..Settings::default() };
    let problems = Gate::open(settings.clone(), house(), clock()).err().unwrap().to_string();
    assert!(problems.contains("role.keeper") && problems.contains("move_jar"), "{problems}");
    let approved = "consent = { \"jars:*\" = \"approve\" }\n[taint]\nminutes = 0\n";
    std::fs::write(&path, file(approved)).unwrap();
    assert!(Gate::open(settings, house(), clock()).unwrap().lint().is_empty());
    let findings = gate(None, None).lint();
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note));
    assert!(findings.iter().any(|finding| finding.role == "admin"), "{findings:?}");
}

#[test]
fn claims_give_roles_and_the_presets_leave_the_rest_to_scopes() {
    let gate = gate(None, None);
    let bearer = |claims: &[(&str, &str)]| {
        let mut caller = Caller { issuer: Some("https://id.example".into()), ..Caller::new("ada", "jwt") };
        for (claim, value) in claims {
            caller.claims.entry((*claim).into()).or_default().insert((*value).into());
        }
        gate.subject(&caller).roles
    };
    assert_eq!(gate.subject(&Caller::local("ada")).roles, ["admin"]);
    assert_eq!(bearer(&[]), ["member"]);
    assert_eq!(bearer(&[("roles", "sales"), ("roles", "support")]), ["sales", "support"]);
    assert_eq!(
        bearer(&[("method", "local"), ("roles", "unheard of")]),
        ["member"],
        "a token cannot claim a method"
    );

    let own = Policy::load(&format!("presets = true\n{}", file("")), &house()).unwrap();
    assert!(own.roles_of([("roles", "unheard of")]).is_empty(), "whoever writes a file says who others are");
    assert_eq!(own.roles_of([("roles", "admin")]), ["admin"]);
    assert!(Policy::load(&format!("otherwise = [\"keper\"]\n{}", file("")), &house()).is_err());
    assert!(PRESETS.contains("otherwise = [\"member\"]"));
}

#[test]
fn two_issuers_that_know_the_same_name_do_not_share_its_roles() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("roles.toml");
    let text = file("")
        .replace("[role.keeper]", "[claims.sub]\n\"https://one.example#ada\" = [\"keeper\"]\n[role.keeper]");
    std::fs::write(&path, text).unwrap();
    let gate = gate(Some(&path), None);
    let of = |issuer: &str| {
        gate.subject(&Caller { issuer: Some(issuer.into()), ..Caller::new("ada", "jwt") }).roles
    };
    assert_eq!(of("https://one.example"), ["keeper"]);
    assert!(of("https://two.example").is_empty());
}

#[test]
fn a_caller_of_a_tenant_is_named_with_it_or_without() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("roles.toml");
    let (entra, ours) = ("https://id.example#ada", "acme#https://id.example#bob");
    let named = format!(
        "[claims.sub]\n\"{entra}\" = [\"keeper\"]\n\"{ours}\" = [\"keeper\"]\n\"night\" = [\"keeper\"]\n[role.keeper]"
    );
    std::fs::write(&path, file("").replace("[role.keeper]", &named)).unwrap();
    let gate = gate(Some(&path), None);
    let has_role = |issuer: Option<&str>, tenant: &str, subject: &str| {
        let caller = Caller {
            issuer: issuer.map(str::to_owned),
            tenant: Some(tenant.to_owned()),
            ..Caller::new(subject, "jwt")
        };
        !gate.subject(&caller).roles.is_empty()
    };
    let issuer = Some("https://id.example");
    assert!(has_role(issuer, "acme", "ada") && has_role(issuer, "other", "ada"), "in any tenant");
    assert!(has_role(issuer, "acme", "bob") && !has_role(issuer, "other", "bob"), "in one");
    assert!(has_role(None, "acme", "night"), "a key with a tenant");
    assert!(!has_role(None, "acme", "ada") && !has_role(issuer, "acme", "night"));
}

#[tokio::test(start_paused = true)]
async fn what_a_workflow_read_is_remembered_for_its_time_and_for_nobody_else() {
    let home = TempDir::new().unwrap();
    let path = home.path().join("roles.toml");
    std::fs::write(&path, file("[audience]\n\"jars:attic\" = \"outside\"\n[taint]\nminutes = 30\n")).unwrap();
    let gate = gate(Some(&path), None);
    let (ada, bob) = (gate.subject(&Caller::local("ada")), gate.subject(&Caller::local("bob")));
    let public = Stakes { sources: vec!["attic".into()], ..at(Within::one("x")) };
    let consent =
        |who: &Subject, workflow: &str| gate.authorize(who, workflow, &WRITE, Stage::Call(&public)).consent();
    let read = Stakes { sources: vec!["cellar".into()], ..Stakes::default() };
    let decision = gate.authorize(&ada, "w", &READ, Stage::Call(&read));
    gate.note(&ada, "w", &READ, false, &read, &decision);
    assert_eq!(consent(&ada, "w"), tool::Consent::Approve);
    assert_eq!(consent(&ada, "other"), tool::Consent::Confirm);
    assert_eq!(consent(&bob, "w"), tool::Consent::Confirm);
    tokio::time::advance(Duration::from_secs(30 * 60)).await;
    assert_eq!(consent(&ada, "w"), tool::Consent::Confirm, "it is forgotten");
}
