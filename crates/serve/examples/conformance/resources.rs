//! The resources of the fixture.

use rmcp::ErrorData;
use rmcp::model::ReadResourceResult;
use serde_json::{Value, json};

use crate::complete;
use crate::tools::PNG;

pub(crate) fn list() -> Value {
    json!([
        { "uri": "test://static-text", "name": "Static text", "description": "A text.", "mimeType": "text/plain" },
        { "uri": "test://static-binary", "name": "Static binary", "description": "An image.", "mimeType": "image/png" },
        { "uri": "test://watched-resource", "name": "Watched", "description": "May be subscribed to." },
    ])
}

pub(crate) fn templates() -> Value {
    let template = "test://template/{id}/data";
    json!([{ "uriTemplate": template, "name": "Template", "description": "Any id.", "mimeType": "application/json" }])
}

pub(crate) fn read(uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let content = match uri {
        "test://static-text" => {
            json!({ "mimeType": "text/plain", "text": "This is the content of the static text resource." })
        }
        "test://static-binary" => json!({ "mimeType": "image/png", "blob": PNG }),
        "test://watched-resource" => json!({ "mimeType": "text/plain", "text": "Nothing happened yet." }),
        _ => from_template(uri).ok_or_else(|| {
            ErrorData::resource_not_found("Resource not found", Some(json!({ "uri": uri })))
        })?,
    };
    let mut content = content;
    content["uri"] = json!(uri);
    complete(json!({ "contents": [content] }))
}

fn from_template(uri: &str) -> Option<Value> {
    let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
    let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
    Some(json!({ "mimeType": "application/json", "text": data.to_string() }))
}
