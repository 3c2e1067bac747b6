//! What each library is able to do: the tables in the vendors' READMEs.

use capabilities::{Ability, argument, check, field, value};

use crate::library::{Able, Library, Reviews};

/// With `CHANCERY_BLESS=1` the tables are written, else they are compared.
#[tokio::test]
async fn tables_say_what_vendors_are_able_to_do() {
    let (catalog, vendors) = (crate::tools::catalog(), crate::vendors::all());
    check(env!("CARGO_MANIFEST_DIR"), catalog, &vendors, abilities).unwrap();
}

fn abilities(library: &Library) -> Vec<Ability> {
    let Able {
        // What `text` is looked for in is said in prose.
        full_text: _,
        space,
        owner,
        labels,
        status,
        runbooks,
        service,
        policies,
        effective,
        history,
        review,
        access,
        public_link,
        drafts: _,
        draft_parent,
        templates,
        draft_labels,
        section_comments,
        total,
    } = library.able();
    let mut all = vec![
        argument("search_documents", "owner", owner),
        argument("search_documents", "labels", labels),
        argument("search_documents", "status", status),
        argument("find_runbook", "service", service),
        argument("find_policy_documents", "effective_on", effective),
        argument("find_policy_documents", "owner", owner),
        argument("find_policy_documents", "status", status),
        field("list_changed_documents", "revisions", history),
        field("check_document_exposure", "readers", access),
        field("check_document_exposure", "editors", access),
        field("check_document_exposure", "public_link", public_link),
        argument("create_document_draft", "parent", draft_parent),
        argument("create_document_draft", "template", templates),
        argument("create_document_draft", "labels", draft_labels),
        argument("comment_on_document", "section", section_comments),
        argument("list_documents_needing_review", "owner", owner),
        value("list_documents_needing_review", "kind", "runbook", runbooks),
        value("list_documents_needing_review", "kind", "policy", policies),
    ];
    all.extend(reviews(review));
    let spaces = ["search_documents", "list_changed_documents", "list_documents_needing_review"];
    all.extend(spaces.map(|tool| argument(tool, "space", space)));
    let lists = [
        "search_documents",
        "find_policy_documents",
        "list_changed_documents",
        "list_documents_needing_review",
    ];
    all.extend(lists.map(|tool| field(tool, "total", total)));
    all
}

fn reviews(able: Reviews) -> [Ability; 6] {
    const TOOL: &str = "list_documents_needing_review";
    let Reviews { owner, labels, dates, drafts } = able;
    [
        value(TOOL, "where_empty", "owner", owner),
        value(TOOL, "where_empty", "labels", labels),
        argument(TOOL, "label_missing", labels),
        value(TOOL, "where_empty", "review_date", dates),
        argument(TOOL, "review_before", dates),
        argument(TOOL, "draft_older_than_days", drafts),
    ]
}
