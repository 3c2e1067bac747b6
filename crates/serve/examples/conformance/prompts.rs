//! The prompts of the fixture.

use rmcp::ErrorData;
use rmcp::model::{GetPromptRequestParams, GetPromptResponse};
use serde_json::{Value, json};

use crate::tools::PNG;
use crate::{complete, said};

pub(crate) fn list() -> Value {
    let argument = |name: &str| json!({ "name": name, "description": "An argument.", "required": true });
    json!([
        { "name": "test_simple_prompt", "description": "No arguments." },
        {
            "name": "test_prompt_with_arguments",
            "description": "Two arguments.",
            "arguments": [argument("arg1"), argument("arg2")],
        },
        {
            "name": "test_prompt_with_embedded_resource",
            "description": "Embeds a resource.",
            "arguments": [argument("resourceUri")],
        },
        { "name": "test_prompt_with_image", "description": "Embeds an image." },
        { "name": "test_input_required_result_prompt", "description": "Asks back first." },
    ])
}

pub(crate) fn get(ask: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let argument = |name: &str| {
        let given = ask.arguments.as_ref().and_then(|given| given.get(name)).and_then(Value::as_str);
        given.ok_or_else(|| ErrorData::invalid_params(format!("argument {name} is missing"), None))
    };
    let contents = match ask.name.as_str() {
        "test_simple_prompt" => vec![said("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (one, two) = (argument("arg1")?, argument("arg2")?);
            vec![said(format!("Prompt with arguments: arg1='{one}', arg2='{two}'"))]
        }
        "test_prompt_with_embedded_resource" => {
            let text = "Embedded resource content for testing.";
            let resource = json!({ "uri": argument("resourceUri")?, "mimeType": "text/plain", "text": text });
            let embedded = json!({ "type": "resource", "resource": resource });
            vec![embedded, said("Please process the embedded resource above.")]
        }
        "test_prompt_with_image" => {
            let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
            vec![image, said("Please analyze the image above.")]
        }
        unknown => return Err(ErrorData::invalid_params(format!("unknown prompt: {unknown}"), None)),
    };
    let messages: Vec<Value> =
        contents.into_iter().map(|c| json!({ "role": "user", "content": c })).collect();
    Ok(GetPromptResponse::Complete(complete(json!({ "messages": messages }))?))
}
