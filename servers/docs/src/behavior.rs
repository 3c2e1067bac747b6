//! What every library must do, in the words of the domain. Each vendor runs it over its simulator, filled with the demo
//! company; what a vendor is not `Able` to do must be refused, never faked.

use std::collections::BTreeSet;

use call::{Cx, Operation};
use content::Label;
use error::Code;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sandbox::company;
use tool::{Fetch, Mark};

use crate::library::{Changes, Criterion, Library, NewDocument, Query, Review};
use crate::listing::{longest_unchanged_first, newest_first};
use crate::markdown::{Edit, Outline, TOP};
use crate::model::{Document, Kind, Knowledge, Status};

/// What the suite needs to know of the library under test.
pub(crate) struct Subject<'a> {
    /// The library.
    pub(crate) library: &'a Library,
    /// What it was filled with: the company's documents of this home.
    pub(crate) documents: Vec<company::Document>,
    /// The name of a space with several published documents.
    pub(crate) space: &'static str,
    /// The title of a published document of that space, of one's own, with at least two headings and a text before
    /// the first.
    pub(crate) title: &'static str,
    /// Words of that document's title, in another order.
    pub(crate) words: &'static str,
    /// The full name of somebody who owns documents, of one's own.
    pub(crate) person: &'static str,
}

/// Runs the whole suite.
pub(crate) async fn holds(subject: &Subject<'_>) {
    finds_spaces_and_people(subject).await;
    searches_newest_first_and_pages_without_loss(subject).await;
    filters_hold_together(subject).await;
    text_never_widens(subject).await;
    refuses_what_it_cannot_filter(subject).await;
    reads_a_document_in_sections(subject).await;
    knows_runbooks_and_policies(subject).await;
    lists_what_changed(subject).await;
    lists_what_needs_review(subject).await;
    tells_exposure_or_says_it_cannot(subject).await;
    drafts_once_and_finds_by_mark(subject).await;
    drafts_below_a_document_in_its_space(subject).await;
    replaces_one_section_and_nothing_else(subject).await;
    comments_once_and_finds_by_mark(subject).await;
}

fn cx() -> Cx {
    Cx::for_test()
}

fn writing(key: &str) -> (Cx, Mark) {
    let cx = cx().with_operation(Operation::derive(&["behavior"], key));
    let mark = Mark::new(&cx, None).unwrap();
    (cx, mark)
}

fn first(limit: u32) -> Fetch {
    Fetch { token: None, limit }
}

/// Published documents that the company wrote, templates aside: those are not documents everywhere.
fn published<'a>(s: &'a Subject<'_>) -> impl Iterator<Item = &'a company::Document> {
    s.documents.iter().filter(|d| d.status == "current" && d.kind != "template")
}

/// The key under which the library knows the space.
async fn space(s: &Subject<'_>) -> String {
    let spaces = s.library.spaces(&cx()).await.unwrap();
    spaces.into_iter().find(|p| p.name.as_str() == s.space || p.key == s.space).unwrap().key
}

/// The document of the subject's title.
async fn known(s: &Subject<'_>) -> Document {
    let query = Query { text: Some(s.title.into()), ..Query::default() };
    let rows = s.library.search(&cx(), &query, first(20)).await.unwrap().rows;
    rows.into_iter().find(|d| d.title.as_str() == s.title).unwrap()
}

async fn finds_spaces_and_people(s: &Subject<'_>) {
    let cx = cx();
    assert!(!space(s).await.is_empty());
    let people = s.library.people(&cx, s.person).await.unwrap();
    assert_eq!(people.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), [s.person]);
    assert!(s.library.people(&cx, "Nobody Ofthisname").await.unwrap().is_empty());
}

/// Every row of a query, seven at a time.
async fn all(s: &Subject<'_>, query: &Query) -> Vec<Document> {
    let (mut rows, mut token) = (Vec::new(), None);
    loop {
        let page = s.library.search(&cx(), query, Fetch { token, limit: 7 }).await.unwrap();
        rows.extend(page.rows);
        token = page.next;
        if token.is_none() {
            return rows;
        }
    }
}

