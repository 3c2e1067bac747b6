//! `create_document_draft`.

use call::Cx;
use content::Label;
use error::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{
    Change, FieldChange, Mark, Meant, Meta, Output, Record, Source, Sources, Tool, Undo, WriteKind, Written,
    require,
};

use crate::library::{Library, NewDocument};
use crate::model::Document;
use crate::reference;

/// Writes a new document as a draft, for a person to look through and publish: a report, meeting notes, a new
/// runbook. Never publishes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateDocumentDraft {
    #[schemars(length(min = 1, max = 250))]
    title: String,
    /// Markdown
    #[schemars(length(max = 60000))]
    text: String,
    /// Space or data source: key or name; if absent the parent's, else the configured place for drafts
    #[schemars(length(max = 200))]
    space: Option<String>,
    /// Document to put it below: id, URL or exact title
    #[schemars(length(max = 512))]
    parent: Option<String>,
    /// Template to start from, by name
    #[schemars(length(max = 200))]
    template: Option<String>,
    #[schemars(length(max = 10), inner(length(min = 1, max = 50)))]
    labels: Option<Vec<String>>,
    /// Your own key: a second draft with it is never written
    #[schemars(length(min = 1, max = 200))]
    external_key: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Output for Document {}

impl Tool for CreateDocumentDraft {
    type Port = Library;
    type Out = Written<Document>;
    const META: Meta =
        Meta::write("create_document_draft", "Create a document draft", "docs:write", WriteKind::Additive)
            .placed();

    fn able(port: &Library) -> bool {
        port.able().drafts
    }

    fn stakes(&self) -> tool::Stakes {
        // Without a space it goes below the parent, or to where the configuration says.
        let place = self.space.as_deref().map_or(tool::Within::OfRecord, tool::Within::one);
        tool::Stakes { place, ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Library>) -> Result<Written<Document>> {
        let mark = Mark::new(cx, self.external_key.as_deref())?;
        let place = self.place(cx, sources).await?;
        let port = &place.source.port;
        let look = port.find_marked(cx, place.space.as_deref(), &mark);
        if let Some(mut found) = mark.found(cx, "draft", look).await? {
            if cx.require_operation()?.resumed {
                let labels = self.labels.unwrap_or_default();
                found = port.complete_draft(cx, found, &labels, &mark).await?;
            }
            return Ok(written(found, Vec::new()).replayed("it was written before; nothing was written now"));
        }
        let proposed = self.proposed(&place);
        let new = NewDocument {
            space: place.space,
            parent: place.parent,
            title: self.title,
            text: self.text,
            labels: self.labels.unwrap_or_default(),
            template: self.template,
        };
        if cx.is_preview() {
            port.check_draft(cx, &new).await?;
            return Ok(Written::preview("document", proposed));
        }
        Ok(written(port.create_draft(cx, &new, &mark).await?, proposed.fields))
    }
}

/// Where the draft goes.
struct Where<'s> {
    source: &'s Source<Library>,
    space: Option<String>,
    parent: Option<String>,
}

impl CreateDocumentDraft {
    /// The draft has no id yet: what is changed is the place it goes to.
    fn proposed(&self, place: &Where<'_>) -> Change {
        let key = place.parent.as_deref().or(place.space.as_deref()).unwrap_or("drafts");
        let record = Record { id: place.source.id(key), label: Label::new(key), url: None };
        Change { record, fields: self.fields() }
    }

    /// All that will be written.
    fn fields(&self) -> Vec<FieldChange> {
        let field = |name: &str, text: &str| FieldChange::new(name, Label::new(text));
        let template = self.template.as_deref().map(|name| field("template", name));
        let labels = self.labels.iter().flatten().map(|label| field("label", label));
        [field("title", &self.title), field("text", &self.text)]
            .into_iter()
            .chain(template)
            .chain(labels)
            .collect()
    }

    /// The place that space, parent and source name together, able to take this very draft.
    async fn place<'s>(&self, cx: &Cx, sources: &'s Sources<Library>) -> Result<Where<'s>> {
        let parent = match &self.parent {
            Some(text) => Some(reference::document(cx, sources, text).await?),
            None => None,
        };
        let within = parent.as_ref().map(|p| p.source.name.as_str()).or(self.source.as_deref());
        if let (Some(parent), Some(source)) = (&parent, &self.source)
            && parent.source.name != *source
        {
            return Err(Error::invalid("parent", format!("is not in source `{}`", Label::new(source))));
        }
        let (source, space) = match &self.space {
            Some(text) => {
                let (source, key) = reference::space(cx, sources, within, text).await?;
                (source, Some(key))
            }
            None => (the_one(sources, within)?, None),
        };
        let able = source.port.able();
        require(able.drafts, source, "take drafts")?;
        require(
            able.draft_parent || parent.is_none(),
            source,
            "put a draft below a document of your choice",
        )?;
        require(able.templates || self.template.is_none(), source, "start from a template")?;
        require(able.draft_labels || self.labels.is_none(), source, "give a draft labels")?;
        let space = match &parent {
            Some(parent) => space_below(cx, parent, space).await?,
            None => space,
        };
        Ok(Where { source, space, parent: parent.map(|p| p.native) })
    }
}

/// The parent's space: a draft lies where the document above it lies, and nowhere else.
async fn space_below(cx: &Cx, parent: &Meant<'_, Library>, asked: Option<String>) -> Result<Option<String>> {
    let Some(home) = parent.source.port.space_of(cx, &parent.native).await? else { return Ok(asked) };
    match asked {
        Some(asked) if asked != home.key => {
            let why = format!("`{}` is in space `{}`, not in `{asked}`", parent.id(), home.key);
            Err(Error::invalid("parent", why)
                .hint("leave out `space` to put the draft into the parent's, or name a parent in that space"))
        }
        _ => Ok(Some(home.key)),
    }
}

/// The source named, or the only one that takes drafts.
fn the_one<'s>(sources: &'s Sources<Library>, name: Option<&str>) -> Result<&'s Source<Library>> {
    if let Some(name) = name {
        return sources.named(name);
    }
    let taking: Vec<&Source<Library>> = sources.all().iter().filter(|s| s.port.able().drafts).collect();
    match taking.as_slice() {
        [only] => Ok(only),
        several => {
            let names = several.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
            Err(Error::invalid("source", "say where the draft goes: name a space, a parent or a source")
                .allowed(names))
        }
    }
}

fn written(draft: Document, fields: Vec<FieldChange>) -> Written<Document> {
    let change = Change { record: reference::record(&draft), fields };
    let undo = Undo::Manual("a person can delete the draft where it lies".into());
    let version = draft.version.clone();
    let written = Written::committed("document", draft, change, undo);
    match version {
        Some(version) => written.version(version),
        None => written,
    }
}
