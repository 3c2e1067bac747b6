//! Every tool of every server on every vendor that is able to do it, over the demo company; every id that a tool
//! returns is taken by every tool that takes such a record; every write happens once; and the vendors of a domain behind one
//! server.

mod crm;
mod docs;
mod finance;
mod issues;
mod itsm;
mod merged;
mod once;
mod script;
mod visit;

use it::{Server, Spawn};

use crate::vendor_schemas;
use script::Script;
use visit::Visit;

/// Every vendor by itself.
async fn works(script: &Script) {
    let server = Spawn::sandbox(script.domain).start().await;
    let vendors = server.vendors();
    let visits = vendors.iter().map(|vendor| visit(script, &server, vendor));
    let mut problems = futures::future::join_all(visits).await.concat();
    for vendor in &vendors {
        problems.extend(vendor_schemas::problems_of(&server, vendor).await);
    }
    none(problems);
}

async fn visit(script: &Script, server: &Server, vendor: &str) -> Vec<String> {
    let mut visit = Visit::begin(script, server, vendor).await;
    visit.walk().await;
    visit.take_every_id().await;
    visit.take_every_url().await;
    visit.refer_otherwise().await;
    visit.problems()
}

/// All vendors together.
async fn merges(script: &Script) {
    let server = Spawn::sandbox(script.domain).start().await;
    assert!(server.vendors().len() > 1, "{} has one vendor", script.domain);
    let mut problems = merged::owns_up(script, &server).await;
    for list in script.lists {
        problems.extend(merged::merges(&server, list).await);
    }
    none(problems);
}

/// All vendors but one.
async fn survives(script: &Script) {
    let server = Spawn::sandbox(script.domain).start().await;
    none(merged::survives(script, &server).await);
}

/// Every write of every vendor, in every trouble.
async fn happens_once(script: &Script) {
    let vendors = Spawn::sandbox(script.domain).start().await.vendors();
    let writes = vendors.iter().map(|vendor| once::happen_once(script, vendor));
    none(futures::future::join_all(writes).await.concat());
}

fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[tokio::test]
async fn crm_works_on_every_vendor() {
    works(&crm::SCRIPT).await;
}

#[tokio::test]
async fn crm_merges_its_vendors() {
    merges(&crm::SCRIPT).await;
}

#[tokio::test]
async fn crm_survives_a_dead_vendor() {
    survives(&crm::SCRIPT).await;
}

#[tokio::test]
async fn crm_writes_once_in_every_trouble() {
    happens_once(&crm::SCRIPT).await;
}

#[tokio::test]
async fn docs_works_on_every_vendor() {
    works(&docs::SCRIPT).await;
}

#[tokio::test]
async fn docs_merges_its_vendors() {
    merges(&docs::SCRIPT).await;
}

#[tokio::test]
async fn docs_survives_a_dead_vendor() {
    survives(&docs::SCRIPT).await;
}

#[tokio::test]
async fn docs_writes_once_in_every_trouble() {
    happens_once(&docs::SCRIPT).await;
}

#[tokio::test]
async fn finance_works_on_every_vendor() {
    works(&finance::SCRIPT).await;
}

#[tokio::test]
async fn finance_merges_its_vendors() {
    merges(&finance::SCRIPT).await;
}

#[tokio::test]
async fn finance_survives_a_dead_vendor() {
    survives(&finance::SCRIPT).await;
}

#[tokio::test]
async fn finance_writes_once_in_every_trouble() {
    happens_once(&finance::SCRIPT).await;
}

#[tokio::test]
async fn issues_works_on_every_vendor() {
    works(&issues::SCRIPT).await;
}

#[tokio::test]
async fn issues_merges_its_vendors() {
    merges(&issues::SCRIPT).await;
}

#[tokio::test]
async fn issues_survives_a_dead_vendor() {
    survives(&issues::SCRIPT).await;
}

#[tokio::test]
async fn issues_writes_once_in_every_trouble() {
    happens_once(&issues::SCRIPT).await;
}

#[tokio::test]
async fn itsm_works_on_every_vendor() {
    works(&itsm::SCRIPT).await;
}

#[tokio::test]
async fn itsm_merges_its_vendors() {
    merges(&itsm::SCRIPT).await;
}

#[tokio::test]
async fn itsm_survives_a_dead_vendor() {
    survives(&itsm::SCRIPT).await;
}

#[tokio::test]
async fn itsm_writes_once_in_every_trouble() {
    happens_once(&itsm::SCRIPT).await;
}