async fn searches_newest_first_and_pages_without_loss(s: &Subject<'_>) {
    let query = Query { space: Some(space(s).await), ..Query::default() };
    let rows = all(s, &query).await;
    assert!(rows.is_sorted_by_key(newest_first_owned), "newest change first, then by id");
    let ids: BTreeSet<_> = rows.iter().map(|d| d.id.clone()).collect();
    assert_eq!(ids.len(), rows.len(), "nothing is given twice");
    assert!(
        rows.iter().all(|d| d.status == Status::Current),
        "drafts and archived ones are asked for by status"
    );
    let key = s.documents.iter().find(|d| d.title == s.title).unwrap().space.clone();
    let missing: Vec<_> = published(s)
        .filter(|d| d.space == key && d.readers.is_empty())
        .map(|d| Label::new(&d.title))
        .filter(|title| !rows.iter().any(|d| d.title == *title))
        .collect();
    assert!(missing.is_empty(), "nothing is lost between pages: {missing:?}");
}

fn newest_first_owned(document: &Document) -> (std::cmp::Reverse<tool::Moment>, tool::RecordId) {
    let (moment, id) = newest_first(document);
    (moment, id.clone())
}

async fn filters_hold_together(s: &Subject<'_>) {
    let (cx, known, able) = (cx(), known(s).await, s.library.able());
    let query = Query {
        text: Some(s.words.into()),
        space: able.space.then_some(space(s).await),
        labels: known.labels.iter().take(1).filter(|_| able.labels).map(ToString::to_string).collect(),
        updated_after: Some(known.updated.0 - SignedDuration::from_hours(1)),
        ..Query::default()
    };
    let rows = s.library.search(&cx, &query, first(50)).await.unwrap().rows;
    assert!(rows.iter().any(|r| r.id == known.id), "the known document matches its own values: {query:?}");
    assert!(rows.iter().all(|r| r.updated.0 >= query.updated_after.unwrap()));
    let before = Query { updated_after: None, updated_before: Some(known.updated.0), ..query.clone() };
    let rows = s.library.search(&cx, &before, first(50)).await.unwrap().rows;
    assert!(rows.iter().all(|r| r.id != known.id), "`before` does not include the moment itself");
    let only = Query { ids: vec![known.id.native().into()], full: true, ..Query::default() };
    let rows = s.library.search(&cx, &only, first(50)).await.unwrap().rows;
    assert_eq!(rows.iter().map(|r| r.id.native()).collect::<Vec<_>>(), [known.id.native()]);
    assert!(rows[0].text.as_ref().is_some_and(|t| !t.as_str().is_empty()), "`full` brings the text");
    let absent = Query { ids: vec![absent(known.id.native())], ..Query::default() };
    let rows = s.library.search(&cx, &absent, first(50)).await.unwrap().rows;
    assert!(rows.is_empty(), "an id that does not exist matches nothing");
    if able.owner {
        let person = s.library.people(&cx, s.person).await.unwrap().remove(0).id;
        let rows = all(s, &Query { owner: Some(person), ..Query::default() }).await;
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|r| r.owner.as_ref().is_some_and(|o| o.as_str() == s.person)), "{rows:?}");
    }
}

/// A well-formed id of no document: the last digit of a long enough run is changed.
fn absent(id: &str) -> String {
    let stem = id.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    let last = &id[stem.len()..];
    match last.len() {
        // One block of hexadecimal digits, as in a UUID.
        12 | 32 => format!("{stem}{}", "0".repeat(last.len())),
        _ => format!("{stem}99{last}"),
    }
}

