//! Records one by one: list, create, read, change, archive.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::associations::PAGE;
use super::state::{Kind, Portal, Record, at};
use super::{allow, face, kind, schema};

/// How long the index of the search takes to learn of a new activity ("It may take a few moments for newly created or
/// updated CRM objects to appear in search results").
const INDEXING: SignedDuration = SignedDuration::from_secs(2);

/// The input of a create or change. Values that are no text (HubSpot takes numbers and booleans too) become text.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    #[serde(default)]
    pub(super) properties: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) associations: Vec<Tie>,
    #[serde(default)]
    pub(super) id: Option<Value>,
    #[serde(default, rename = "idProperty")]
    pub(super) id_property: Option<String>,
    #[serde(default, rename = "objectWriteTraceId")]
    pub(super) _trace: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tie {
    to: To,
    types: Vec<TieType>,
}

#[derive(Debug, Deserialize)]
struct To {
    id: Value,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TieType {
    association_category: String,
    association_type_id: u32,
}

/// Where an association of this number leads from a kind (HubSpot, "Association type IDs").
fn leads_to(from: Kind, number: u32) -> Option<(Kind, bool)> {
    Some(match (from, number) {
        (Kind::Contact, 1) | (Kind::Deal, 5) | (Kind::Ticket, 26) => (Kind::Company, true),
        (Kind::Contact, 279) | (Kind::Deal, 341) | (Kind::Ticket, 339) => (Kind::Company, false),
        (Kind::Contact, 4) | (Kind::Company, 342) => (Kind::Deal, false),
        (Kind::Contact, 15) | (Kind::Company, 340) => (Kind::Ticket, false),
        (Kind::Company, 280) | (Kind::Deal, 3) | (Kind::Ticket, 16) => (Kind::Contact, false),
        (Kind::Call, 194)
        | (Kind::Email, 198)
        | (Kind::Meeting, 200)
        | (Kind::Note, 202)
        | (Kind::Task, 204) => (Kind::Contact, false),
        (Kind::Call, 182)
        | (Kind::Email, 186)
        | (Kind::Meeting, 188)
        | (Kind::Note, 190)
        | (Kind::Task, 192) => (Kind::Company, false),
        (Kind::Call, 206)
        | (Kind::Email, 210)
        | (Kind::Meeting, 212)
        | (Kind::Note, 214)
        | (Kind::Task, 216) => (Kind::Deal, false),
        (Kind::Call, 220)
        | (Kind::Email, 224)
        | (Kind::Meeting, 226)
        | (Kind::Note, 228)
        | (Kind::Task, 230) => (Kind::Ticket, false),
        _ => return None,
    })
}

/// A number in JSON, or in a string.
pub(super) fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// `GET /{type}`.
pub(super) fn list(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, false)?;
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(10);
    if limit > 100 {
        return Err(face::invalid("limit", "Limit must be no larger than 100"));
    }
    let after = ask.query_as::<u64>("after")?.unwrap_or(0);
    let rows: Vec<&Record> = portal.of(kind).filter(|record| record.id > after).take(limit + 1).collect();
    let shown: Vec<Value> = rows.iter().take(limit).map(|record| whole(portal, ask, kind, record)).collect();
    let mut answer = json!({ "results": shown });
    if let (true, Some(last)) = (rows.len() > limit, rows.get(limit.saturating_sub(1))) {
        answer["paging"] = next(ask, &last.id.to_string());
    }
    Ok(Answer::json(200, answer))
}

pub(super) fn next(ask: &Ask, after: &str) -> Value {
    json!({ "next": { "after": after, "link": format!("{}{}?after={after}", ask.origin, ask.path) } })
}

