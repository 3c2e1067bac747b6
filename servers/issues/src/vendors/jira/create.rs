//! Creating an issue: by the project's own create screen, so that a missing field is named before Jira is asked.

use call::{Cx, Operation};
use content::Label;
use error::{Code, Error, FieldError, Result};
use outbound::Request;
use serde_json::{Map, Value, json};
use tool::{Fetch, Mark, Moment, RecordId};

use super::Jira;
use super::connection::Server;
use super::jql::{Clause, Field, Jql};
use super::lexicon::Lexicon;
use super::map::{self, Lens};
use super::search::Hunt;
use super::wire::{CreateField, CreateFields, CreateTypes, Created, Draft};
use crate::model::{Issue, State};
use crate::tracker::NewIssue;

/// Required fields that Jira or this client fills.
const OURS: [&str; 4] = ["summary", "issuetype", "project", "reporter"];

/// The label an operation leaves.
pub(super) fn operation_label(mark: &Mark) -> String {
    format!("chancery-op-{}", mark.operation)
}

/// The label of the caller's own key. Keys may hold anything and labels may not, so that the key is hashed.
fn key_label(key: &str) -> String {
    format!("chancery-key-{}", Operation::derive(&["external_key"], key).id)
}

impl Jira {
    pub(super) async fn marked(&self, cx: &Cx, project: &str, mark: &Mark) -> Result<Option<Issue>> {
        self.within_project(project)?;
        let (server, lexicon) = self.ready(cx).await?;
        let label = mark.external_key.as_deref().map_or_else(|| operation_label(mark), key_label);
        // The caller's key is one for the whole source; an operation has never more than one issue.
        let scope = match &mark.external_key {
            Some(_) => self.scope(cx).await?,
            None => Jql::within(&[project.to_owned()]),
        };
        // A clone bears the labels of what it was made from: the first is the one.
        let text = scope.and(Clause::Is(Field::Labels, label)).oldest_first();
        let lens = Lens::new(self, &server, &lexicon, cx);
        let fields = lens.row_fields();
        let page = Fetch { token: None, limit: 1 };
        let hunt = Hunt { jql: &text, fields: &fields, expand: None, page: &page };
        let found = self.hunt(cx, &server, &hunt, |issue| lens.issue(issue, false)).await?;
        Ok(found.rows.into_iter().next())
    }

    pub(super) async fn created(&self, cx: &Cx, new: &NewIssue, mark: &Mark) -> Result<Issue> {
        self.within_project(&new.project)?;
        let (server, lexicon) = self.ready(cx).await?;
        let kind = self.kind(cx, &server, new).await?;
        let request = Request::get(
            "/rest/api/{version}/issue/createmeta/{project}/issuetypes/{type}",
            &[server.version(), &new.project, &kind],
        )
        .query("maxResults", 200);
        let reply = self.connection.send(cx, &server, request).await?;
        let screen: CreateFields<'_> = reply.json()?;
        let drafting = Drafting { jira: self, server: &server, lexicon: &lexicon, screen: &screen.fields };
        let draft = drafting.draft(new, &kind, mark)?;
        let request = Request::post("/rest/api/{version}/issue", &[server.version()]).json(&draft);
        let reply =
            self.connection.send(cx, &server, request).await.map_err(|e| named_fields(e, &screen.fields))?;
        let created: Created<'_> = reply.json()?;
        self.remember(created.id.parse().ok());
        match self.now(cx, &created.key).await {
            Ok(issue) => Ok(issue),
            // It exists: what is known of it is better than an error that says it may not.
            Err(_) => Ok(self.as_sent(cx, &server, &created.key, new)),
        }
    }

