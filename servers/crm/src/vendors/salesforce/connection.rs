//! The way to the org: queries, several at once, and their pages.

use call::Cx;
use error::{Code, Error, Result};
use outbound::{Client, Reply, Request};
use tool::{Count, Fetch, Rows, Total};
use url::form_urlencoded;

use super::judge::{Fault, judge, refused};
use super::soql::Soql;
use super::wire::{Answers, Composite, Page, Part, PartAnswer, Record};

/// Rows that can be left out at the front of a list (SOQL and SOSL Reference, "OFFSET").
const FARTHEST: u32 = 2_000;

/// Sends requests to the org.
#[derive(Clone)]
pub(super) struct Connection {
    client: Client,
    version: String,
    count: bool,
}

impl Connection {
    pub(super) fn new(client: Client, version: String, count: bool) -> Self {
        Self { client, version, count }
    }

    /// The API's version, for the first parameter of a request's path.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Sends a request.
    pub(super) async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        self.client.send(cx, request.judge(judge)).await
    }

    /// One query.
    pub(super) async fn query(&self, cx: &Cx, soql: &Soql) -> Result<Reply> {
        let request = Request::get("/services/data/v{version}/query", &[&self.version]);
        self.send(cx, request.query("q", soql.text())).await
    }

    /// Every row of a query, over all its pages; `false` if there are more than `most`.
    pub(super) async fn every<T>(
        &self,
        cx: &Cx,
        soql: &Soql,
        most: usize,
        mut map: impl FnMut(&Record<'_>) -> Result<T>,
    ) -> Result<(Vec<T>, bool)> {
        let mut rows = Vec::new();
        let mut reply = self.query(cx, soql).await?;
        loop {
            let page: Page<'_> = reply.json()?;
            let left = most - rows.len();
            for record in page.records.iter().take(left) {
                rows.push(map(record)?);
            }
            let Some(next) = page.next.as_deref() else { return Ok((rows, page.records.len() <= left)) };
            if rows.len() == most {
                return Ok((rows, false));
            }
            // The path of a reply: of the same origin, whatever it says.
            let Some((_, locator)) = next.rsplit_once("/query/") else { return Err(no_page()) };
            let request =
                Request::get("/services/data/v{version}/query/{locator}", &[&self.version, locator]);
            reply = self.send(cx, request).await?;
        }
    }

    /// Several queries in one request, their answers in the same order; five at most (REST API Developer Guide,
    /// "Composite"). Errors: those of the request as a whole.
    pub(super) async fn queries(&self, cx: &Cx, texts: &[String]) -> Result<Reply> {
        self.asked(cx, "query", texts).await
    }

    /// The same, of archived records, too (which activities are after a year), and of deleted ones.
    pub(super) async fn queries_of_all(&self, cx: &Cx, texts: &[String]) -> Result<Reply> {
        self.asked(cx, "queryAll", texts).await
    }

    async fn asked(&self, cx: &Cx, resource: &str, texts: &[String]) -> Result<Reply> {
        let paths = texts.iter().map(|text| {
            let q: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            format!("{resource}?q={q}")
        });
        self.together(cx, &paths.collect::<Vec<_>>()).await
    }

    /// Several reads in one request, by their paths below the version.
    pub(super) async fn together(&self, cx: &Cx, paths: &[String]) -> Result<Reply> {
        let part = |(nth, path): (usize, &String)| Part {
            method: "GET",
            url: format!("/services/data/v{}/{path}", self.version),
            reference: format!("p{nth}"),
        };
        let body = Composite { all_or_none: false, parts: paths.iter().enumerate().map(part).collect() };
        let request = Request::post("/services/data/v{version}/composite", &[&self.version]).json(&body);
        self.send(cx, request.reads()).await
    }

    /// A page of a list: rows by offset, and with the first page how many there are.
    pub(super) async fn list<T>(
        &self,
        cx: &Cx,
        soql: Soql,
        page: &Fetch,
        map: impl Fn(&Record<'_>) -> Result<T>,
    ) -> Result<Rows<T>> {
        let start = start(page.token.as_deref())?;
        // One more than wanted tells whether there are more.
        let soql = soql.limit(page.limit + 1).offset(start);
        let (mut rows, counted) = if start == 0 && self.count {
            let reply = self.queries(cx, &[soql.text(), soql.count()]).await?;
            let answers: Answers<'_> = reply.json()?;
            let [rows, counted] = &answers.answers[..] else { return Err(no_page()) };
            // A list is worth more than its length.
            let total = part::<Page<'_>>(counted).ok().map(|page| page.total);
            (mapped(&part(rows)?, &map)?, total)
        } else {
            let reply = self.query(cx, &soql).await?;
            (mapped(&reply.json()?, &map)?, None)
        };
        let more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        let next = more.then(|| (start + page.limit).to_string());
        let total = counted.map(|count| Total { count, kind: Count::Exact });
        Ok(Rows { rows, next, total, as_of: cx.now() })
    }
}

/// The body of one part of a composite answer. Errors: its own refusal.
pub(super) fn part<'a, T: serde::Deserialize<'a>>(answer: &PartAnswer<'a>) -> Result<T> {
    let text = answer.body.get();
    if answer.status >= 300 {
        let faults: Vec<Fault> = serde_json::from_str(text).unwrap_or_default();
        let unknown =
            || Error::new(Code::UpstreamUnavailable, "Salesforce did not answer a part of the question");
        return Err(refused(answer.status, faults).unwrap_or_else(unknown));
    }
    serde_json::from_str(text).map_err(|e| no_page().detail(e.to_string()))
}

/// The records of a page, mapped.
pub(super) fn mapped<T>(page: &Page<'_>, map: impl Fn(&Record<'_>) -> Result<T>) -> Result<Vec<T>> {
    page.records.iter().map(map).collect()
}

/// Where a page begins.
pub(super) fn start(token: Option<&str>) -> Result<u32> {
    let Some(token) = token else { return Ok(0) };
    let start = token.parse().map_err(|_| Error::new(Code::CursorExpired, "the page token is no number"))?;
    if start > FARTHEST {
        return Err(Error::new(
            Code::TooBroad,
            "Salesforce lists no further than 2,000 rows; narrow the filters",
        ));
    }
    Ok(start)
}

fn no_page() -> Error {
    Error::new(Code::UpstreamGarbled, "the vendor's answer has another shape than documented")
}
