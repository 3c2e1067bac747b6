use call::{Caller, Scopes};
use error::{Code, Error};
use rmcp::handler::client::ClientHandler;
use rmcp::model::{
    ArgumentInfo, CallToolRequestParams, ClientConfig, CompleteRequestParams, GetPromptRequestParams,
    PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams, Reference, ResourceContents,
};
use rmcp::service::{RoleClient, RunningService, ServiceError, ServiceExt as _};
use serde_json::{Value, json};
use std::time::Duration;

use super::Handler;
use crate::layers::Reads;
use crate::offer::Mode;
use crate::trial::{Act, REAL, SANDBOX, Terms, Trial};

/// Every name of the shelf's tools, former ones included.
const ALL: [&str; 9] = [
    "get_item",
    "read_item",
    "count_items",
    "add_item",
    "put_item",
    "set_item",
    "burn_item",
    "sell_item",
    "lend_item",
];

/// A client of the handler over a pipe in memory.
async fn client(trial: &Trial) -> RunningService<RoleClient, ()> {
    client_of(trial, Caller::local(crate::LOCAL_CALLER)).await
}

/// The same, where the person at the machine is `local`.
async fn client_of(trial: &Trial, local: Caller) -> RunningService<RoleClient, ()> {
    connected(trial, local, ()).await
}

async fn connected<C: ClientHandler>(
    trial: &Trial,
    local: Caller,
    client: C,
) -> RunningService<RoleClient, C> {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let handler = Handler::new(trial.front.clone(), local);
    tokio::spawn(async move {
        let service = handler.serve(ours).await.unwrap();
        service.waiting().await
    });
    client.serve(theirs).await.unwrap()
}

fn asked(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool).with_arguments(arguments.as_object().unwrap().clone())
}

#[tokio::test]
async fn the_catalogue_answers_before_the_house_is_open() {
    let trial = Trial::closed(SANDBOX, Reads::default());
    let client = client(&trial).await;
    let info = client.peer_info().unwrap();
    let server = info.server_info.as_ref().unwrap();
    assert_eq!((server.name.as_str(), server.version.as_str()), ("chancery-shelf", "1.2.3"));
    assert_eq!(info.instructions.as_deref(), Some("Items on a shelf."));

    let tools = client.list_tools(None).await.unwrap();
    let names: Vec<_> = tools.tools.iter().map(|t| &*t.name).collect();
    assert_eq!(names, ALL);
    assert_eq!(tools.ttl_ms, Some(super::listing::FRESH_MS));
    assert_eq!(json!(tools.cache_scope), "private");
    assert_eq!(tools.meta.unwrap()["io.modelcontextprotocol/serverInfo"]["name"], "chancery-shelf");

    let burn = json!(tools.tools.iter().find(|tool| tool.name == "burn_item").unwrap());
    assert_eq!(burn["title"], "Burn item");
    assert_eq!(burn["annotations"]["destructiveHint"], true);
    assert_eq!(burn["annotations"]["readOnlyHint"], false);
    assert_eq!(burn["_meta"]["dev.chancery/scope"], "shelf:write");
    assert_eq!(burn["_meta"]["dev.chancery/effect"]["write"], "destructive");
    assert!(burn["outputSchema"]["properties"]["status"].is_object());
}

#[tokio::test]
async fn a_cursor_that_was_never_given_is_refused() {
    let client = client(&Trial::new(SANDBOX)).await;
    let made_up = || Some(PaginatedRequestParams::default().with_cursor(Some("page-2".to_owned())));
    let refusals = [
        client.list_tools(made_up()).await.map(drop),
        client.list_resources(made_up()).await.map(drop),
        client.list_resource_templates(made_up()).await.map(drop),
        client.list_prompts(made_up()).await.map(drop),
    ];
    for refusal in refusals {
        let Err(ServiceError::McpError(error)) = refusal else { panic!("{refusal:?}") };
        assert_eq!(error.code.0, -32602);
        assert_eq!(error.data.unwrap()["fields"][0]["path"], "cursor");
    }
}

