//! Tools that become tasks (SEP-2663) where the client can follow one.

use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, CreateTaskResult,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::task_manager::{TaskContext, TaskExit, TaskFuture, TaskOptions};
use serde_json::{Value, json};

use crate::dialogue::{Turn, elicitation};
use crate::{State, failure, text, typed};

/// The tools answered here.
pub(crate) const TOOLS: [(&str, &str); 7] = [
    ("greet", "Greets, at once."),
    ("slow_compute", "Takes as many seconds as it is told."),
    ("failing_job", "Ends with a tool error."),
    ("protocol_error_job", "Ends with a protocol error."),
    ("confirm_delete", "Asks for a confirmation on its way."),
    ("multi_input", "Asks for two things on its way."),
    ("test_tool_with_task", "Asks for a name and then becomes a task."),
];

/// Answers `ask` if its tool is one of ours.
pub(crate) async fn call(
    fixture: &State,
    ask: &CallToolRequestParams,
    cx: &RequestContext<RoleServer>,
) -> Result<Option<CallToolResponse>, ErrorData> {
    let argument =
        |name: &str| ask.arguments.as_ref().and_then(|given| given.get(name)).cloned().unwrap_or_default();
    let follows = cx.client_capabilities().is_some_and(|client| client.supports_tasks());
    let seconds = argument("seconds").as_u64().unwrap_or_default();
    let job: Job = match ask.name.as_ref() {
        "greet" => return text(format!("Hello, {}!", argument("name").as_str().unwrap_or("you"))).map(Some),
        "slow_compute" if !follows => {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            return text("Computed, slowly.").map(Some);
        }
        "slow_compute" => Box::new(move |task| Box::pin(compute(task, seconds))),
        "failing_job" => Box::new(|_| Box::pin(fail())),
        "protocol_error_job" => Box::new(|_| Box::pin(break_off())),
        "confirm_delete" => Box::new(|task| Box::pin(confirm(task))),
        "multi_input" => Box::new(|task| Box::pin(gather(task))),
        "test_tool_with_task" => match fixture.dialogues.name(ask)? {
            Turn::Ask(questions) => return Ok(Some(questions.into())),
            Turn::Done(answers) => {
                Box::new(move |_| Box::pin(async move { Ok(text(json!(answers).to_string())?) }))
            }
        },
        _ => return Ok(None),
    };
    if !follows {
        let needed = ClientCapabilities::builder().enable_tasks().build();
        return Err(ErrorData::missing_required_client_capability(needed));
    }
    let task = fixture.tasks.spawn(TaskOptions::new().with_poll_interval_ms(100), job);
    Ok(Some(CallToolResponse::Task(CreateTaskResult::new(task))))
}

type Job = Box<dyn FnOnce(TaskContext) -> TaskFuture + Send>;

async fn compute(task: TaskContext, seconds: u64) -> Result<CallToolResult, TaskExit> {
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(seconds)) => Ok(text("Computed, slowly.")?),
        () = task.cancelled() => Err(TaskExit::Cancelled),
    }
}

async fn fail() -> Result<CallToolResult, TaskExit> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(failure("The job failed, as it should.")?)
}

async fn break_off() -> Result<CallToolResult, TaskExit> {
    Err(TaskExit::Error(ErrorData::internal_error("the job broke off, as it should", None)))
}

async fn confirm(task: TaskContext) -> Result<CallToolResult, TaskExit> {
    let answer = asked(&task, "confirm", "Delete the file?", "confirm").await?;
    Ok(text(format!("Confirmed: {answer}"))?)
}

async fn gather(task: TaskContext) -> Result<CallToolResult, TaskExit> {
    let first = asked(&task, "first", "What is the first?", "name");
    let second = asked(&task, "second", "What is the second?", "name");
    let (first, second) = tokio::try_join!(first, second)?;
    Ok(text(format!("Gathered: {first} and {second}"))?)
}

async fn asked(task: &TaskContext, key: &str, message: &str, field: &str) -> Result<Value, TaskExit> {
    task.request_input(key, typed(elicitation(message, field, "string"))?).await
}
