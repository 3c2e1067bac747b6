//! Searching (v1): contents, and people.

use sandbox::page::{BadToken, cut};
use sandbox::{Answer, Ask, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cql::evaluate::Scene;
use super::cql::{self, Clause, Operand, Operator, words};
use super::face;
use super::people;
use super::show::{Expand, content};
use super::state::{Page, Site, Status};
use super::text;

/// `cqlcontext`: where a search looks.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Context {
    space_key: Option<String>,
    content_id: Option<String>,
    content_statuses: Option<Vec<String>>,
}

/// A page of what was found.
struct Found<'s> {
    pages: Vec<&'s Page>,
    start: usize,
    limit: usize,
    total: usize,
    cursor: Option<String>,
    query: String,
}

/// `GET /wiki/rest/api/search`.
pub(super) fn search(site: &mut Site, ask: &Ask) -> Reply {
    let expand = Expand::of_search(ask);
    let found = find(site, ask, &expand)?;
    let excerpts = ask.query("excerpt").unwrap_or("highlight");
    let row = |page: &&Page| {
        let space = site.space(page.space);
        json!({
            "content": content(site, ask, page, &expand),
            "title": page.title,
            "excerpt": if excerpts == "none" { String::new() } else { excerpt(page, &found.query) },
            "url": format!("/spaces/{}/pages/{}", space.map_or("", |s| &s.key), page.id),
            "resultGlobalContainer": {
                "title": space.map(|s| &s.name),
                "displayUrl": format!("/spaces/{}", space.map_or("", |s| &s.key)),
            },
            "breadcrumbs": [],
            "entityType": "content",
            "iconCssClass": "aui-icon content-type-page",
            "lastModified": page.updated(),
            "friendlyLastModified": "recently",
            "score": 0.0,
        })
    };
    let results: Vec<Value> = found.pages.iter().map(row).collect();
    let mut body = listed(ask, &found, results, "search");
    body["cqlQuery"] = json!(found.query);
    body["searchDuration"] = json!(1);
    Ok(Answer::json(200, body))
}

/// `GET /wiki/rest/api/content/search`.
pub(super) fn contents(site: &mut Site, ask: &Ask) -> Reply {
    let expand = Expand::of(ask);
    let found = find(site, ask, &expand)?;
    let results = found.pages.iter().map(|page| content(site, ask, page, &expand)).collect();
    Ok(Answer::json(200, listed(ask, &found, results, "content/search")))
}

fn listed(ask: &Ask, found: &Found<'_>, results: Vec<Value>, path: &str) -> Value {
    let mut links =
        json!({ "base": face::wiki(ask), "context": "/wiki", "self": format!("{}{}", ask.origin, ask.path) });
    if let Some(cursor) = &found.cursor {
        let next = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("next", "true")
            .append_pair("cursor", cursor)
            .append_pair("limit", &found.limit.to_string())
            .append_pair("start", &(found.start + results.len()).to_string())
            .append_pair("cql", &found.query)
            .finish();
        links["next"] = json!(format!("/rest/api/{path}?{next}"));
    }
    json!({
        "results": results,
        "start": found.start,
        "limit": found.limit,
        "size": found.pages.len(),
        "totalSize": found.total,
        "_links": links,
    })
}

