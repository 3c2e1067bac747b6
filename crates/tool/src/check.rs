//! Holds arguments against the input schema: every problem at once, each with its path.

use error::{Code, Error, FieldError, Result};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value};

/// Problems reported at once; more do not help.
const MOST: usize = 20;

/// Checks `arguments` against the schema behind `validator`. The error never repeats a value: it may be huge.
pub(crate) fn check(validator: &Validator, schema: &Map<String, Value>, arguments: &Value) -> Result<()> {
    // Nearly every call is valid, and looking for the first problem costs less than looking for all.
    if validator.is_valid(arguments) {
        return Ok(());
    }
    let fields: Vec<FieldError> =
        validator.iter_errors(arguments).take(MOST).flat_map(|problem| describe(&problem, schema)).collect();
    let Some(first) = fields.first() else { return Ok(()) };
    let more = if fields.len() > 1 { format!(" (and {} more)", fields.len() - 1) } else { String::new() };
    let message = format!("{}: {}{more}", first.path, first.problem);
    Err(fields.into_iter().fold(Error::new(Code::InvalidArgument, message), Error::field))
}

fn describe(problem: &ValidationError<'_>, schema: &Map<String, Value>) -> Vec<FieldError> {
    let pointer = problem.instance_path().as_str().trim_start_matches('/').to_owned();
    let at = |name: &str| if pointer.is_empty() { name.to_owned() } else { format!("{pointer}/{name}") };
    let one = |problem: String| vec![FieldError { path: at_or_root(&pointer), problem }];
    match problem.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = members(schema, &pointer);
            let field = |name: &String| FieldError {
                path: at(content::cut(name, 60)),
                problem: unknown(content::cut(name, 60), &known),
            };
            unexpected.iter().take(MOST).map(field).collect()
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError { path: at(name), problem: "is required".into() }]
        }
        ValidationErrorKind::Type { kind } => one(format!("must be {}", type_name(kind))),
        ValidationErrorKind::Enum { options } => one(format!("must be one of {}", listed(options))),
        ValidationErrorKind::Maximum { limit } => one(format!("must be at most {limit}")),
        ValidationErrorKind::Minimum { limit } => one(format!("must be at least {limit}")),
        ValidationErrorKind::MaxLength { limit } => one(format!("must have at most {limit} characters")),
        ValidationErrorKind::MinLength { limit } => one(format!("must have at least {limit} characters")),
        ValidationErrorKind::MaxItems { limit } => one(format!("must have at most {limit} items")),
        ValidationErrorKind::MinItems { limit } => one(format!("must have at least {limit} items")),
        ValidationErrorKind::Pattern { pattern } => one(format!("must match {pattern}")),
        ValidationErrorKind::UniqueItems => one("must not name anything twice".into()),
        other => one(format!("breaks the rule `{}`", other.keyword())),
    }
}

fn at_or_root(pointer: &str) -> String {
    if pointer.is_empty() { "arguments".into() } else { pointer.to_owned() }
}

fn type_name(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => format!("of type {kind}"),
        TypeKind::Multiple(_) => "of another type".into(),
    }
}

fn listed(options: &Value) -> String {
    let words = options.as_array().into_iter().flatten();
    words.map(|w| w.as_str().map_or_else(|| w.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")
}

/// The member names of the object at `pointer` of an instance of `schema`.
fn members(schema: &Map<String, Value>, pointer: &str) -> Vec<String> {
    let mut here = schema;
    for step in pointer.split('/').filter(|s| !s.is_empty()) {
        let below = here.get("properties").and_then(|p| p.get(step)).or_else(|| here.get("items"));
        match below.and_then(Value::as_object) {
            Some(map) => here = map,
            None => return Vec::new(),
        }
    }
    here.get("properties").and_then(Value::as_object).map(|p| p.keys().cloned().collect()).unwrap_or_default()
}

fn unknown(name: &str, known: &[String]) -> String {
    let near = |candidate: &&String| strsim::jaro_winkler(name, candidate) > 0.8;
    match known
        .iter()
        .filter(near)
        .max_by(|a, b| strsim::jaro_winkler(name, a).total_cmp(&strsim::jaro_winkler(name, b)))
    {
        Some(nearest) => format!("is not an argument of this tool; did you mean `{nearest}`?"),
        None => format!("is not an argument of this tool; it takes {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(arguments: Value) -> Vec<(String, String)> {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["project"],
            "properties": {
                "project": {"type": "string", "maxLength": 5},
                "limit": {"type": "integer", "maximum": 100},
                "labels": {"type": "array", "items": {"type": "string"}},
                "state": {"type": "string", "enum": ["todo", "done"]}
            }
        });
        let validator = jsonschema::validator_for(&schema).unwrap();
        match check(&validator, schema.as_object().unwrap(), &arguments) {
            Ok(()) => Vec::new(),
            Err(error) => error.wire("").fields.into_iter().map(|f| (f.path, f.problem)).collect(),
        }
    }

    #[test]
    fn every_problem_is_named_with_its_path_and_cure() {
        assert_eq!(problems(json!({"project": "PAY"})), []);
        let found = problems(
            json!({"limt": 3, "limit": 500, "labels": ["a", 2], "state": "open", "project": "x".repeat(1 << 20)}),
        );
        let text = found.iter().map(|(p, w)| format!("{p} {w}")).collect::<Vec<_>>().join("\n");
        for expected in [
            "limt is not an argument of this tool; did you mean `limit`?",
            "limit must be at most 100",
            "labels/1 must be of type string",
            "state must be one of todo, done",
            "project must have at most 5 characters",
        ] {
            assert!(text.contains(expected), "{expected} not in {text}");
        }
        assert!(text.len() < 1000, "no value is repeated");
        // The nearest name is looked for by the beginning of a name of any length.
        let long = problems(json!({ "project": "PAY", ("limit".repeat(20_000)): 1 })).remove(0);
        assert_eq!(long.0, "limit".repeat(12));
        assert!(long.1.starts_with("is not an argument of this tool"), "{}", long.1);
        assert_eq!(problems(json!({})), [("project".into(), "is required".into())]);
        assert_eq!(problems(json!([])), [("arguments".into(), "must be of type object".into())]);
    }
}
