//! The normal form of schemas: what every host can read, in as few bytes as possible.

use error::{Error, Result};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, generate::Contract};
use serde_json::{Map, Value, json};

use crate::Meta;

/// The input schema of `T` as clients see it, with its description taken out: closed, without `$ref`, unions,
/// null, integer formats and titles; the envelope's arguments are injected according to `meta`.
pub fn input_schema<T: JsonSchema>(meta: &Meta) -> Result<(String, Map<String, Value>)> {
    let mut schema = normal_form::<T>(Contract::Deserialize)?;
    let description =
        schema.remove("description").and_then(|d| d.as_str().map(unwrap_lines)).unwrap_or_default();
    let mut value = Value::Object(schema);
    close(&mut value);
    let Value::Object(mut schema) = value else {
        return Err(Error::internal("an input schema is no object"));
    };
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    for (name, argument) in envelope(meta) {
        properties[name] = argument;
    }
    Ok((description, schema))
}

/// The output schema of `T` as clients see it. Descriptions stay out: the names speak, and every byte of them
/// is paid for in each conversation.
pub fn output_schema<T: JsonSchema>() -> Result<Map<String, Value>> {
    let mut schema = Value::Object(normal_form::<T>(Contract::Serialize)?);
    drop_descriptions(&mut schema);
    match schema {
        Value::Object(schema) => Ok(schema),
        _ => Err(Error::internal("an output schema is no object")),
    }
}

/// Names of the envelope's arguments, stripped before a tool decodes its own.
pub(crate) const ENVELOPE: [&str; 3] = ["idempotency_key", "plan", "max_bytes"];

fn envelope(meta: &Meta) -> Vec<(&'static str, Value)> {
    let mut arguments = Vec::new();
    if meta.is_write() {
        let key = json!({"type": "string", "minLength": 1, "maxLength": 255,
            "description": "Repeat it to retry safely; a new one does the write again"});
        let plan = json!({"type": "string", "minLength": 26, "maxLength": 26,
            "description": "Commits this plan of an earlier preview"});
        arguments.extend([("idempotency_key", key), ("plan", plan)]);
    }
    if meta.takes_max_bytes() {
        let limit = json!({"type": "integer", "minimum": 1024, "maximum": 24576,
            "description": "Shortens the answer"});
        arguments.push(("max_bytes", limit));
    }
    arguments
}

fn normal_form<T: JsonSchema>(contract: Contract) -> Result<Map<String, Value>> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    settings.contract = contract;
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    simplify(&mut value);
    match value {
        Value::Object(map) => Ok(map),
        other => Err(Error::internal(format!("the schema of {} is {other}", T::schema_name()))),
    }
}

/// Applied bottom-up to every schema in the tree.
fn simplify(schema: &mut Value) {
    for_each_child(schema, &mut simplify);
    let Value::Object(map) = schema else { return };
    for noise in ["title", "$schema", "default"] {
        map.remove(noise);
    }
    if map
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|f| f.starts_with("int") || f.starts_with("uint"))
    {
        map.remove("format");
        if map.get("minimum").is_some_and(|m| m == 0) && map.get("maximum").is_none() {
            map.remove("minimum");
        }
    }
    if matches!(map.get("format").and_then(Value::as_str), Some("double" | "float")) {
        map.remove("format");
    }
    drop_null(map);
    fold_constants(map);
    fold_single(map);
    if let Some(text) = map.get("description").and_then(Value::as_str).map(unwrap_lines) {
        map.insert("description".into(), text.into());
    }
}

/// `["string", "null"]` and `anyOf: [X, null]` become `string` and `X`: an optional member is simply absent.
fn drop_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(options)) = map.get_mut("enum") {
        options.retain(|o| !o.is_null());
    }
    if let Some(Value::Array(options)) = map.get_mut("anyOf") {
        options.retain(|o| o.get("type").is_none_or(|t| t != "null"));
    }
}

/// `oneOf` of constants (an enum with documented variants) becomes `enum`.
fn fold_constants(map: &mut Map<String, Value>) {
    let Some(Value::Array(options)) = map.get("oneOf") else { return };
    let mut values = Vec::new();
    for option in options {
        match (option.get("const"), option.get("enum").and_then(Value::as_array)) {
            (Some(constant), _) => values.push(constant.clone()),
            (None, Some(several)) => values.extend(several.iter().cloned()),
            _ => return,
        }
    }
    map.remove("oneOf");
    map.insert("type".into(), "string".into());
    map.insert("enum".into(), values.into());
}

