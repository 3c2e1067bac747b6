//! The way to the site: where its API begins, and what a person opens.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use error::{Error, Result};
use http::HeaderMap;
use jiff::Timestamp;
use outbound::{Auth, Client, Kit, Limit, Profile, Reply, Request, Settings};
use url::Url;

use super::judge::judge;
use super::settings::Keys;
use super::wire::{TenantInfo, Text};

/// Where Atlassian's service accounts call.
const GATEWAY: &str = "https://api.atlassian.com";

/// What Atlassian's documents say of every Confluence.
const PROFILE: Profile = Profile {
    default_token_url: Some("https://auth.atlassian.com/oauth/token"),
    quota,
    request_id_headers: &["atl-traceid", "x-request-id"],
    trusted_suffixes: &["api.atlassian.com", "api.atlassian-us-gov-mod.com"],
    ..Profile::new("confluence")
};

/// Sends requests to the site.
pub(super) struct Site {
    client: Client,
    /// The calls must go through this gateway, whose path holds an id that the site tells.
    gateway: Option<String>,
    root: Cached<Option<String>>,
    /// `https://acme.atlassian.net/wiki`, as far as it is known by now.
    wiki: OnceLock<String>,
}

impl Site {
    pub(super) fn new(settings: &Settings, keys: &Keys, kit: &Kit) -> Result<Self> {
        let mut settings = settings.clone();
        let gateway = keys.gateway_url.as_ref().map_or(GATEWAY, Url::as_str);
        let service_account = match &mut settings.auth {
            Auth::ClientCredentials { body, .. } => {
                *body = oauth::BodyFormat::Json;
                true
            }
            _ => false,
        };
        let base = settings.base_url.take().map(without_wiki);
        let behind = base.as_ref().is_some_and(is_gateway);
        let site = keys.site_url.clone().map(without_wiki).or_else(|| base.clone().filter(|_| !behind));
        let mut found_at = None;
        settings.base_url = match &keys.cloud_id {
            Some(id) if !behind => Some(at_gateway(gateway, id)?),
            _ => {
                // Tokens of service accounts count at the gateway alone.
                found_at = (service_account && !behind).then(|| gateway.to_owned());
                base
            }
        };
        let wiki = site.map(|url| OnceLock::from(format!("{}/wiki", url.as_str().trim_end_matches('/'))));
        Ok(Self {
            client: kit.client(&settings, PROFILE)?,
            gateway: found_at,
            root: Cached::new(),
            wiki: wiki.unwrap_or_default(),
        })
    }

    pub(super) fn source(&self) -> &str {
        self.client.source()
    }

    /// Sends a request to the API. Its template begins with `/wiki`.
    pub(super) async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        let request = request.judge(judge);
        let request = match self.root(cx).await?.as_ref() {
            Some(root) => {
                let url = format!("{root}{}", request.route()?);
                request.absolute(url)
            }
            None => request,
        };
        self.client.send(cx, request).await
    }

    /// The address of what a reply calls by a path, below `base`, the wiki's address as the reply gives it. Known from
    /// the first answer on, it stays: ids were given out under it.
    pub(super) fn url(&self, base: Option<&Text<'_>>, path: &str) -> String {
        let told = base.map(|b| b.trim_end_matches('/')).filter(|b| b.starts_with("http"));
        let wiki = match told {
            Some(told) => self.wiki.get_or_init(|| told.to_owned()),
            None => self.wiki.get().map_or("", String::as_str),
        };
        format!("{wiki}{path}")
    }

    /// The native id in a number or in a URL of this site.
    pub(super) fn recognize(&self, reference: &str) -> Option<String> {
        let reference = reference.trim();
        if is_id(reference) {
            return Some(reference.to_owned());
        }
        let (own, url) = (Url::parse(self.wiki.get()?).ok()?, Url::parse(reference).ok()?);
        if own.origin() != url.origin() || !url.path().starts_with("/wiki/") {
            return None;
        }
        // /wiki/spaces/OPS/pages/98312/Title, /wiki/spaces/OPS/pages/edit-v2/98312, /wiki/pages/viewpage.action?pageId=98312
        let named = url.query_pairs().find(|(name, _)| name == "pageId").map(|(_, id)| id.into_owned());
        let mut after_pages = url.path_segments()?.skip_while(|segment| *segment != "pages").skip(1);
        named.filter(|id| is_id(id)).or_else(|| after_pages.find(|s| is_id(s)).map(str::to_owned))
    }

    async fn root(&self, cx: &Cx) -> Result<Arc<Option<String>>> {
        let Some(gateway) = self.gateway.clone() else { return Ok(Arc::default()) };
        let client = self.client.clone();
        let ask = |cx: Cx| async move {
            let reply = client.send(&cx, Request::get("/_edge/tenant_info", &[]).judge(judge)).await?;
            let info: TenantInfo<'_> = reply.json()?;
            let value = Some(through(&gateway, &info.cloud_id));
            Ok(Fresh { value, fresh_for: Duration::from_hours(1), valid_for: Duration::from_hours(24) })
        };
        self.root.shared(cx, ask).await
    }
}

/// What Confluence calls a page by.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 19 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

/// The address of a site at the gateway.
fn through(gateway: &str, cloud_id: &str) -> String {
    format!("{}/ex/confluence/{cloud_id}", gateway.trim_end_matches('/'))
}

fn at_gateway(gateway: &str, cloud_id: &str) -> Result<Url> {
    Url::parse(&through(gateway, cloud_id)).map_err(|e| Error::internal("the gateway's URL").source(e))
}

fn is_gateway(url: &Url) -> bool {
    url.path().starts_with("/ex/confluence/")
}

/// People copy the wiki's address, too; the API's paths begin with `/wiki` by themselves.
fn without_wiki(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/wiki").unwrap_or(path).to_owned();
    url.set_path(&path);
    url
}

/// `X-RateLimit-Remaining` and `X-RateLimit-Reset` (ISO 8601, to the minute), as everywhere at Atlassian.
fn quota(headers: &HeaderMap, _: Timestamp) -> Option<Limit> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let remaining = text("x-ratelimit-remaining")?.parse().ok()?;
    let reset = text("x-ratelimit-reset")?;
    let to_the_minute = reset.strip_suffix('Z').filter(|r| r.len() == 16).map(|r| format!("{r}:00Z"));
    let reset = to_the_minute.as_deref().unwrap_or(reset).parse().ok()?;
    Some(Limit { remaining, reset })
}
