//! What callers call things: ids, human keys, URLs, names, e-mail addresses, `me`.

use call::Cx;
use content::Label;
use error::{Candidate, Code, Error, Result};
use tool::{Fetch, RecordId, Source, Sources};

use crate::model::{Issue, Project};
use crate::tracker::{Query, Tracker};

/// An issue that was referred to: its source and its native id.
pub struct Meant<'s> {
    /// The source that has it.
    pub source: &'s Source<Tracker>,
    /// Its native id.
    pub native: String,
}

impl Meant<'_> {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.source.id(&*self.native)
    }
}

/// The issue that `text` (our id, a human key, a URL or an exact title) refers to. One that could be several is
/// `ambiguous_reference`; one that is none is `not_found` with the nearest titles.
pub async fn issue<'s>(cx: &Cx, sources: &'s Sources<Tracker>, text: &str) -> Result<Meant<'s>> {
    let text = text.trim();
    if let Some(id) = sources.id(text)? {
        let source = sources.of(&id)?;
        return match source.port.recognize(id.native()) {
            Some(native) => Ok(Meant { source, native }),
            None => {
                Err(not_found(text)
                    .hint("this source's ids look different; search for the issue by its text"))
            }
        };
    }
    let mut known: Vec<Meant<'s>> = sources
        .all()
        .iter()
        .filter_map(|source| Some(Meant { source, native: source.port.recognize(text)? }))
        .collect();
    match known.len() {
        0 => titled(cx, sources, text).await,
        1 => known.pop().ok_or_else(|| not_found(text)),
        _ => {
            let label = text.to_owned();
            let candidate =
                |m: &Meant<'_>| Candidate { id: m.id().to_string(), label: label.clone(), url: None };
            Err(known.iter().map(candidate).fold(ambiguous(text), Error::candidate))
        }
    }
}

/// By exact title, case aside.
async fn titled<'s>(cx: &Cx, sources: &'s Sources<Tracker>, text: &str) -> Result<Meant<'s>> {
    if text.contains("://") {
        return Err(not_found(text).hint("this URL belongs to no configured source"));
    }
    let query = Query { text: Some(text.to_owned()), ..Query::default() };
    let fetch = Fetch { token: None, limit: 10 };
    let answers = sources.each(cx, |source| source.port.search(cx, &query, fetch.clone())).await;
    let mut found: Vec<(&Source<Tracker>, Issue)> = Vec::new();
    let mut failed = None;
    for (source, answer) in answers {
        match answer {
            Ok(rows) => found.extend(rows.rows.into_iter().map(|row| (source, row))),
            Err(error) => failed = Some(error),
        }
    }
    let wanted = Label::new(text);
    let same = |row: &Issue| row.title.as_str().to_lowercase() == wanted.as_str().to_lowercase();
    let (exact, near): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, row)| same(row));
    match (exact.as_slice(), failed) {
        ([(source, row)], None) => Ok(Meant { source, native: row.id.native().to_owned() }),
        ([], Some(error)) => Err(error),
        ([], None) => Err(near.iter().take(3).map(candidate).fold(not_found(text), Error::candidate)),
        // With a source missing, even a single match may be one of several.
        _ => Err(exact.iter().map(candidate).fold(ambiguous(text), Error::candidate)),
    }
}

/// The tracker's id of the person that `text` (`me`, an e-mail address, an id, a login or a full name) refers to.
pub async fn person(cx: &Cx, source: &Source<Tracker>, text: &str) -> Result<String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("me") {
        return source.me(cx).map(str::to_owned);
    }
    let mut people = source.port.people(cx, text).await?;
    match people.len() {
        1 => Ok(people.remove(0).id),
        0 => Err(Error::new(
            Code::NotFound,
            format!("`{}` knows nobody called `{}`", source.name, short(text)),
        )
        .hint("name the person by e-mail address, by the tracker's user id, or by their exact full name")),
        _ => {
            let candidate = |p: crate::model::Person| Candidate {
                label: p.email.map_or_else(|| p.name.to_string(), |e| format!("{} <{e}>", p.name)),
                id: p.id,
                url: None,
            };
            Err(people.into_iter().map(candidate).fold(ambiguous(text), Error::candidate))
        }
    }
}