async fn text_never_widens(s: &Subject<'_>) {
    let space = space(s).await;
    for text in [
        "zzzznothing\" OR type = page OR \"",
        "zzzznothing' OR 1=1 --",
        "zzzznothing) OR (space = OPS",
        "zzzznothing\nORDER BY created",
        "zzzznothing\\",
        "zzzznothing AND NOT",
        "zzzznothing \u{202E} 設定",
        "zzzznothing * ? ~ ! { } [ ] ^ : + - & | /",
    ] {
        let query = Query { space: Some(space.clone()), text: Some(text.into()), ..Query::default() };
        let rows = s.library.search(&cx(), &query, first(50)).await;
        assert!(rows.as_ref().is_ok_and(|r| r.rows.is_empty()), "{text:?}: {rows:?}");
    }
}

async fn refuses_what_it_cannot_filter(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.library.able());
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let person = s.library.people(&cx, s.person).await.unwrap().remove(0).id;
    let cases = [
        (able.owner, Query { owner: Some(person), ..Query::default() }),
        (able.labels, Query { labels: vec!["internal".into()], ..Query::default() }),
        (able.status, Query { status: Some(Status::Draft), ..Query::default() }),
        (able.status, Query { status: Some(Status::Archived), ..Query::default() }),
        (able.runbooks, Query { kind: Some(Kind::Runbook), ..Query::default() }),
        (able.policies, Query { kind: Some(Kind::Policy), ..Query::default() }),
        (able.service, Query { service: Some("checkout-api".into()), ..Query::default() }),
        (able.effective, Query { kind: Some(Kind::Policy), effective_on: Some(today), ..Query::default() }),
    ];
    for (able, query) in cases {
        match s.library.search(&cx, &query, first(100)).await {
            Err(error) => assert!(!able && error.code() == Code::UnsupportedFilter, "{query:?}: {error:?}"),
            Ok(rows) => {
                assert!(able, "{query:?} must be refused, not ignored");
                for row in rows.rows {
                    assert!(query.kind.is_none_or(|k| row.kind == Some(k)), "{query:?}: {row:?}");
                    assert!(
                        query.labels.iter().all(|l| row.labels.contains(&Label::new(l))),
                        "{query:?}: {row:?}"
                    );
                    assert_eq!(row.status, query.status.unwrap_or(Status::Current), "{query:?}");
                    let from = row.effective.map(|day| day.0);
                    assert!(query.effective_on.is_none_or(|day| from.is_some_and(|f| f <= day)), "{row:?}");
                }
            }
        }
    }
}

async fn reads_a_document_in_sections(s: &Subject<'_>) {
    let (cx, known) = (cx(), known(s).await);
    let read = s.library.read(&cx, known.id.native()).await.unwrap();
    let written = &s.documents.iter().find(|d| d.title == s.title).unwrap().text;
    let titles = |text: &str| -> Vec<(String, u8)> {
        let sections = Outline::of(text).sections();
        sections.into_iter().filter(|s| s.anchor != TOP).map(|s| (s.title.to_string(), s.level)).collect()
    };
    assert_eq!(titles(&read.text), titles(written), "every heading is there, in order");
    let outline = Outline::of(&read.text);
    let top = outline.find(TOP).unwrap();
    assert!(!outline.body(top).trim().is_empty(), "and what stands before the first");
    assert!(!read.version.is_empty());
    let native = known.id.native();
    assert_eq!(s.library.recognize(&known.url).as_deref(), Some(native), "its URL leads back to it");
    assert_eq!(s.library.recognize(native).as_deref(), Some(native));
    assert_eq!(s.library.recognize("https://elsewhere.example/pages/1"), None);
    assert_eq!(s.library.recognize(s.title), None);
    let missing = s.library.read(&cx, &absent(native)).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
}

