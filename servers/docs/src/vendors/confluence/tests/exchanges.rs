//! Every exchange of the suite, against what Atlassian's reference lists.

use std::collections::BTreeSet;

use sandbox::{Entry, Simulator};
use serde_json::{Value, json};

/// What we call, what a request must not lack, what a good answer must have: the required parts as the reference pages
/// name them. Below `developer.atlassian.com/cloud/confluence/rest/`.
const OPERATIONS: &[(&str, &str, &[&str], &[&str])] = &[
    ("GET /_edge/tenant_info", "intro (cloud id of a site)", &[], &["cloudId"]),
    ("GET /wiki/api/v2/pages/{}", "v2/api-group-page", &[], PAGE),
    ("PUT /wiki/api/v2/pages/{}", "v2/api-group-page", &["id", "status", "title", "body", "version"], PAGE),
    ("POST /wiki/api/v2/pages", "v2/api-group-page", &["spaceId"], PAGE),
    ("GET /wiki/api/v2/pages/{}/versions", "v2/api-group-version", &[], LIST),
    ("GET /wiki/api/v2/pages/{}/ancestors", "v2/api-group-ancestors", &[], LIST),
    ("GET /wiki/api/v2/pages/{}/footer-comments", "v2/api-group-comment", &[], LIST),
    ("GET /wiki/api/v2/pages/{}/inline-comments", "v2/api-group-comment", &[], LIST),
    ("POST /wiki/api/v2/footer-comments", "v2/api-group-comment", &["pageId", "body"], COMMENT),
    (
        "POST /wiki/api/v2/inline-comments",
        "v2/api-group-comment",
        &["pageId", "body", "inlineCommentProperties"],
        COMMENT,
    ),
    ("GET /wiki/api/v2/spaces", "v2/api-group-space", &[], LIST),
    ("GET /wiki/api/v2/spaces/{}/permissions", "v2/api-group-space-permissions", &[], LIST),
    ("POST /wiki/api/v2/users-bulk", "v2/api-group-user", &["accountIds"], LIST),
    ("GET /wiki/rest/api/search", "v1/api-group-search", &[], SEARCH),
    ("GET /wiki/rest/api/search/user", "v1/api-group-search", &[], SEARCH),
    ("POST /wiki/rest/api/content/{}/label", "v1/api-group-content-labels", &[], LIST),
    (
        "GET /wiki/rest/api/content/{}/restriction/byOperation",
        "v1/api-group-content-restrictions",
        &[],
        &["read", "update"],
    ),
    ("GET /wiki/rest/api/group/by-id", "v1/api-group-group", &[], &["type", "name", "id"]),
    ("GET /wiki/rest/api/template/page", "v1/api-group-template", &[], LIST),
    (
        "POST /oauth/token",
        "../../oauth (client credentials of service accounts)",
        &[],
        &["access_token", "expires_in"],
    ),
];

const PAGE: &[&str] =
    &["id", "status", "title", "spaceId", "authorId", "createdAt", "version", "body", "_links"];
const COMMENT: &[&str] = &["id", "status", "pageId", "version", "body", "_links"];
const LIST: &[&str] = &["results", "_links"];
const SEARCH: &[&str] =
    &["results", "start", "limit", "size", "totalSize", "cqlQuery", "searchDuration", "_links"];

/// Exchanges that are not as listed, in words.
pub(super) fn unlisted(simulator: &Simulator) -> Vec<String> {
    let faults: BTreeSet<String> = simulator.control().log(0).iter().filter_map(fault).collect();
    faults.into_iter().collect()
}

fn fault(entry: &Entry) -> Option<String> {
    let entry: Value = serde_json::to_value(entry).ok()?;
    let (method, path) = (entry["method"].as_str()?, entry["path"].as_str()?);
    let path = path
        .strip_prefix("/ex/confluence/")
        .and_then(|rest| rest.find('/').map(|at| &rest[at..]))
        .unwrap_or(path);
    let shape: Vec<&str> = path
        .split('/')
        .map(|part| if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) { "{}" } else { part })
        .collect();
    let name = format!("{method} {}", shape.join("/"));
    let Some((_, page, request, answer)) = OPERATIONS.iter().find(|(own, ..)| *own == name) else {
        return Some(format!("{name} is not listed"));
    };
    let lacks = |body: &Value, parts: &[&str]| -> Option<String> {
        let body = body.as_str().map_or_else(|| Some(body.clone()), |text| serde_json::from_str(text).ok());
        let body = body.unwrap_or(json!({}));
        parts.iter().find(|part| body.get(part).is_none()).map(|part| format!("{name} lacks {part} ({page})"))
    };
    let status = entry["status"].as_u64()?;
    if status < 300 {
        return lacks(&entry["request_body"], request).or_else(|| lacks(&entry["response_body"], answer));
    }
    let error = if name.contains("/rest/api/") { ["statusCode"] } else { ["errors"] };
    (!name.contains("/oauth/")).then(|| lacks(&entry["response_body"], &error)).flatten()
}
