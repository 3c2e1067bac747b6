//! `approvals list|show|approve|deny`: changes that wait for another person.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use store::{Approval, Approvals as _, Decision, Standing, Store, Verdict};

use super::kept::{Kept, name};
use super::{Done, Failure};
use crate::domain::Domain;

/// Requests that are listed; the oldest come first.
const MOST: u32 = 1000;

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
}

#[derive(Args)]
struct Place {
    /// The tenant of the requester
    #[arg(long, default_value = "", hide_default_value = true)]
    tenant: String,
    #[command(flatten)]
    kept: Kept,
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
                place.kept.with(domain, async |store| Ok(store.waiting(&place.tenant, MOST).await?))?;
            place.kept.print(&waiting, shown, line)
        }
        What::Show { id, place } => {
            let found = place.kept.with(domain, async |store| find(&store, &place.tenant, id).await)?;
            place.kept.print(&[found], shown, text)
        }
        What::Approve(decide) => decided(domain, decide, Verdict::Approve),
        What::Deny(decide) => decided(domain, decide, Verdict::Deny),
    }
}

fn decided(domain: &Domain, decide: &Decide, verdict: Verdict) -> Done {
    let approver = approver(decide.approver.clone(), |name| std::env::var(name).ok())?;
    let (tenant, reason) = (&decide.place.tenant, decide.reason.as_deref());
    let approval = decide.place.kept.with(domain, async |store| {
        let request = find(&store, tenant, &decide.id).await?;
        if is_requester(request.scope.caller(), &approver) {
            return Err(Failure::Failed("nobody decides on what they asked for themselves".into()));
        }
        // The file or the database vouches for whoever may write to it; there is no signature beyond that.
        let decision = Decision { approver: &approver, verdict, reason, signature: b"" };
        Ok(store.decide(tenant, &decide.id, decision).await?)
    })?;
    decide.place.kept.print(&[approval], shown, line)
}

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

/// Whether a name is the requester's: in full, or as the subject of its issuer.
fn is_requester(requester: &str, approver: &str) -> bool {
    requester == approver || requester.strip_suffix(approver).is_some_and(|issuer| issuer.ends_with('#'))
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
    lines.push(format!("  arguments: {}", content["arguments"]));
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
    fn the_requester_is_known_by_any_of_its_names() {
        for name in ["https://idp#alice", "alice"] {
            assert!(is_requester("https://idp#alice", name));
        }
        for name in ["https://idp#bob", "lice", "ice", "bob"] {
            assert!(!is_requester("https://idp#alice", name), "{name}");
        }
        assert!(is_requester("local", "local") && !is_requester("local", "al"));
    }

    #[test]
    fn somebody_has_to_decide() {
        let user = |name: &str| (name == "LOGNAME").then(|| "carol".to_owned());
        assert_eq!(approver(None, user).ok().as_deref(), Some("carol"));
        assert_eq!(approver(Some("dora".into()), user).ok().as_deref(), Some("dora"));
        assert!(matches!(approver(None, |_| None), Err(Failure::Usage(why)) if why.contains("--as")));
        assert!(approver(Some(" ".into()), user).is_err());
    }
}
