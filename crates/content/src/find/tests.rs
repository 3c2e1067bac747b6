use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::testing::{ENTERPRISE, PLANTED, Random};
use crate::{People, Redactor, TokenKey, Treatment, Treatments};

/// Texts of each kind that the bars are held against.
const SAMPLES: usize = 2_000;
const SEED: u64 = 20_240_501;

fn found(text: &str) -> Vec<(&'static str, &str)> {
    find(text).into_iter().map(|f| (f.kind.name(), &text[f.start..f.end])).collect()
}

#[test]
fn what_is_planted_is_found() {
    let mut random = Random::new(SEED);
    for (kind, make) in PLANTED {
        let missed: Vec<String> = (0..SAMPLES)
            .map(|_| make(&mut random))
            .filter(|sample| covers_not(&sample.text, &sample.value))
            .map(|sample| sample.text)
            .collect();
        let most = if *kind == "phone" { SAMPLES / 10 } else { SAMPLES / 100 };
        assert!(
            missed.len() <= most,
            "{kind}: {} missed, such as {:?}",
            missed.len(),
            &missed[..missed.len().min(5)]
        );
    }
}

/// Whether a part of the value stands outside of all findings.
fn covers_not(text: &str, value: &str) -> bool {
    let start = text.find(value).unwrap();
    !find(text).iter().any(|f| f.start <= start && f.end >= start + value.len())
}

#[test]
fn what_a_company_works_with_is_left_alone() {
    let mut random = Random::new(SEED);
    let mut alarms: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (kind, make) in ENTERPRISE {
        for _ in 0..SAMPLES {
            let text = make(&mut random);
            if let Some(first) = found(&text).first() {
                alarms.entry(kind).or_default().push(format!("{first:?} in {text:?}"));
            }
        }
    }
    for (kind, alarms) in alarms {
        assert!(
            alarms.len() <= SAMPLES / 100,
            "{kind}: {} alarms, such as {:?}",
            alarms.len(),
            &alarms[..alarms.len().min(5)]
        );
    }
}

#[test]
fn shapes_alone_are_not_enough() {
    for text in [
        "4111 1111 1111 1112 fails the check",
        "9999 9999 9999 9995 has no issuer",
        "DE88 3704 0044 0532 0130 00 fails the check",
        "000-12-3456, 666-12-3456, 912-34-5678, 123-00-4567",
        "call the function 20240501 times",
        "12:00:00+0200 and a+123456789",
        "token: the parser reads one; password: required",
        "password=${DB_PASSWORD} password=[password] password: ***",
        "Basic understanding of authorization",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "@ a@b me@localhost x@.com",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn findings_are_as_long_as_they_should_be() {
    for (text, expected) in [
        ("mail jane.doe@acme.example.", ("email", "jane.doe@acme.example")),
        ("*jürgen@müller.de*", ("email", "jürgen@müller.de")),
        ("qty 12 4111 1111 1111 1111 09/27", ("card", "4111 1111 1111 1111")),
        ("IBAN:DE89 3704 0044 0532 0130 00 BIC COBADEFF", ("iban", "DE89 3704 0044 0532 0130 00")),
        ("SSN 123456789", ("ssn", "123456789")),
        ("tel (030) 901820-0.", ("phone", "030) 901820-0")),
        ("password=a49301234567", ("password", "a49301234567")),
        ("https://u:s3cret@host/x", ("password", "s3cret")),
        ("\"client_secret\" : \"abc123def456ghi7\"", ("secret", "abc123def456ghi7")),
        (
            "token: ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            ("github_token", "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ),
    ] {
        assert_eq!(found(text), [expected], "{text}");
    }
}

/// Texts that begin something over and over and never end it, and their last bytes.
const HOSTILE: &[(&str, &str)] = &[
    ("eyJ-", ""),
    ("eyJ-", ".a"),
    ("AIza-", ""),
    ("00D!", ""),
    ("pwd=[", "a]"),
    ("pwd=(", ""),
    ("token=", "a@b"),
    ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"),
    ("-----BEGIN ", ""),
    ("SG.", ""),
    ("@", ""),
    ("://a:$@", ""),
    ("https://a:$", "@@@@"),
    ("a@b.c", "@"),
    ("+1 1 1 ", ""),
    ("call 4111 ", ""),
];

#[test]
fn no_text_is_looked_through_again_from_each_word() {
    for (piece, end) in HOSTILE {
        let steps = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len()) + end;
            steps::of(|| find(&text))
        };
        let (half, whole) = (steps(64 * 1024), steps(128 * 1024));
        assert!(whole < 200 * 128 * 1024, "{piece:?}: {whole} steps");
        assert!(whole <= half * 21 / 10, "{piece:?}: {half} steps become {whole}");
    }
}

