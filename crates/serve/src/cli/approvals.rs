//! `approvals list|show|approve|deny|link`: changes that wait for another person.

use std::sync::Arc;

use ::call::{Caller, Clock};
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::{Approval, Approvals as _, Standing, Store, Verdict};

use super::kept::{Kept, name};
use super::{Done, Failure};
use crate::approvals::{Desk, Door, Pass, Signer, exact, is_requester};
use crate::domain::Domain;
use crate::offer::Mode;
use crate::{start, state};

/// Requests that are listed: all, whose reader stops where it likes.
const ALL: u32 = u32::MAX;

/// What `approvals` takes.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// List the requests that wait for a decision, oldest first
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Show a request: the change, and every argument of the call
    Show {
        /// The request's id, as the caller was told it
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Let the caller make the change, once
    Approve(Box<Decide>),
    /// Refuse the change
    Deny(Box<Decide>),
    /// Print a URL with which somebody can decide on a request in a browser, once
    Link(Box<Link>),
}

#[derive(Args)]
struct Link {
    /// The request's id
    id: String,
    /// Who may decide with it, for the record
    #[arg(long, value_name = "NAME")]
    approver: String,
    /// For how long it works
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=480))]
    minutes: u16,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
struct Place {
    /// The tenant of the requester
    #[arg(long, default_value = "", hide_default_value = true)]
    tenant: String,
    #[command(flatten)]
    kept: Kept,
}

impl Place {
    /// A person of this tenant.
    fn person(&self, name: &str, method: &'static str) -> Caller {
        let tenant = Some(self.tenant.clone()).filter(|tenant| !tenant.is_empty());
        Caller { tenant, ..Caller::new(name, method) }
    }
}

