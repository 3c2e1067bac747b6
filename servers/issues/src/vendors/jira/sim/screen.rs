//! What may be written into an issue's fields, and how Jira refuses the rest.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::face::Face;
use super::state::{
    CHANNEL, CHANNELS, FLAGGED, Issue, Item, LEVELS, PRIORITIES, Project, SEVERITY, SPRINT, Site, TYPES,
    named,
};
use super::text::{Body, check_adf};

/// Errors by field.
pub(super) type Faults = Vec<(String, String)>;

/// Characters of a long text (Jira's default limit).
const LONGEST: usize = 32_767;

/// Fields on every create and edit screen: id, name, JSON type, items.
const SCREEN: [(&str, &str, &str, Option<&str>); 17] = [
    ("summary", "Summary", "string", None),
    ("issuetype", "Issue Type", "issuetype", None),
    ("project", "Project", "project", None),
    ("reporter", "Reporter", "user", None),
    ("description", "Description", "string", None),
    ("priority", "Priority", "priority", None),
    ("labels", "Labels", "array", Some("string")),
    ("assignee", "Assignee", "user", None),
    ("duedate", "Due date", "date", None),
    ("fixVersions", "Fix versions", "array", Some("version")),
    (SPRINT, "Sprint", "array", Some("json")),
    (FLAGGED, "Flagged", "array", Some("option")),
    (SEVERITY, "Severity note", "string", None),
    ("environment", "Environment", "string", None),
    ("parent", "Parent", "issuelink", None),
    ("security", "Security Level", "securitylevel", None),
    (CHANNEL, "Sales channel", "option-with-child", None),
];

/// The fields of the screens: on Data Center sub-tasks alone have a parent.
pub(super) fn shown(
    face: &Face,
) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str, Option<&'static str>)> {
    let cloud = face.cloud;
    SCREEN.iter().filter(move |(id, ..)| cloud || *id != "parent")
}

/// A write to one field, checked.
#[derive(Clone)]
pub(super) enum Set {
    Summary(String),
    Description(Option<Body>),
    Priority(&'static str),
    Labels(Vec<String>),
    AddLabel(String),
    RemoveLabel(String),
    Assignee(Option<String>),
    Reporter(String),
    Due(Option<Date>),
    Versions(Vec<u64>),
    Sprint(Option<u64>),
    Flagged(bool),
    Severity(Option<String>),
    Environment(Option<Body>),
    Other(&'static str, Value),
    Kind(&'static str),
}

/// Reads `fields` and `update` of a request. `project` tells which types and versions there are.
pub(super) fn read(
    site: &Site,
    face: &Face,
    project: &Project,
    fields: &Map<String, Value>,
    update: &Map<String, Value>,
) -> Result<Vec<Set>, Faults> {
    let (mut sets, mut faults) = (Vec::new(), Vec::new());
    let reader = Reader { site, face, project };
    for (field, value) in fields {
        if field == "project" {
            continue;
        }
        if update.contains_key(field) {
            let both = format!("Field '{field}' cannot appear in both 'fields' and 'update'");
            faults.push((field.clone(), both));
            continue;
        }
        match reader.one(field, value) {
            Ok(set) => sets.push(set),
            Err(why) => faults.push((field.clone(), why)),
        }
    }
    for (field, operations) in update {
        for operation in operations.as_array().into_iter().flatten().filter_map(Value::as_object) {
            for (verb, value) in operation {
                match reader.operation(field, verb, value) {
                    Ok(set) => sets.push(set),
                    Err(why) => faults.push((field.clone(), why)),
                }
            }
        }
    }
    if faults.is_empty() { Ok(sets) } else { Err(faults) }
}

struct Reader<'a> {
    site: &'a Site,
    face: &'a Face,
    project: &'a Project,
}

impl Reader<'_> {
    fn one(&self, field: &str, value: &Value) -> Result<Set, String> {
        match field {
            "summary" => summary(value),
            "description" => self.description(value),
            "priority" => {
                Ok(Set::Priority(self.choice(value, &PRIORITIES, "The priority selected is invalid.")?))
            }
            "issuetype" => {
                let kind = self.choice(value, &TYPES, "Specify a valid issue type")?;
                let offered = self.project.types.contains(&kind);
                offered.then_some(Set::Kind(kind)).ok_or_else(|| "Specify a valid issue type".to_owned())
            }
            "labels" => {
                let labels = value.as_array().ok_or("data was not an array")?;
                labels.iter().map(label).collect::<Result<_, _>>().map(Set::Labels)
            }
            "assignee" if value.is_null() => Ok(Set::Assignee(None)),
            "assignee" => self.account(value).map(|id| Set::Assignee(Some(id))),
            "reporter" => self.account(value).map(Set::Reporter),
            "duedate" if value.is_null() => Ok(Set::Due(None)),
            "duedate" => {
                let text = value.as_str().ok_or("Operation value must be a string")?;
                let day = Date::strptime("%Y-%m-%d", text);
                day.map(|d| Set::Due(Some(d))).map_err(|_| format!("Error parsing date string: {text}"))
            }
            "fixVersions" => self.versions(value),
            SPRINT if value.is_null() => Ok(Set::Sprint(None)),
            SPRINT => {
                let id = value.as_u64().filter(|id| self.site.sprint(*id).is_some());
                id.map(|id| Set::Sprint(Some(id)))
                    .ok_or_else(|| "Number value expected as the Sprint id.".to_owned())
            }
            FLAGGED => {
                let options = value.as_array().map_or(&[][..], Vec::as_slice);
                let known = options.iter().all(|o| o["value"] == "Impediment" || o["id"] == "10019");
                let wrong = "Option value is not valid".to_owned();
                known.then_some(Set::Flagged(!options.is_empty())).ok_or(wrong)
            }
            SEVERITY if value.is_null() => Ok(Set::Severity(None)),
            SEVERITY => {
                let text = value.as_str().ok_or("Operation value must be a string")?;
                Ok(Set::Severity(Some(text.to_owned())))
            }
            "environment" if value.is_null() => Ok(Set::Environment(None)),
            "environment" => rich(self.face, value).map(|body| Set::Environment(Some(body))),
            "parent" if self.face.cloud => self.parent(value),
            "security" => {
                let id = self.choice(value, &LEVELS, "Security level is not valid.")?;
                let name = named(&LEVELS, id).map(|(_, name)| *name);
                Ok(Set::Other("security", json!({ "id": id, "name": name })))
            }
            CHANNEL => channel(value),
            _ => Err(format!(
                "Field '{field}' cannot be set. It is not on the appropriate screen, or unknown."
            )),
        }
    }

    fn operation(&self, field: &str, verb: &str, value: &Value) -> Result<Set, String> {
        match (field, verb) {
            (_, "set") => self.one(field, value),
            ("labels", "add") => label(value).map(Set::AddLabel),
            ("labels", "remove") => label(value).map(Set::RemoveLabel),
            _ => Err(format!("Field with id '{field}' does not support operation '{verb}'")),
        }
    }

    fn description(&self, value: &Value) -> Result<Set, String> {
        if value.is_null() {
            return Ok(Set::Description(None));
        }
        rich(self.face, value).map(|body| Set::Description(Some(body)))
    }

    fn parent(&self, value: &Value) -> Result<Set, String> {
        let named = value["key"].as_str().or(value["id"].as_str()).ok_or("data was not an object")?;
        let parent = self.site.issue(named).ok_or("Could not find issue by id or key.")?;
        Ok(Set::Other("parent", json!({ "id": parent.id.to_string(), "key": parent.key() })))
    }

    fn choice(
        &self,
        value: &Value,
        table: &'static [(&'static str, &'static str)],
        wrong: &str,
    ) -> Result<&'static str, String> {
        let by = |key: &str| value[key].as_str();
        let found = table
            .iter()
            .find(|(id, name)| by("id") == Some(id) || (by("id").is_none() && by("name") == Some(name)));
        found.map(|(id, _)| *id).ok_or_else(|| wrong.to_owned())
    }

