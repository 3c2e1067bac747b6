//! The tools of a domain, and the erased box they leave in.

use std::sync::{Arc, OnceLock};

use call::{BoxFuture, Cx};
use content::Fields;
use error::{Code, Error, Result};
use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::schema::ENVELOPE;
use crate::{
    Answer, Call, Consent, Link, Meta, Output as _, Prompt, Sources, Stakes, Terms, Tool, input_schema,
    output_schema,
};

/// A tool as everybody above the domain knows it.
pub struct Spec {
    /// Its record.
    pub meta: Meta,
    /// What a model reads.
    pub description: String,
    /// The input schema in normal form, envelope included.
    pub input: Arc<Map<String, Value>>,
    /// The output schema in normal form.
    pub output: Arc<Map<String, Value>>,
    /// The classes of the output's fields, as the models say them.
    pub fields: Fields,
    /// The member of the output that holds its rows.
    pub list: Option<&'static str>,
    validator: OnceLock<Option<Validator>>,
}

impl Spec {
    fn of<T: Tool>() -> Result<Self> {
        let (description, input) = input_schema::<T>(&T::META)?;
        let mut output = output_schema::<T::Out>()?;
        let fields = Fields::take(&mut output)
            .map_err(|problem| Error::internal(format!("the output of {}: {problem}", T::META.name)))?;
        let list = T::Out::LIST;
        if let Some(name) = list.filter(|name| !has_list(&output, name)) {
            let problem = format!("the output of {} has no list `{name}`", T::META.name);
            return Err(Error::internal(problem));
        }
        Ok(Self {
            meta: T::META,
            description,
            input: Arc::new(input),
            output: Arc::new(output),
            fields,
            list,
            validator: OnceLock::new(),
        })
    }

    /// Writes whole numbers as integers where the input schema has integers: `5.0` is one by its rules, and whoever
    /// decodes it knows `5` alone.
    pub fn whole(&self, arguments: &mut Map<String, Value>) {
        crate::whole::whole(&self.input, arguments);
    }

    /// Holds arguments against the input schema; every problem is reported with its path.
    pub fn check(&self, arguments: &Map<String, Value>) -> Result<()> {
        // Compiled at the first call: a catalogue is listed far more often than every tool in it is called.
        let compiled = self
            .validator
            .get_or_init(|| jsonschema::validator_for(&Value::Object((*self.input).clone())).ok());
        let validator =
            compiled.as_ref().ok_or_else(|| Error::internal("an input schema does not compile"))?;
        // An explicit null at the top counts as absent.
        let given = arguments.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone()));
        let given = Value::Object(given.collect());
        crate::check::check(validator, &self.input, &given)?;
        crate::check::shown(&self.input, &given, self.meta.is_write())
    }
}

/// A resource kind: `chancery://<domain>/<source>/<kind>/<id>` is read by calling `tool` with the id as `argument`.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `issue`.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// The read tool that serves it.
    pub tool: &'static str,
    /// The tool's argument that takes the id.
    pub argument: &'static str,
}

/// The tools, prompts and resource kinds of a domain over port `P`.
pub struct Catalog<P: ?Sized> {
    specs: Vec<Spec>,
    runs: Vec<Run<P>>,
    prompts: Vec<Prompt<P>>,
    kinds: Vec<Kind>,
    broken: Option<Error>,
}

type RunFn<P> = for<'a> fn(&'a Cx, &'a Sources<P>, Map<String, Value>) -> BoxFuture<'a, Result<Answer>>;

struct Run<P: ?Sized> {
    run: RunFn<P>,
    consent: fn(Map<String, Value>) -> Result<Consent>,
    stakes: fn(Map<String, Value>) -> Result<Stakes>,
    able: fn(&P) -> bool,
}