/// `anyOf` and `allOf` of one member become the member; what stands beside it wins.
fn fold_single(map: &mut Map<String, Value>) {
    for key in ["anyOf", "allOf"] {
        let single = matches!(map.get(key), Some(Value::Array(options)) if options.len() == 1);
        if let Some(Value::Array(options)) = single.then(|| map.remove(key)).flatten()
            && let Some(Value::Object(only)) = options.into_iter().next()
        {
            for (name, value) in only {
                map.entry(name).or_insert(value);
            }
        }
    }
}

/// Closes every object that names its members.
fn close(schema: &mut Value) {
    for_each_child(schema, &mut close);
    if let Value::Object(map) = schema
        && map.get("type").is_some_and(|t| t == "object")
        && !map.contains_key("additionalProperties")
    {
        map.insert("additionalProperties".into(), false.into());
    }
}

fn drop_descriptions(schema: &mut Value) {
    for_each_child(schema, &mut drop_descriptions);
    if let Value::Object(map) = schema {
        map.remove("description");
        // Outputs may grow: a closed output schema would make every new member a breaking change.
        map.remove("additionalProperties");
    }
}

/// Visits the schemas directly below `schema`; members named like keywords are not mistaken for them.
fn for_each_child(schema: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    let Value::Object(map) = schema else { return };
    for (key, value) in map.iter_mut() {
        match (key.as_str(), value) {
            ("properties" | "$defs" | "patternProperties", Value::Object(members)) => {
                members.values_mut().for_each(&mut *visit);
            }
            ("items" | "additionalProperties" | "not", child @ Value::Object(_)) => visit(child),
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(members)) => {
                members.iter_mut().for_each(&mut *visit);
            }
            _ => {}
        }
    }
}

/// Doc comments are wrapped for editors; a model pays for each line end.
fn unwrap_lines(text: &str) -> String {
    text.split("\n\n")
        .map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use content::Label;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{RecordId, WriteKind};

    /// Does a thing
    /// on two lines.
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "only its schema is looked at")]
    #[serde(deny_unknown_fields)]
    struct Input {
        /// Which
        /// one
        kind: Option<Kind>,
        #[schemars(range(max = 100))]
        limit: Option<u32>,
        names: Vec<String>,
        when: Option<crate::When>,
        inner: Option<Inner>,
    }

    #[derive(Deserialize, Serialize, JsonSchema)]
    struct Inner {
        /// A text.
        text: Option<String>,
        id: Option<RecordId>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code, reason = "only its schema is looked at")]
    enum Kind {
        /// The one.
        First,
        /// The other.
        Second,
    }

    #[test]
    fn inputs_are_closed_flat_and_bear_the_envelope() {
        let meta = Meta::write("get_x", "X", "x:write", WriteKind::Additive);
        let (description, schema) = input_schema::<Input>(&meta).unwrap();
        assert_eq!(description, "Does a thing on two lines.");
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(
            schema["properties"]["kind"],
            json!({"type": "string", "enum": ["first", "second"], "description": "Which one"})
        );
        assert_eq!(schema["properties"]["limit"]["type"], "integer");
        assert_eq!(schema["properties"]["limit"]["maximum"], 100);
        assert_eq!(schema["properties"]["inner"]["additionalProperties"], false);
        assert_eq!(schema["required"], json!(["names"]));
        for name in ENVELOPE {
            assert!(schema["properties"].get(name).is_some(), "{name}");
        }
        let text = serde_json::to_string(&schema).unwrap();
        for unwanted in ["$ref", "$schema", "\"null\"", "uint32", "\"title\"", "anyOf", "oneOf"] {
            assert!(!text.contains(unwanted), "{unwanted} in {text}");
        }
    }

    #[derive(Serialize, JsonSchema)]
    struct Out {
        label: Label,
        inner: Vec<Inner>,
    }

    #[test]
    fn outputs_are_open_and_silent() {
        let schema = output_schema::<Out>().unwrap();
        assert!(!serde_json::to_string(&schema).unwrap().contains("description"));
        assert_eq!(schema["properties"]["label"]["x-untrusted"], true);
        assert_eq!(schema["required"], json!(["label", "inner"]));
    }
}
