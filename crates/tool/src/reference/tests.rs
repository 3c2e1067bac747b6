//! References over made-up sources.

use std::sync::Arc;

use super::*;
use crate::{Listing, Place, Seal};

/// A vendor of named things; its keys look like `T-1`.
struct Shelf {
    things: Vec<(&'static str, &'static str)>,
    fails: Option<Code>,
}

impl Shelf {
    fn recognize(&self, text: &str) -> Option<String> {
        text.starts_with("T-").then(|| text.to_owned())
    }

    fn answer<T>(&self, value: T) -> Result<T> {
        self.fails.map_or(Ok(value), |code| Err(Error::new(code, "cannot")))
    }
}

fn sources(shelves: Vec<Shelf>) -> Sources<Shelf> {
    let named = shelves.into_iter().enumerate().map(|(i, shelf)| Source {
        name: format!("s{i}"),
        vendor: "shelf",
        port: Arc::new(shelf),
        users: call::Users::default(),
    });
    Sources::new(named.collect(), Seal::ephemeral())
}

fn shelf(things: &[(&'static str, &'static str)]) -> Shelf {
    Shelf { things: things.to_vec(), fails: None }
}

fn failing(code: Code) -> Shelf {
    Shelf { things: Vec::new(), fails: Some(code) }
}

async fn meant(sources: &Sources<Shelf>, text: &str) -> Result<String> {
    let recognize = |port: &Shelf, text: &str| port.recognize(text);
    let named = |source: &Source<Shelf>| -> BoxFuture<'_, Result<Vec<Record>>> {
        let record = |(key, name): &(&str, &str)| Record {
            id: RecordId::new("s0", *key),
            label: Label::new(name),
            url: None,
        };
        let records = source.port.answer(source.port.things.iter().map(record).collect());
        Box::pin(async move { records })
    };
    Ok(sources.meant(&Cx::for_test(), "thing", text, recognize, named).await?.id().to_string())
}

fn list(source: &Source<Shelf>) -> BoxFuture<'_, Result<Vec<Place>>> {
    let place = |(key, name): &(&str, &str)| Place { key: (*key).to_owned(), name: Label::new(name) };
    let places = source.port.answer(source.port.things.iter().map(place).collect());
    Box::pin(async move { places })
}

async fn place(sources: &Sources<Shelf>, text: &str) -> Result<String> {
    let (source, place) = sources.place(&Cx::for_test(), "shelf", None, text, list).await?;
    Ok(source.id(place.key).to_string())
}

#[tokio::test]
async fn ids_keys_and_names_are_understood() {
    let one = sources(vec![shelf(&[("T-1", "Red"), ("T-2", "Redder")])]);
    for text in ["s0:T-1", "T-1", " red "] {
        assert_eq!(meant(&one, text).await.unwrap(), "s0:T-1", "{text}");
    }
    for text in ["REDDER", "t-2", "s0:T-2"] {
        assert_eq!(place(&one, text).await.unwrap(), "s0:T-2", "{text}");
    }
    for (text, code) in [("s0:redder", Code::NotFound), ("s9:T-2", Code::InvalidArgument)] {
        assert_eq!(place(&one, text).await.unwrap_err().code(), code, "{text}: an id has a key in a source");
    }
}

#[tokio::test]
async fn a_title_with_a_colon_is_a_name() {
    for title in
        ["Runbook: database failover", "usage: how to", "on call: who", "s0 usage: how", "at 10:30 sharp"]
    {
        let one = sources(vec![shelf(&[("T-1", title)])]);
        for text in [title.to_owned(), format!("  {} ", title.to_lowercase())] {
            assert_eq!(meant(&one, &text).await.ok(), Some("s0:T-1".into()), "{text}");
            assert_eq!(place(&one, &text).await.ok(), Some("s0:T-1".into()), "{text}");
        }
    }
}

#[tokio::test]
async fn an_id_of_an_unknown_source_is_told_the_nearest() {
    let three = sources(vec![shelf(&[]), shelf(&[("T-1", "Red")]), shelf(&[])]);
    assert_eq!(meant(&three, " s1:T-1 ").await.unwrap(), "s1:T-1");
    for typo in ["s1x:T-1", "s1x:T-1 and more"] {
        let error = meant(&three, typo).await.unwrap_err();
        assert_eq!(
            error.code(),
            Code::InvalidArgument,
            "{typo}: no space behind the colon, so it is no name"
        );
        assert_eq!(error.wire("c").allowed, ["s1", "s0", "s2"], "{error:?}");
    }
}