impl<P: ?Sized + Send + Sync + 'static> Default for Catalog<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: ?Sized + Send + Sync + 'static> Catalog<P> {
    /// An empty catalogue.
    #[must_use]
    pub fn new() -> Self {
        Self { specs: Vec::new(), runs: Vec::new(), prompts: Vec::new(), kinds: Vec::new(), broken: None }
    }

    /// Adds a tool.
    #[must_use]
    pub fn with<T: Tool<Port = P>>(mut self) -> Self {
        match Spec::of::<T>() {
            Ok(spec) => {
                self.specs.push(spec);
                self.runs.push(Run {
                    run: run::<T>,
                    consent: consent::<T>,
                    stakes: stakes::<T>,
                    able: T::able,
                });
            }
            Err(error) => self.broken = Some(error),
        }
        self
    }

    /// Adds a playbook.
    #[must_use]
    pub fn prompt(mut self, prompt: Prompt<P>) -> Self {
        self.prompts.push(prompt);
        self
    }

    /// Adds a resource kind.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kinds.push(kind);
        self
    }

    /// The tools, in the order they were added. Fails if a schema could not be made, which is a defect.
    pub fn specs(&self) -> Result<&[Spec]> {
        match &self.broken {
            Some(error) => Err(error.clone()),
            None => Ok(&self.specs),
        }
    }

    /// The resource kinds.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The playbooks.
    #[must_use]
    pub fn prompts(&self) -> &[Prompt<P>] {
        &self.prompts
    }

    /// The catalogue over its sources, with the port's type erased.
    #[must_use]
    pub fn bind(self: Arc<Self>, sources: Sources<P>) -> Arc<dyn Toolbox> {
        Arc::new(Bound { catalog: self, sources })
    }
}

/// A catalogue over its sources.
pub trait Toolbox: Send + Sync {
    /// The tools.
    fn specs(&self) -> &[Spec];

    /// Names and vendors of the configured sources.
    fn sources(&self) -> Vec<(String, &'static str)>;

    /// The same tools over those of the sources that are named.
    fn within(&self, sources: &[String]) -> Arc<dyn Toolbox>;

    /// Whether any source can do it.
    fn offered(&self, tool: &str) -> bool;

    /// The consent this very call needs.
    fn consent(&self, call: &Call) -> Result<Consent>;

    /// What is at stake in this very call, with the source and the consent that every tool has.
    fn stakes(&self, call: &Call) -> Result<Stakes>;

    /// Runs a tool whose arguments were checked.
    fn run<'a>(&'a self, cx: &'a Cx, call: Call) -> BoxFuture<'a, Result<Answer>>;

    /// Values for a playbook's argument that begin like `typed`.
    fn complete<'a>(
        &'a self,
        cx: &'a Cx,
        prompt: &'a str,
        argument: &'a str,
        typed: &'a str,
    ) -> BoxFuture<'a, Result<Vec<String>>>;
}

struct Bound<P: ?Sized> {
    catalog: Arc<Catalog<P>>,
    sources: Sources<P>,
}

impl<P: ?Sized + Send + Sync + 'static> Bound<P> {
    fn find(&self, tool: &str) -> Result<&Run<P>> {
        let at = self.catalog.specs.iter().position(|s| s.meta.name == tool);
        at.and_then(|i| self.catalog.runs.get(i))
            .ok_or_else(|| Error::new(Code::UnknownTool, "there is no such tool"))
    }

    /// The sources that the terms of a call leave it; `None` is all.
    fn reach(&self, cx: &Cx) -> Option<Sources<P>> {
        Some(self.sources.within(Terms::of(cx)?.sources.as_deref()?))
    }
}