    /// Cloud knows people by `accountId` (or `id`) alone, Data Center by `name`.
    fn account(&self, value: &Value) -> Result<String, String> {
        let keys: &[&str] = if self.face.cloud { &["accountId", "id"] } else { &["name"] };
        let Some(id) = keys.iter().find_map(|key| value[*key].as_str()) else {
            return Err(format!("expected Object containing a `{}` property", keys[0]));
        };
        let known =
            self.site.users.iter().find(|u| if self.face.cloud { u.account_id == id } else { u.name == id });
        known.map(|u| u.account_id.clone()).ok_or_else(|| format!("User '{id}' does not exist."))
    }

    fn versions(&self, value: &Value) -> Result<Set, String> {
        let mut ids = Vec::new();
        for one in value.as_array().ok_or("data was not an array")? {
            let found = self.site.versions.iter().find(|v| {
                v.project == self.project.key
                    && (one["id"].as_str().and_then(|id| id.parse().ok()) == Some(v.id)
                        || one["name"] == v.name.as_str())
            });
            ids.push(
                found.map(|v| v.id).ok_or_else(|| format!("Version name '{}' is not valid", one["name"]))?,
            );
        }
        Ok(Set::Versions(ids))
    }
}

/// A rich text as the API's version takes it.
pub(super) fn rich(face: &Face, value: &Value) -> Result<Body, String> {
    let body = if face.version == 3 {
        let wrong = "Operation value must be an Atlassian Document (see the Atlassian Document Format)";
        check_adf(value).map_err(|why| {
            tracing::debug!(why, "a document was refused");
            wrong.to_owned()
        })?;
        Body::Adf(value.clone())
    } else {
        Body::Wiki(value.as_str().ok_or("Operation value must be a string")?.to_owned())
    };
    if body.plain().chars().count() > LONGEST {
        return Err("The entered text is too long. It exceeds the allowed limit of 32,767 characters.".into());
    }
    Ok(body)
}

