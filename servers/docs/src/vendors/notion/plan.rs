//! How a question is put to Notion: to its search, or to one data source after the other.
//!
//! The search knows titles and the order of changes, nothing else; whatever asks for more is put to the data sources
//! that have the properties for it.

use error::{Code, Error, Result};

use super::hub::Space;
use super::map::words;
use super::query::{Filter, Is};
use super::settings::Mapping;
use crate::library::{Criterion, Query, Review};
use crate::model::{Kind, Status};

/// Data sources that one question is put to.
const MOST: usize = 20;

/// Where a list comes from.
#[derive(Clone, Debug)]
pub(super) enum Stream {
    /// Notion's search over titles.
    Search {
        /// The words, if any.
        text: Option<String>,
    },
    /// The pages of a data source.
    Pages {
        /// The data source.
        space: Space,
        /// Which of them.
        filter: Option<Filter>,
    },
}

impl Stream {
    /// What it is called in a page token.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Search { .. } => "",
            Self::Pages { space, .. } => &space.id,
        }
    }
}

/// The streams that answer a query. Errors: `unsupported_filter` for what no property is mapped for.
pub(super) fn search(query: &Query, mapping: &Mapping, spaces: &[Space]) -> Result<Vec<Stream>> {
    let names = &mapping.properties;
    refuse("owner", query.owner.is_some() && names.owner.is_none())?;
    refuse("labels", !query.labels.is_empty() && names.labels.is_none())?;
    refuse("status", query.status.is_some_and(|s| s != Status::Current && !tells_status(mapping, s)))?;
    refuse("service", query.service.is_some() && names.service.is_none())?;
    refuse("effective_on", query.effective_on.is_some() && names.effective.is_none())?;
    refuse("kind", query.kind.is_some_and(|kind| !mapping.tells(kind)))?;
    let more = query.space.is_some()
        || query.owner.is_some()
        || !query.labels.is_empty()
        || query.status.is_some_and(|s| s != Status::Current)
        || query.service.is_some()
        || query.effective_on.is_some()
        || query.kind.is_some();
    if !more {
        return Ok(vec![Stream::Search { text: query.text.clone() }]);
    }
    let wanted = |space: &&Space| query.space.as_ref().is_none_or(|id| *id == space.id);
    let asked = spaces.iter().filter(wanted).filter_map(|space| {
        let filter = pages(query, mapping, space)?;
        Some(Stream::Pages { space: space.clone(), filter: Filter::all(filter) })
    });
    few(asked.collect())
}

/// The streams that hold what a review looks for, each with the criteria that can be judged there.
pub(super) fn review(review: &Review, mapping: &Mapping, spaces: &[Space]) -> Result<Vec<(Stream, Review)>> {
    for criterion in &review.any_of {
        refuse(&criterion.reason().to_string(), !can_judge(criterion, mapping))?;
    }
    refuse("owner", review.owner.is_some() && mapping.properties.owner.is_none())?;
    refuse("kind", review.kind.is_some_and(|kind| !mapping.tells(kind)))?;
    let wanted = |space: &&Space| review.space.as_ref().is_none_or(|id| *id == space.id);
    let asked = spaces.iter().filter(wanted).filter_map(|space| {
        let query = Query { owner: review.owner.clone(), kind: review.kind, ..Query::default() };
        let mut filters = pages_of_any_status(&query, mapping, space)?;
        let any_of: Vec<(Criterion, Vec<Filter>)> = review
            .any_of
            .iter()
            .filter_map(|criterion| Some((criterion.clone(), wrong(criterion, mapping, space)?)))
            .collect();
        filters.extend(Filter::any(any_of.iter().flat_map(|(_, filters)| filters.clone()).collect()));
        filters.extend(not_in(mapping, space, &mapping.options.archived));
        let local = Review { any_of: any_of.into_iter().map(|(c, _)| c).collect(), ..review.clone() };
        let stream = Stream::Pages { space: space.clone(), filter: Filter::all(filters) };
        (!local.any_of.is_empty()).then_some((stream, local))
    });
    few(asked.collect())
}

/// The names of the properties that documents are made of.
pub(super) fn columns(mapping: &Mapping) -> Vec<&str> {
    let p = &mapping.properties;
    let all = [&p.owner, &p.labels, &p.status, &p.kind, &p.service, &p.effective, &p.review, &p.mark];
    all.into_iter().filter_map(Option::as_deref).collect()
}

/// Whether documents of this status can be told from others.
pub(super) fn tells_status(mapping: &Mapping, status: Status) -> bool {
    mapping.properties.status.is_some() && (status == Status::Current || !mapping.statuses(status).is_empty())
}

/// Whether a criterion can be judged anywhere.
fn can_judge(criterion: &Criterion, mapping: &Mapping) -> bool {
    let names = &mapping.properties;
    match criterion {
        Criterion::NoOwner => names.owner.is_some(),
        Criterion::NoLabels | Criterion::Lacks(_) => names.labels.is_some(),
        Criterion::NoReviewDate | Criterion::ReviewBefore(_) => names.review.is_some(),
        Criterion::DraftSince(_) => tells_status(mapping, Status::Draft),
    }
}