    /// The id of the type asked for, else of the default one.
    async fn kind(&self, cx: &Cx, server: &Server, new: &NewIssue) -> Result<String> {
        let request = Request::get(
            "/rest/api/{version}/issue/createmeta/{project}/issuetypes",
            &[server.version(), &new.project],
        )
        .query("maxResults", 200);
        let reply = self.connection.send(cx, server, request).await.map_err(|error| match error.code() {
            Code::NotFound => Error::new(
                Code::NotFound,
                "Jira has no such project, or this account may not create issues in it",
            ),
            _ => error,
        })?;
        let found: CreateTypes<'_> = reply.json()?;
        let types: Vec<_> = found.types.iter().filter(|t| !t.subtask).collect();
        let named =
            |wanted: &str| types.iter().find(|t| t.name.eq_ignore_ascii_case(wanted) || *t.id == *wanted);
        let chosen = match &new.kind {
            Some(wanted) => named(wanted),
            None => {
                let default = self.configured.0.default_type.as_deref().unwrap_or("Task");
                named(default).or(types.first())
            }
        };
        let names = || types.iter().map(|t| t.name.to_string()).collect::<Vec<_>>();
        chosen.map(|t| t.id.to_string()).ok_or_else(|| {
            let problem = format!("this project has no such type; it has {}", names().join(", "));
            Error::invalid("type", problem).allowed(names())
        })
    }

    fn as_sent(&self, cx: &Cx, server: &Server, key: &str, new: &NewIssue) -> Issue {
        Issue {
            id: RecordId::new(&*self.source, key),
            title: Label::new(&new.title),
            state: State::Todo,
            status: Label::default(),
            kind: new.kind.as_deref().map(Label::new),
            priority: new.priority,
            assignee: None,
            labels: new.labels.iter().map(|l| Label::new(l)).collect(),
            due: new.due.map(|d| d.to_string()),
            blocked: false,
            updated: Moment(cx.now()),
            url: format!("{}/browse/{key}", server.site),
            as_of: Some(Moment(cx.now())),
            description: None,
            custom_fields: Vec::new(),
        }
    }
}

/// What a draft is made with.
struct Drafting<'a> {
    jira: &'a Jira,
    server: &'a Server,
    lexicon: &'a Lexicon,
    screen: &'a [CreateField<'a>],
}