/// A project and the source that has it.
pub struct Place<'s> {
    /// The source.
    pub source: &'s Source<Tracker>,
    /// The project's key at its tracker.
    pub key: String,
}

/// Every project that `text` (a key or a name, case aside) refers to, over the given sources. A source that cannot
/// be asked is skipped while another knows the project. None is `not_found` with the nearest three.
pub async fn places<'s>(
    cx: &Cx,
    sources: &'s Sources<Tracker>,
    source: Option<&str>,
    text: &str,
) -> Result<Vec<Place<'s>>> {
    let answers = sources.ask(cx, sources.narrowed(source)?, |source| source.port.projects(cx)).await;
    let (mut places, mut others, mut failed) = (Vec::new(), Vec::new(), None);
    for (source, answer) in answers {
        match answer {
            Ok(projects) => {
                for project in projects {
                    if is_called(&project, text) {
                        places.push(Place { source, key: project.key });
                    } else {
                        others.push((source, project));
                    }
                }
            }
            Err(error) => failed = Some(error),
        }
    }
    match (places.is_empty(), failed) {
        (false, _) => Ok(places),
        (true, Some(error)) => Err(error),
        (true, None) => Err(unknown_project(text, others)),
    }
}

/// The one project that `text` refers to.
pub async fn place<'s>(
    cx: &Cx,
    sources: &'s Sources<Tracker>,
    source: Option<&str>,
    text: &str,
) -> Result<Place<'s>> {
    let mut places = places(cx, sources, source, text).await?;
    match places.len() {
        1 => places.pop().ok_or_else(|| not_found(text)),
        _ => {
            let candidate = |p: &Place<'_>| Candidate {
                id: p.source.id(&*p.key).to_string(),
                label: p.key.clone(),
                url: None,
            };
            let several = ambiguous(text).hint("say which one with `source`");
            Err(places.iter().map(candidate).fold(several, Error::candidate))
        }
    }
}

fn is_called(project: &Project, text: &str) -> bool {
    let text = text.trim().to_lowercase();
    project.key.to_lowercase() == text || project.name.as_str().to_lowercase() == text
}

fn unknown_project(text: &str, others: Vec<(&Source<Tracker>, Project)>) -> Error {
    let wanted = text.to_lowercase();
    let far = |p: &Project| {
        strsim::osa_distance(&wanted, &p.key.to_lowercase())
            .min(strsim::osa_distance(&wanted, &p.name.as_str().to_lowercase()))
    };
    let mut near = others;
    near.sort_by_key(|(_, p)| far(p));
    let error = Error::new(Code::NotFound, format!("no configured source has a project `{}`", short(text)))
        .hint("use one of the projects in `candidates`, by its label");
    near.into_iter()
        .take(3)
        .map(|(source, p)| Candidate { id: source.id(&*p.key).to_string(), label: p.key, url: None })
        .fold(error, Error::candidate)
}

fn candidate((_, row): &(&Source<Tracker>, Issue)) -> Candidate {
    Candidate { id: row.id.to_string(), label: row.title.to_string(), url: Some(row.url.clone()) }
}

fn ambiguous(text: &str) -> Error {
    Error::new(Code::AmbiguousReference, format!("`{}` may mean several", short(text)))
}

fn not_found(text: &str) -> Error {
    Error::new(
        Code::NotFound,
        format!("there is no issue `{}` within reach of the configured sources", short(text)),
    )
}

/// References come from callers and go into messages: cleaned and cut.
fn short(text: &str) -> Label {
    Label::new(content::cut(text, 80))
}
