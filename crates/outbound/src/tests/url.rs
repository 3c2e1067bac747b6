use ::url::Url;
use error::Code;
use proptest::prelude::*;

use super::{client, settings};
use crate::{Client, Request, Settings};

const BASE: &str = "https://api.example/ex/jira/c-1";

fn target(client: &Client, request: Request) -> error::Result<Url> {
    client.plan(&call::Cx::for_test(), request).map(|plan| plan.url)
}

#[test]
fn routes_are_joined_to_the_base() {
    let client = client(&settings(&format!("{BASE}/")));
    let request =
        Request::get("/issue/{key}/comment", &["PAY-1"]).query("jql", "a = \"b&c\" + é").query("n", 5);
    let url =
        "https://api.example/ex/jira/c-1/issue/PAY-1/comment?jql=a%20%3D%20%22b%26c%22%20%2B%20%C3%A9&n=5";
    assert_eq!(target(&client, request).unwrap().as_str(), url);
}

#[test]
fn a_parameter_that_would_climb_is_refused_before_anything_is_sent() {
    let client = client(&settings(BASE));
    for bad in ["", ".", ".."] {
        let error = target(&client, Request::get("/issue/{key}/comment", &[bad])).unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument, "{bad:?}");
    }
    let joined = target(&client, Request::get("/x/{a}{b}", &[".", "."])).unwrap_err();
    assert_eq!(joined.code(), Code::InvalidArgument, "two halves of a `..`");
    for good in ["...", ".a", "a..b", "%2e%2e", "..%2f"] {
        target(&client, Request::get("/issue/{key}", &[good])).unwrap();
    }
    assert!(target(&client, Request::get("/a/{b}/{c}", &["1"])).is_err());
    assert!(target(&client, Request::get("/a/{b}", &["1", "2"])).is_err());
}

#[test]
fn defects_of_a_request_surface_when_it_is_sent() {
    let client = client(&settings(BASE));
    let smuggled = Request::get("/a", &[]).header("x-note", "a\r\nhost: evil");
    assert!(target(&client, smuggled).is_err());
    assert!(target(&client, Request::get("/a", &[]).absolute("https://evil.example/a")).is_err());
    let next = target(&client, Request::get("/a", &[]).absolute("https://api.example/a?page=2")).unwrap();
    assert_eq!(next.as_str(), "https://api.example/a?page=2");
}

/// Text that means something to a URL parser, between text that does not.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("..".to_owned()),
        Just(".".to_owned()),
        Just("%2e%2e".to_owned()),
        Just("%2f".to_owned()),
        Just("/".to_owned()),
        Just("\\".to_owned()),
        Just("@".to_owned()),
        Just("#".to_owned()),
        Just("?".to_owned()),
        Just("&x=".to_owned()),
        Just("\r\n".to_owned()),
        Just("\t".to_owned()),
        Just("://evil.example".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("%00".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] == b'%' {
            out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap()
}

thread_local! {
    /// One client for all cases.
    static CLIENT: Client = client(&Settings { ..settings(BASE) });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_text_leaves_its_place(a in hostile(), b in hostile(), q in hostile()) {
        let request = Request::get("/repos/{a}/{b}/issues", &[&a, &b]).query("q", &q).query("page", 1);
        let is_climbing = |s: &str| ["", ".", ".."].contains(&s);
        match CLIENT.with(|client| target(client, request)) {
            Err(error) => {
                prop_assert!(is_climbing(&a) || is_climbing(&b));
                prop_assert_eq!(error.code(), Code::InvalidArgument);
            }
            Ok(url) => {
                prop_assert!(!is_climbing(&a) && !is_climbing(&b));
                prop_assert_eq!(url.host_str(), Some("api.example"));
                prop_assert!(url.username().is_empty() && url.fragment().is_none() && url.port().is_none());
                let segments: Vec<_> = url.path_segments().unwrap().map(decode).collect();
                prop_assert_eq!(segments, ["ex", "jira", "c-1", "repos", &a, &b, "issues"]);
                let query: Vec<_> = url.query_pairs().into_owned().collect();
                prop_assert_eq!(query, [("q".to_owned(), q), ("page".to_owned(), "1".to_owned())]);
            }
        }
    }
}
