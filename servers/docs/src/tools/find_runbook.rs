//! `find_runbook`.

use call::Cx;
use content::{Author, FreeText};
use error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Detail, Fetch, Meta, Output, Source, SourceReport, Sources, Told, Tool};

use crate::library::{Library, Manuscript, Query};
use crate::markdown::Outline;
use crate::model::{Document, Kind};
use crate::rank::{Words, steps};

/// Runbooks of one source that are looked at.
const CANDIDATES: u32 = 50;

/// Runbooks that are read to see which fits best.
const READ: usize = 8;

/// Bytes of steps that each runbook may show.
const STEPS: usize = 6_000;

/// Finds the runbook (playbook, operating procedure) for a failing service, an alert or a symptom: the best first,
/// each with its section of steps.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FindRunbook {
    /// Service: name or key
    #[schemars(length(max = 200))]
    service: Option<String>,
    /// Alert name or error code
    #[schemars(length(max = 200))]
    alert: Option<String>,
    /// What is seen, in words
    #[schemars(length(max = 500))]
    symptom: Option<String>,
    /// 3 if absent
    #[schemars(range(min = 1, max = 8))]
    limit: Option<u32>,
    /// `row` leaves out the steps
    detail: Option<Detail>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

/// The runbooks that fit, best first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Runbooks {
    items: Vec<Runbook>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    sources: Vec<SourceReport>,
}

/// One runbook and why it is here.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Runbook {
    #[serde(flatten)]
    document: Document,
    /// What was found in it: `service`, `alert`, and words of the symptom.
    matched: Vec<String>,
    /// The anchor of the section with the steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    /// That section.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<FreeText>,
    #[serde(skip)]
    score: u32,
}

impl Output for Runbooks {
    const LIST: Option<&'static str> = Some("items");

    fn rows(&self) -> usize {
        self.items.len()
    }
}

impl Tool for FindRunbook {
    type Port = Library;
    type Out = Runbooks;
    const META: Meta = Meta::read("find_runbook", "Find a runbook", "docs:read");

    fn able(port: &Library) -> bool {
        port.able().runbooks
    }

    async fn run(self, cx: &Cx, sources: &Sources<Library>) -> Result<Runbooks> {
        let words = Words::new(self.service.as_deref(), self.alert.as_deref(), self.symptom.as_deref());
        if words.is_empty() {
            return Err(Error::invalid("service", "name a service, an alert or a symptom"));
        }
        let (candidates, reports) = self.candidates(cx, sources).await?;
        let mut runbooks = read(cx, best(candidates, &words), &words).await;
        runbooks.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.document.id.cmp(&b.document.id)));
        runbooks.truncate(self.limit.unwrap_or(3) as usize);
        if self.detail == Some(Detail::Row) {
            runbooks.iter_mut().for_each(|r| r.steps = None);
        }
        let found = Runbooks { items: runbooks, truncated: false, sources: reports };
        Ok(tool::fit(found, cx.budget(), shorten))
    }
}

type Candidate<'s> = (&'s Source<Library>, Document);

impl FindRunbook {
    /// The runbooks of all sources, newest first; of those for the service alone where the library knows that.
    async fn candidates<'s>(
        &self,
        cx: &Cx,
        sources: &'s Sources<Library>,
    ) -> Result<(Vec<Candidate<'s>>, Vec<SourceReport>)> {
        let narrowed = sources.narrowed(self.source.as_deref())?;
        let asked = sources.ask(cx, narrowed, |source| Box::pin(self.of(cx, source))).await;
        let Told { answers, reports, mut failures } = Told::of(asked, cx.now());
        match failures.pop() {
            Some((_, error)) if answers.is_empty() => Err(error),
            _ => {
                let rows = |(source, rows): (_, Vec<_>)| rows.into_iter().map(move |row| (source, row));
                Ok((answers.into_iter().flat_map(rows).collect(), reports))
            }
        }
    }

    async fn of(&self, cx: &Cx, source: &Source<Library>) -> Result<Vec<Document>> {
        let able = source.port.able();
        tool::require(able.runbooks, source, "tell runbooks from other documents")?;
        let all = Query { kind: Some(Kind::Runbook), ..Query::default() };
        let fetch = || Fetch { token: None, limit: CANDIDATES };
        if let Some(service) = self.service.as_ref().filter(|_| able.service) {
            let query = Query { service: Some(service.clone()), ..all.clone() };
            let rows = source.port.search(cx, &query, fetch()).await?.rows;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        Ok(source.port.search(cx, &all, fetch()).await?.rows)
    }
}

/// Those that promise most by what a list tells of them.
fn best<'s>(mut candidates: Vec<Candidate<'s>>, words: &Words) -> Vec<Candidate<'s>> {
    // Stable: of equal ones the newest stays ahead.
    candidates.sort_by_key(|(_, document)| std::cmp::Reverse(words.score(document, "").0));
    candidates.truncate(READ);
    candidates
}

/// Reads the candidates and keeps those that fit at all. One that cannot be read is judged by its row.
async fn read(cx: &Cx, candidates: Vec<Candidate<'_>>, words: &Words) -> Vec<Runbook> {
    let reading = candidates.into_iter().map(|(source, row)| async move {
        let native = row.id.native().to_owned();
        match source.port.read(cx, &native).await {
            Ok(manuscript) => runbook(words, manuscript),
            Err(_) => {
                let (score, matched) = words.score(&row, "");
                Runbook { document: row, matched, section: None, steps: None, score }
            }
        }
    });
    let all = futures::future::join_all(reading).await;
    all.into_iter().filter(|r| r.score > 0).collect()
}

fn runbook(words: &Words, manuscript: Manuscript) -> Runbook {
    let Manuscript { document, text, version, .. } = manuscript;
    let (score, matched) = words.score(&document, &text);
    let outline = Outline::of(&text);
    let span = steps(&outline);
    let shown = span.map_or(text.as_str(), |s| outline.whole(s));
    let mut steps = FreeText::new(shown, Author::Internal);
    steps.shorten(STEPS);
    let document = Document { version: Some(version), snippet: None, text: None, ..document };
    Runbook { document, matched, section: span.map(|s| s.section.anchor.clone()), steps: Some(steps), score }
}

/// Takes from the least fitting first.
fn shorten(found: &mut Runbooks) -> bool {
    found.truncated = true;
    let long = found.items.iter_mut().rev().find_map(|r| r.steps.as_mut().filter(|s| s.as_str().len() > 512));
    match long {
        Some(steps) => {
            steps.shorten(steps.as_str().len() / 2);
            true
        }
        None => found.items.len() > 1 && found.items.pop().is_some(),
    }
}
