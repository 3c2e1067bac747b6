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
    refused(fields)
}

/// Refuses texts that show nothing. By the rules of JSON Schema a space, or a character that nobody sees, is a text like
/// any other; but nothing is found by it, and nobody reads it. A write may empty a field whose schema wants no character.
pub(crate) fn shown(schema: &Map<String, Value>, arguments: &Value, is_write: bool) -> Result<()> {
    let mut blanks = Vec::new();
    find_blanks(schema, arguments, is_write, "", &mut blanks);
    refused(blanks)
}

fn find_blanks(
    schema: &Map<String, Value>,
    value: &Value,
    is_write: bool,
    path: &str,
    found: &mut Vec<FieldError>,
) {
    let at = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}/{step}") };
    match value {
        Value::Object(members) => {
            let Some(Value::Object(known)) = schema.get("properties") else { return };
            for (name, value) in members {
                if let Some(Value::Object(schema)) = known.get(name) {
                    find_blanks(schema, value, is_write, &at(name), found);
                }
            }
        }
        Value::Array(items) => {
            let Some(Value::Object(schema)) = schema.get("items") else { return };
            for (nth, item) in items.iter().enumerate() {
                find_blanks(schema, item, is_write, &at(&nth.to_string()), found);
            }
        }
        Value::String(text) => {
            let may_be_blank = is_write && !schema.contains_key("minLength");
            if found.len() < MOST && !may_be_blank && content::is_blank(text) {
                let problem = "must not be blank: say it, or leave it out".into();
                found.push(FieldError { path: path.to_owned(), problem });
            }
        }
        _ => {}
    }
}

/// All problems as one error; none is none.
fn refused(fields: Vec<FieldError>) -> Result<()> {
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
    fn a_text_that_shows_nothing_is_refused_where_something_is_wanted() {
        let schema = json!({ "properties": {
            "text": { "type": "string" },
            "title": { "type": "string", "minLength": 1 },
            "lines": { "type": "array", "items": { "type": "object", "properties": {
                "unit": { "type": "string", "minLength": 1 },
            }}},
            "fields": { "type": "object", "additionalProperties": true },
        }});
        let blanks = |arguments: Value, is_write: bool| -> Vec<String> {
            match shown(schema.as_object().unwrap(), &arguments, is_write) {
                Ok(()) => Vec::new(),
                Err(error) => error.wire("").fields.into_iter().map(|field| field.path).collect(),
            }
        };
        let zero = "\u{200b}";
        let all = json!({
            "text": "", "title": zero, "lines": [{ "unit": "PC" }, { "unit": " " }], "fields": { "any": "" },
        });
        assert_eq!(blanks(all.clone(), true), ["lines/1/unit", "title"], "a write may empty a text");
        assert_eq!(blanks(all, false), ["lines/1/unit", "text", "title"], "nothing is found by an empty one");
        assert_eq!(blanks(json!({ "text": "a", "title": "*" }), false), [""; 0]);
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