#[tokio::test]
async fn lists_show_what_may_be_called() {
    let names = async |mode: Mode| {
        let tools = client(&Trial::new(mode)).await.list_tools(None).await.unwrap();
        tools.tools.into_iter().map(|t| t.name.into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(Mode { read_only: true, ..SANDBOX }).await, ["get_item", "read_item", "count_items"]);
    assert_eq!(names(REAL).await, ALL, "what needs consent is offered with real sources, and gets it");
}

#[tokio::test]
async fn an_answer_is_structured_content_and_the_same_as_text() {
    let trial = Trial::new(SANDBOX);
    let client = client(&trial).await;
    for tool in ["get_item", "read_item"] {
        let result = client.call_tool(asked(tool, json!({"id": "shelf:a/7"}))).await.unwrap();
        let result = json!(result);
        assert_eq!(result["isError"], false);
        assert_eq!(result["structuredContent"], json!({"id": "shelf:a/7", "text": "as it was"}));
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(text, result["structuredContent"]);
        assert_eq!(result["content"][1]["type"], "resource_link");
        assert_eq!(result["content"][1]["uri"], "chancery://shelf/shelf/item/a%2F7");
        assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"], "1.2.3");
    }
    assert!(
        trial.tape.records().iter().all(|r| r.tool == "get_item"),
        "a former name is recorded as the present one"
    );
    assert!(trial.tape.records()[0].workflow.derived);
}

#[tokio::test]
async fn a_client_that_knows_no_links_is_sent_none() {
    let trial = Trial::new(SANDBOX);
    let kinds = async |version: ProtocolVersion| {
        let old = ClientConfig::default().with_protocol_version(version);
        let client = connected(&trial, Caller::local(crate::LOCAL_CALLER), old).await;
        let result = json!(client.call_tool(asked("get_item", json!({"id": "shelf:a/7"}))).await.unwrap());
        let blocks = result["content"].as_array().unwrap().iter().map(|block| block["type"].clone());
        blocks.collect::<Vec<_>>()
    };
    assert_eq!(kinds(ProtocolVersion::V_2025_06_18).await, ["text", "resource_link"]);
    assert_eq!(kinds(ProtocolVersion::V_2025_03_26).await, ["text"]);
}

#[tokio::test]
async fn a_former_name_is_its_tool_and_says_when_it_goes() {
    let trial = Trial::new(SANDBOX);
    let client = client(&trial).await;
    let told = json!({"name": "read_item", "use": "get_item", "removed_in": "2.0.0"});

    let tools = client.list_tools(None).await.unwrap().tools;
    let listed = |name: &str| json!(tools.iter().find(|tool| tool.name == name).unwrap());
    let (former, present) = (listed("read_item"), listed("get_item"));
    assert_eq!(former["description"], "Deprecated, gone in 2.0.0: use `get_item`, the same tool.");
    assert_eq!(former["_meta"]["dev.chancery/deprecated"], told);
    assert_eq!(present["_meta"].get("dev.chancery/deprecated"), None);
    for same in ["inputSchema", "outputSchema", "annotations"] {
        assert_eq!(former[same], present[same], "{same}");
    }

    let by = async |name: &'static str, id: &str| {
        json!(client.call_tool(asked(name, json!({"id": id}))).await.unwrap())
    };
    let answer = by("read_item", "shelf:1").await;
    assert_eq!(answer["_meta"]["dev.chancery/deprecated"], told);
    assert_eq!(by("get_item", "shelf:1").await["_meta"].get("dev.chancery/deprecated"), None);
    let refused = by("read_item", "").await;
    assert_eq!((&refused["isError"], &refused["_meta"]["dev.chancery/deprecated"]), (&json!(true), &told));
}

