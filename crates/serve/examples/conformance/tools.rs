//! Tools that answer at once.

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, LoggingLevel,
    LoggingMessageNotificationParam, ProgressNotificationParam,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::{Value, json};

use crate::{Change, State, complete, dialogue, failure, jobs, said, text, typed};

/// One red pixel.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/// The head of a recording without a sample.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/// Every tool of the fixture.
pub(crate) fn list() -> Value {
    let mut tools: Vec<Value> = [
        ("test_simple_text", "Returns a text."),
        ("test_image_content", "Returns an image."),
        ("test_audio_content", "Returns a recording."),
        ("test_embedded_resource", "Returns a resource."),
        ("test_multiple_content_types", "Returns a text, an image and a resource."),
        ("test_tool_with_logging", "Logs while it works."),
        ("test_logging_tool", "Logs nothing that was not asked for."),
        ("test_tool_with_progress", "Reports progress where asked."),
        ("test_error_handling", "Fails."),
        ("test_missing_capability", "Needs a client that can sample."),
        ("test_trigger_tool_change", "Tells subscribers that the tools changed."),
        ("test_trigger_prompt_change", "Tells subscribers that the prompts changed."),
    ]
    .into_iter()
    .chain(dialogue::TOOLS)
    .chain(jobs::TOOLS)
    .map(|(name, description)| json!({ "name": name, "description": description, "inputSchema": { "type": "object" } }))
    .collect();
    tools.push(header_tool());
    tools.push(schema_tool());
    json!(tools)
}

pub(crate) async fn call(
    fixture: &State,
    ask: &CallToolRequestParams,
    cx: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let content = match ask.name.as_ref() {
        "test_simple_text" => return text("This is a simple text response for testing."),
        "test_image_content" => json!([image()]),
        "test_audio_content" => json!([{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }]),
        "test_embedded_resource" => {
            json!([resource(
                "test://embedded-resource",
                "text/plain",
                "This is an embedded resource content."
            )])
        }
        "test_multiple_content_types" => {
            let data = r#"{"test":"data","value":123}"#;
            let resource = resource("test://mixed-content-resource", "application/json", data);
            json!([said("Multiple content types test:"), image(), resource])
        }
        "test_tool_with_logging" => return log(cx).await,
        "test_tool_with_progress" => return progress(cx).await,
        "test_error_handling" => return failure("This tool intentionally returns an error for testing"),
        "test_missing_capability" => {
            if cx.client_capabilities().is_none_or(|client| client.sampling.is_none()) {
                let needed: ClientCapabilities = typed(json!({ "sampling": {} }))?;
                return Err(ErrorData::missing_required_client_capability(needed));
            }
            return text("The client can sample.");
        }
        "test_trigger_tool_change" => return announce(fixture, Change::Tools),
        "test_trigger_prompt_change" => return announce(fixture, Change::Prompts),
        "test_logging_tool" | "test_header" | "json_schema_2020_12_tool" => return text("Done."),
        unknown => return Err(ErrorData::invalid_params(format!("unknown tool: {unknown}"), None)),
    };
    Ok(CallToolResponse::Complete(complete(json!({ "content": content }))?))
}

fn image() -> Value {
    json!({ "type": "image", "data": PNG, "mimeType": "image/png" })
}

fn resource(uri: &str, mime_type: &str, text: &str) -> Value {
    json!({ "type": "resource", "resource": { "uri": uri, "mimeType": mime_type, "text": text } })
}

/// A parameter that clients repeat in a header.
fn header_tool() -> Value {
    json!({
        "name": "test_header",
        "description": "Takes a parameter that is mirrored in a header.",
        "inputSchema": {
            "type": "object",
            "properties": { "region": { "type": "string", "x-mcp-header": "Region" } },
        },
    })
}

/// Keywords that a server must not lose.
fn schema_tool() -> Value {
    json!({
        "name": "json_schema_2020_12_tool",
        "description": "Tool with JSON Schema 2020-12 features",
        "inputSchema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {
                "address": {
                    "$anchor": "addressDef",
                    "type": "object",
                    "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
                },
            },
            "properties": {
                "name": { "type": "string" },
                "address": { "$ref": "#/$defs/address" },
                "contactMethod": { "type": "string", "enum": ["phone", "email"] },
                "phone": { "type": "string" },
                "email": { "type": "string" },
            },
            "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
            "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
            "then": { "required": ["phone"] },
            "else": { "required": ["email"] },
            "additionalProperties": false,
        },
    })
}

async fn progress(cx: &RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
    for done in [0.0, 50.0, 100.0] {
        if let Some(token) = cx.meta.get_progress_token() {
            let so_far = ProgressNotificationParam::new(token, done).with_total(100.0);
            let _gone = cx.peer.notify_progress(so_far).await;
        }
        pause().await;
    }
    text("Done, with progress.")
}

async fn log(cx: &RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
    for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        let entry = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(message));
        let _gone = cx.peer.notify_logging_message(entry).await;
        pause().await;
    }
    text("Done, with a log.")
}

/// What the suite wants between two notices, to see that they are not gathered.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

fn announce(fixture: &State, change: Change) -> Result<CallToolResponse, ErrorData> {
    // Without subscribers nobody hears it.
    let _unheard = fixture.changes.send(change);
    text("Announced.")
}
