//! Records: get, create, change, delete; by id and by external id.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Map, Value, json};

use super::effects;
use super::face::{error, field_error, not_found, user_id};
use super::ids;
use super::schema::{Field, Object};
use super::screen::{self, Screen};
use super::store::{Org, Row, stamp, text, time};

/// `GET /sobjects/{object}/{id}?fields=`.
pub(super) fn get(org: &mut Org, ask: &Ask) -> Reply {
    let object = object(ask)?;
    let row = org.row(object, ask.param("id")).ok_or_else(|| absent(org, ask.param("id")))?;
    shown(object, row, ask)
}

/// `GET /sobjects/{object}/{field}/{value}`.
pub(super) fn get_by(org: &mut Org, ask: &Ask) -> Reply {
    let object = object(ask)?;
    let id = unique(org, object, ask)?.ok_or_else(not_found)?;
    let row = org.row(object, &id).ok_or_else(not_found)?;
    shown(object, row, ask)
}

/// `POST /sobjects/{object}`: 201.
pub(super) fn create(org: &mut Org, ask: &Ask) -> Reply {
    let object = object(ask)?;
    let body: Map<String, Value> = ask.json()?;
    let id = created(org, ask, object, &body)?;
    Ok(Answer::json(201, json!({ "id": id, "success": true, "errors": [] })))
}

/// `PATCH /sobjects/{object}/{id}`: 204.
pub(super) fn update(org: &mut Org, ask: &Ask) -> Reply {
    let object = object(ask)?;
    let body: Map<String, Value> = ask.json()?;
    changed(org, ask, object, ask.param("id"), &body)?;
    Ok(Answer::empty(204))
}

/// `PATCH /sobjects/{object}/{field}/{value}`: 201 for a new record, 200 for one that is there; 300 for several.
pub(super) fn upsert(org: &mut Org, ask: &Ask) -> Reply {
    let object = object(ask)?;
    let mut body: Map<String, Value> = ask.json()?;
    let field = key_field(object, ask)?;
    if body.contains_key(field.name) {
        let message = format!("The {} field should not be specified in the sobject data.", field.name);
        return Err(field_error("INVALID_FIELD", &message, &[field.name]));
    }
    if let Some(id) = unique(org, object, ask)? {
        changed(org, ask, object, &id, &body)?;
        return Ok(Answer::json(200, json!({ "id": id, "success": true, "errors": [], "created": false })));
    }
    body.insert(field.name.to_owned(), json!(ask.param("value")));
    let id = created(org, ask, object, &body)?;
    Ok(Answer::json(201, json!({ "id": id, "success": true, "errors": [], "created": true })))
}

/// `DELETE /sobjects/{object}/{id}`: 204.
pub(super) fn delete(org: &mut Org, ask: &Ask) -> Reply {
    let object = object(ask)?;
    writable(object)?;
    org.remove(object, ask.param("id")).ok_or_else(|| absent(org, ask.param("id")))?;
    Ok(Answer::empty(204))
}

/// `DELETE /sobjects/{object}/{field}/{value}`: 204.
pub(super) fn delete_by(org: &mut Org, ask: &Ask) -> Reply {
    let object = object(ask)?;
    writable(object)?;
    let id = unique(org, object, ask)?.ok_or_else(not_found)?;
    org.remove(object, &id).ok_or_else(not_found)?;
    Ok(Answer::empty(204))
}

fn object(ask: &Ask) -> Result<&'static Object, Answer> {
    Object::named(ask.param("object")).ok_or_else(not_found)
}