async fn knows_runbooks_and_policies(s: &Subject<'_>) {
    let able = s.library.able();
    for (able, kind, word) in
        [(able.runbooks, Kind::Runbook, "runbook"), (able.policies, Kind::Policy, "policy")]
    {
        if !able {
            continue;
        }
        let rows = all(s, &Query { kind: Some(kind), ..Query::default() }).await;
        for document in published(s).filter(|d| d.kind == word && d.readers.is_empty()) {
            assert!(rows.iter().any(|r| r.title == Label::new(&document.title)), "{word} {}", document.title);
        }
    }
    let Some(runbook) = published(s).find(|d| d.kind == "runbook" && d.service.is_some()) else { return };
    if able.service {
        let query = Query { kind: Some(Kind::Runbook), service: runbook.service.clone(), ..Query::default() };
        let rows = all(s, &query).await;
        assert!(rows.iter().any(|r| r.title == Label::new(&runbook.title)), "{rows:?}");
    }
}

async fn lists_what_changed(s: &Subject<'_>) {
    let (cx, known) = (cx(), known(s).await);
    let changes = Changes {
        space: Some(space(s).await),
        since: known.updated.0 - SignedDuration::from_secs(60),
        until: None,
        revisions: 3,
    };
    let rows = s.library.changed(&cx, &changes, first(100)).await.unwrap().rows;
    let found = rows.iter().find(|c| c.document.id == known.id).unwrap();
    assert!(rows.iter().all(|c| c.document.updated.0 >= changes.since));
    assert_eq!(s.library.able().history, !found.revisions.is_empty(), "a history where there is one");
    assert!(found.revisions.len() <= 3 && found.revisions.iter().all(|r| r.at.0 >= changes.since));
    assert!(found.revisions.is_sorted_by_key(|r| std::cmp::Reverse(r.at)), "newest first");
}

async fn lists_what_needs_review(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.library.able().review);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let criteria = [
        Criterion::NoOwner,
        Criterion::NoLabels,
        Criterion::NoReviewDate,
        Criterion::ReviewBefore(today),
        Criterion::DraftSince(Timestamp::now() - SignedDuration::from_hours(24 * 30)),
        Criterion::Lacks("internal".into()),
    ];
    for criterion in &criteria {
        let review = Review { any_of: vec![criterion.clone()], ..Review::default() };
        match s.library.needing_review(&cx, &review, first(100)).await {
            Err(error) => {
                assert!(!able.finds(criterion.reason()), "{criterion:?}: {error:?}");
                assert_eq!(error.code(), Code::UnsupportedFilter, "{criterion:?}");
            }
            Ok(rows) => {
                assert!(able.finds(criterion.reason()), "{criterion:?} must be refused, not ignored");
                for item in &rows.rows {
                    assert_eq!(item.reasons, [criterion.reason()]);
                    assert!(criterion.applies(&item.document), "{criterion:?}: {item:?}");
                    assert_ne!(item.document.status, Status::Archived);
                }
                let moments: Vec<_> = rows.rows.iter().map(|i| longest_unchanged_first(i).0).collect();
                assert!(moments.is_sorted(), "longest unchanged first");
            }
        }
    }
    let any_of: Vec<_> = criteria.into_iter().filter(|c| able.finds(c.reason())).collect();
    if any_of.len() > 1 {
        let review = Review { any_of, ..Review::default() };
        let rows = s.library.needing_review(&cx, &review, first(100)).await.unwrap().rows;
        assert!(rows.iter().any(|i| i.reasons.len() > 1), "every reason that holds is given");
        let ids: BTreeSet<_> = rows.iter().map(|i| &i.document.id).collect();
        assert_eq!(ids.len(), rows.len(), "nothing is given twice");
    }
}

async fn tells_exposure_or_says_it_cannot(s: &Subject<'_>) {
    let (known, able) = (known(s).await, s.library.able());
    let exposure = s.library.exposure(&cx(), known.id.native()).await.unwrap();
    assert_eq!(exposure.id, known.id);
    for half in [&exposure.readers, &exposure.editors] {
        assert_eq!(half.status == Knowledge::Known, able.access);
        assert_eq!(half.audience.is_some(), able.access, "nothing is said of what is unknown");
    }
    assert_eq!(exposure.public_link.status == Knowledge::Known, able.public_link);
}