/// A record with the properties and associations that the query names.
fn whole(portal: &Portal, ask: &Ask, kind: Kind, record: &Record) -> Value {
    let mut shown = portal.show(kind, record, &listed(ask, "properties"));
    for name in listed(ask, "associations") {
        let Some(to) = Kind::named(&name) else { continue };
        let tied = portal.tied((kind, record.id), to);
        let results: Vec<Value> = tied
            .iter()
            .take(PAGE)
            .map(|(id, _)| json!({ "id": id.to_string(), "type": format!("{}_to_{}", kind.singular(), to.singular()) }))
            .collect();
        if !results.is_empty() {
            shown["associations"][to.plural()] = json!({ "results": results });
        }
        if let (true, Some((last, _))) = (tied.len() > PAGE, tied.get(PAGE - 1)) {
            shown["associations"][to.plural()]["paging"] = next(ask, &last.to_string());
        }
    }
    shown
}

/// A parameter given several times, or with commas.
fn listed(ask: &Ask, name: &str) -> Vec<String> {
    ask.query_all(name)
        .flat_map(|text| text.split(','))
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `GET /{type}/{id}`, by number or by a unique property.
pub(super) fn get(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, false)?;
    let record = found(portal, kind, ask.param("id"), ask.query("idProperty"))?;
    Ok(Answer::json(200, whole(portal, ask, kind, record)))
}

/// The record of this number, or with this value of a unique property.
pub(super) fn found<'p>(
    portal: &'p Portal,
    kind: Kind,
    id: &str,
    property: Option<&str>,
) -> Result<&'p Record, Answer> {
    let record = match property {
        Some("email") if kind == Kind::Contact => portal
            .of(kind)
            .find(|r| r.values.get("email").is_some_and(|email| email.eq_ignore_ascii_case(id))),
        None | Some("hs_object_id") => id.parse().ok().and_then(|id| portal.get(kind, id)),
        Some(other) => {
            let message = format!("The property {other} is not a unique property of this object type");
            return Err(face::error(400, "VALIDATION_ERROR", &message));
        }
    };
    record.ok_or_else(face::missing)
}

/// `POST /{type}`.
pub(super) fn create(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, true)?;
    let id = add(portal, kind, ask.json()?, ask.now)?;
    let record = portal.get(kind, id).ok_or_else(face::missing)?;
    Ok(Answer::json(201, portal.show(kind, record, &names(record))))
}

/// The properties a record has values of.
pub(super) fn names(record: &Record) -> Vec<String> {
    record.values.keys().cloned().collect()
}

