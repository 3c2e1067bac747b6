//! Signatures over decisions: whoever can write to the store can still not decide.

use std::sync::Arc;

use error::{Code, Error, Result};
use jiff::Timestamp;
use store::{Approval, Standing, Verdict};
use tool::Seal;

use super::binding;
use crate::config::Config;

/// Signs decisions with the first of `[seal] keys` and knows the signatures of all of them. Without keys decisions
/// are not signed, and whoever can write to the store is believed.
#[derive(Clone)]
pub(crate) struct Signer(Option<Arc<Seal>>);

impl Signer {
    /// Signs with `seal` if its keys are configured: those every replica and the command line share.
    pub(crate) fn of(config: &Config, seal: &Seal) -> Self {
        if config.seal.keys.is_empty() { Self::none() } else { Self::new(seal.clone()) }
    }

    /// Signs with `seal`.
    pub(crate) fn new(seal: Seal) -> Self {
        Self(Some(Arc::new(seal)))
    }

    /// Signs nothing and believes everything.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The signature of a decision; empty without keys.
    pub(crate) fn sign(
        &self,
        request: &Approval,
        approver: &str,
        verdict: Verdict,
        reason: Option<&str>,
        at: Timestamp,
    ) -> Result<Vec<u8>> {
        match &self.0 {
            Some(seal) => Ok(seal.close(b"", &decided(request, approver, verdict, reason, at))?.into_bytes()),
            None => Ok(Vec::new()),
        }
    }

    /// Holds a decision against its signature.
    ///
    /// # Errors
    /// `approval_denied` where the row is not what was signed: somebody else than an approver wrote it.
    pub(crate) fn check(&self, approval: &Approval) -> Result<()> {
        let Some(seal) = &self.0 else { return Ok(()) };
        let verdict = match approval.standing {
            Standing::Open | Standing::Expired => return Ok(()),
            Standing::Approved | Standing::Redeemed => Verdict::Approve,
            Standing::Denied => Verdict::Deny,
        };
        let signed = || {
            let (approver, at) = (approval.approver.as_deref()?, approval.decided_at?);
            let signature = str::from_utf8(approval.signature.as_deref()?).ok()?;
            seal.reveal(signature, &decided(approval, approver, verdict, approval.reason.as_deref(), at))
        };
        signed().map(drop).ok_or_else(|| forged(approval))
    }
}

/// Everything that a decision says, and everything that it is about.
fn decided(
    request: &Approval,
    approver: &str,
    verdict: Verdict,
    reason: Option<&str>,
    at: Timestamp,
) -> Vec<u8> {
    let verdict = match verdict {
        Verdict::Approve => "approve",
        Verdict::Deny => "deny",
    };
    binding(&[
        "chancery decision 1",
        request.scope.tenant(),
        request.scope.caller(),
        request.scope.tool(),
        &request.operation,
        &request.id,
        &request.digest,
        &audit::digest(&request.shown),
        approver,
        verdict,
        if reason.is_some() { "because" } else { "" },
        reason.unwrap_or_default(),
        &at.as_millisecond().to_string(),
    ])
}

fn forged(approval: &Approval) -> Error {
    tracing::error!(approval = approval.id, "a decision in the store does not bear our signature");
    metrics::counter!("chancery_forged_decisions_total").increment(1);
    let message =
        format!("the decision on request {} does not bear the signature of this server", approval.id);
    Error::new(Code::ApprovalDenied, message).hint(
        "leave `plan` out to ask anew, and tell the operator: either the store was altered, or the decision was made \
         without the server's `[seal] keys`",
    )
}

#[cfg(test)]
mod tests {
    use store::Scope;
    use tool::SealKey;

    use super::*;

    fn approved(signer: &Signer) -> Approval {
        let at: Timestamp = "2026-11-21T10:00:00.123Z".parse().unwrap();
        let mut approval = Approval {
            id: "a".repeat(26),
            scope: Scope::new("acme", "alice", "sell_item").unwrap(),
            operation: "op".into(),
            digest: "d".into(),
            shown: b"{}".to_vec(),
            plan: None,
            standing: Standing::Open,
            approver: None,
            reason: None,
            signature: None,
            created_at: at,
            expires_at: at,
            decided_at: None,
        };
        approval.signature = Some(signer.sign(&approval, "carol", Verdict::Approve, Some("ok"), at).unwrap());
        approval.standing = Standing::Approved;
        approval.approver = Some("carol".into());
        approval.reason = Some("ok".into());
        approval.decided_at = Some(at);
        approval
    }

    fn keyed(secret: &[u8]) -> Signer {
        Signer::new(Seal::new(SealKey::from_secret(secret), []))
    }

    #[test]
    fn a_decision_that_was_altered_in_any_part_is_found() {
        let signer = keyed(b"one");
        let genuine = approved(&signer);
        signer.check(&genuine).unwrap();
        signer.check(&Approval { standing: Standing::Redeemed, ..genuine.clone() }).unwrap();
        type Forgery = fn(&mut Approval);
        let forgeries: [Forgery; 11] = [
            |a| a.standing = Standing::Denied,
            |a| a.approver = Some("mallory".into()),
            |a| a.approver = None,
            |a| a.reason = None,
            |a| a.digest = "e".into(),
            |a| a.shown = b"{ }".to_vec(),
            |a| a.id = "b".repeat(26),
            |a| a.operation = "another".into(),
            |a| a.scope = Scope::new("acme", "mallory", "sell_item").unwrap(),
            |a| a.decided_at = Some("2026-11-21T10:00:00.124Z".parse().unwrap()),
            |a| a.signature = Some(Vec::new()),
        ];
        for (at, forge) in forgeries.into_iter().enumerate() {
            let mut forged = genuine.clone();
            forge(&mut forged);
            assert_eq!(signer.check(&forged).unwrap_err().code(), Code::ApprovalDenied, "forgery {at}");
        }
        keyed(b"another").check(&genuine).unwrap_err();
    }

    #[test]
    fn without_keys_the_store_is_believed() {
        let genuine = approved(&Signer::none());
        assert_eq!(genuine.signature.as_deref(), Some(&b""[..]));
        Signer::none().check(&genuine).unwrap();
        keyed(b"one").check(&genuine).unwrap_err();
    }
}