fn refuse(filter: &str, cannot: bool) -> Result<()> {
    if !cannot {
        return Ok(());
    }
    let message = format!("this source cannot filter by {filter}: no property is mapped for it");
    Err(Error::new(Code::UnsupportedFilter, message))
}

fn few<T>(streams: Vec<T>) -> Result<Vec<T>> {
    if streams.len() <= MOST {
        return Ok(streams);
    }
    let message =
        format!("the question concerns {} data sources; at most {MOST} are asked at once", streams.len());
    Err(Error::new(Code::TooBroad, message).hint("name a space"))
}

/// The conditions of a query in one data source; `None` if none of its pages can match.
fn pages(query: &Query, mapping: &Mapping, space: &Space) -> Option<Vec<Filter>> {
    let mut filters = pages_of_any_status(query, mapping, space)?;
    match query.status.unwrap_or(Status::Current) {
        Status::Current => {
            filters.extend(not_in(mapping, space, &mapping.options.draft));
            filters.extend(not_in(mapping, space, &mapping.options.archived));
        }
        status => {
            let (name, kind) = column(space, &mapping.properties.status, &["status", "select"])?;
            let is = |option: &String| Filter::on(name, kind, Is::Equal(option.clone()));
            filters.extend(Filter::any(mapping.statuses(status).iter().map(is).collect()));
        }
    }
    Some(filters)
}

fn pages_of_any_status(query: &Query, mapping: &Mapping, space: &Space) -> Option<Vec<Filter>> {
    let names = &mapping.properties;
    let mut filters = Vec::new();
    if let Some(text) = &query.text {
        let title = space.only("title")?;
        filters.extend(words(text).map(|word| Filter::on(title, "title", Is::Contains(word.to_owned()))));
    }
    if let Some(owner) = &query.owner {
        let (name, kind) = column(space, &names.owner, &["people"])?;
        filters.push(Filter::on(name, kind, Is::Contains(owner.clone())));
    }
    if !query.labels.is_empty() {
        let (name, kind) = column(space, &names.labels, &["multi_select"])?;
        filters.extend(query.labels.iter().map(|l| Filter::on(name, kind, Is::Contains(l.clone()))));
    }
    if query.service.is_some() {
        // Names of services are spelled in more than one way: which one is meant is decided by us.
        column(space, &names.service, &["rich_text", "select"])?;
    }
    if let Some(day) = query.effective_on {
        let (name, kind) = column(space, &names.effective, &["date"])?;
        filters.push(Filter::on(name, kind, Is::UpTo(day)));
    }
    if let Some(kind) = query.kind {
        filters.extend(of_kind(kind, mapping, space)?);
    }
    filters.extend(query.updated_after.map(|t| Filter::Edited(Is::Since(t))));
    filters.extend(query.updated_before.map(|t| Filter::Edited(Is::Until(t))));
    Some(filters)
}

/// The condition for a kind; `None` if no page of the data source can be of it.
fn of_kind(kind: Kind, mapping: &Mapping, space: &Space) -> Option<Option<Filter>> {
    if mapping.places(kind).iter().any(|name| space.is_called(name)) {
        return Some(None);
    }
    let (name, of) = column(space, &mapping.properties.kind, &["select", "status"])?;
    let is = |option: &String| Filter::on(name, of, Is::Equal(option.clone()));
    Filter::any(mapping.kinds(kind).iter().map(is).collect()).map(Some)
}

/// What a criterion looks for here; `None` if it cannot be judged here.
fn wrong(criterion: &Criterion, mapping: &Mapping, space: &Space) -> Option<Vec<Filter>> {
    let names = &mapping.properties;
    let on =
        |name, kinds, is| column(space, name, kinds).map(|(name, kind)| vec![Filter::on(name, kind, is)]);
    match criterion {
        Criterion::NoOwner => on(&names.owner, &["people"], Is::Empty),
        Criterion::NoLabels => on(&names.labels, &["multi_select"], Is::Empty),
        Criterion::Lacks(label) => on(&names.labels, &["multi_select"], Is::Lacks(label.clone())),
        Criterion::NoReviewDate => on(&names.review, &["date"], Is::Empty),
        Criterion::ReviewBefore(day) => on(&names.review, &["date"], Is::Before(*day)),
        // Notion nests conditions no deeper: the age of a draft is judged by us.
        Criterion::DraftSince(_) => {
            let (name, kind) = column(space, &names.status, &["status", "select"])?;
            Some(mapping.options.draft.iter().map(|o| Filter::on(name, kind, Is::Equal(o.clone()))).collect())
        }
    }
}

/// None of these statuses; nothing to ask where the data source has no such property.
fn not_in(mapping: &Mapping, space: &Space, options: &[String]) -> Vec<Filter> {
    match column(space, &mapping.properties.status, &["status", "select"]) {
        Some((name, kind)) => options.iter().map(|o| Filter::on(name, kind, Is::Other(o.clone()))).collect(),
        None => Vec::new(),
    }
}

/// A mapped property as the data source has it.
fn column<'m>(
    space: &Space,
    name: &'m Option<String>,
    kinds: &[&'static str],
) -> Option<(&'m str, &'static str)> {
    let name = name.as_deref()?;
    space.kind(name, kinds).map(|kind| (name, kind))
}
