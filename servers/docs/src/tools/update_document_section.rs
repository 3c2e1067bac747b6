//! `update_document_section`.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use tool::{Change, Consent, FieldChange, Mark, Meta, Repeat, Sources, Tool, Undo, WriteKind, Written};

use crate::library::{Library, Manuscript, Replaced};
use crate::markdown::{Edit, Outline, diff};
use crate::model::Document;
use crate::reference;

/// Rewrites one section of a document (page, runbook, policy); its heading and everything else stay as they are. Refuses
/// if somebody changed the document since `expected_version`. Shows the change as a diff.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateDocumentSection {
    /// Id, URL or exact title
    #[schemars(length(min = 1, max = 512))]
    document: String,
    /// Anchor or title, from get_document
    #[schemars(length(min = 1, max = 200))]
    section: String,
    /// Markdown below the heading, whole
    #[schemars(length(max = 60000))]
    text: String,
    /// The `version` you read
    #[schemars(length(min = 1, max = 100))]
    expected_version: String,
}

/// What became of a section.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct EditedSection {
    /// The document, with its new version.
    document: Document,
    /// The section's anchor.
    section: String,
    /// What goes (`-`) and what comes (`+`).
    diff: FreeText,
}

impl Tool for UpdateDocumentSection {
    type Port = Library;
    type Out = Written<EditedSection>;
    const META: Meta = Meta::write(
        "update_document_section",
        "Update a document section",
        "docs:write",
        WriteKind::StateChange,
    )
    .consent(Consent::Preview)
    .repeat(Repeat::Reconcile)
    .placed();

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes { place: tool::Within::OfRecord, ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Library>) -> Result<Written<EditedSection>> {
        let mark = Mark::new(cx, None)?;
        let meant = reference::document(cx, sources, &self.document).await?;
        let port = &meant.source.port;
        let read = port.read(cx, &meant.native).await?;
        let outline = Outline::of(&read.text);
        let edit = Edit::new(&outline, &self.section, &self.text);
        let is_stale = read.version != self.expected_version.trim();
        // Before anything else: what an earlier attempt has done may be why the edit cannot be made again.
        if is_stale
            && cx.require_operation()?.resumed
            && port.edited(cx, &meant.native, edit.as_ref().ok(), &mark).await?
        {
            return Ok(self.done_before(read));
        }
        let edit = edit?;
        seen_whole(&read, &outline, &edit)?;
        spares_the_unseen(&edit)?;
        if is_stale {
            return Err(stale(&read, &edit));
        }
        if edit.is_empty() {
            return Ok(unchanged(read, &edit));
        }
        if cx.is_preview() {
            let document = Document { version: Some(read.version.clone()), ..read.document.clone() };
            return Ok(edited(Replaced { document, comes_back: true }, &edit, &read).as_preview());
        }
        let after = port.replace_section(cx, &meant.native, &edit, &read.version, &mark).await?;
        Ok(edited(after, &edit, &read))
    }
}

impl UpdateDocumentSection {
    /// What an earlier attempt did, as far as it can still be told.
    fn done_before(self, read: Manuscript) -> Written<EditedSection> {
        let undo = by_hand(self.expected_version.trim());
        let document = Document { version: Some(read.version), ..read.document };
        let section = Label::new(&self.section).to_string();
        written(document, section, "", Vec::new(), undo)
            .replayed("an earlier attempt had worked; nothing was changed now")
    }
}

/// Nobody may replace what they cannot have read: a reader is given so many bytes of a section, and some libraries give
/// no more than so much of a document.
fn seen_whole(read: &Manuscript, outline: &Outline<'_>, edit: &Edit) -> Result<()> {
    let ends = outline.spans().iter().any(|s| s.heading == edit.heading && s.body.end == read.text.len());
    if edit.before.len() > FreeText::LIMIT || (read.partial && ends) {
        let problem = "is longer than what can be read of it at once; replace one of the sections below it";
        return Err(Error::invalid("section", problem));
    }
    Ok(())
}

/// Nobody may write what stood for a value in its place: a reader who was not shown the value would destroy it.
fn spares_the_unseen(edit: &Edit) -> Result<()> {
    let Some(word) = content::lost_to(&edit.before, &edit.after) else { return Ok(()) };
    let problem = format!("`{word}` stands for a value that was not shown, and would take its place");
    Err(Error::invalid("text", problem)
        .hint("edit a section without such values, or leave this one to a person who sees them"))
}

/// Somebody was faster. The error says whether this very section is touched.
fn stale(read: &Manuscript, edit: &Edit) -> Error {
    let message = format!("the document is at version `{}` now", read.version);
    Error::new(Code::Conflict, message).hint(format!(
        "read section `{}` again with get_document, redo the change on what it says now, and give that version",
        edit.section.anchor
    ))
}

fn unchanged(read: Manuscript, edit: &Edit) -> Written<EditedSection> {
    let document = Document { version: Some(read.version), ..read.document };
    let anchor = edit.section.anchor.clone();
    written(document, anchor, "", Vec::new(), Undo::None("the section says this already".into()))
}

fn edited(after: Replaced, edit: &Edit, read: &Manuscript) -> Written<EditedSection> {
    let Replaced { document: after, comes_back } = after;
    let label = |text: &str| Some(Label::new(text)).filter(|l| !l.as_str().is_empty());
    let field = FieldChange { field: "text".into(), before: label(&edit.before), after: label(&edit.after) };
    let undo = match &after.version {
        Some(version) if comes_back && edit.before.len() <= FreeText::LIMIT && edit.goes_back(&read.text) => {
            let args = json!({
                "document": after.id,
                "section": edit.section.anchor,
                "text": edit.before.trim_matches('\n'),
                "expected_version": version,
            });
            let args = args.as_object().cloned().unwrap_or_else(Map::new);
            Undo::Call { tool: "update_document_section", args }
        }
        _ => by_hand(&read.version),
    };
    written(after, edit.section.anchor.clone(), &diff(&edit.before, &edit.after), vec![field], undo)
}

fn by_hand(former: &str) -> Undo {
    let former = Label::new(former);
    Undo::Manual(format!("a person can restore version {former} in the document's history").into())
}

fn written(
    document: Document,
    section: String,
    diff: &str,
    fields: Vec<FieldChange>,
    undo: Undo,
) -> Written<EditedSection> {
    let version = document.version.clone().unwrap_or_default();
    let change = Change { record: reference::record(&document), fields };
    let record = EditedSection { document, section, diff: FreeText::new(diff, Author::Internal) };
    Written::committed("document", record, change, undo).version(version)
}