async fn drafts_once_and_finds_by_mark(s: &Subject<'_>) {
    if !s.library.able().drafts {
        return;
    }
    let (cx, mark) = writing("draft");
    assert!(s.library.find_marked(&cx, None, &mark).await.unwrap().is_none());
    let text =
        "Why: \"quotes\", <tags> & 設定.\n\n## Findings\n\n- one\n- **two**\n\n```sh\n# not a heading\n```\n";
    let new =
        NewDocument { title: "Report & \"findings\"".into(), text: text.into(), ..NewDocument::default() };
    let draft = s.library.create_draft(&cx, &new, &mark).await.unwrap();
    assert_eq!(draft.title.as_str(), new.title);
    assert_eq!(draft.status, Status::Draft, "never published");
    let found = s.library.find_marked(&cx, None, &mark).await.unwrap().unwrap();
    assert_eq!(found.id, draft.id);
    let read = s.library.read(&cx, draft.id.native()).await.unwrap();
    let outline = Outline::of(&read.text);
    let findings = outline.find("findings").unwrap();
    assert!(outline.body(findings).contains("**two**") && outline.body(findings).contains("# not a heading"));
    assert!(read.text.contains("設定") && read.text.contains("quotes"), "{}", read.text);
    assert!(!read.text.contains(&mark.operation), "no marker shows");
    let rows = all(s, &Query { text: Some("Report findings".into()), ..Query::default() }).await;
    assert!(rows.iter().all(|r| r.id != draft.id), "a draft is not among what is published");

    let keyed = Mark { external_key: Some("compliance/2026-11 \"x\"".into()), ..writing("draft keyed").1 };
    assert!(s.library.find_marked(&cx, None, &keyed).await.unwrap().is_none());
    let second = s.library.create_draft(&cx, &new, &keyed).await.unwrap();
    let again = Mark { external_key: keyed.external_key.clone(), ..writing("another day").1 };
    assert_eq!(s.library.find_marked(&cx, None, &again).await.unwrap().unwrap().id, second.id);
}

async fn drafts_below_a_document_in_its_space(s: &Subject<'_>) {
    let (cx, mark) = writing("draft below");
    let (able, parent) = (s.library.able(), known(s).await);
    let home = s.library.space_of(&cx, parent.id.native()).await.unwrap().unwrap();
    assert_eq!(home.key, space(s).await);
    let missing = s.library.space_of(&cx, &absent(parent.id.native())).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    if !able.drafts {
        return;
    }
    let new = NewDocument {
        space: Some(home.key.clone()),
        parent: Some(parent.id.native().into()),
        title: "Below".into(),
        text: "x".into(),
        ..NewDocument::default()
    };
    match s.library.create_draft(&cx, &new, &mark).await {
        Ok(draft) => {
            assert!(able.draft_parent);
            assert_eq!(s.library.space_of(&cx, draft.id.native()).await.unwrap(), Some(home.clone()));
            let found = s.library.find_marked(&cx, Some(&home.key), &mark).await.unwrap();
            assert_eq!(found.map(|d| d.id), Some(draft.id));
        }
        Err(error) => {
            assert!(!able.draft_parent);
            assert_eq!(error.code(), Code::Unsupported, "refused, never put elsewhere");
        }
    }
}

