//! Whether a tool has what an ability is about.

use serde_json::{Map, Value};
use tool::Spec;

use crate::{Ability, Part, Problem};

/// Refuses an ability of what the tool does not have: a table must not excuse what nobody can ask for.
pub(crate) fn exists(ability: &Ability, specs: &[Spec]) -> Result<(), Problem> {
    let spec = specs.iter().find(|spec| spec.meta.name == ability.tool);
    let found = spec.is_some_and(|spec| match &ability.part {
        Part::Argument(name) => argument(&spec.input, name).is_some(),
        Part::Value(name, value) => argument(&spec.input, name).is_some_and(|schema| admits(schema, value)),
        Part::Field(name) => spec.output.values().any(|schema| has_field(schema, name)),
    });
    if found { Ok(()) } else { Err(Problem(format!("no tool has this: {ability:?}"))) }
}

fn argument<'s>(input: &'s Map<String, Value>, name: &str) -> Option<&'s Value> {
    input.get("properties")?.get(name)
}

/// Whether the value is one of those that the argument, or an element of it, may have.
fn admits(schema: &Value, value: &str) -> bool {
    let listed = |schema: &Value| schema["enum"].as_array().is_some_and(|all| all.iter().any(|v| v == value));
    listed(schema) || listed(&schema["items"])
}

fn has_field(schema: &Value, name: &str) -> bool {
    match schema {
        Value::Object(members) => {
            members.contains_key(name) || members.values().any(|inner| has_field(inner, name))
        }
        Value::Array(list) => list.iter().any(|inner| has_field(inner, name)),
        _ => false,
    }
}
