//! The way to the site: which product it is, where its API begins, what a person opens.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use error::Result;
use outbound::{Client, Reply, Request};
use url::Url;

use super::judge::judge;
use super::settings::Deployment;
use super::wire::{ServerInfo, TenantInfo};

/// Where Atlassian's service accounts call.
pub(super) const GATEWAY: &str = "https://api.atlassian.com";

/// What configuration tells; the rest is asked for when it is first needed.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) deployment: Option<Deployment>,
    /// What a person opens, without a slash at the end.
    pub(super) site: Option<String>,
    /// The calls must go through this gateway, whose path holds an id that the site tells.
    pub(super) gateway: Option<String>,
}

/// The site as it is.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// Cloud, or Data Center.
    pub(super) cloud: bool,
    /// Where the API begins if it is not the source's base URL.
    root: Option<String>,
    /// What a person opens, without a slash at the end.
    pub(super) site: String,
}

impl Server {
    /// The API's version: Atlassian documents, or wiki markup.
    pub(super) fn version(&self) -> &'static str {
        if self.cloud { "3" } else { "2" }
    }
}

/// Sends requests to the site.
pub(super) struct Connection {
    client: Client,
    known: Known,
    server: Cached<Server>,
    site: OnceLock<String>,
}

impl Connection {
    pub(super) fn new(client: Client, known: Known) -> Self {
        let site = known.site.clone().map(OnceLock::from).unwrap_or_default();
        Self { client, known, server: Cached::new(), site }
    }

    /// What a person opens, as far as it is known by now.
    pub(super) fn site(&self) -> Option<&str> {
        self.site.get().map(String::as_str)
    }

    /// The site as it is; asked once an hour at most, and not at all if configuration tells everything.
    pub(super) async fn server(self: &Arc<Self>, cx: &Cx) -> Result<Arc<Server>> {
        let own = Arc::clone(self);
        self.server
            .shared(cx, |cx| async move {
                let value = own.ask(&cx).await?;
                // The first site seen stays: it is what ids were given out under.
                let _ = own.site.set(value.site.clone());
                Ok(Fresh { value, fresh_for: Duration::from_hours(1), valid_for: Duration::from_hours(24) })
            })
            .await
    }

    /// Sends a request to the API.
    pub(super) async fn send(&self, cx: &Cx, server: &Server, request: Request) -> Result<Reply> {
        let request = request.judge(judge);
        let request = match &server.root {
            Some(root) => {
                let url = format!("{root}{}", request.route()?);
                request.absolute(url)
            }
            None => request,
        };
        self.client.send(cx, request).await
    }

    async fn ask(&self, cx: &Cx) -> Result<Server> {
        let root = match &self.known.gateway {
            Some(gateway) => Some(self.behind(gateway, cx).await?),
            None => None,
        };
        let mut server = Server {
            cloud: self.known.deployment != Some(Deployment::DataCenter),
            root,
            site: self.known.site.clone().unwrap_or_default(),
        };
        if self.known.deployment.is_some() && self.known.site.is_some() {
            return Ok(server);
        }
        // Version 2 is there on both products, and the answer is the same.
        let reply = self.send(cx, &server, Request::get("/rest/api/2/serverInfo", &[])).await?;
        let info: ServerInfo<'_> = reply.json()?;
        if self.known.deployment.is_none() {
            server.cloud = info.deployment.as_deref() == Some("Cloud");
        }
        if self.known.site.is_none() {
            server.site = info.base_url.trim_end_matches('/').to_owned();
        }
        Ok(server)
    }

    async fn behind(&self, gateway: &str, cx: &Cx) -> Result<String> {
        let reply = self.client.send(cx, Request::get("/_edge/tenant_info", &[]).judge(judge)).await?;
        let info: TenantInfo<'_> = reply.json()?;
        Ok(through(gateway, &info.cloud_id))
    }
}

/// The address of a site at the gateway.
pub(super) fn through(gateway: &str, cloud_id: &str) -> String {
    format!("{}/ex/jira/{cloud_id}", gateway.trim_end_matches('/'))
}

/// Whether an address is one at the gateway.
pub(super) fn is_gateway(url: &Url) -> bool {
    url.path().starts_with("/ex/jira/")
}

/// Which product an address belongs to, if it tells.
pub(super) fn deployment_of(url: &Url) -> Option<Deployment> {
    let host = url.host_str().unwrap_or_default();
    let cloud = is_gateway(url) || host.ends_with(".atlassian.net") || host.ends_with(".jira.com");
    cloud.then_some(Deployment::Cloud)
}
