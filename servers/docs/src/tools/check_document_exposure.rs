//! `check_document_exposure`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Meta, Sources, Tool};

use crate::library::Library;
use crate::model::Exposure;
use crate::reference;

/// Who can read and who can edit a document, and whether it has a public link. Each half is `known` or `unknown`:
/// nothing follows from what is unknown.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckDocumentExposure {
    /// Id, URL or exact title
    #[schemars(length(min = 1, max = 512))]
    document: String,
}

impl Tool for CheckDocumentExposure {
    type Port = Library;
    type Out = Exposure;
    const META: Meta = Meta::read("check_document_exposure", "Check document exposure", "docs:read");

    fn able(port: &Library) -> bool {
        port.able().access || port.able().public_link
    }

    async fn run(self, cx: &Cx, sources: &Sources<Library>) -> Result<Exposure> {
        let meant = reference::document(cx, sources, &self.document).await?;
        let able = meant.source.port.able();
        tool::require(able.access || able.public_link, meant.source, "tell who can see a document")?;
        meant.source.port.exposure(cx, &meant.native).await
    }
}
