//! One vendor, visited by the script of its domain.

use std::collections::{BTreeMap, BTreeSet};

use it::{Client, Server};
use serde_json::{Value, json};

use super::script::{Script, Step};

/// How a vendor says that it is not able to.
const UNABLE: [&str; 2] = ["unsupported", "unsupported_filter"];

/// A visit under way.
pub(crate) struct Visit<'a> {
    script: &'a Script,
    vendor: &'a str,
    pub(super) client: Client,
    schemas: BTreeMap<String, jsonschema::Validator>,
    /// Resource kinds, each with the noun whose ids it takes.
    kinds: BTreeMap<String, &'static str>,
    found: Found,
    kept: BTreeMap<String, Value>,
    problems: Vec<String>,
}

/// A record that stood in an answer.
#[derive(Debug, Clone)]
struct Record {
    /// Where, from the tool on.
    path: String,
    noun: String,
    id: String,
    /// What else the answer calls it: `url`, `number` and `name`, as far as it has them.
    names: Vec<(&'static str, String)>,
}

/// The records found so far, in the order of their finding.
#[derive(Debug, Default)]
struct Found(Vec<Record>);

impl<'a> Visit<'a> {
    /// Reads the catalogue.
    pub(crate) async fn begin(script: &'a Script, server: &Server, vendor: &'a str) -> Self {
        let client = server.client();
        let list = client.request("tools/list", json!({})).await;
        let tools = list.message["result"]["tools"].as_array().unwrap();
        let schemas = tools.iter().map(|t| (t["name"].as_str().unwrap().to_owned(), validator(t))).collect();
        let templates = client.request("resources/templates/list", json!({})).await;
        let templates = templates.message["result"]["resourceTemplates"].as_array().unwrap();
        let kinds = templates.iter().map(|t| t["name"].as_str().unwrap());
        let kinds = kinds.map(|kind| (kind.to_owned(), script.noun_of(kind))).collect();
        let facts = script.facts.iter().filter(|(of, ..)| *of == vendor);
        let mut kept: BTreeMap<_, Value> =
            facts.map(|(_, name, value)| ((*name).to_owned(), (*value).into())).collect();
        kept.insert("source".to_owned(), vendor.into());
        let (found, problems) = (Found::default(), Vec::new());
        Self { script, vendor, client, schemas, kinds, found, kept, problems }
    }

    /// Every step of the script; together they touch every tool.
    pub(crate) async fn walk(&mut self) {
        for step in self.script.steps {
            self.step(step).await;
        }
        let asked: BTreeSet<_> = self.script.steps.iter().map(|s| s.tool).collect();
        let missed: Vec<_> = self.schemas.keys().filter(|t| !asked.contains(t.as_str())).cloned().collect();
        for tool in missed {
            self.report(&tool, "no step asks for it");
        }
    }

    /// One step, whose answer later ones may need.
    pub(super) async fn step(&mut self, step: &Step) {
        if let Some(answer) = self.take(step, &BTreeMap::new()).await {
            self.learn(step, &answer);
        }
    }

    pub(super) fn learn(&mut self, step: &Step, answer: &Value) {
        self.harvest(step.tool, answer);
        for (name, pointer) in step.keep {
            match answer.pointer(pointer) {
                Some(value) => drop(self.kept.insert((*name).into(), value.clone())),
                None => self.report(step.tool, &format!("no {pointer} in {answer}")),
            }
        }
    }

    /// A step's arguments.
    pub(super) fn arguments(&self, step: &Step) -> Result<Value, String> {
        self.fill(step.arguments, &BTreeMap::new())
    }

    /// Every tool that takes a noun, with an id from every place in which one stood.
    pub(crate) async fn take_every_id(&mut self) {
        for record in self.found.one_of_each_place() {
            let known = by(&record.id);
            for (_, step) in self.script.takes.iter().filter(|(noun, _)| *noun == record.noun) {
                if self.take(step, &known).await.is_none() {
                    self.report(step.tool, &format!("the id came from {}", record.path));
                }
            }
            let kinds = self.kinds.iter().filter(|(_, noun)| **noun == record.noun);
            for kind in kinds.map(|(kind, _)| kind.clone()).collect::<Vec<_>>() {
                self.read(&kind, &record).await;
            }
        }
    }