#[tokio::test]
async fn a_former_name_of_a_hidden_tool_is_as_unknown_as_any() {
    let client = client(&Trial::new(Mode { read_only: true, ..SANDBOX })).await;
    let told = async |name: &'static str| {
        let error = client.call_tool(asked(name, json!({"text": "x"}))).await.unwrap_err();
        let ServiceError::McpError(error) = error else { panic!("{error}") };
        let mut data = error.data.unwrap();
        data.as_object_mut().unwrap().remove("correlation_id");
        (error.message.replace(name, "NAME"), data.to_string().replace(name, "NAME"))
    };
    assert_eq!(told("put_item").await, told("but_item").await);
}

#[tokio::test]
async fn a_write_is_one_write_under_all_its_names() {
    let trial = Trial::new(SANDBOX);
    let client = client(&trial).await;
    let status = async |name: &'static str| {
        let answer = json!(client.call_tool(asked(name, json!({"text": "once"}))).await.unwrap());
        answer["structuredContent"]["status"].clone()
    };
    assert_eq!((status("put_item").await, status("add_item").await), (json!("committed"), json!("replayed")));
    assert_eq!(trial.shelf.done(), 1);
}

#[tokio::test]
async fn an_error_is_one_object_a_model_can_act_on() {
    let trial = Trial::new(SANDBOX);
    let client = client(&trial).await;
    trial.shelf.then(Act::Fail(Error::new(Code::NotFound, "no such item").detail("the body")));
    let result = json!(client.call_tool(asked("get_item", json!({"id": "shelf:1"}))).await.unwrap());
    assert_eq!(result["isError"], true);
    assert!(result.get("structuredContent").is_none());
    let told: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!((told["code"].as_str(), told["retryable"].as_bool()), (Some("not_found"), Some(false)));
    assert_eq!(told["correlation_id"], result["_meta"]["dev.chancery/correlation_id"]);
    assert_eq!(told, result["_meta"]["dev.chancery/error"]);
    assert!(!result.to_string().contains("the body"));
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_of_the_protocol() {
    let client = client(&Trial::new(SANDBOX)).await;
    let error = client.call_tool(asked("get_itme", json!({}))).await.unwrap_err();
    let ServiceError::McpError(error) = error else { panic!("{error}") };
    assert_eq!(error.code.0, -32602);
    let data = error.data.unwrap();
    assert_eq!((&data["code"], &data["alternative_tool"]), (&json!("unknown_tool"), &json!("get_item")));
}

#[tokio::test]
async fn a_resource_is_read_by_its_tool() {
    let trial = Trial::new(SANDBOX);
    let client = client(&trial).await;
    let templates = client.list_resource_templates(None).await.unwrap().resource_templates;
    assert_eq!(templates[0].uri_template, "chancery://shelf/{source}/item/{id}");
    assert!(client.list_resources(None).await.unwrap().resources.is_empty());

    let uri = "chancery://shelf/shelf/item/a%2F7";
    let read = client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap();
    let ResourceContents::TextResourceContents { text, mime_type, .. } = &read.contents[0] else { panic!() };
    assert_eq!(mime_type.as_deref(), Some("application/json"));
    assert_eq!(serde_json::from_str::<Value>(text).unwrap()["id"], "shelf:a/7");
    assert_eq!(trial.tape.records()[0].tool, "get_item");

    for absent in
        ["chancery://shelf/shelf/box/1", "chancery://other/shelf/item/1", "https://x/", "chancery://shelf"]
    {
        let error = client.read_resource(ReadResourceRequestParams::new(absent)).await.unwrap_err();
        let ServiceError::McpError(error) = error else { panic!("{error}") };
        assert!([-32002, -32602].contains(&error.code.0), "{absent}: {error}");
    }
}

#[tokio::test]
async fn a_resource_whose_tool_is_hidden_is_as_absent_as_one_of_no_kind() {
    let tenants = Some("[acme]\ntools = [\"shelf:add_item\"]");
    let trial = Trial::on(&Terms { tenants, ..Terms::default() });
    let alice = Caller { tenant: Some("acme".into()), ..Caller::local("alice") };
    let client = client_of(&trial, alice).await;
    assert!(client.list_resource_templates(None).await.unwrap().resource_templates.is_empty());
    let told = async |kind: &str| {
        let uri = format!("chancery://shelf/shelf/{kind}/1");
        let error = client.read_resource(ReadResourceRequestParams::new(uri)).await.unwrap_err();
        let ServiceError::McpError(mut error) = error else { panic!("{error}") };
        error.data.as_mut().unwrap().as_object_mut().unwrap().remove("correlation_id");
        json!(error)
    };
    assert_eq!(told("item").await, told("box").await);
}

#[tokio::test]
async fn prompts_render_and_refuse() {
    let client = client(&Trial::new(SANDBOX)).await;
    let prompts = json!(client.list_prompts(None).await.unwrap().prompts);
    assert_eq!(prompts[0]["arguments"][0]["required"], true);

    let ask = |arguments: Value| {
        GetPromptRequestParams::new("tidy_shelf").with_arguments(arguments.as_object().unwrap().clone())
    };
    let prompt = json!(client.get_prompt(ask(json!({"item": "7"}))).await.unwrap());
    assert_eq!(prompt["messages"][0]["content"]["text"], "Tidy the shelf from \"7\" on.");
    for (bad, word) in
        [(json!({}), "required"), (json!({"itme": "7"}), "not an argument"), (json!({"item": 7}), "text")]
    {
        let error = client.get_prompt(ask(bad)).await.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[tokio::test]
async fn arguments_and_sources_complete() {
    let client = client(&Trial::new(SANDBOX)).await;
    let complete = async |reference, name: &str, typed: &str| {
        let asked = CompleteRequestParams::new(reference, ArgumentInfo::new(name, typed));
        client.complete(asked).await.unwrap().completion.values
    };
    assert_eq!(complete(Reference::for_prompt("tidy_shelf"), "item", "a").await, ["a-1", "a-2"]);
    let template = || Reference::for_resource("chancery://shelf/{source}/item/{id}");
    assert_eq!(complete(template(), "source", "sh").await, ["shelf"]);
    assert!(complete(template(), "source", "x").await.is_empty());
}

#[tokio::test]
async fn a_cancelled_read_ends_and_is_recorded() {
    let trial = Trial::new(SANDBOX);
    let client = client(&trial).await;
    trial.shelf.then(Act::Take(Duration::from_secs(3600)));
    let request = rmcp::model::ClientRequest::CallToolRequest(rmcp::model::CallToolRequest::new(asked(
        "get_item",
        json!({"id": "shelf:1"}),
    )));
    let running = client.send_cancellable_request(request, Default::default()).await.unwrap();
    while trial.shelf.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    running.cancel(None).await.unwrap();
    assert!(trial.front.drain(Duration::from_secs(60)).await);
    let records = trial.tape.records();
    assert_eq!(records[0].result.as_ref().unwrap().error_code.as_deref(), Some("deadline"));
}

#[tokio::test]
async fn the_person_at_the_machine_may_do_what_the_configuration_grants() {
    let trial = Trial::new(SANDBOX);
    let alice = Caller { scopes: Scopes::from_iter(["shelf:read"]), ..Caller::local("alice") };
    let client = client_of(&trial, alice).await;
    let read = json!(client.call_tool(asked("get_item", json!({"id": "shelf:1"}))).await.unwrap());
    assert_eq!(read["isError"], false);
    let write = json!(client.call_tool(asked("add_item", json!({"text": "x"}))).await.unwrap());
    assert_eq!(write["_meta"]["dev.chancery/error"]["code"], "permission");
    let records = trial.tape.records();
    assert_eq!((records.len(), records[1].caller.sub.as_str()), (2, "alice"));
    assert_eq!(trial.shelf.seen().len(), 1, "the write did not reach the shelf");

    let nobody = client_of(&trial, Caller::new("nobody", "none")).await;
    let typed = ArgumentInfo::new("item", "a");
    let complete = CompleteRequestParams::new(Reference::for_prompt("tidy_shelf"), typed);
    let refused = nobody.complete(complete).await.unwrap_err().to_string();
    assert!(refused.contains("shelf:read"), "{refused}");
}