#[derive(Args)]
struct Decide {
    /// The request's id
    id: String,
    /// Why, for the caller
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Who decides, for the record [default: the user of this terminal]
    #[arg(long = "as", value_name = "NAME")]
    approver: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Lists, shows or decides.
pub(crate) fn run(domain: &Domain, options: &Options) -> Done {
    match &options.what {
        What::List { place } => {
            let waiting =
                place.kept.with(domain, async |store| Ok(store.waiting(&place.tenant, None, ALL).await?))?;
            place.kept.print(&waiting, shown, line)
        }
        What::Show { id, place } => {
            let found = place.kept.with(domain, async |store| find(&store, &place.tenant, id).await)?;
            place.kept.print(&[found], shown, text)
        }
        What::Approve(decide) => decided(domain, decide, Verdict::Approve),
        What::Deny(decide) => decided(domain, decide, Verdict::Deny),
        What::Link(options) => link(domain, options),
    }
}

fn decided(domain: &Domain, decide: &Decide, verdict: Verdict) -> Done {
    let approver = approver(decide.approver.clone(), |name| std::env::var(name).ok())?;
    let (place, config) = (&decide.place, decide.place.kept.config()?);
    let approval = super::runtime()?.block_on(async {
        let store = state::open(domain.catalogue().name, &config, Mode::default()).await?.store;
        find(&store, &place.tenant, &decide.id).await?;
        let recorder = start::recorder(domain, &config, Mode::default()).await?;
        let desk = Desk {
            approvals: Arc::new(store),
            signer: Signer::of(&config, &start::seal(&config.seal)?),
            log: recorder.clone(),
            clock: Clock::system(),
        };
        let approver = place.person(&approver, "cli");
        let decided = desk.decide(&approver, &decide.id, verdict, decide.reason.as_deref()).await;
        recorder.close().await;
        decided.map_err(Failure::from)
    })?;
    place.kept.print(&[approval], shown, line)
}

/// Prints a URL that lets somebody decide on one request, once.
fn link(domain: &Domain, link: &Link) -> Done {
    let (place, config) = (&link.place, link.place.kept.config()?);
    let Some(page) = config.approval_page()? else { return Err(Failure::Usage(NO_PAGE.to_owned())) };
    let approver = place.person(&link.approver, "link");
    if link.approver.trim().is_empty() {
        return Err(Failure::Usage("--approver must name a person".to_owned()));
    }
    let request = place.kept.with(domain, async |store| find(&store, &place.tenant, &link.id).await)?;
    if request.standing != Standing::Open {
        return Err(Failure::Failed(format!(
            "request {} does not wait any more: {}",
            request.id,
            standing(&request)
        )));
    }
    if is_requester(request.scope.caller(), &approver) {
        return Err(Failure::Failed("nobody decides on what they asked for themselves".to_owned()));
    }
    let life = SignedDuration::from_mins(i64::from(link.minutes));
    let pass = Pass::new(&request.id, &approver, Clock::system().now(), life);
    let text = pass.sealed(&start::seal(&config.seal)?, Door::Link)?;
    let url = format!("{}/link/{text}", page.url);
    place.kept.print(&[url], |url| json!({ "url": url, "expires_at": pass.until() }), String::clone)
}

const NO_PAGE: &str = "there is no page to link to: set `listen` in `[approvals]`";

async fn find(store: &Store, tenant: &str, id: &str) -> Result<Approval, Failure> {
    store.approval(tenant, id).await?.ok_or_else(|| {
        Failure::Failed(format!("there is no request {}; `approvals list` names those that wait", name(id)))
    })
}

/// Who decides: as said, else the user of this terminal.
fn approver(said: Option<String>, variable: impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
    let user = || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(variable);
    let approver = said.or_else(user).filter(|name| !name.trim().is_empty());
    approver
        .ok_or_else(|| Failure::Usage("nobody is known to sit here: say who decides with --as NAME".into()))
}

/// `k3j... open issue_refund asked for by local, until 2026-11-21T18:00:00Z: stripe:py_1`.
fn line(approval: &Approval) -> String {
    let record = &content_of(approval)["change"]["record"]["id"];
    format!(
        "{} {} {} asked for by {}, until {}: {}",
        approval.id,
        standing(approval),
        approval.scope.tool(),
        name(approval.scope.caller()),
        approval.expires_at,
        name(record.as_str().unwrap_or("a new record"))
    )
}

/// The line, then the change field by field and the call's arguments.
fn text(approval: &Approval) -> String {
    let content = content_of(approval);
    let mut lines = vec![line(approval)];
    let fields = content["change"]["fields"].as_array().into_iter().flatten();
    let value =
        |value: &Value| value.as_str().map_or_else(|| "(nothing)".to_owned(), |v| name(v).to_string());
    lines.extend(fields.map(|field| {
        format!("  {}: {} -> {}", value(&field["field"]), value(&field["before"]), value(&field["after"]))
    }));
    lines.push(format!("  arguments: {}", exact(&content["arguments"].to_string())));
    if let Some(approver) = &approval.approver {
        let reason = approval.reason.as_deref().map(|reason| format!(": {}", name(reason)));
        lines.push(format!("  decided by {}{}", name(approver), reason.unwrap_or_default()));
    }
    lines.join("\n")
}

fn shown(approval: &Approval) -> Value {
    let content = content_of(approval);
    json!({
        "id": approval.id,
        "standing": standing(approval),
        "tool": approval.scope.tool(),
        "tenant": approval.scope.tenant(),
        "requester": approval.scope.caller(),
        "change": content["change"],
        "arguments": content["arguments"],
        "approver": approval.approver,
        "reason": approval.reason,
        "created_at": approval.created_at,
        "expires_at": approval.expires_at,
        "decided_at": approval.decided_at,
    })
}

/// What the consent layer stored for the approver.
fn content_of(approval: &Approval) -> Value {
    serde_json::from_slice(&approval.shown).unwrap_or_default()
}

fn standing(approval: &Approval) -> &'static str {
    match approval.standing {
        Standing::Open => "open",
        Standing::Approved => "approved",
        Standing::Denied => "denied",
        Standing::Redeemed => "used",
        Standing::Expired => "expired",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_has_to_decide() {
        let user = |name: &str| (name == "LOGNAME").then(|| "carol".to_owned());
        assert_eq!(approver(None, user).ok().as_deref(), Some("carol"));
        assert_eq!(approver(Some("dora".into()), user).ok().as_deref(), Some("dora"));
        assert!(matches!(approver(None, |_| None), Err(Failure::Usage(why)) if why.contains("--as")));
        assert!(approver(Some(" ".into()), user).is_err());
    }
}