#[tokio::test]
async fn nothing_is_guessed() {
    let one = sources(vec![shelf(&[("T-1", "Red"), ("T-2", "red"), ("T-3", "Blue")])]);
    let several = meant(&one, "red").await.unwrap_err();
    assert_eq!((several.code(), several.wire("c").candidates.len()), (Code::AmbiguousReference, 2));
    for (text, code) in [
        ("re", Code::NotFound),
        ("s0:X-1", Code::NotFound),
        ("https://elsewhere.example/T-1", Code::NotFound),
        ("s9:T-1", Code::InvalidArgument),
        ("  ", Code::InvalidArgument),
    ] {
        assert_eq!(meant(&one, text).await.unwrap_err().code(), code, "{text:?}");
    }
    let two = sources(vec![shelf(&[]), shelf(&[])]);
    assert_eq!(meant(&two, "T-1").await.unwrap_err().code(), Code::AmbiguousReference);
    assert_eq!(
        place(&one, "blu").await.unwrap_err().wire("c").candidates[0].label,
        "Blue (T-3)",
        "the nearest first"
    );
}

#[tokio::test]
async fn a_source_that_fails_leaves_nothing_certain_and_one_that_cannot_says_nothing() {
    let red = || shelf(&[("T-1", "Red")]);
    let down = sources(vec![red(), failing(Code::UpstreamUnavailable)]);
    assert_eq!(meant(&down, "red").await.unwrap_err().code(), Code::AmbiguousReference);
    assert_eq!(meant(&down, "blue").await.unwrap_err().code(), Code::UpstreamUnavailable);
    assert_eq!(place(&down, "red").await.unwrap(), "s0:T-1", "a place that is known is enough");
    assert_eq!(place(&down, "blue").await.unwrap_err().code(), Code::UpstreamUnavailable);
    let unable = sources(vec![red(), failing(Code::Unsupported)]);
    assert_eq!(meant(&unable, "red").await.unwrap(), "s0:T-1");
    assert_eq!(place(&unable, "blue").await.unwrap_err().code(), Code::NotFound);
    let nobody = sources(vec![failing(Code::Unsupported)]);
    assert_eq!(place(&nobody, "blue").await.unwrap_err().code(), Code::Unsupported);
}

#[tokio::test]
async fn a_list_keeps_who_could_not_say_whether_it_has_the_place() {
    let red = || shelf(&[("T-1", "Red")]);
    let blue = shelf(&[("T-2", "Blue")]);
    let all =
        sources(vec![red(), blue, failing(Code::UpstreamUnavailable), failing(Code::Unsupported), red()]);
    let mut listing = Listing::default();
    let places = all.places(&Cx::for_test(), "shelf", None, "red", list).await.unwrap();
    let keys = listing.keys("red", places).unwrap();
    assert_eq!(listing.only.unwrap(), ["s0", "s2", "s4"]);
    let key = |place: usize| keys.of(&all.all()[place]).map_err(|e| e.code());
    assert_eq!((key(0), key(4)), (Ok(Some("T-1".into())), Ok(Some("T-1".into()))));
    assert_eq!(key(2), Err(Code::UpstreamUnavailable), "it says so in the list");
    assert_eq!(Keys::default().of(&all.all()[0]).unwrap(), None, "no place was named");
}

#[tokio::test]
async fn of_several_failures_the_one_that_is_worth_repeating_speaks() {
    let down = sources(vec![failing(Code::UpstreamUnavailable), failing(Code::Permission)]);
    assert_eq!(place(&down, "red").await.unwrap_err().code(), Code::UpstreamUnavailable);
    assert_eq!(meant(&down, "red").await.unwrap_err().code(), Code::UpstreamUnavailable);
}

#[tokio::test]
async fn a_person_is_one_person() {
    let one = sources(vec![shelf(&[])]);
    let person = |id: &str| Person { id: id.into(), name: Label::new("Ana"), email: None };
    for (known, expected) in [
        (vec![person("1")], Ok("1".to_owned())),
        (vec![], Err(Code::NotFound)),
        (vec![person("1"), person("2")], Err(Code::AmbiguousReference)),
    ] {
        let answer = one.all()[0].person(&Cx::for_test(), "Ana", |_| Box::pin(async { Ok(known) })).await;
        assert_eq!(answer.map_err(|e| e.code()), expected);
    }
    let me = one.all()[0].person(&Cx::for_test(), "Me", |_| Box::pin(async { Ok(vec![]) })).await;
    assert_eq!(me.unwrap_err().code(), Code::CallerNotMapped);
}

#[test]
fn of_more_records_than_were_looked_at_none_is_meant() {
    let record = Record { id: RecordId::new("s0", "T-1"), label: Label::new("Teapot"), url: None };
    let rows = |next: Option<&str>| Rows {
        rows: vec![record.clone()],
        next: next.map(str::to_owned),
        total: None,
        as_of: jiff::Timestamp::UNIX_EPOCH,
    };
    assert_eq!(rows(None).all().unwrap().len(), 1);
    assert_eq!(rows(Some("2")).all().unwrap_err().code(), Code::AmbiguousReference);
}
