//! Numbers as JSON Schema means them: `5.0` is an integer there, and none for whoever decodes it.

use serde_json::{Map, Value};

/// Writes whole numbers as integers where `schema` has integers, at any depth.
pub(crate) fn whole(schema: &Map<String, Value>, members: &mut Map<String, Value>) {
    let Some(Value::Object(known)) = schema.get("properties") else { return };
    for (name, value) in members {
        if let Some(Value::Object(schema)) = known.get(name) {
            value_of(schema, value);
        }
    }
}

fn value_of(schema: &Map<String, Value>, value: &mut Value) {
    match value {
        Value::Object(members) => whole(schema, members),
        Value::Array(items) => {
            let Some(Value::Object(schema)) = schema.get("items") else { return };
            items.iter_mut().for_each(|item| value_of(schema, item));
        }
        Value::Number(number) if number.is_f64() && schema.get("type").is_some_and(|t| t == "integer") => {
            // A float that is whole is written without a point; what is too large for an integer stays as it is.
            let integer = number.as_f64().and_then(|float| float.to_string().parse::<i64>().ok());
            if let Some(integer) = integer {
                *value = integer.into();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_whole_becomes_an_integer_where_one_is_wanted() {
        let schema = json!({ "properties": {
            "limit": { "type": "integer" },
            "price": { "type": "number" },
            "lines": { "type": "array", "items": { "type": "object", "properties": {
                "count": { "type": "integer" },
            }}},
        }});
        let read = |sent: Value| {
            let (mut sent, schema) = (sent, schema.as_object().unwrap());
            whole(schema, sent.as_object_mut().unwrap());
            sent.to_string()
        };
        assert_eq!(read(json!({ "limit": 5.0, "price": 5.0 })), r#"{"limit":5,"price":5.0}"#);
        assert_eq!(read(json!({ "limit": -0.0, "other": 5.0 })), r#"{"limit":0,"other":5.0}"#);
        assert_eq!(read(json!({ "lines": [{ "count": 2e3 }, 1.0] })), r#"{"lines":[{"count":2000},1.0]}"#);
        for odd in [json!({ "limit": 5.5 }), json!({ "limit": 1e300 }), json!({ "limit": "5.0" })] {
            assert_eq!(read(odd.clone()), odd.to_string());
        }
    }
}
