//! `find_runbook`.

use call::Cx;
use content::{Author, FreeText};
use error::{Error, Result};
use futures::future::{join_all, try_join_all};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Detail, Fetch, Meta, Output, Source, SourceReport, Sources, Told, Tool};

use crate::library::{Library, Manuscript, Query};
use crate::markdown::Outline;
use crate::model::{Document, Kind};
use crate::rank::{Words, steps, telling};

/// Runbooks of one source that are looked at.
const CANDIDATES: u32 = 50;

/// Runbooks that are read to see which fits best.
const READ: usize = 8;

/// Names and words of a question that texts are searched for, each by itself.
const TERMS: usize = 6;

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
    /// Steps were shortened, or not every runbook that may fit was read: ask by service or alert.
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
        let (mut found, reports) = self.found(cx, sources, &words).await?;
        let unread = found.candidates.split_off(READ.min(found.candidates.len()));
        let (mut items, failed) = read(cx, found.candidates, &words).await;
        items.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.document.id.cmp(&b.document.id)));
        let limit = self.limit.unwrap_or(3) as usize;
        items.truncate(limit);
        let least = items.last().filter(|_| items.len() == limit).map_or(1, |last| last.score);
        let may_fit = |c: &Candidate<'_>| c.is_unsearched || c.score >= least;
        if self.detail == Some(Detail::Row) {
            items.iter_mut().for_each(|r| r.steps = None);
        }
        let truncated = found.more || failed || unread.iter().any(may_fit);
        Ok(tool::fit(Runbooks { items, truncated, sources: reports }, cx.budget(), shorten))
    }
}

/// A runbook that may fit.
struct Candidate<'s> {
    source: &'s Source<Library>,
    document: Document,
    /// The terms that were found in it, as far as its library searches texts.
    said: String,
    /// Its text may say what was not searched for.
    is_unsearched: bool,
    /// How well it fits by what is known of it.
    score: u32,
}

/// Runbooks that may fit.
#[derive(Default)]
struct Found<'s> {
    candidates: Vec<Candidate<'s>>,
    /// There are more of them.
    more: bool,
}

impl<'s> Found<'s> {
    /// Adds what one search has found, by `term` if by any.
    fn add(&mut self, source: &'s Source<Library>, rows: Vec<Document>, term: &str) {
        for document in rows {
            let at = self.candidates.iter().position(|c| c.document.id == document.id);
            let at = at.unwrap_or_else(|| {
                let said = String::new();
                self.candidates.push(Candidate { source, document, said, is_unsearched: true, score: 0 });
                self.candidates.len() - 1
            });
            self.candidates[at].said.extend([term, " "]);
        }
    }
}

impl FindRunbook {
    /// The runbooks of all sources, those first that promise most by what a search tells of them.
    async fn found<'s>(
        &self,
        cx: &Cx,
        sources: &'s Sources<Library>,
        words: &Words,
    ) -> Result<(Found<'s>, Vec<SourceReport>)> {
        let narrowed = sources.narrowed(self.source.as_deref())?;
        let asked = sources.ask(cx, narrowed, |source| Box::pin(self.of(cx, source))).await;
        let Told { answers, reports, .. } = Told::of(asked, cx.now()).settled()?;
        let mut all = Found::default();
        for (_, found) in answers {
            all.more |= found.more;
            all.candidates.extend(found.candidates);
        }
        all.candidates.iter_mut().for_each(|c| c.score = words.score(&c.document, &c.said).0);
        // Stable: of equal ones the newest stays ahead.
        all.candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
        Ok((all, reports))
    }

    /// The runbooks of one source, newest first: of those for the service alone where the library knows that, and
    /// whatever says one of the terms where it searches texts.
    async fn of<'s>(&self, cx: &Cx, source: &'s Source<Library>) -> Result<Found<'s>> {
        let able = source.port.able();
        tool::require(able.runbooks, source, "tell runbooks from other documents")?;
        let search = async |query: &Query| {
            source.port.search(cx, query, Fetch { token: None, limit: CANDIDATES }).await
        };
        let mut query = Query { kind: Some(Kind::Runbook), ..Query::default() };
        query.service = self.service.clone().filter(|_| able.service);
        let mut listed = search(&query).await?;
        if listed.rows.is_empty() && query.service.take().is_some() {
            listed = search(&query).await?;
        }
        let (terms, all) = if able.full_text { self.terms() } else { (Vec::new(), false) };
        let about = |term: &&str| Query { text: Some((*term).to_owned()), ..query.clone() };
        let queries: Vec<Query> = terms.iter().map(about).collect();
        let hits = try_join_all(queries.iter().map(search)).await?;
        let mut found = Found { more: !all && listed.next.is_some(), ..Found::default() };
        found.more |= hits.iter().any(|rows| rows.next.is_some());
        found.add(source, listed.rows, "");
        terms.iter().zip(hits).for_each(|(term, rows)| found.add(source, rows.rows, term));
        found.candidates.iter_mut().for_each(|c| c.is_unsearched = !all);
        Ok(found)
    }

    /// What texts are searched for: the names, then the longest words of the symptom, which are the rarest; and whether
    /// that is all.
    fn terms(&self) -> (Vec<&str>, bool) {
        let names = [&self.alert, &self.service].into_iter().flatten().map(|name| name.trim());
        let names = names.filter(|name| name.contains(char::is_alphanumeric));
        let mut words = self.symptom.as_deref().map(telling).unwrap_or_default();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let mut terms: Vec<&str> = names.chain(words).collect();
        let all = terms.len() <= TERMS;
        terms.truncate(TERMS);
        (terms, all)
    }
}

/// Reads the candidates and keeps those that fit at all; whether any could not be read, and was judged by its row.
async fn read(cx: &Cx, candidates: Vec<Candidate<'_>>, words: &Words) -> (Vec<Runbook>, bool) {
    let reading = candidates.into_iter().map(|candidate| async move {
        let Candidate { source, document, said, .. } = candidate;
        match source.port.read(cx, document.id.native()).await {
            Ok(manuscript) => (runbook(words, manuscript), false),
            Err(_) => {
                let (score, matched) = words.score(&document, &said);
                (Runbook { document, matched, section: None, steps: None, score }, true)
            }
        }
    });
    let (runbooks, failed): (Vec<Runbook>, Vec<bool>) = join_all(reading).await.into_iter().unzip();
    (runbooks.into_iter().filter(|r| r.score > 0).collect(), failed.contains(&true))
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