fn find<'s>(site: &'s Site, ask: &Ask, expand: &Expand) -> Result<Found<'s>, Answer> {
    let refuse = |why: &str| face::error(ask, 400, why);
    let query = ask.query("cql").ok_or_else(|| refuse("cql is a required parameter"))?.to_owned();
    let context = ask.query("cqlcontext").unwrap_or("{}");
    let looked: Context = serde_json::from_str(context).map_err(|_| refuse("Could not parse cqlcontext"))?;
    let parsed =
        cql::parse(&query).map_err(|why| refuse(&format!("Could not parse cql : {query} ({why})")))?;
    let statuses = looked.content_statuses.unwrap_or_else(|| vec!["current".into()]);
    if let Some(unknown) = statuses.iter().find(|s| !["current", "draft", "archived"].contains(&s.as_str())) {
        return Err(refuse(&format!("{unknown} is no status that can be searched")));
    }
    // With bodies no more than 25 come at a time, whatever is asked for.
    let most = if expand.has_body() { 25 } else { 250 };
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, most);
    let sealed = format!("{query}\n{context}");
    let start = match ask.query("cursor") {
        Some(cursor) => site.cursors.open(cursor, &sealed, ask.now).map_err(|bad| match bad {
            BadToken::OtherQuery => refuse("The cursor belongs to another query"),
            _ => refuse("Invalid cursor"),
        })?,
        None => ask.query_as::<usize>("start")?.unwrap_or_default(),
    };
    let me = site.me(ask);
    let scene = Scene { site, me: &me, now: ask.now };
    let within = |page: &&Page| {
        page.status != Status::Trashed
            && statuses.iter().any(|status| status == page.status.name())
            && looked
                .space_key
                .as_ref()
                .is_none_or(|key| site.space(page.space).is_some_and(|s| s.key == *key))
            && looked.content_id.is_none()
            && site.sees(&me, page)
    };
    let rows = scene
        .run(&parsed, site.pages.values().filter(within))
        .map_err(|why| refuse(&format!("Could not parse cql : {query} ({why})")))?;
    let page = cut(rows, start, limit);
    let cursor = page.next.map(|next| site.cursors.seal(&sealed, next, ask.now));
    Ok(Found { pages: page.items, start, limit, total: page.total, cursor, query })
}

/// The text around the first of the words, which are marked.
fn excerpt(page: &Page, query: &str) -> String {
    let body = text::plain(&page.version().storage).unwrap_or_default();
    let flat = body.split_whitespace().collect::<Vec<_>>();
    let asked = cql::parse(query).map(|query| asked_words(&query.clause)).unwrap_or_default();
    let marked = |word: &str| words::split(word).iter().any(|own| asked.contains(own));
    let first = flat.iter().position(|word| marked(word)).unwrap_or_default();
    let around = flat.iter().skip(first.saturating_sub(8)).take(32).map(|word| {
        let word = word.replace('&', "&amp;").replace('<', "&lt;");
        if marked(&word) { format!("@@@hl@@@{word}@@@endhl@@@") } else { word }
    });
    around.collect::<Vec<_>>().join(" ")
}

fn asked_words(clause: &Clause) -> Vec<String> {
    match clause {
        Clause::And(parts) | Clause::Or(parts) => parts.iter().flat_map(asked_words).collect(),
        Clause::Not(_) => Vec::new(),
        Clause::Term(term) => match (&term.operand, term.operator) {
            (Operand::Text(text), Operator::Contains) => words::split(text),
            _ => Vec::new(),
        },
    }
}

/// `GET /wiki/rest/api/search/user`: by `user.fullname` and `user.accountid` alone.
pub(super) fn users(site: &mut Site, ask: &Ask) -> Reply {
    let refuse = |why: &str| face::error(ask, 400, why);
    let query = ask.query("cql").ok_or_else(|| refuse("cql is a required parameter"))?;
    let parsed = cql::parse(query).map_err(|why| refuse(&why))?;
    let limit = ask.query_as::<usize>("limit")?.unwrap_or(25).clamp(1, 200);
    let mut found = Vec::new();
    for user in site.users.iter().filter(|user| user.active) {
        if people::is_asked(user, &parsed.clause).map_err(|why| refuse(&why))? {
            found.push(user);
        }
    }
    let page = cut(found, ask.query_as("start")?.unwrap_or_default(), limit);
    let row = |user: &&super::state::User| {
        json!({
            "user": people::v1(user, ask),
            "title": user.name,
            "excerpt": "",
            "url": format!("/people/{}", user.id),
            "breadcrumbs": [],
            "entityType": "user",
            "iconCssClass": "aui-icon icon-user",
            "lastModified": "",
            "friendlyLastModified": "",
            "score": 0.0,
        })
    };
    Ok(Answer::json(
        200,
        json!({
            "results": page.items.iter().map(row).collect::<Vec<_>>(),
            "start": page.start,
            "limit": limit,
            "size": page.items.len(),
            "totalSize": page.total,
            "cqlQuery": query,
            "searchDuration": 1,
            "_links": { "base": face::wiki(ask), "context": "/wiki" },
        }),
    ))
}
