//! Searching: by token on Cloud, by offset on Data Center.

use sandbox::{Answer, Ask, Reply, page};
use serde::Deserialize;
use serde_json::{Value, json};

use super::face::{Face, error};
use super::jql::{self, Asker};
use super::render;
use super::state::{Issue, Site};

/// The body of `POST /search/jql`; what is not named here is refused.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Search {
    jql: Option<String>,
    next_page_token: Option<String>,
    max_results: Option<usize>,
    fields: Option<Vec<String>>,
    expand: Option<String>,
    reconcile_issues: Option<Vec<u64>>,
    #[serde(rename = "fieldsByKeys")]
    _fields_by_keys: Option<bool>,
    #[serde(rename = "properties")]
    _properties: Option<Vec<String>>,
}

/// `GET|POST /search/jql`: no total, ids alone unless fields are named, an opaque token to go on.
pub(super) fn by_token(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    let search: Search = if ask.method == sandbox::Method::GET { from_query(ask)? } else { ask.json()? };
    if search.reconcile_issues.as_ref().is_some_and(|ids| ids.len() > 50) {
        return Err(error(400, &["The maximum number of issues to reconcile is 50."]));
    }
    let text = search.jql.unwrap_or_default();
    let found = find(site, ask, &text)?;
    let wanted = search.fields.unwrap_or_else(|| vec!["id".into()]);
    let most = if wanted == ["id"] { 5000 } else { 100 };
    let limit = search.max_results.unwrap_or(50).clamp(1, most);
    let start = match &search.next_page_token {
        None => 0,
        Some(token) => site
            .pages
            .open(token, &text, ask.now)
            .map_err(|_| error(400, &["The provided nextPageToken is invalid or has expired."]))?,
    };
    let page = page::cut(found, start, limit);
    let expand = listed(search.expand.as_deref().unwrap_or_default());
    let mut answer = json!({ "issues": rendered(site, &page.items, face, &wanted, &expand), "isLast": page.next.is_none() });
    if let Some(next) = page.next {
        answer["nextPageToken"] = json!(site.pages.seal(&text, next, ask.now));
    }
    Ok(Answer::json(200, answer))
}

fn from_query(ask: &Ask) -> Result<Search, Answer> {
    let fields: Vec<String> = ask.query_all("fields").flat_map(listed).collect();
    Ok(Search {
        jql: ask.query("jql").map(str::to_owned),
        next_page_token: ask.query("nextPageToken").filter(|t| !t.is_empty()).map(str::to_owned),
        max_results: ask.query_as("maxResults")?,
        fields: (!fields.is_empty()).then_some(fields),
        expand: ask.query("expand").map(str::to_owned),
        ..Search::default()
    })
}

/// `POST /search/approximate-count`.
pub(super) fn count(site: &mut Site, ask: &Ask, _: &Face) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        jql: String,
    }
    let body: Body = ask.json()?;
    Ok(Answer::json(200, json!({ "count": find(site, ask, &body.jql)?.len() })))
}

/// `POST /jql/parse`.
pub(super) fn parse(site: &mut Site, ask: &Ask, _: &Face) -> Reply {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        queries: Vec<String>,
    }
    let body: Body = ask.json()?;
    let strict = ask.query("validation").is_none_or(|v| v == "strict");
    let parsed = body.queries.iter().map(|text| {
        let judged = jql::parse(text)
            .map_err(|fault| vec![fault])
            .and_then(|query| if strict { jql::validate(site, &query, &asker(site, ask)) } else { Ok(()) });
        match judged {
            Ok(()) => json!({ "query": text }),
            Err(faults) => json!({ "query": text, "errors": faults }),
        }
    });
    Ok(Answer::json(200, json!({ "queries": parsed.collect::<Vec<_>>() })))
}

/// Cloud's former search, removed in 2025.
pub(super) fn gone(_: &mut Site, _: &Ask, _: &Face) -> Reply {
    Err(error(
        410,
        &[
            "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration \
           guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046",
        ],
    ))
}

/// Data Center's `GET|POST /search`: offset and total; all navigable fields unless some are named.
pub(super) fn by_offset(site: &mut Site, ask: &Ask, face: &Face) -> Reply {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Body {
        jql: Option<String>,
        start_at: Option<usize>,
        max_results: Option<usize>,
        fields: Option<Vec<String>>,
        expand: Option<Value>,
        #[serde(rename = "validateQuery")]
        _validate_query: Option<Value>,
    }
    let body = if ask.method == sandbox::Method::GET {
        let fields: Vec<String> = ask.query_all("fields").flat_map(listed).collect();
        Body {
            jql: ask.query("jql").map(str::to_owned),
            start_at: ask.query_as("startAt")?,
            max_results: ask.query_as("maxResults")?,
            fields: (!fields.is_empty()).then_some(fields),
            expand: ask.query("expand").map(Value::from),
            ..Body::default()
        }
    } else {
        ask.json()?
    };
    let found = find_any(site, ask, &body.jql.unwrap_or_default())?;
    let start = body.start_at.unwrap_or(0);
    let limit = body.max_results.unwrap_or(50).min(1000);
    let page = page::cut(found, start, limit);
    let wanted = body.fields.unwrap_or_else(|| vec!["*navigable".into()]);
    let expand = match &body.expand {
        Some(Value::String(text)) => listed(text),
        Some(Value::Array(list)) => list.iter().filter_map(|v| v.as_str()).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    Ok(Answer::json(
        200,
        json!({
            "expand": "names,schema",
            "startAt": start,
            "maxResults": limit,
            "total": page.total,
            "issues": rendered(site, &page.items, face, &wanted, &expand),
        }),
    ))
}

/// The ids that a restricted query finds, in its order. Errors: Jira's 400.
pub(super) fn find(site: &Site, ask: &Ask, text: &str) -> Result<Vec<u64>, Answer> {
    let query = jql::parse(text).map_err(|fault| error(400, &[&fault]))?;
    if query.clause.is_none() {
        return Err(error(
            400,
            &["Unbounded JQL queries are not allowed here. Please add a search restriction to your query."],
        ));
    }
    find_any(site, ask, text)
}

/// The ids that a query finds, in its order. Errors: Jira's 400.
pub(super) fn find_any(site: &Site, ask: &Ask, text: &str) -> Result<Vec<u64>, Answer> {
    let query = jql::parse(text).map_err(|fault| error(400, &[&fault]))?;
    let asker = asker(site, ask);
    jql::validate(site, &query, &asker)
        .map_err(|faults| error(400, &faults.iter().map(String::as_str).collect::<Vec<_>>()))?;
    let meant = |issue: &&Issue| query.clause.as_ref().is_none_or(|c| jql::matches(site, c, issue, &asker));
    let mut found: Vec<&Issue> = site.issues.values().filter(meant).collect();
    found.sort_by(|a, b| jql::compare(&query, a, b));
    Ok(found.into_iter().map(|issue| issue.id).collect())
}

fn asker<'a>(site: &'a Site, ask: &Ask) -> Asker<'a> {
    Asker { account: site.caller(ask.who()).map_or("", |u| &u.account_id), now: ask.now }
}

fn rendered(site: &Site, ids: &[u64], face: &Face, wanted: &[String], expand: &[String]) -> Vec<Value> {
    let bare = wanted == ["id"];
    ids.iter()
        .filter_map(|id| site.issues.get(id))
        .map(|issue| {
            if bare {
                json!({ "id": issue.id.to_string() })
            } else {
                render::issue(site, issue, face, Some(wanted), expand)
            }
        })
        .collect()
}

/// A comma-separated list.
pub(super) fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}