    /// A record as a resource.
    async fn read(&mut self, kind: &str, record: &Record) {
        let native = record.id.split_once(':').unwrap().1.replace('%', "%25").replace('/', "%2F");
        let uri = format!("chancery://{}/{}/{}/{native}", self.script.domain, self.vendor, kind);
        let reply = self.client.request("resources/read", json!({"uri": uri})).await;
        let text = reply.message["result"]["contents"][0]["text"].as_str().unwrap_or_default();
        if !text.contains(&record.id) {
            self.report(&uri, &reply.message["error"].to_string());
        }
    }

    /// The URL of a record means that record to every tool that takes its id.
    pub(crate) async fn take_every_url(&mut self) {
        for record in self.found.one_of_each_place() {
            let Some((_, url)) = record.names.iter().find(|(form, _)| *form == "url") else { continue };
            if !self.script.is_reference(self.vendor, &record.noun, "url") {
                continue;
            }
            let known = by(url);
            for (_, step) in self.script.takes.iter().filter(|(noun, _)| *noun == record.noun) {
                if self.take(step, &known).await.is_none() {
                    self.report(step.tool, &format!("{url} is the address of {}", record.id));
                }
            }
        }
    }

    /// The URL, the number and the name of a record mean that record.
    pub(crate) async fn refer_otherwise(&mut self) {
        for record in self.found.one_of_each_noun() {
            let Some((_, step)) = self.script.takes.iter().find(|(noun, _)| *noun == record.noun) else {
                continue;
            };
            for (_, name) in record
                .names
                .iter()
                .filter(|(form, _)| self.script.is_reference(self.vendor, &record.noun, form))
            {
                let Ok(arguments) = self.fill(step.arguments, &by(name)) else { continue };
                match self.client.call(step.tool, arguments).await {
                    Ok(answer) if answer.to_string().contains(&format!("\"{}\"", record.id)) => {}
                    // A list of what belongs to it need not name it again.
                    Ok(answer)
                        if answer["items"].is_array()
                            && answer["items"] == self.rows(step, &record.id).await => {}
                    // Several are called so: this one is among them.
                    Err(error)
                        if error["code"] == "ambiguous_reference"
                            && error["candidates"].to_string().contains(&record.id) => {}
                    Ok(answer) | Err(answer) => {
                        self.report(step.tool, &format!("{name:?} is not {}: {answer}", record.id));
                    }
                }
            }
        }
    }

    /// The rows that a list by an id has.
    async fn rows(&self, step: &Step, id: &str) -> Value {
        let Ok(arguments) = self.fill(step.arguments, &by(id)) else { return Value::Null };
        self.client.call(step.tool, arguments).await.map_or(Value::Null, |answer| answer["items"].clone())
    }

    pub(crate) fn problems(self) -> Vec<String> {
        self.problems
    }

    /// One call: an answer that fits its schema, or the honest word that the vendor cannot.
    async fn take(&mut self, step: &Step, known: &BTreeMap<&str, Value>) -> Option<Value> {
        let arguments = match self.fill(step.arguments, known) {
            Ok(arguments) => arguments,
            Err(unknown) => {
                self.report(step.tool, &format!("{}: {unknown}", step.arguments));
                return None;
            }
        };
        let unable = step.unable.contains(&self.vendor);
        match self.client.call(step.tool, arguments.clone()).await {
            Ok(answer) if unable => {
                self.report(step.tool, &format!("{arguments} should be unsupported: {answer}"));
                None
            }
            Ok(answer) => {
                let says =
                    |e: jsonschema::ValidationError<'_>| format!("{} at {}", e.masked(), e.instance_path());
                let broken: Vec<_> = self.schemas[step.tool].iter_errors(&answer).map(says).collect();
                for broken in broken {
                    self.report(step.tool, &format!("{arguments}: {broken}"));
                }
                Some(answer)
            }
            Err(error) => {
                let honest = unable && UNABLE.iter().any(|code| error["code"] == *code);
                if !honest {
                    self.report(step.tool, &format!("{arguments}: {error}"));
                }
                honest.then_some(Value::Null)
            }
        }
    }

