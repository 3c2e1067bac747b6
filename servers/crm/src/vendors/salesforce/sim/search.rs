//! Full text: SOSL in its plainest form, and the parameterized search.
//!
//! Source: SOQL and SOSL Reference, "SOSL Syntax"; REST API Developer Guide, "Parameterized Search".

use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::face::{error, field_error};
use super::schema::{Kind, OBJECTS, Object};
use super::store::{Org, Row, text};

/// Records of one object, at most.
const MOST: usize = 200;

/// What is searched for, and what is shown of each object.
struct Hunt {
    words: Vec<String>,
    objects: Vec<(&'static Object, Vec<String>)>,
}

#[derive(Deserialize)]
struct Parameters {
    q: String,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    sobjects: Vec<Wanted>,
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
    #[serde(default)]
    fields: Vec<String>,
}

/// `GET /search?q=FIND {...} [IN ... FIELDS] [RETURNING ...]`.
pub(super) fn find(org: &mut Org, ask: &Ask) -> Reply {
    let written = ask.query("q").unwrap_or_default();
    let hunt = parsed(written).ok_or_else(|| {
        error(400, "MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
    })?;
    answer(org, ask, &hunt)
}

/// `GET /parameterizedSearch?q=&sobject=&fields=`.
pub(super) fn by_parameters(org: &mut Org, ask: &Ask) -> Reply {
    let sobjects = ask.query_all("sobject").map(|name| Wanted { name: name.to_owned(), fields: Vec::new() });
    let fields = ask.query("fields").into_iter().flat_map(|list| list.split(',')).map(str::to_owned);
    let q = ask.query("q").unwrap_or_default().to_owned();
    let parameters = Parameters { q, sobjects: sobjects.collect(), fields: fields.collect() };
    parameterized(org, ask, parameters)
}

/// `POST /parameterizedSearch`.
pub(super) fn by_body(org: &mut Org, ask: &Ask) -> Reply {
    let parameters = ask.json()?;
    parameterized(org, ask, parameters)
}

fn parameterized(org: &Org, ask: &Ask, parameters: Parameters) -> Reply {
    let mut objects = Vec::new();
    for wanted in parameters.sobjects {
        let Some(object) = Object::named(&wanted.name) else {
            return Err(field_error("INVALID_TYPE", "sObject type is not supported", &[]));
        };
        let fields = if wanted.fields.is_empty() { parameters.fields.clone() } else { wanted.fields };
        objects.push((object, fields));
    }
    let hunt = Hunt { words: words(&parameters.q), objects: or_all(objects) };
    if hunt.words.is_empty() {
        return Err(error(400, "MALFORMED_SEARCH", "search term must be longer than one character"));
    }
    answer(org, ask, &hunt)
}

fn parsed(written: &str) -> Option<Hunt> {
    let rest = written.trim_start();
    let rest =
        rest.get(..4).filter(|find| find.eq_ignore_ascii_case("FIND")).map(|_| rest[4..].trim_start())?;
    let (term, rest) = rest.strip_prefix('{')?.split_once('}')?;
    let upper = rest.to_ascii_uppercase();
    let returning = upper.find("RETURNING").map_or("", |at| &rest[at + "RETURNING".len()..]);
    let mut objects = Vec::new();
    let mut left = returning.trim();
    while !left.is_empty() {
        let end = left.find(['(', ',']).unwrap_or(left.len());
        let object = Object::named(left[..end].trim())?;
        let (fields, after) = match left[end..].strip_prefix('(') {
            Some(inner) => inner.split_once(')')?,
            None => ("", &left[end..]),
        };
        objects.push((
            object,
            fields.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect(),
        ));
        left = after.trim().trim_start_matches(',').trim();
    }
    let words = words(term);
    (!words.is_empty()).then(|| Hunt { words, objects: or_all(objects) })
}

fn words(term: &str) -> Vec<String> {
    let word = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    term.split_whitespace().map(word).filter(|word| !word.is_empty()).collect()
}

fn or_all(objects: Vec<(&'static Object, Vec<String>)>) -> Vec<(&'static Object, Vec<String>)> {
    if objects.is_empty() {
        return OBJECTS.iter().filter(|object| object.writable).map(|object| (object, Vec::new())).collect();
    }
    objects
}

fn answer(org: &Org, ask: &Ask, hunt: &Hunt) -> Reply {
    let mut records = Vec::new();
    for (object, fields) in &hunt.objects {
        let known = fields.iter().all(|name| object.field(name).is_some());
        if !known {
            return Err(error(400, "INVALID_FIELD", &format!("No such column on entity '{}'", object.name)));
        }
        let matching = org.rows(object).filter(|row| holds(object, row, &hunt.words)).take(MOST);
        records.extend(matching.map(|row| shown(object, fields, row, ask.param("version"))));
    }
    Ok(Answer::json(200, json!({ "searchRecords": records })))
}

/// Every word is somewhere in the record's texts.
fn holds(object: &Object, row: &Row, words: &[String]) -> bool {
    let is_text = |kind: Kind| kind.is_text();
    let texts = object.fields.iter().filter(|field| is_text(field.kind)).map(|field| text(row, field.name));
    let all = texts.collect::<Vec<_>>().join(" ").to_lowercase();
    words.iter().all(|word| all.contains(word))
}

fn shown(object: &'static Object, fields: &[String], row: &Row, version: &str) -> Value {
    let url = format!("/services/data/{version}/sobjects/{}/{}", object.name, text(row, "Id"));
    let mut record = Map::from_iter([
        ("attributes".to_owned(), json!({ "type": object.name, "url": url })),
        ("Id".to_owned(), json!(text(row, "Id"))),
    ]);
    for field in fields.iter().filter_map(|name| object.field(name)) {
        record.insert(field.name.into(), row.get(field.name).cloned().unwrap_or_default());
    }
    Value::Object(record)
}