fn writable(object: &Object) -> Result<(), Answer> {
    if object.writable {
        return Ok(());
    }
    let message = format!("entity type cannot be inserted or changed: {}", object.name);
    Err(error(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", &message))
}

/// No record has this id, now or ever.
fn absent(org: &Org, id: &str) -> Answer {
    if org.was_deleted(id) {
        return error(404, "ENTITY_IS_DELETED", "entity is deleted");
    }
    not_found()
}

pub(super) fn created(
    org: &mut Org,
    ask: &Ask,
    object: &'static Object,
    body: &Map<String, Value>,
) -> Result<String, Answer> {
    writable(object)?;
    let mut row = Screen { org, object }.read(body, false)?;
    screen::complete(object, &row)?;
    let number = org.next_number();
    let id = ids::fresh(object.prefix, number);
    row.insert("Id", json!(id));
    sign(&mut row, ask, true);
    effects::born(org, object, &mut row, ask.now, &user_id(ask.who()));
    duplicates(org, object, &row)?;
    org.put(object, row.clone(), ask.now);
    effects::after(org, object, &row, ask.now);
    Ok(id)
}

pub(super) fn changed(
    org: &mut Org,
    ask: &Ask,
    object: &'static Object,
    id: &str,
    body: &Map<String, Value>,
) -> Result<(), Answer> {
    writable(object)?;
    let old = org.row(object, id).ok_or_else(|| absent(org, id))?.clone();
    unchanged(ask, &old)?;
    let mut row = old.clone();
    row.extend(Screen { org, object }.read(body, true)?);
    screen::complete(object, &row)?;
    sign(&mut row, ask, false);
    effects::changed(org, object, &old, &mut row, ask.now);
    duplicates(org, object, &row)?;
    org.put(object, row.clone(), ask.now);
    effects::after(org, object, &row, ask.now);
    Ok(())
}

/// `If-Unmodified-Since`, to the second.
fn unchanged(ask: &Ask, row: &Row) -> Result<(), Answer> {
    let Some(since) = ask.header("if-unmodified-since") else { return Ok(()) };
    let since = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(since);
    let changed = time(text(row, "LastModifiedDate"));
    match (since, changed) {
        (Ok(since), Some(changed)) if changed.as_second() > since.as_second() => {
            Err(error(412, "PRECONDITION_FAILED", "The record has been modified since the given date"))
        }
        (Err(_), _) => Err(error(400, "INVALID_HEADER", "The date of If-Unmodified-Since cannot be read")),
        _ => Ok(()),
    }
}

fn sign(row: &mut Row, ask: &Ask, born: bool) {
    let (now, user) = (json!(stamp(ask.now)), json!(user_id(ask.who())));
    if born {
        row.insert("CreatedDate", now.clone());
        row.insert("CreatedById", user.clone());
        row.insert("IsDeleted", json!(false));
    }
    row.insert("LastModifiedDate", now.clone());
    row.insert("LastModifiedById", user);
    row.insert("SystemModstamp", now);
}

/// External ids are unique.
fn duplicates(org: &Org, object: &'static Object, row: &Row) -> Result<(), Answer> {
    for field in object.fields.iter().filter(|field| field.external_id) {
        let value = text(row, field.name);
        let same =
            |other: &&Row| text(other, field.name).eq_ignore_ascii_case(value) && other["Id"] != row["Id"];
        let Some(other) = org.rows(object).find(same).filter(|_| !value.is_empty()) else { continue };
        let message = format!(
            "duplicate value found: {} duplicates value on record with id: {}",
            field.name,
            text(other, "Id")
        );
        return Err(field_error("DUPLICATE_VALUE", &message, &[]));
    }
    Ok(())
}

fn key_field(object: &'static Object, ask: &Ask) -> Result<&'static Field, Answer> {
    object.field(ask.param("field")).filter(|field| field.external_id).ok_or_else(not_found)
}

/// The record with this external id. Errors: 300 with all of them if there are several.
fn unique(org: &Org, object: &'static Object, ask: &Ask) -> Result<Option<String>, Answer> {
    if ask.param("field").eq_ignore_ascii_case("Id") {
        return Ok(ids::long(ask.param("value")));
    }
    let field = key_field(object, ask)?;
    let wanted = ask.param("value");
    let matching = org.rows(object).filter(|row| text(row, field.name).eq_ignore_ascii_case(wanted));
    let found: Vec<&str> = matching.map(|row| text(row, "Id")).collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).to_owned())),
        several => {
            let base = format!("/services/data/{}/sobjects/{}", ask.param("version"), object.name);
            let urls: Vec<String> = several.iter().map(|id| format!("{base}/{id}")).collect();
            Err(Answer::json(300, urls))
        }
    }
}

/// A record with the fields asked for, or with all.
fn shown(object: &'static Object, row: &Row, ask: &Ask) -> Reply {
    let url = format!("/services/data/{}/sobjects/{}/{}", ask.param("version"), object.name, text(row, "Id"));
    let mut body = Map::from_iter([("attributes".to_owned(), json!({ "type": object.name, "url": url }))]);
    match ask.query("fields") {
        None => {
            for field in object.all() {
                body.insert(field.name.into(), row.get(field.name).cloned().unwrap_or_default());
            }
        }
        Some(names) => {
            for name in names.split(',').map(str::trim) {
                let field = object.field(name).ok_or_else(|| screen::no_column(object, name))?;
                body.insert(field.name.into(), row.get(field.name).cloned().unwrap_or_default());
            }
        }
    }
    let modified = time(text(row, "LastModifiedDate")).unwrap_or(ask.now);
    let last = modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    Ok(Answer::json(200, body).header("last-modified", last))
}