/// Adds a record; its number.
pub(super) fn add(portal: &mut Portal, kind: Kind, input: Input, now: Timestamp) -> Result<u64, Answer> {
    let mut values = checked(portal, kind, &input.properties)?;
    required(kind, &values)?;
    if let (Kind::Contact, Some(email)) = (kind, values.get("email"))
        && let Ok(existing) = found(portal, kind, email, Some("email"))
    {
        let message = format!("Contact already exists. Existing ID: {}", existing.id);
        return Err(face::error(409, "CONFLICT", &message));
    }
    let default = match kind {
        Kind::Deal => Some(("pipeline", "default")),
        Kind::Ticket => Some(("hs_pipeline", "0")),
        _ => None,
    };
    if let Some((name, value)) = default {
        values.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    let ties =
        input.associations.iter().map(|tie| checked_tie(portal, kind, tie)).collect::<Result<Vec<_>, _>>()?;
    let id = portal.number();
    let lag = if kind.is_activity() { INDEXING } else { SignedDuration::ZERO };
    let record = Record { id, values, created: now, updated: now, archived: false, indexed: now + lag };
    portal.insert(kind, record);
    for (to, primary) in ties {
        portal.tie((kind, id), to, primary);
        touch(portal, to, kind, now);
    }
    Ok(id)
}

/// Says of a record that something was just done about it.
pub(super) fn touch(portal: &mut Portal, about: (Kind, u64), activity: Kind, now: Timestamp) {
    if let (true, Some(record)) = (activity.is_activity(), portal.records.get_mut(&about)) {
        record.values.insert("notes_last_updated".to_owned(), at(now));
    }
}

fn required(kind: Kind, values: &BTreeMap<String, String>) -> Result<(), Answer> {
    let required: &[&str] = match kind {
        Kind::Deal => &["dealstage"],
        Kind::Ticket => &["subject", "hs_pipeline_stage"],
        _ if kind.is_activity() => &["hs_timestamp"],
        _ => &[],
    };
    match required.iter().find(|name| !values.contains_key(**name)) {
        Some(name) => {
            let message = format!(
                "Error creating {}. Some required properties were not set.",
                kind.singular().to_uppercase()
            );
            let mut problem = problem(name, "REQUIRED_FIELD", "required");
            problem["message"] = json!(message);
            Err(face::refused_values(&[problem]))
        }
        None => Ok(()),
    }
}

fn checked_tie(portal: &Portal, kind: Kind, tie: &Tie) -> Result<((Kind, u64), bool), Answer> {
    let bad = |message: String| face::error(400, "VALIDATION_ERROR", &message);
    let id = number(&tie.to.id).ok_or_else(|| bad("the id of an association is no number".into()))?;
    let first = tie.types.first().ok_or_else(|| bad("an association needs a type".into()))?;
    let known =
        leads_to(kind, first.association_type_id).filter(|_| first.association_category == "HUBSPOT_DEFINED");
    let (to, primary) = known.ok_or_else(|| {
        bad(format!("No association type {} from {}", first.association_type_id, kind.plural()))
    })?;
    portal
        .get(to, id)
        .ok_or_else(|| bad(format!("Associations failed: {} with id {id} does not exist", to.singular())))?;
    Ok(((to, id), primary))
}

fn problem(name: &str, error: &str, message: &str) -> Value {
    json!({ "isValid": false, "message": message, "error": error, "name": name, "localizedErrorMessage": message })
}

/// The values as text. Errors: HubSpot's list of all that is wrong.
pub(super) fn checked(
    portal: &Portal,
    kind: Kind,
    properties: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, String>, Answer> {
    let (mut values, mut problems) = (BTreeMap::new(), Vec::new());
    for (name, value) in properties {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        match portal.property(kind, name) {
            None => {
                let message = format!("Property \"{name}\" does not exist");
                problems.push(problem(name, "PROPERTY_DOESNT_EXIST", &message));
            }
            Some(property) if property.read_only => {
                let message = format!("\"{name}\" is a read only property; its value cannot be set.");
                problems.push(problem(name, "READ_ONLY_VALUE", &message));
            }
            Some(property) => match schema::check(portal, kind, &property, &text) {
                Ok(()) => drop(values.insert(name.clone(), normal(&property, text))),
                Err((error, message)) => problems.push(problem(name, error, &message)),
            },
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(face::refused_values(&problems)) }
}

/// Moments are kept as HubSpot writes them, however they came.
fn normal(property: &schema::Property, text: String) -> String {
    match property.kind {
        schema::Type::DateTime => super::search::moment(&text).map_or(text, at),
        _ => text,
    }
}

/// `PATCH /{type}/{id}`.
pub(super) fn change(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, true)?;
    let id = found(portal, kind, ask.param("id"), ask.query("idProperty"))?.id;
    let input: Input = ask.json()?;
    update(portal, kind, id, &input.properties, ask.now)?;
    let record = portal.get(kind, id).ok_or_else(face::missing)?;
    let changed: Vec<String> = input.properties.into_keys().collect();
    Ok(Answer::json(200, portal.show(kind, record, &changed)))
}

/// Changes a record.
pub(super) fn update(
    portal: &mut Portal,
    kind: Kind,
    id: u64,
    properties: &BTreeMap<String, Value>,
    now: Timestamp,
) -> Result<(), Answer> {
    let values = checked(portal, kind, properties)?;
    let record = portal.records.get_mut(&(kind, id)).ok_or_else(face::missing)?;
    record.values.extend(values);
    record.updated = now;
    Ok(())
}

/// `DELETE /{type}/{id}`: into the recycling bin, twice as well as once.
pub(super) fn archive(portal: &mut Portal, ask: &Ask) -> Reply {
    let kind = kind(ask, "type")?;
    allow(ask, kind, true)?;
    let id: u64 = ask.param_as("id")?;
    if let Some(record) = portal.records.get_mut(&(kind, id)) {
        record.archived = true;
    }
    Ok(Answer::empty(204))
}
