//! The classes of an answer's fields, read from its schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::Class;

/// The keyword by which a model says a field's class: `#[schemars(extend("x-class" = "personal"))]`.
pub const CLASS: &str = "x-class";

/// What is known of the texts of an answer. Compiled once for a tool, walked beside each of its answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pub(crate) class: Option<Class>,
    pub(crate) shape: Shape,
}

/// What stands in a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nobody said: every text in it is looked through.
    #[default]
    Unknown,
    /// A text of somebody else: it is looked through.
    Foreign,
    /// A text of our own making (an id, a date, a word of a list), or no text: it passes.
    Ours,
    /// Members by their names, and the names of those that must stay.
    Object { members: BTreeMap<String, Fields>, required: Vec<String> },
    /// Items of one kind.
    Array(Box<Fields>),
}

impl Fields {
    /// Takes the classes out of an output schema: clients do not need them, and each byte of a schema is paid for.
    ///
    /// # Errors
    /// In words: a class that does not exist, or one of something that is no text.
    pub fn take(schema: &mut Map<String, Value>) -> Result<Self, String> {
        let class = match schema.remove(CLASS) {
            None => None,
            Some(said) => Some(class(&said)?),
        };
        let mut fields = Self { class, shape: shape(schema)? };
        if let (Some(class), Shape::Object { members, .. }) = (fields.class, &mut fields.shape)
            && let Some(prose) = members.get_mut("untrusted")
        {
            prose.class = Some(class);
            fields.class = None;
        }
        match (fields.class, &fields.shape) {
            (Some(class), Shape::Object { .. } | Shape::Unknown) => {
                Err(format!("`{CLASS}` = `{}` stands on something that is no text", class.name()))
            }
            (Some(class), Shape::Ours) if !is_text(schema) => {
                Err(format!("`{CLASS}` = `{}` stands on something that is no text", class.name()))
            }
            _ => Ok(fields),
        }
    }

    /// The texts of others in it, by their names, with the class of each.
    #[must_use]
    pub fn texts(&self) -> Vec<(&str, Option<Class>)> {
        let mut texts = Vec::new();
        self.collect("", None, &mut texts);
        texts
    }

    /// The names of all members, each alone and below its parent: `email`, `contacts.email`.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.name_all("", &mut names);
        names
    }

    fn name_all(&self, parent: &str, names: &mut BTreeSet<String>) {
        match &self.shape {
            Shape::Array(items) => items.name_all(parent, names),
            Shape::Object { members, .. } => {
                for (name, member) in members {
                    names.insert(name.clone());
                    if !parent.is_empty() {
                        names.insert(format!("{parent}.{name}"));
                    }
                    member.name_all(name, names);
                }
            }
            Shape::Foreign | Shape::Ours | Shape::Unknown => {}
        }
    }

    fn collect<'a>(&'a self, name: &'a str, above: Option<Class>, texts: &mut Vec<(&'a str, Option<Class>)>) {
        let class = self.class.or(above);
        match &self.shape {
            Shape::Foreign => texts.push((name, class)),
            Shape::Array(items) => items.collect(name, class, texts),
            Shape::Object { members, .. } => {
                members.iter().for_each(|(name, member)| member.collect(name, None, texts));
            }
            Shape::Ours | Shape::Unknown => {}
        }
    }

    /// What is known of a member; nothing of one that the schema does not name.
    pub(crate) fn member(&self, name: &str) -> &Self {
        match &self.shape {
            Shape::Object { members, .. } => members.get(name).unwrap_or(&UNKNOWN),
            _ => &UNKNOWN,
        }
    }

    /// What is known of the items.
    pub(crate) fn items(&self) -> &Self {
        match &self.shape {
            Shape::Array(items) => items,
            _ => &UNKNOWN,
        }
    }

    /// Whether answers without this member are none.
    pub(crate) fn requires(&self, name: &str) -> bool {
        matches!(&self.shape, Shape::Object { required, .. } if required.iter().any(|r| r == name))
    }
}

static UNKNOWN: Fields = Fields { class: None, shape: Shape::Unknown };

fn class(said: &Value) -> Result<Class, String> {
    let known = said.as_str().and_then(|name| Class::ALL.into_iter().find(|class| class.name() == name));
    known.ok_or_else(|| {
        let names = Class::ALL.map(Class::name).join(", ");
        format!("`{CLASS}` is {said}, and must be one of {names}")
    })
}

fn shape(schema: &mut Map<String, Value>) -> Result<Shape, String> {
    if let Some(Value::Object(items)) = schema.get_mut("items") {
        return Ok(Shape::Array(Box::new(Fields::take(items)?)));
    }
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let required = required.filter_map(|name| Some(name.as_str()?.to_owned())).collect();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let mut members = BTreeMap::new();
        for (name, member) in properties {
            if let Value::Object(member) = member {
                let fields = Fields::take(member).map_err(|problem| format!("{name}: {problem}"))?;
                members.insert(name.clone(), fields);
            }
        }
        if let Some(text) = members.get_mut("untrusted") {
            text.shape = Shape::Foreign;
        }
        return Ok(Shape::Object { members, required });
    }
    let foreign = schema.get("x-untrusted").is_some_and(|yes| yes == true);
    Ok(match schema.get("type").and_then(Value::as_str) {
        Some("string") if foreign => Shape::Foreign,
        Some("string" | "number" | "integer" | "boolean") => Shape::Ours,
        _ => Shape::Unknown,
    })
}

fn is_text(schema: &Map<String, Value>) -> bool {
    schema.get("type").is_some_and(|kind| kind == "string")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn take(schema: Value) -> Result<(Fields, Value), String> {
        let mut schema = schema.as_object().unwrap().clone();
        Fields::take(&mut schema).map(|fields| (fields, Value::Object(schema)))
    }

    #[test]
    fn classes_are_taken_out_wherever_they_stand() {
        let (fields, left) = take(json!({"type": "object", "required": ["id"], "properties": {
            "id": {"type": "string"},
            "people": {"type": "array", "items": {"type": "string", "x-untrusted": true, "x-class": "personal"}},
            "owner": {"type": "object", "properties": {"email": {"type": "string", "x-class": "personal"}}},
        }}))
        .unwrap();
        assert!(!left.to_string().contains(CLASS));
        assert_eq!(fields.member("people").items().class, Some(Class::Personal));
        assert_eq!(fields.member("owner").member("email").class, Some(Class::Personal));
        assert_eq!(fields.member("id").shape, Shape::Ours);
        assert_eq!(fields.member("nowhere").shape, Shape::Unknown);
        assert!(fields.requires("id") && !fields.requires("owner"));
    }

    #[test]
    fn a_class_that_is_none_or_stands_on_no_text_is_a_defect() {
        let of = |member: Value| take(json!({"properties": {"pay": member}})).unwrap_err();
        assert!(
            of(json!({"type": "string", "x-class": "persnal"})).contains("pay: `x-class` is \"persnal\"")
        );
        assert!(of(json!({"type": "number", "x-class": "sensitive"})).contains("no text"));
        assert!(of(json!({"type": "object", "properties": {}, "x-class": "sensitive"})).contains("no text"));
    }
}
