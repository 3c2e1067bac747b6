//! What a site consists of.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Text;
use super::issue::{LinkType, Status};

/// `GET /serverInfo`.
#[derive(Deserialize)]
pub(in super::super) struct ServerInfo<'a> {
    #[serde(borrow, rename = "baseUrl")]
    pub(in super::super) base_url: Text<'a>,
    /// `Cloud`, or `Server` for Data Center.
    #[serde(borrow, rename = "deploymentType")]
    pub(in super::super) deployment: Option<Text<'a>>,
}

/// `GET /_edge/tenant_info`.
#[derive(Deserialize)]
pub(in super::super) struct TenantInfo<'a> {
    #[serde(borrow, rename = "cloudId")]
    pub(in super::super) cloud_id: Text<'a>,
}

/// One of `GET /field`.
#[derive(Deserialize)]
pub(in super::super) struct Field<'a> {
    #[serde(borrow)]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
    #[serde(default)]
    pub(in super::super) custom: bool,
    #[serde(borrow)]
    pub(in super::super) schema: Option<Schema<'a>>,
}

/// The type of a field.
#[derive(Deserialize)]
pub(in super::super) struct Schema<'a> {
    #[serde(borrow, rename = "type")]
    pub(in super::super) kind: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) items: Option<Text<'a>>,
    /// The custom field's type, a key such as `com.pyxis.greenhopper.jira:gh-sprint`.
    #[serde(borrow)]
    pub(in super::super) custom: Option<Text<'a>>,
}

/// Priorities, worst first: Cloud pages them, Data Center lists them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(in super::super) enum Priorities<'a> {
    /// Cloud's `/priority/search`.
    Page {
        /// The priorities.
        #[serde(borrow)]
        values: Vec<Priority<'a>>,
    },
    /// Data Center's `/priority`.
    List(#[serde(borrow)] Vec<Priority<'a>>),
}

/// A priority.
#[derive(Deserialize)]
pub(in super::super) struct Priority<'a> {
    #[serde(borrow)]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
}

/// `GET /issueLinkType`.
#[derive(Deserialize)]
pub(in super::super) struct LinkTypes<'a> {
    #[serde(borrow, rename = "issueLinkTypes")]
    pub(in super::super) types: Vec<LinkType<'a>>,
}

/// A page of Cloud's `/project/search`.
#[derive(Deserialize)]
pub(in super::super) struct ProjectPage<'a> {
    #[serde(borrow, default)]
    pub(in super::super) values: Vec<Project<'a>>,
    #[serde(rename = "isLast", default)]
    pub(in super::super) last: bool,
}

/// A project.
#[derive(Deserialize)]
pub(in super::super) struct Project<'a> {
    #[serde(borrow)]
    pub(in super::super) key: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
}

/// A version of a project.
#[derive(Deserialize)]
pub(in super::super) struct Version<'a> {
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
}

/// `GET /issue/createmeta/{project}/issuetypes`.
#[derive(Deserialize)]
pub(in super::super) struct CreateTypes<'a> {
    #[serde(borrow, rename = "issueTypes", alias = "values", default)]
    pub(in super::super) types: Vec<CreateType<'a>>,
}

/// A type that issues of a project may have.
#[derive(Deserialize)]
pub(in super::super) struct CreateType<'a> {
    #[serde(borrow)]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
    #[serde(default)]
    pub(in super::super) subtask: bool,
}

/// `GET /issue/createmeta/{project}/issuetypes/{type}`.
#[derive(Deserialize)]
pub(in super::super) struct CreateFields<'a> {
    #[serde(borrow, alias = "values", default)]
    pub(in super::super) fields: Vec<CreateField<'a>>,
}

/// A field of a create screen.
#[derive(Deserialize)]
pub(in super::super) struct CreateField<'a> {
    #[serde(borrow, rename = "fieldId")]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) name: Text<'a>,
    #[serde(default)]
    pub(in super::super) required: bool,
    #[serde(rename = "hasDefaultValue", default)]
    pub(in super::super) has_default: bool,
    #[serde(borrow)]
    pub(in super::super) schema: Schema<'a>,
    /// Options of any kind; only their names are read.
    #[serde(rename = "allowedValues", default)]
    pub(in super::super) allowed: Vec<BTreeMap<String, Value>>,
}

impl CreateField<'_> {
    /// The names of the values it may have, if they are listed.
    pub(in super::super) fn choices(&self) -> Vec<&str> {
        let named =
            |option: &'_ BTreeMap<String, Value>| option.contains_key("value") || option.contains_key("name");
        self.allowed
            .iter()
            .filter(|option| named(option))
            .filter_map(|option| option.get("value").or_else(|| option.get("name"))?.as_str())
            .collect()
    }

    /// The id of the value that is listed under this name.
    pub(in super::super) fn id_of(&self, name: &str) -> Option<&str> {
        let listed = self.allowed.iter().find(|option| option.get("name").is_some_and(|own| own == name));
        listed?.get("id")?.as_str()
    }
}

/// `GET /issue/{key}/transitions`.
#[derive(Deserialize)]
pub(in super::super) struct Transitions<'a> {
    #[serde(borrow, default)]
    pub(in super::super) transitions: Vec<TransitionTo<'a>>,
}

/// A transition and where it leads.
#[derive(Deserialize)]
pub(in super::super) struct TransitionTo<'a> {
    #[serde(borrow)]
    pub(in super::super) id: Text<'a>,
    #[serde(borrow)]
    pub(in super::super) to: Status<'a>,
    /// The fields of its screen, by id (`expand=transitions.fields`).
    #[serde(borrow, default)]
    fields: BTreeMap<Text<'a>, ScreenField<'a>>,
}

/// A field of a transition's screen.
#[derive(Deserialize)]
struct ScreenField<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(default)]
    required: bool,
    #[serde(default, rename = "hasDefaultValue")]
    has_default: bool,
}

impl TransitionTo<'_> {
    /// Fields that have to have a value to go this way: id and name.
    pub(in super::super) fn wants(&self) -> impl Iterator<Item = (&str, &str)> {
        let wanted = self.fields.iter().filter(|(_, field)| field.required && !field.has_default);
        wanted.map(|(id, field)| (&**id, &*field.name))
    }
}

/// An issue's fields as they stand, whatever they are.
#[derive(Deserialize)]
pub(in super::super) struct Values<'a> {
    #[serde(borrow, default)]
    fields: BTreeMap<Text<'a>, &'a RawValue>,
}

impl Values<'_> {
    /// Whether a field has a value.
    pub(in super::super) fn has(&self, id: &str) -> bool {
        let held = self.fields.iter().find(|(name, _)| &***name == id);
        held.is_some_and(|(_, value)| !matches!(value.get(), "null" | "\"\"" | "[]"))
    }
}

/// `POST /search/approximate-count`.
#[derive(Deserialize)]
pub(in super::super) struct Count {
    pub(in super::super) count: u64,
}
