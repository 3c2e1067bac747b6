//! Servers that know who calls and that ask people first, as a company would run them; their vendors are simulated.

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use tempfile::TempDir;

use crate::{Fleet, Result, Setup};

/// Running servers behind API keys, each with a store and an approval page of its own.
pub(crate) struct Guarded {
    pub(crate) fleet: Fleet,
    http: reqwest::Client,
    /// Configurations, keys and stores; gone with it.
    _folder: TempDir,
}

/// Somebody who bears an API key.
pub(crate) struct Holder {
    pub(crate) domain: &'static str,
    pub(crate) subject: &'static str,
    /// What they may do.
    pub(crate) role: &'static str,
    /// What their key was granted.
    pub(crate) scopes: &'static [&'static str],
}

impl Guarded {
    /// Makes keys for these people, in the order in which they are named, and starts the servers they call. The
    /// binaries are those of `other`.
    pub(crate) async fn start<const N: usize>(
        other: &Fleet,
        holders: &[Holder; N],
    ) -> Result<(Self, [String; N])> {
        let folder = TempDir::new()?;
        let home = folder.path();
        for name in ["seal", "pepper"] {
            std::fs::write(home.join(name), uuid::Uuid::new_v4().simple().to_string())?;
        }
        let mut keys = [const { String::new() }; N];
        for (holder, key) in holders.iter().zip(&mut keys) {
            let path = home.join(format!("{}.toml", holder.domain));
            std::fs::write(&path, configuration(home, holder.domain))?;
            *key = make(other, holder, &path.display().to_string()).await?;
        }
        let like = other.setup();
        let domains: BTreeSet<&str> = holders.iter().map(|holder| holder.domain).collect();
        let setup = Setup {
            domains: domains.into_iter().map(str::to_owned).collect(),
            audit: like.audit.as_ref().map(|dir| dir.join("guarded")),
            configurations: Some(home.to_owned()),
            ..Setup::new(&like.binaries)
        };
        let http =
            reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok((Self { fleet: Fleet::start(&setup).await?, http, _folder: folder }, keys))
    }

    /// Approves the only request on a server's page, as whoever has `key`; says whether the page let them.
    pub(crate) async fn approve(&self, domain: &str, key: &str) -> Result<bool> {
        let page = self.fleet.server(domain)?.approvals();
        let list = self.look(&format!("{page}/"), key).await?;
        let path = between(&list, "href=\"/requests/", "\"").ok_or("nothing waits for an approval")?;
        let url = format!("{page}/requests/{path}");
        let request = self.look(&url, key).await?;
        // Whoever asked gets no form.
        let Some(token) = between(&request, "name=\"token\" value=\"", "\"") else { return Ok(false) };
        let form = self.http.post(&url).bearer_auth(key);
        let form = form.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let decided = form.body(format!("token={token}&verdict=approve")).send().await?.error_for_status()?;
        Ok(decided.status() == StatusCode::SEE_OTHER)
    }

    async fn look(&self, url: &str, key: &str) -> Result<String> {
        Ok(self.http.get(url).bearer_auth(key).send().await?.error_for_status()?.text().await?)
    }
}

/// Makes an API key, as an operator does.
async fn make(fleet: &Fleet, holder: &Holder, config: &str) -> Result<String> {
    let Holder { domain, subject, role, scopes } = holder;
    let mut line = vec!["keys", "create", "--subject", subject, "--role", role, "--config", config];
    line.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
    Ok(fleet.server(domain)?.run(&line).await?.trim().to_owned())
}

fn configuration(home: &Path, domain: &str) -> String {
    let path = |name: &str| home.join(name).display().to_string();
    format!(
        "[store]\nurl = {:?}\n[consent]\nin_sandbox = true\n[seal]\nkeys = [{:?}]\n\
         [identity.keys]\nfile = {:?}\npepper = {:?}\n[approvals]\nlisten = \"127.0.0.1:0\"\nurl = \"http://approvals.example\"\n",
        path(&format!("{domain}.db")),
        format!("file:{}", path("seal")),
        path(&format!("{domain}.keys")),
        format!("file:{}", path("pepper")),
    )
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}