impl Drafting<'_> {
    /// The request's fields. Everything that is wrong is told at once.
    fn draft(&self, new: &NewIssue, kind: &str, mark: &Mark) -> Result<Draft> {
        let mut fields = Map::new();
        let mut faults = Vec::new();
        fields.insert("project".into(), json!({ "key": new.project }));
        fields.insert("issuetype".into(), json!({ "id": kind }));
        fields.insert("summary".into(), json!(new.title));
        fields.insert("labels".into(), json!(self.labels(new, mark)));
        if let Some(text) = self.description(new)? {
            fields.insert("description".into(), map::from_markdown(&text, self.server.cloud));
        }
        if let Some(priority) = new.priority {
            let id = self.lexicon.priority_to_set(priority, &self.jira.configured.1);
            match id {
                Some(id) => drop(fields.insert("priority".into(), json!({ "id": id }))),
                None => faults.push(fault("priority", "this Jira has no priority that corresponds")),
            }
        }
        if let Some(id) = &new.assignee {
            fields.insert("assignee".into(), person(id, self.server.cloud));
        }
        if let Some(due) = new.due {
            fields.insert("duedate".into(), json!(due.to_string()));
        }
        let markers = new.labels.iter().filter(|label| map::is_marker(label));
        faults.extend(markers.map(|label| fault("labels", &format!("`{label}` is this server's own"))));
        for (name, value) in &new.fields {
            match self.custom(name, value) {
                Ok((id, _)) if fields.contains_key(&id) => {
                    faults
                        .push(fault(&format!("fields/{name}"), "names a field that another name here fills"));
                }
                Ok((id, value)) => drop(fields.insert(id, value)),
                Err(problem) => faults.push(problem),
            }
        }
        faults.extend(self.off_screen(&fields));
        faults.extend(self.missing(&fields));
        if faults.is_empty() {
            return Ok(Draft { fields, update: Map::new() });
        }
        let names: Vec<&str> = faults.iter().map(|f| f.path.as_str()).collect();
        let message = format!("Jira cannot create this as it is: {}", names.join(", "));
        Err(faults.into_iter().fold(Error::new(Code::InvalidArgument, message), Error::field))
    }

    fn labels(&self, new: &NewIssue, mark: &Mark) -> Vec<String> {
        let mut labels = new.labels.clone();
        labels.push(operation_label(mark));
        labels.extend(mark.external_key.as_deref().map(key_label));
        labels
    }

    fn description(&self, new: &NewIssue) -> Result<Option<String>> {
        let templates = &self.jira.configured.1.templates;
        let template = match &new.template {
            None => None,
            Some(name) => Some(templates.get(name).ok_or_else(|| {
                Error::invalid("template", "no template of this name is configured for this source")
                    .allowed(templates.keys().cloned())
            })?),
        };
        let parts: Vec<&str> =
            template.map(String::as_str).into_iter().chain(new.description.as_deref()).collect();
        Ok((!parts.is_empty()).then(|| parts.join("\n\n")))
    }

    /// A field of the create screen by name or id, and its value as Jira wants it. Never one that has an argument of
    /// its own: the project was judged and the labels bear our marks, and neither may be given a second time.
    fn custom(&self, name: &str, value: &Value) -> Result<(String, Value), FieldError> {
        let path = format!("fields/{name}");
        let field = self.screen.iter().find(|f| *f.id == *name || f.name.eq_ignore_ascii_case(name));
        let Some(field) = field else {
            let free = self.screen.iter().filter(|f| !OURS.contains(&&*f.id) && argument(&f.id).is_none());
            let known: Vec<&str> = free.map(|f| &*f.name).collect();
            return Err(fault(&path, &format!("this type has no such field; it has {}", known.join(", "))));
        };
        if let Some(argument) = argument(&field.id) {
            return Err(fault(&path, &format!("is given by the argument `{argument}`")));
        }
        if OURS.contains(&&*field.id) {
            return Err(fault(&path, "is filled by Jira"));
        }
        let choices = field.choices();
        let unknown =
            |text: &str| !choices.is_empty() && !choices.iter().any(|c| c.eq_ignore_ascii_case(text));
        if let Some(wrong) = texts(value).into_iter().find(|text| unknown(text)) {
            return Err(fault(&path, &format!("`{wrong}` is none of: {}", choices.join(", "))));
        }
        if &*field.schema.kind == "issuelink" && !self.is_within_reach(value) {
            return Err(fault(&path, "is not the key of an issue within reach"));
        }
        Ok((field.id.to_string(), written(field, &spelled(value, &choices), self.server.cloud)))
    }

    /// Whether a value names an issue, by its key, that may be named here.
    fn is_within_reach(&self, value: &Value) -> bool {
        let key = value.as_str().or_else(|| value.get("key")?.as_str());
        key.is_some_and(|key| self.jira.within_reach(key).is_ok())
    }

    fn off_screen(&self, fields: &Map<String, Value>) -> Vec<FieldError> {
        let shown = |id: &str| OURS.contains(&id) || self.screen.iter().any(|f| *f.id == *id);
        let absent = fields.keys().filter(|id| !shown(id));
        let problem = |id: &String| match id.as_str() {
            "labels" => {
                fault("labels", "not on the create screen, and without it the issue cannot be marked")
            }
            id => fault(argument(id).unwrap_or(id), "not on this type's create screen"),
        };
        absent.map(problem).collect()
    }

    fn missing(&self, fields: &Map<String, Value>) -> Vec<FieldError> {
        let wanted = |f: &&CreateField<'_>| f.required && !f.has_default && !OURS.contains(&&*f.id);
        let empty = |f: &&CreateField<'_>| fields.get(&*f.id).is_none_or(|v| v.is_null() || *v == json!(""));
        let problem = |f: &CreateField<'_>| {
            let choices = f.choices();
            let listed =
                if choices.is_empty() { String::new() } else { format!("; one of: {}", choices.join(", ")) };
            fault(&path_of(f), &format!("required by Jira for this type ({}){listed}", type_of(f)))
        };
        self.screen.iter().filter(wanted).filter(empty).map(problem).collect()
    }
}

fn fault(path: &str, problem: &str) -> FieldError {
    FieldError { path: path.to_owned(), problem: Label::new(problem).to_string() }
}