async fn replaces_one_section_and_nothing_else(s: &Subject<'_>) {
    let (cx, mark) = writing("replace");
    let id = known(s).await.id;
    let before = s.library.read(&cx, id.native()).await.unwrap();
    let outline = Outline::of(&before.text);
    let last = outline.spans().iter().rev().find(|s| s.heading.is_some()).unwrap();
    let edit = Edit::new(&outline, &last.section.anchor, "New: `x < 1`, **bold**.\n\n* a\n* b").unwrap();
    let wrong = s.library.replace_section(&cx, id.native(), &edit, "0", &mark).await.unwrap_err();
    assert_eq!(wrong.code(), Code::Conflict, "a stale version changes nothing");
    let after = s.library.replace_section(&cx, id.native(), &edit, &before.version, &mark).await.unwrap();
    let after = after.document;
    assert!(after.version.as_ref().is_some_and(|v| *v != before.version));
    let read = s.library.read(&cx, id.native()).await.unwrap();
    assert_eq!(Some(&read.version), after.version.as_ref());
    assert_eq!(
        read.text[..last.body.start],
        before.text[..last.body.start],
        "what came before stays as it was"
    );
    let now = Outline::of(&read.text);
    let text = now.body(now.find(&last.section.anchor).unwrap());
    assert!(text.contains("`x < 1`") && text.contains("**bold**") && text.contains(" a\n"), "{text:?}");
    let again = |text| Edit::new(&now, &last.section.anchor, text).unwrap();
    let (same, other) = (again("New: `x < 1`, **bold**.\n\n* a\n* b"), again("Another."));
    let (_, by_another) = writing("another's edit");
    assert!(s.library.edited(&cx, id.native(), Some(&same), &mark).await.unwrap(), "what was done is known");
    assert!(!s.library.edited(&cx, id.native(), Some(&other), &by_another).await.unwrap());
    let stale = s.library.replace_section(&cx, id.native(), &edit, &before.version, &mark).await.unwrap_err();
    assert_eq!(stale.code(), Code::Conflict);
    let back = Edit::new(&now, &last.section.anchor, outline.body(last)).unwrap();
    s.library.replace_section(&cx, id.native(), &back, &read.version, &mark).await.unwrap();
    let undone = s.library.read(&cx, id.native()).await.unwrap();
    assert_eq!(undone.text.trim_end(), before.text.trim_end(), "and the old text goes back in");
}

async fn comments_once_and_finds_by_mark(s: &Subject<'_>) {
    let (cx, mark) = writing("comment");
    let id = known(s).await.id;
    assert!(s.library.find_marked_comment(&cx, id.native(), None, &mark).await.unwrap().is_none());
    let text = "Looked at it: `x < 1` holds.\n\nSee the *runbook*.";
    let posted = s.library.comment(&cx, id.native(), text, None, &mark).await.unwrap();
    assert!(posted.text.as_str().contains("x < 1"), "{posted:?}");
    assert!(!posted.text.as_str().contains(&mark.operation), "no marker shows");
    let found = s.library.find_marked_comment(&cx, id.native(), None, &mark).await.unwrap().unwrap();
    assert_eq!(found.id, posted.id);
    let read = s.library.read(&cx, id.native()).await.unwrap();
    let outline = Outline::of(&read.text);
    let section = &outline.spans().iter().find(|s| s.heading.is_some()).unwrap().section;
    let (cx, mark) = writing("comment on a section");
    match s.library.comment(&cx, id.native(), text, Some(section), &mark).await {
        Ok(comment) => {
            assert!(s.library.able().section_comments);
            assert_eq!(comment.section.as_deref(), Some(section.anchor.as_str()));
            let found = s.library.find_marked_comment(&cx, id.native(), Some(section), &mark).await.unwrap();
            assert_eq!(found.map(|c| c.id), Some(comment.id));
        }
        Err(error) => {
            assert!(!s.library.able().section_comments);
            assert_eq!(error.code(), Code::Unsupported, "refused, never put elsewhere");
        }
    }
}

#[tokio::test]
async fn memory_holds() {
    use crate::library::Able;
    use crate::vendors::memory::{Memory, documents};

    let wiki = Memory::new("wiki", Able::ALL);
    holds(&Subject {
        library: &wiki,
        documents: documents().into_iter().filter(|d| d.home == "wiki").collect(),
        space: "OPS",
        title: "Checkout API: connection pool exhausted",
        words: "pool checkout",
        person: "Chidi Okafor",
    })
    .await;
}