    pub(super) fn report(&mut self, what: &str, said: &str) {
        let said: String = said.chars().take(900).collect();
        self.problems.push(format!("{} {what}: {said}", self.vendor));
    }

    /// The arguments with every `$word` put in.
    fn fill(&self, arguments: &str, known: &BTreeMap<&str, Value>) -> Result<Value, String> {
        let mut arguments = serde_json::from_str(arguments).unwrap_or_else(|e| panic!("{arguments}: {e}"));
        self.fill_in(&mut arguments, known)?;
        Ok(arguments)
    }

    fn fill_in(&self, value: &mut Value, known: &BTreeMap<&str, Value>) -> Result<(), String> {
        match value {
            Value::String(text) => {
                let Some(word) = text.strip_prefix('$') else { return Ok(()) };
                let id = || self.found.first(word).map(Value::from);
                let put = known.get(word).cloned().or_else(|| self.kept.get(word).cloned()).or_else(id);
                *value = put.ok_or_else(|| format!("nothing is known as ${word}"))?;
                Ok(())
            }
            Value::Array(items) => items.iter_mut().try_for_each(|v| self.fill_in(v, known)),
            Value::Object(members) => members.values_mut().try_for_each(|v| self.fill_in(v, known)),
            _ => Ok(()),
        }
    }

    /// Takes every id of this source out of an answer.
    fn harvest(&mut self, path: &str, value: &Value) {
        let own = format!("{}:", self.vendor);
        match value {
            Value::String(id) if id.starts_with(&own) => self.add(path, id, Vec::new()),
            Value::Array(items) => items.iter().for_each(|item| self.harvest(path, item)),
            Value::Object(members) => {
                for (key, member) in members {
                    let path = format!("{path}/{key}");
                    match member.as_str() {
                        Some(id) if key == "id" && id.starts_with(&own) => {
                            self.add(&path, id, names_in(members));
                        }
                        _ => self.harvest(&path, member),
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, path: &str, id: &str, names: Vec<(&'static str, String)>) {
        let fits = |end: &str| path == end || path.ends_with(&format!("/{end}"));
        let Some((_, noun)) = self.script.nouns.iter().find(|(end, _)| fits(end)) else {
            return self.report(path, &format!("{id} is an id of no noun"));
        };
        self.found.0.push(Record { path: path.into(), noun: (*noun).into(), id: id.into(), names });
    }
}

impl Found {
    fn first(&self, noun: &str) -> Option<&str> {
        self.0.iter().find(|r| r.noun == noun).map(|r| r.id.as_str())
    }

    fn one_of_each_place(&self) -> Vec<Record> {
        let mut seen = BTreeSet::new();
        self.0.iter().filter(|r| seen.insert(&r.path)).cloned().collect()
    }

    /// The record of each noun that has most names.
    fn one_of_each_noun(&self) -> Vec<Record> {
        let mut best: BTreeMap<&str, &Record> = BTreeMap::new();
        for record in &self.0 {
            let known = best.entry(&record.noun).or_insert(record);
            if record.names.len() > known.names.len() {
                *known = record;
            }
        }
        best.into_values().cloned().collect()
    }
}

/// What `$id` stands for.
fn by(reference: &str) -> BTreeMap<&'static str, Value> {
    BTreeMap::from([("id", Value::from(reference))])
}

/// What a record that stands in an answer is called beside its id.
fn names_in(record: &serde_json::Map<String, Value>) -> Vec<(&'static str, String)> {
    let name = record.get("name").or_else(|| record.get("title"));
    let all = [("url", record.get("url")), ("number", record.get("number")), ("name", name)];
    all.into_iter().filter_map(|(form, value)| Some((form, value?.as_str()?.to_owned()))).collect()
}

fn validator(tool: &Value) -> jsonschema::Validator {
    jsonschema::options().should_validate_formats(true).build(&tool["outputSchema"]).unwrap()
}