/// Where the caller gives a field.
fn path_of(field: &CreateField<'_>) -> String {
    argument(&field.id).map_or_else(|| format!("fields/{}", &*field.name), str::to_owned)
}

/// The argument of the tool that fills a field; all others are given by their names.
fn argument(id: &str) -> Option<&'static str> {
    Some(match id {
        "project" => "project",
        "issuetype" => "type",
        "summary" => "title",
        "description" => "description",
        "labels" => "labels",
        "priority" => "priority",
        "assignee" => "assignee",
        "duedate" => "due",
        _ => return None,
    })
}

fn type_of(field: &CreateField<'_>) -> String {
    match &field.schema.items {
        Some(items) => format!("list of {}", &**items),
        None => field.schema.kind.to_string(),
    }
}

/// Jira names custom fields by number; callers by name.
fn named_fields(error: Error, screen: &[CreateField<'_>]) -> Error {
    let shown = error.wire("");
    if shown.fields.iter().all(|f| !f.path.starts_with("fields/customfield_")) {
        return error;
    }
    let renamed = shown.fields.into_iter().map(|f| {
        let id = f.path.trim_start_matches("fields/");
        let path = screen.iter().find(|s| *s.id == *id).map_or(f.path.clone(), path_of);
        FieldError { path, problem: f.problem }
    });
    let fresh = Error::new(error.code(), "Jira refuses some of the fields");
    let fresh = renamed.fold(fresh, Error::field).detail(error.log_detail().unwrap_or_default().to_owned());
    match shown.upstream {
        Some(upstream) => fresh.upstream(upstream),
        None => fresh,
    }
}

/// An account as a field's value.
pub(super) fn person(id: &str, cloud: bool) -> Value {
    if cloud { json!({ "accountId": id }) } else { json!({ "name": id }) }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A value as the field's list of choices spells it.
fn spelled(value: &Value, choices: &[&str]) -> Value {
    match value {
        Value::String(text) => {
            json!(choices.iter().find(|choice| choice.eq_ignore_ascii_case(text)).map_or(&**text, |one| *one))
        }
        Value::Array(list) => list.iter().map(|one| spelled(one, choices)).collect(),
        other => other.clone(),
    }
}

/// A plain value in the shape of the field's type; one that already is an object is taken as it is.
fn written(field: &CreateField<'_>, value: &Value, cloud: bool) -> Value {
    let kind = &*field.schema.kind;
    let rich = *field.id == *"environment"
        || field.schema.custom.as_deref().is_some_and(|c| c.ends_with(":textarea"));
    // The sprint field says that it is a list and takes one number.
    if field.schema.custom.as_deref().is_some_and(|c| c.ends_with(":gh-sprint")) {
        return value.clone();
    }
    match (kind, value) {
        ("string", Value::String(text)) if rich => map::from_markdown(text, cloud),
        ("securitylevel", Value::String(name)) => match field.id_of(name) {
            Some(id) => json!({ "id": id }),
            None => json!({ "name": name }),
        },
        ("array", Value::Array(list)) => {
            let items = field.schema.items.as_deref().unwrap_or_default();
            list.iter().map(|one| scalar(items, one, cloud)).collect()
        }
        ("array", one) => {
            let items = field.schema.items.as_deref().unwrap_or_default();
            json!([scalar(items, one, cloud)])
        }
        (kind, one) => scalar(kind, one, cloud),
    }
}

fn scalar(kind: &str, value: &Value, cloud: bool) -> Value {
    match (kind, value) {
        ("option" | "option-with-child", Value::String(text)) => json!({ "value": text }),
        ("issuelink" | "project", Value::String(key)) => json!({ "key": key }),
        ("user", Value::String(id)) => person(id, cloud),
        ("version" | "component" | "priority" | "group", Value::String(name)) => json!({ "name": name }),
        ("number", Value::String(text)) => text.parse::<f64>().map_or_else(|_| value.clone(), |n| json!(n)),
        ("string" | "date" | "datetime", Value::Number(number)) => json!(number.to_string()),
        (_, value) => value.clone(),
    }
}
