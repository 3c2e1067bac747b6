//! What the org says of its objects.

use sandbox::{Answer, Ask, Reply};
use serde_json::{Value, json};

use super::face::not_found;
use super::schema::{Field, Kind, OBJECTS, Object};
use super::store::{Org, flag, text};

/// `GET /sobjects`.
pub(super) fn all(_: &mut Org, ask: &Ask) -> Reply {
    let objects: Vec<Value> = OBJECTS.iter().map(|object| summary(object, ask)).collect();
    Ok(Answer::json(200, json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects })))
}

/// `GET /sobjects/{object}`.
pub(super) fn basic(_: &mut Org, ask: &Ask) -> Reply {
    let object = Object::named(ask.param("object")).ok_or_else(not_found)?;
    Ok(Answer::json(200, json!({ "objectDescribe": summary(object, ask), "recentItems": [] })))
}

/// `GET /sobjects/{object}/describe`.
pub(super) fn one(org: &mut Org, ask: &Ask) -> Reply {
    let object = Object::named(ask.param("object")).ok_or_else(not_found)?;
    Ok(Answer::json(200, described(org, object, ask)))
}

/// The whole description.
pub(super) fn described(org: &Org, object: &'static Object, ask: &Ask) -> Value {
    let mut body = summary(object, ask);
    let fields: Vec<Value> = object.all().map(|field| shown(org, object, field)).collect();
    body["fields"] = json!(fields);
    body["childRelationships"] = json!(children(object));
    body["recordTypeInfos"] = json!(record_types(org, object));
    body
}

fn summary(object: &Object, ask: &Ask) -> Value {
    let base = format!("/services/data/{}/sobjects/{}", ask.param("version"), object.name);
    json!({
        "name": object.name,
        "label": object.name,
        "labelPlural": object.plural,
        "keyPrefix": object.prefix,
        "custom": false,
        "createable": object.writable,
        "updateable": object.writable,
        "deletable": object.writable,
        "queryable": true,
        "retrieveable": true,
        "searchable": object.writable,
        "layoutable": object.writable,
        "urls": {
            "sobject": base,
            "describe": format!("{base}/describe"),
            "rowTemplate": format!("{base}/{{ID}}"),
        },
    })
}

fn shown(org: &Org, object: &Object, field: &Field) -> Value {
    let (targets, relationship) = match field.kind {
        Kind::Reference(targets, name) => (targets, Some(name)),
        _ => (&[][..], None),
    };
    let custom = field.name.ends_with("__c");
    json!({
        "name": field.name,
        "label": field.name.trim_end_matches("__c").replace('_', " "),
        "type": field.kind.type_name(),
        "length": field.kind.length(),
        "custom": custom,
        "createable": object.writable && field.creatable,
        "updateable": object.writable && field.updatable,
        "filterable": field.is_filterable(),
        "groupable": field.is_filterable() && !matches!(field.kind, Kind::Currency | Kind::DateTime | Kind::Double),
        "sortable": field.is_filterable(),
        "nillable": !field.required && !matches!(field.kind, Kind::Bool | Kind::Id),
        "defaultedOnCreate": matches!(field.name, "OwnerId" | "Status" | "Priority") || field.kind == Kind::Bool,
        "externalId": field.external_id,
        "unique": field.external_id,
        "idLookup": field.kind == Kind::Id || field.external_id,
        "referenceTo": targets,
        "relationshipName": relationship,
        "restrictedPicklist": matches!(field.kind, Kind::Picklist(_, true)),
        "picklistValues": values(org, object, field),
    })
}

fn values(org: &Org, object: &Object, field: &Field) -> Vec<Value> {
    let Kind::Picklist(values, _) = field.kind else { return Vec::new() };
    let records = |name: &str, key: &str| -> Vec<String> {
        let rows = Object::named(name).into_iter().flat_map(|table| org.rows(table));
        rows.filter(|row| flag(row, "IsActive")).map(|row| text(row, key).to_owned()).collect()
    };
    let values: Vec<String> = match (object.name, field.name) {
        ("Opportunity", "StageName") => records("OpportunityStage", "ApiName"),
        (_, "CurrencyIsoCode") => records("CurrencyType", "IsoCode"),
        _ => values.iter().map(|&value| value.to_owned()).collect(),
    };
    let shown = |v: String| json!({ "active": true, "defaultValue": false, "label": v, "value": v, "validFor": null });
    values.into_iter().map(shown).collect()
}

fn children(parent: &Object) -> Vec<Value> {
    let back = |object: &'static Object| {
        let field = object.fields.iter().find(
            |field| matches!(field.kind, Kind::Reference(targets, _) if targets.contains(&parent.name)),
        )?;
        Some(json!({
            "childSObject": object.name, "field": field.name, "relationshipName": object.plural,
            "cascadeDelete": false,
        }))
    };
    OBJECTS.iter().filter_map(back).collect()
}

fn record_types(org: &Org, object: &Object) -> Vec<Value> {
    let own = Object::named("RecordType").into_iter().flat_map(|table| org.rows(table));
    let own = own.filter(|row| text(row, "SobjectType") == object.name).map(|row| {
        json!({
            "active": true, "available": true, "defaultRecordTypeMapping": false, "master": false,
            "name": text(row, "Name"), "developerName": text(row, "DeveloperName"),
            "recordTypeId": text(row, "Id"),
        })
    });
    let master = json!({
        "active": true, "available": true, "defaultRecordTypeMapping": true, "master": true,
        "name": "Master", "developerName": "Master", "recordTypeId": super::meta::MASTER,
    });
    own.chain([master]).collect()
}
