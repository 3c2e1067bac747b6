//! Creating, changing and deleting.

use sandbox::{Answer, Ask, Method};
use serde_json::{Map, Value as Json};

use super::address::Selection;
use super::expand::Shape;
use super::read;
use super::refusal::{Fault, with_version};
use super::rules;
use super::schema::{EntitySet, Version};
use super::show::{self, style};
use super::state::{Key, Ledger, Place, etag, key_of};
use super::value::{self, Row, Style, Value, get};

/// Rows to be, parents first.
type Plan = Vec<(&'static EntitySet, Row)>;

/// Answers a write whose session was checked.
pub(super) fn write(ledger: &mut Ledger, ask: &Ask, selection: &Selection) -> Result<Answer, Fault> {
    let access = selection.place.set.access;
    let allowed = match (&ask.method, selection.single) {
        (&Method::POST, false) => access.create || selection.owner.is_some() && access.update,
        (&Method::DELETE, true) => access.delete,
        (_, true) => access.update,
        _ => false,
    };
    if !allowed || selection.count {
        return Err(Fault::not_offered(405, format!("Method {} is not allowed here", ask.method)));
    }
    match ask.method {
        Method::POST => create(ledger, ask, selection),
        Method::DELETE => delete(ledger, ask, selection),
        _ => update(ledger, ask, selection),
    }
}

fn create(ledger: &mut Ledger, ask: &Ask, selection: &Selection) -> Result<Answer, Fault> {
    let Place { service, set } = selection.place;
    let style = style(ask.header("content-type"), service);
    let body = body(ask)?;
    let inherited = selection.owner.as_ref().map(|(set, key)| (*set, key.clone()));
    let mut plan = Plan::new();
    let parent = inherited.and_then(|(set, key)| ledger.row(set, &key).map(|row| (set, row.value.clone())));
    let siblings = selection.keys.as_ref().map_or(0, Vec::len);
    let maker = Maker { place: selection.place, style };
    maker.plan(ledger, ask, set, &body, parent.as_ref(), siblings, &mut plan)?;
    rules::admit(ledger, &plan)?;
    let warnings = rules::warnings(&plan, ask.now);
    let key = plan.first().map(|(set, row)| key_of(set, row)).unwrap_or_default();
    for (set, row) in plan {
        ledger.insert(set.name, row, ask.now);
    }
    let record = ledger.row(set, &key).ok_or_else(|| Fault::no_segment(set.kind))?;
    let shape = maker.deep_shape(set, &body);
    let location = format!("{}{}{}", ask.origin, service.path, show::address(set, &record.value));
    let answer = read::shown(ledger, ask, 201, selection.place, record, &shape).header("location", location);
    Ok(rules::tell(answer, &warnings, service.version))
}

fn update(ledger: &mut Ledger, ask: &Ask, selection: &Selection) -> Result<Answer, Fault> {
    let Place { service, set } = selection.place;
    let key = current(ledger, ask, selection)?;
    let style = style(ask.header("content-type"), service);
    let mut row = Row::new();
    for (name, json) in &body(ask)? {
        if let Some(value) = property(set, name, json, style)? {
            row.extend(value);
        }
    }
    // What makes the key cannot be changed.
    row.retain(|name, _| !set.keys.contains(name));
    rules::admit_change(ledger, set, &row)?;
    // A PUT replaces: what it leaves out has its initial value again.
    let replaces = ask.method == Method::PUT && service.version == Version::V2;
    ledger.change(set, &key, ask.now, |present| {
        let is_kept = |name: &str| {
            set.keys.contains(&name) || set.property(name).is_none_or(|property| !property.settable)
        };
        present.retain(|name, _| !replaces || is_kept(name));
        present.extend(row);
        if set.property("LastChangeDateTime").is_some() {
            present.insert("LastChangeDateTime", Value::Moment(ask.now));
        }
    });
    let record = ledger.row(set, &key).ok_or_else(|| Fault::no_segment(set.kind))?;
    Ok(match service.version {
        Version::V2 => with_version(Answer::empty(204).header("etag", etag(record)), Version::V2),
        Version::V4 => read::shown(ledger, ask, 200, selection.place, record, &Shape::default()),
    })
}

/// Purchasing keeps what is deleted, and flags it.
fn delete(ledger: &mut Ledger, ask: &Ask, selection: &Selection) -> Result<Answer, Fault> {
    let Place { service, set } = selection.place;
    let key = current(ledger, ask, selection)?;
    rules::delete(ledger, set, &key, ask.now);
    Ok(with_version(Answer::empty(204), service.version))
}

/// The entity to be changed, if the client knows its present version.
fn current(ledger: &Ledger, ask: &Ask, selection: &Selection) -> Result<Key, Fault> {
    let set = selection.place.set;
    let key = selection.keys.as_ref().and_then(|keys| keys.first());
    let key = key.ok_or_else(|| Fault::no_segment(set.kind))?;
    let record = ledger.row(set, key).ok_or_else(|| Fault::no_segment(set.kind))?;
    match ask.header("if-match") {
        None => Err(Fault::no_precondition()),
        Some("*") => Ok(key.clone()),
        Some(tags) if tags.split(',').any(|tag| tag.trim() == etag(record)) => Ok(key.clone()),
        Some(_) => Err(Fault::stale()),
    }
}

fn body(ask: &Ask) -> Result<Map<String, Json>, Fault> {
    if !ask.is_json() {
        return Err(Fault::not_offered(415, "The content type is not supported"));
    }
    serde_json::from_slice(&ask.body)
        .map_err(|why| Fault::invalid(format!("Error while parsing the body: {why}")))
}

/// A property to be set. `None` for what is no property, or is SAP's own to set.
fn property(set: &'static EntitySet, name: &str, json: &Json, style: Style) -> Result<Option<Row>, Fault> {
    if name == "__metadata" || name.starts_with('@') {
        return Ok(None);
    }
    let property = set.property(name);
    let property = property.ok_or_else(|| Fault::invalid(format!("Property '{name}' is invalid")))?;
    let value = value::read(json, property, style).map_err(Fault::invalid)?;
    Ok(property.settable.then(|| Row::from([(property.name, value)])))
}

/// Makes rows out of a body that may hold neighbors (deep insert).
struct Maker {
    place: Place,
    style: Style,
}

impl Maker {
    #[allow(clippy::too_many_arguments, reason = "the state of one walk")]
    fn plan(
        &self,
        ledger: &mut Ledger,
        ask: &Ask,
        set: &'static EntitySet,
        body: &Map<String, Json>,
        parent: Option<&(&'static EntitySet, Row)>,
        nth: usize,
        plan: &mut Plan,
    ) -> Result<(), Fault> {
        let mut row = parent.map(|parent| inherited(parent, set)).unwrap_or_default();
        let mut children = Vec::new();
        for (name, json) in body {
            match set.navigation(name) {
                Some(navigation) => children.push((navigation, json)),
                None => row.extend(property(set, name, json, self.style)?.unwrap_or_default()),
            }
        }
        rules::complete(ledger, set, &mut row, nth, ask)?;
        let own = (set, row.clone());
        plan.push((set, row));
        for (navigation, json) in children {
            let target = self.place.service.set(navigation.target);
            let target = target.ok_or_else(|| Fault::no_segment(navigation.target))?;
            for (nth, child) in members(json).enumerate() {
                let child = child.as_object();
                let child =
                    child.ok_or_else(|| Fault::invalid(format!("'{}' is malformed", navigation.name)))?;
                self.plan(ledger, ask, target, child, Some(&own), nth, plan)?;
            }
        }
        Ok(())
    }

    /// What was sent with its neighbors is answered with them.
    fn deep_shape(&self, set: &'static EntitySet, body: &Map<String, Json>) -> Shape {
        let mut shape = Shape::default();
        for (name, json) in body {
            let found = set.navigation(name).and_then(|n| Some((n, self.place.service.set(n.target)?)));
            let Some((navigation, target)) = found else { continue };
            let first = members(json).next().and_then(Json::as_object);
            let inner = first.map(|child| self.deep_shape(target, child)).unwrap_or_default();
            shape.include(navigation, target, inner);
        }
        shape
    }
}

/// The part of a new row's key that its parent gives it.
fn inherited(parent: &(&'static EntitySet, Row), set: &'static EntitySet) -> Row {
    let (owner, row) = parent;
    let shared = set.keys.iter().filter_map(|key| owner.property(key));
    shared.map(|property| (property.name, get(row, property))).collect()
}

/// The members of a collection: an array, in version 2 also one within `results`.
fn members(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().or_else(|| json.get("results")?.as_array()).into_iter().flatten()
}