/// An option, and the one below it if it is given.
fn channel(value: &Value) -> Result<Set, String> {
    let wrong = || format!("Option value '{}' is not valid", value["value"]);
    if !value.is_object() {
        return Err("expected Object containing a `value` property".into());
    }
    let (id, name, below) = CHANNELS.iter().find(|one| value["value"] == one.1).ok_or_else(wrong)?;
    let mut shown = json!({ "id": id, "value": name });
    match &value["child"] {
        Value::Null => {}
        child if child["value"] == *below => shown["child"] = json!({ "value": below }),
        _ => return Err(wrong()),
    }
    Ok(Set::Other(CHANNEL, shown))
}

fn summary(value: &Value) -> Result<Set, String> {
    let text = value
        .as_str()
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .ok_or("You must specify a summary of the issue.")?;
    if text.contains(['\n', '\r']) {
        return Err("The summary is invalid because it contains newline characters.".into());
    }
    if text.chars().count() > 255 {
        return Err("Summary must be less than 255 characters.".into());
    }
    Ok(Set::Summary(text.to_owned()))
}

fn label(value: &Value) -> Result<String, String> {
    let text = value.as_str().filter(|t| !t.is_empty()).ok_or("string expected at index 0")?;
    if text.contains(char::is_whitespace) {
        return Err(format!("The label '{text}' contains spaces which is invalid."));
    }
    if text.chars().count() > 255 {
        return Err(format!("The label '{text}' exceeds 255 characters."));
    }
    Ok(text.to_owned())
}

/// Writes one field and tells the changelog's item, if anything changed.
pub(super) fn apply(site: &Site, issue: &mut Issue, set: Set) -> Option<Item> {
    let text = |t: &str| (None, Some(t.to_owned()));
    let optional = |t: Option<String>| (t.clone(), t);
    let account = |id: &Option<String>| {
        (id.clone(), id.as_deref().and_then(|i| site.user(i)).map(|u| u.display_name.clone()))
    };
    let labels = |issue: &Issue| text(&issue.labels.join(" "));
    let item = |field, from, to| Some(Item { field, custom: false, from, to }).filter(|i| i.from != i.to);
    match set {
        Set::Summary(new) => {
            let old = std::mem::replace(&mut issue.summary, new);
            item("summary", text(&old), text(&issue.summary))
        }
        Set::Description(new) => {
            let wiki = |b: &Option<Body>| (None, b.as_ref().map(Body::wiki));
            let old = std::mem::replace(&mut issue.description, new);
            item("description", wiki(&old), wiki(&issue.description))
        }
        Set::Priority(new) => {
            let shown = |id: Option<&str>| {
                (id.map(str::to_owned), id.and_then(|i| Some(named(&PRIORITIES, i)?.1.to_owned())))
            };
            let old = issue.priority.replace(new);
            item("priority", shown(old), shown(Some(new)))
        }
        Set::Kind(new) => {
            issue.kind = new;
            None
        }
        Set::Labels(_) | Set::AddLabel(_) | Set::RemoveLabel(_) => {
            let old = labels(issue);
            match set {
                Set::Labels(new) => issue.labels = new,
                Set::AddLabel(new) if !issue.labels.contains(&new) => issue.labels.push(new),
                Set::RemoveLabel(gone) => issue.labels.retain(|l| *l != gone),
                _ => {}
            }
            item("labels", old, labels(issue))
        }
        Set::Assignee(new) => {
            let old = std::mem::replace(&mut issue.assignee, new);
            item("assignee", account(&old), account(&issue.assignee))
        }
        Set::Reporter(new) => {
            issue.reporter = new;
            None
        }
        Set::Due(new) => {
            let old = std::mem::replace(&mut issue.due, new);
            let shown = |d: Option<Date>| optional(d.map(|d| d.to_string()));
            item("duedate", shown(old), shown(new))
        }
        Set::Versions(new) => {
            issue.versions = new;
            None
        }
        Set::Sprint(new) => {
            let shown = |ids: &[u64]| {
                let names: Vec<_> =
                    ids.iter().filter_map(|id| site.sprint(*id)).map(|s| s.name.clone()).collect();
                let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
                (Some(ids.join(", ")), Some(names.join(", ")))
            };
            let closed = |id: &u64| site.sprint(*id).is_some_and(|s| s.state == "closed");
            let old = issue.sprints.clone();
            issue.sprints.retain(closed);
            issue.sprints.extend(new);
            Some(Item { field: "Sprint", custom: true, from: shown(&old), to: shown(&issue.sprints) })
        }
        Set::Flagged(new) => {
            let shown = |on| (None, Some(if on { "Impediment" } else { "" }.to_owned()));
            let old = std::mem::replace(&mut issue.flagged, new);
            item("Flagged", shown(old), shown(new))
        }
        Set::Environment(new) => {
            issue.environment = new;
            None
        }
        Set::Other(field, new) => {
            issue.other.insert(field, new);
            None
        }
        Set::Severity(new) => {
            let old = std::mem::replace(&mut issue.severity, new);
            item("Severity note", optional(old), optional(issue.severity.clone()))
        }
    }
}
