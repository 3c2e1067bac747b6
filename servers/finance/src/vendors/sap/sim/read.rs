//! Reading sets and entities.

use std::cmp::Ordering;

use sandbox::{Answer, Ask, Row as Record};
use serde_json::{Map, Value as Json, json};
use url::form_urlencoded;

use super::address::Selection;
use super::expand::Shape;
use super::filter::{Scope, holds};
use super::options::{self, Options};
use super::refusal::{Fault, with_version};
use super::schema::{EntitySet, Version};
use super::show::Painter;
use super::state::{Ledger, Place, etag, key_of};
use super::value::{Row, get};

/// Answers a `GET` of entities.
pub(super) fn entities(ledger: &Ledger, ask: &Ask, selection: &Selection) -> Result<Answer, Fault> {
    let options = options::read(ask, selection.place)?;
    if selection.single {
        return entity(ledger, ask, selection, &options.shape);
    }
    let mut rows = chosen(ledger, selection);
    if let Some(filter) = &options.filter {
        let Place { service, set } = selection.place;
        rows.retain(|record| holds(filter, Scope { ledger, service, set, row: &record.value }));
    }
    let count = rows.len();
    if selection.count {
        return Ok(with_version(
            Answer::body(200, "text/plain", count.to_string()),
            selection.place.service.version,
        ));
    }
    sort(&mut rows, &options.order, selection.place.set);
    Ok(list(ledger, ask, selection.place, &options, &rows, count))
}

/// One entity. Errors: 404 if it is not there.
fn entity(ledger: &Ledger, ask: &Ask, selection: &Selection, shape: &Shape) -> Result<Answer, Fault> {
    let rows = chosen(ledger, selection);
    match rows.first() {
        Some(record) => Ok(shown(ledger, ask, 200, selection.place, record, shape)),
        None if selection.owner.is_some() => Ok(Answer::empty(204)),
        None => Err(Fault::no_segment(selection.place.set.kind)),
    }
}

/// An answer that is one entity.
pub(super) fn shown(
    ledger: &Ledger,
    ask: &Ask,
    status: u16,
    place: Place,
    record: &Record<Row>,
    shape: &Shape,
) -> Answer {
    let painter = Painter::new(ledger, ask, place.service);
    let entity = painter.entity(place.set, record, shape);
    let body = match place.service.version {
        Version::V2 => json!({ "d": entity }),
        Version::V4 => {
            let mut body = Map::new();
            body.insert("@odata.context".into(), format!("$metadata#{}/$entity", place.set.name).into());
            body.extend(entity);
            Json::Object(body)
        }
    };
    let answer = written(status, body, place.service.version);
    if place.set.has_etag() { answer.header("etag", etag(record)) } else { answer }
}

fn list(
    ledger: &Ledger,
    ask: &Ask,
    place: Place,
    options: &Options,
    rows: &[&Record<Row>],
    count: usize,
) -> Answer {
    let wanted = options.top.unwrap_or(usize::MAX);
    let given: Vec<_> = rows.iter().skip(options.skip).take(wanted.min(place.service.page)).collect();
    let painter = Painter::new(ledger, ask, place.service);
    let entities: Vec<Json> =
        given.iter().map(|record| painter.entity(place.set, record, &options.shape).into()).collect();
    let next = options.skip + given.len();
    let is_cut = wanted > place.service.page && next < rows.len();
    let link = is_cut.then(|| next_link(ask, place, next, options.top.map(|top| top - given.len())));
    let body = match place.service.version {
        Version::V2 => {
            let mut body = json!({ "results": entities });
            if options.count {
                body["__count"] = count.to_string().into();
            }
            if let Some(link) = link {
                body["__next"] = link.into();
            }
            json!({ "d": body })
        }
        Version::V4 => {
            let mut body = json!({ "@odata.context": format!("$metadata#{}", place.set.name) });
            if options.count {
                body["@odata.count"] = count.into();
            }
            if let Some(link) = link {
                body["@odata.nextLink"] = link.into();
            }
            body["value"] = entities.into();
            body
        }
    };
    written(200, body, place.service.version)
}

/// The rows that the path stands for, by key.
fn chosen<'a>(ledger: &'a Ledger, selection: &Selection) -> Vec<&'a Record<Row>> {
    let set = selection.place.set;
    match &selection.keys {
        Some(keys) => keys.iter().filter_map(|key| ledger.row(set, key)).collect(),
        None => ledger.rows(set).collect(),
    }
}

/// Sorts by the properties asked for, then by key. What is nothing comes first, as in ABAP.
pub(super) fn sort(rows: &mut [&Record<Row>], order: &[(&'static str, bool)], set: &EntitySet) {
    rows.sort_by(|a, b| {
        let by_order = order.iter().filter_map(|(name, descending)| {
            let property = set.property(name)?;
            let (a, b) = (get(&a.value, property), get(&b.value, property));
            let nothing_first = || (a != super::value::Value::Null).cmp(&(b != super::value::Value::Null));
            let order = a.order(&b).unwrap_or_else(nothing_first);
            Some(if *descending { order.reverse() } else { order })
        });
        let by_order = by_order.fold(Ordering::Equal, Ordering::then);
        by_order.then_with(|| key_of(set, &a.value).cmp(&key_of(set, &b.value)))
    });
}

/// Where the list goes on: absolute in version 2, relative to the service in version 4.
fn next_link(ask: &Ask, place: Place, skip: usize, top: Option<usize>) -> String {
    let kept = ask.query.iter().filter(|(name, _)| !matches!(name.as_str(), "$skip" | "$skiptoken" | "$top"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(kept);
    if let Some(top) = top {
        query.append_pair("$top", &top.to_string());
    }
    let query = query.append_pair("$skiptoken", &skip.to_string()).finish();
    match place.service.version {
        Version::V2 => format!("{}{}?{query}", ask.origin, ask.path),
        Version::V4 => {
            format!("{}?{query}", ask.path.strip_prefix(place.service.path).unwrap_or(&ask.path))
        }
    }
}

fn written(status: u16, body: Json, version: Version) -> Answer {
    let kind = match version {
        Version::V2 => "application/json;charset=utf-8",
        Version::V4 => "application/json;odata.metadata=minimal;charset=utf-8",
    };
    with_version(Answer::body(status, kind, body.to_string()), version)
}