impl<P: ?Sized + Send + Sync + 'static> Toolbox for Bound<P> {
    fn specs(&self) -> &[Spec] {
        &self.catalog.specs
    }

    fn sources(&self) -> Vec<(String, &'static str)> {
        self.sources.all().iter().map(|s| (s.name.clone(), s.vendor)).collect()
    }

    fn within(&self, sources: &[String]) -> Arc<dyn Toolbox> {
        self.catalog.clone().bind(self.sources.within(sources))
    }

    fn offered(&self, tool: &str) -> bool {
        self.find(tool).is_ok_and(|t| self.sources.all().iter().any(|s| (t.able)(&s.port)))
    }

    fn consent(&self, call: &Call) -> Result<Consent> {
        (self.find(&call.tool)?.consent)(call.arguments.clone())
    }

    fn stakes(&self, call: &Call) -> Result<Stakes> {
        (self.find(&call.tool)?.stakes)(call.arguments.clone())
    }

    fn run<'a>(&'a self, cx: &'a Cx, call: Call) -> BoxFuture<'a, Result<Answer>> {
        match (self.find(&call.tool), self.reach(cx)) {
            (Ok(tool), None) => (tool.run)(cx, &self.sources, call.arguments),
            (Ok(tool), Some(reach)) => Box::pin(async move { (tool.run)(cx, &reach, call.arguments).await }),
            (Err(error), _) => Box::pin(async { Err(error) }),
        }
    }

    fn complete<'a>(
        &'a self,
        cx: &'a Cx,
        prompt: &'a str,
        argument: &'a str,
        typed: &'a str,
    ) -> BoxFuture<'a, Result<Vec<String>>> {
        match self.catalog.prompts.iter().find(|p| p.name == prompt) {
            Some(prompt) => Box::pin(async move {
                let reach = self.reach(cx);
                (prompt.complete)(cx, reach.as_ref().unwrap_or(&self.sources), argument, typed).await
            }),
            None => Box::pin(async { Err(Error::new(Code::NotFound, "there is no such prompt")) }),
        }
    }
}

fn has_list(output: &Map<String, Value>, name: &str) -> bool {
    let member = output.get("properties").and_then(|members| members.get(name));
    member.and_then(|member| member.get("type")).is_some_and(|of| of == "array")
}

fn run<'a, T: Tool>(
    cx: &'a Cx,
    sources: &'a Sources<T::Port>,
    arguments: Map<String, Value>,
) -> BoxFuture<'a, Result<Answer>> {
    Box::pin(async move {
        let budget = arguments.get("max_bytes").and_then(Value::as_u64).and_then(|b| usize::try_from(b).ok());
        let shorter =
            budget.filter(|_| T::META.takes_max_bytes()).map(|b| cx.clone().with_budget(b.min(cx.budget())));
        let out = decode::<T>(arguments)?.run(shorter.as_ref().unwrap_or(cx), sources).await?;
        let (value, people) = content::People::named_by(|| serde_json::to_value(&out));
        let value = value.map_err(|e| Error::internal("an answer is no JSON").source(e))?;
        let links: Vec<Link> = out.links();
        Ok(Answer { people, ..Answer::new(value, out.facts(), out.rows(), links) })
    })
}

fn consent<T: Tool>(arguments: Map<String, Value>) -> Result<Consent> {
    Ok(decode::<T>(arguments)?.consent())
}

fn stakes<T: Tool>(arguments: Map<String, Value>) -> Result<Stakes> {
    let source = arguments.get("source").and_then(Value::as_str).map(str::to_owned);
    let call = decode::<T>(arguments)?;
    let mut stakes = call.stakes();
    // `source` is an argument of the house, with one meaning in every tool that has it.
    stakes.sources.extend(source);
    stakes.consent = Some(call.consent());
    Ok(stakes)
}

/// The tool's own arguments, typed. They passed the schema, so what fails here is a rule that only the type knows.
fn decode<T: Tool>(mut arguments: Map<String, Value>) -> Result<T> {
    arguments.retain(|name, value| !value.is_null() && !ENVELOPE.contains(&name.as_str()));
    serde_json::from_value(Value::Object(arguments)).map_err(|e| {
        Error::new(Code::InvalidArgument, "the arguments do not fit together").detail(e.to_string())
    })
}