#[test]
fn a_long_secret_is_found_to_its_end() {
    let long = "abc123def456ghi7".repeat(100);
    for (text, name) in [
        (format!("token={long}, then"), "secret"),
        (format!("password: \"{long}é\" then"), "password"),
        (format!("eyJ{long}.{long}.{long} then"), "jwt"),
        (
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY----- then", long.repeat(40)),
            "private_key",
        ),
    ] {
        let found = find(&text);
        assert_eq!((found.len(), found[0].kind.name()), (1, name));
        let left = text.len() - found[0].end;
        assert!(left <= " then\"".len() + 1 && text.is_char_boundary(found[0].end), "{name}: {left}");
    }
}

#[test]
fn what_fails_as_a_web_token_hides_nothing_behind_it() {
    let aws = "AKIAIOSFODNN7EXAMPLE";
    assert_eq!(found(&format!("eyJ-eyJ-{aws}")), [("aws_access_key", aws)]);
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
    assert_eq!(found(&format!("eyJ-eyJ- {token}")), [("jwt", token)]);
}

/// Texts of the pieces that findings are made of, in every order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "(4111|1111|5500|0000|123|45|6789|DE89|3704|0044|0532|0130|00|[0-9]{1,5})",
        3 => "[ .:=@+<>()\\[\\]*\"'/_&-]",
        2 => "(password|token|secret|ssn|tel|call|Bearer|api_key|order|mail|password is |://)",
        2 => "(jane@acme\\.example|ghp_[A-Za-z0-9]{36}|AKIA[A-Z0-9]{16}|eyJ[a-z0-9]{12}\\.[a-z0-9]{14}\\.|<email:abcdefghijkl>|\\[password\\]|Hunter2!|abc123def456ghi7)",
        1 => "(-----BEGIN PRIVATE KEY-----|-----END PRIVATE KEY-----|\n|\u{A0}|é|設|\u{1F600})",
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn treatments(treatment: Treatment) -> Treatments {
    let mut treatments = Treatments::default();
    for class in Class::ALL {
        treatments.masks.set(class, treatment);
    }
    treatments
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn findings_stand_in_order_on_characters(text in prop_oneof![pieces(), "\\PC{0,60}"]) {
        let mut end = 0;
        for finding in find(&text) {
            prop_assert!(finding.start >= end && finding.end > finding.start);
            prop_assert!(text.is_char_boundary(finding.start) && text.is_char_boundary(finding.end));
            end = finding.end;
        }
    }

    #[test]
    fn redacting_twice_changes_nothing_and_no_finding_remains(
        text in pieces(),
        treatment in prop_oneof![Just(Treatment::Mask), Just(Treatment::Tokenize), Just(Treatment::Drop)],
    ) {
        let (treatments, key) = (treatments(treatment), TokenKey::new([7; 32]));
        let redactor = Redactor { treatments: &treatments, key: &key, tenant: "acme", people: &People::new() };
        let once = redactor.text(&text).into_owned();
        prop_assert_eq!(&*redactor.text(&once), &*once, "of {:?}", text);
    }
}
