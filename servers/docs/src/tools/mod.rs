//! The tools. One file each; adding one is its file and its two lines here.

mod check_document_exposure;
mod comment_on_document;
mod create_document_draft;
mod find_policy_documents;
mod find_runbook;
mod get_document;
mod list_changed_documents;
mod list_documents_needing_review;
mod search_documents;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod update_document_section;

use tool::{Catalog, Kind};

use crate::library::Library;

/// Every tool of the domain, in the order clients see them.
#[must_use]
pub fn catalog() -> Catalog<Library> {
    Catalog::new()
        .with::<search_documents::SearchDocuments>()
        .with::<get_document::GetDocument>()
        .with::<find_runbook::FindRunbook>()
        .with::<find_policy_documents::FindPolicyDocuments>()
        .with::<list_changed_documents::ListChangedDocuments>()
        .with::<list_documents_needing_review::ListDocumentsNeedingReview>()
        .with::<check_document_exposure::CheckDocumentExposure>()
        .with::<create_document_draft::CreateDocumentDraft>()
        .with::<update_document_section::UpdateDocumentSection>()
        .with::<comment_on_document::CommentOnDocument>()
        .kind(Kind { name: "document", title: "Document", tool: "get_document", argument: "document" })
}
