//! What a client may write, and how it is judged.

use serde_json::{Map, Value, json};

use sandbox::Answer;

use super::face::{error, field_error};
use super::ids;
use super::schema::{Field, Kind, Object};
use super::store::{Org, Row, flag, stamp, text, time};

/// The fields of an object, as a writer meets them.
pub(super) struct Screen<'a> {
    pub(super) org: &'a Org,
    pub(super) object: &'static Object,
}

impl Screen<'_> {
    /// The row of a body. Errors: the first thing that is wrong, as Salesforce does it.
    pub(super) fn read(&self, body: &Map<String, Value>, update: bool) -> Result<Row, Answer> {
        let mut row = Row::new();
        for (name, value) in body.iter().filter(|(name, _)| *name != "attributes") {
            let field = self.object.field(name).ok_or_else(|| no_column(self.object, name))?;
            let allowed = if update { field.updatable } else { field.creatable };
            if !allowed {
                let message = format!(
                    "Unable to create/update fields: {}. Please check the security settings of this field and verify that \
                     it is read/write for your profile or permission set.",
                    field.name
                );
                return Err(field_error("INVALID_FIELD_FOR_INSERT_UPDATE", &message, &[field.name]));
            }
            row.insert(field.name, self.value(field, value)?);
        }
        Ok(row)
    }

    fn value(&self, field: &Field, value: &Value) -> Result<Value, Answer> {
        if value.is_null() || value.as_str() == Some("") {
            return if field.kind == Kind::Bool { Err(mistyped(field, value)) } else { Ok(Value::Null) };
        }
        match field.kind {
            Kind::Bool => value.as_bool().map(Value::Bool).ok_or_else(|| mistyped(field, value)),
            Kind::Int | Kind::Double | Kind::Currency => {
                let number = value.as_f64().or_else(|| value.as_str()?.parse().ok());
                let number = number.ok_or_else(|| mistyped(field, value))?;
                #[allow(clippy::cast_possible_truncation, reason = "an integer field holds whole numbers")]
                Ok(if field.kind == Kind::Int { json!(number as i64) } else { json!(number) })
            }
            Kind::Date => {
                let date = value.as_str().filter(|text| text.len() == 10);
                let date = date.and_then(|text| text.parse::<jiff::civil::Date>().ok());
                date.map(|date| json!(date)).ok_or_else(|| mistyped(field, value))
            }
            Kind::DateTime => {
                let at = value.as_str().and_then(time);
                at.map(|at| json!(stamp(at))).ok_or_else(|| mistyped(field, value))
            }
            Kind::Id | Kind::Reference(..) => self.reference(field, value),
            Kind::Picklist(values, restricted) => self.choice(field, value, values, restricted),
            Kind::Email if value.as_str().is_none_or(|text| !text.contains('@')) => {
                let message = format!("{}: invalid email address: {}", field.name, plain(value));
                Err(field_error("INVALID_EMAIL_ADDRESS", &message, &[field.name]))
            }
            _ => sized(field, value),
        }
    }

    fn reference(&self, field: &Field, value: &Value) -> Result<Value, Answer> {
        let shown = value.as_str().ok_or_else(|| mistyped(field, value))?;
        let of = |targets: &[&str], id: &str| {
            Object::of_id(id).is_some_and(|object| targets.contains(&object.name))
        };
        let Kind::Reference(targets, _) = field.kind else { return Err(mistyped(field, value)) };
        let id = ids::long(shown).filter(|id| of(targets, id)).ok_or_else(|| {
            let message = format!("{}: id value of incorrect type: {shown}", field.name);
            field_error("MALFORMED_ID", &message, &[field.name])
        })?;
        if self.org.any(&id).is_none() {
            let message = "invalid cross reference id";
            return Err(field_error("INVALID_CROSS_REFERENCE_KEY", message, &[]));
        }
        Ok(json!(id))
    }

    fn choice(
        &self,
        field: &Field,
        value: &Value,
        values: &[&str],
        restricted: bool,
    ) -> Result<Value, Answer> {
        let shown = value.as_str().ok_or_else(|| mistyped(field, value))?;
        let set_up = |table: &str, key: &str| {
            let rows = Object::named(table).into_iter().flat_map(|object| self.org.rows(object));
            rows.filter(|row| flag(row, "IsActive")).any(|row| text(row, key) == shown)
        };
        let known = match (self.object.name, field.name) {
            ("Opportunity", "StageName") => set_up("OpportunityStage", "ApiName"),
            (_, "CurrencyIsoCode") => set_up("CurrencyType", "IsoCode"),
            _ => !restricted || values.contains(&shown),
        };
        if known {
            return sized(field, value);
        }
        let message = format!("{}: bad value for restricted picklist field: {shown}", field.name);
        Err(field_error("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", &message, &[field.name]))
    }
}

/// Errors: `REQUIRED_FIELD_MISSING`.
pub(super) fn complete(object: &'static Object, row: &Row) -> Result<(), Answer> {
    let absent = |field: &&Field| field.required && row.get(field.name).is_none_or(Value::is_null);
    let missing: Vec<&str> = object.fields.iter().filter(absent).map(|field| field.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Required fields are missing: [{}]", missing.join(", "));
    Err(field_error("REQUIRED_FIELD_MISSING", &message, &missing))
}

pub(super) fn no_column(object: &Object, name: &str) -> Answer {
    let message = format!("No such column '{name}' on sobject of type {}", object.name);
    error(400, "INVALID_FIELD", &message)
}

fn sized(field: &Field, value: &Value) -> Result<Value, Answer> {
    let shown = value.as_str().ok_or_else(|| mistyped(field, value))?;
    let most = field.kind.length();
    if shown.chars().count() <= most {
        return Ok(value.clone());
    }
    let beginning: String = shown.chars().take(40).collect();
    let message = format!("{}: data value too large: {beginning} (max length={most})", field.name);
    Err(field_error("STRING_TOO_LONG", &message, &[field.name]))
}

fn mistyped(field: &Field, value: &Value) -> Answer {
    let kind = if value.is_string() { "VALUE_STRING" } else { "VALUE" };
    let message = format!(
        "Cannot deserialize instance of {} from {kind} value {} or request may be missing a required field",
        field.kind.type_name(),
        plain(value)
    );
    error(400, "JSON_PARSER_ERROR", &message)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
