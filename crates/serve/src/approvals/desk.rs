//! Where a person decides on a request, be it from a terminal or on the page.

use std::sync::Arc;

use audit::{Outcome, Phase, Record, Status};
use call::{Caller, Clock};
use error::{Code, Error, Result};
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::{Approval, Approvals, Decision, Standing, Verdict};
use uuid::Uuid;

use super::Signer;
use crate::layers::{Append, digest};

/// Takes decisions: each is on record before it counts, and signed.
pub(crate) struct Desk {
    pub(crate) approvals: Arc<dyn Approvals>,
    pub(crate) signer: Signer,
    pub(crate) log: Arc<dyn Append>,
    pub(crate) clock: Clock,
}

impl Desk {
    /// One request of the approver's tenant.
    ///
    /// # Errors
    /// `not_found`; `internal`, to be tried again.
    pub(crate) async fn find(&self, approver: &Caller, id: &str) -> Result<Approval> {
        let found = self.approvals.approval(tenant(approver), id).await?;
        found.ok_or_else(|| {
            Error::new(Code::NotFound, "there is no such request for approval")
                .hint("`approvals list` names those that wait")
        })
    }

    /// Decides on a request. A refusal to let somebody decide is on record, too.
    ///
    /// # Errors
    /// `not_found`; `permission` where the approver is the requester; `conflict` where it was decided before, has
    /// expired or was altered; `audit_unavailable`; `internal`, to be tried again.
    pub(crate) async fn decide(
        &self,
        approver: &Caller,
        id: &str,
        verdict: Verdict,
        reason: Option<&str>,
    ) -> Result<Approval> {
        let request = self.find(approver, id).await?;
        let said = Said { approver, request: &request, verdict, reason };
        if let Err(refused) = decidable(approver, &request) {
            self.log.append(said.record(Err(&refused))).await?;
            return Err(refused);
        }
        // Durable first: a decision that nobody can look up later does not count.
        self.log.append(said.record(Ok(()))).await?;
        let decided = self.sign_and_store(&said).await;
        if let Err(failed) = &decided {
            // Somebody else was faster, or the store does not answer.
            self.log.append(said.record(Err(failed))).await?;
        }
        decided
    }

    async fn sign_and_store(&self, said: &Said<'_>) -> Result<Approval> {
        let (request, approver) = (said.request, said.approver.key());
        // Kept in milliseconds, and signed as it is kept.
        let at = Timestamp::from_millisecond(self.clock.now().as_millisecond())
            .map_err(|e| Error::internal("the clock is out of range").source(e))?;
        let signature = self.signer.sign(request, &approver, said.verdict, said.reason, at)?;
        let decision = Decision {
            approver: &approver,
            verdict: said.verdict,
            reason: said.reason,
            at,
            signature: &signature,
        };
        self.approvals.decide(request.scope.tenant(), &request.id, decision).await
    }
}

/// What somebody says about a request.
struct Said<'a> {
    approver: &'a Caller,
    request: &'a Approval,
    verdict: Verdict,
    reason: Option<&'a str>,
}

impl Said<'_> {
    fn record(&self, outcome: Result<(), &Error>) -> Record {
        let request = self.request;
        let verdict = match self.verdict {
            Verdict::Approve => audit::Verdict::Approve,
            Verdict::Deny => audit::Verdict::Deny,
        };
        let result = match outcome {
            Ok(()) => Outcome { status: Status::Ok, ..Outcome::default() },
            Err(error) => Outcome {
                status: Status::Denied,
                error_code: Some(error.code().as_str().to_owned()),
                ..Outcome::default()
            },
        };
        Record {
            phase: Phase::Decision,
            caller: self.approver.into(),
            correlation_id: Uuid::now_v7().simple().to_string(),
            tool: request.scope.tool().to_owned(),
            op: Some(audit::Op { id: request.operation.clone(), ..audit::Op::default() }),
            approval: Some(audit::Approval {
                id: request.id.clone(),
                requester: request.scope.caller().to_owned(),
                verdict,
                digest: request.digest.clone(),
                reason: self.reason.map(str::to_owned),
            }),
            result: Some(result),
            ..Record::default()
        }
    }
}

fn tenant(caller: &Caller) -> &str {
    caller.tenant.as_deref().unwrap_or_default()
}

fn decidable(approver: &Caller, request: &Approval) -> Result<()> {
    if is_requester(request.scope.caller(), approver) {
        return Err(Error::new(Code::Permission, "nobody decides on what they asked for themselves")
            .hint("let another person decide"));
    }
    let problem = match request.standing {
        Standing::Open if is_whole(request) => return Ok(()),
        Standing::Open => "this request was altered after it was made",
        Standing::Expired => "this request has expired",
        _ => "this request was decided before",
    };
    Err(Error::new(Code::Conflict, problem).hint("a decision stands; let the requester ask again"))
}

/// Whether a caller asked for this: by the name in full, or as the subject of its issuer or tenant, since a name that
/// is told at a terminal or stands in a link says no issuer.
pub(crate) fn is_requester(requester: &str, approver: &Caller) -> bool {
    let is = |name: &str| {
        requester == name || requester.strip_suffix(name).is_some_and(|issuer| issuer.ends_with('#'))
    };
    is(&approver.subject) || is(&approver.key())
}

/// Whether the arguments that an approver is shown are those that would be run with.
fn is_whole(request: &Approval) -> bool {
    let shown: Value = serde_json::from_slice(&request.shown).unwrap_or_default();
    let none = Map::new();
    digest(shown["arguments"].as_object().unwrap_or(&none)) == request.digest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use store::{Request, Scope, Store};

    use super::*;
    use crate::trial::Tape;

    const ARGUMENTS: &str = r#"{"arguments":{"text":"x"},"change":null}"#;

    struct Office {
        desk: Desk,
        tape: Arc<Tape>,
        store: Store,
    }

    async fn office() -> Office {
        let (store, tape) = (Store::in_memory(Clock::for_test()).await.unwrap(), Arc::new(Tape::default()));
        let desk = Desk {
            approvals: Arc::new(store.clone()),
            signer: Signer::new(tool::Seal::ephemeral()),
            log: tape.clone(),
            clock: Clock::for_test(),
        };
        Office { desk, tape, store }
    }

    impl Office {
        async fn request(&self, operation: &str, digest: &str) -> Approval {
            let scope = Scope::new("", "https://idp#alice", "sell_item").unwrap();
            let expiry = Duration::from_secs(60);
            let shown = ARGUMENTS.as_bytes();
            let request = Request { scope: &scope, operation, digest, shown, plan: None, expiry };
            self.store.request(request).await.unwrap()
        }
    }

    fn digest_of_shown() -> String {
        digest(json!({"text": "x"}).as_object().unwrap())
    }

    #[tokio::test]
    async fn a_decision_is_signed_and_on_record() {
        let office = office().await;
        let id = office.request("op", &digest_of_shown()).await.id;
        let carol = Caller::new("carol", "link");
        let decided = office.desk.decide(&carol, &id, Verdict::Approve, Some("fine")).await.unwrap();
        assert_eq!((decided.standing, decided.approver.as_deref()), (Standing::Approved, Some("carol")));
        office.desk.signer.check(&decided).unwrap();

        let records = office.tape.records();
        let [record] = records.as_slice() else { panic!("{records:?}") };
        let approval = record.approval.as_ref().unwrap();
        assert_eq!((record.phase, record.caller.sub.as_str()), (Phase::Decision, "carol"));
        assert_eq!((&approval.id, approval.verdict), (&id, audit::Verdict::Approve));
        assert_eq!(
            (approval.digest.as_str(), approval.reason.as_deref()),
            (&*digest_of_shown(), Some("fine"))
        );

        let again = office.desk.decide(&carol, &id, Verdict::Deny, None).await.unwrap_err();
        assert_eq!(again.code(), Code::Conflict);
        let refused = office.tape.records().pop().unwrap().result.unwrap();
        assert_eq!((refused.status, refused.error_code.as_deref()), (Status::Denied, Some("conflict")));
    }

    #[tokio::test]
    async fn what_cannot_be_recorded_is_not_decided() {
        let office = office().await;
        let id = office.request("op", &digest_of_shown()).await.id;
        office.tape.tear(true);
        let carol = Caller::new("carol", "cli");
        let failed = office.desk.decide(&carol, &id, Verdict::Approve, None).await.unwrap_err();
        assert_eq!(failed.code(), Code::AuditUnavailable);
        assert_eq!(office.desk.find(&carol, &id).await.unwrap().standing, Standing::Open);
    }

    #[tokio::test]
    async fn what_was_altered_and_what_is_ones_own_is_not_decided() {
        let office = office().await;
        let carol = Caller::new("carol", "cli");
        let altered = office.request("op", "of other arguments").await.id;
        let refused = office.desk.decide(&carol, &altered, Verdict::Approve, None).await.unwrap_err();
        assert!(refused.message().contains("altered"), "{refused}");
        let own = office.request("own", &digest_of_shown()).await.id;
        let alice = Caller { issuer: Some("https://idp".into()), ..Caller::new("alice", "jwt") };
        for alice in [alice, Caller::new("alice", "link"), Caller::new("https://idp#alice", "cli")] {
            let refused = office.desk.decide(&alice, &own, Verdict::Deny, None).await.unwrap_err();
            assert_eq!(refused.code(), Code::Permission, "{alice:?}");
        }
        let other = Caller { tenant: Some("globex".into()), ..carol.clone() };
        assert_eq!(office.desk.find(&other, &own).await.unwrap_err().code(), Code::NotFound);
        office.desk.decide(&carol, &own, Verdict::Deny, None).await.unwrap();
    }

    #[test]
    fn the_requester_is_known_by_any_of_its_names() {
        let is = |name: &str| is_requester("https://idp#alice", &Caller::new(name, "cli"));
        assert!(is("https://idp#alice") && is("alice"));
        for name in ["https://idp#bob", "lice", "ice", "bob"] {
            assert!(!is(name), "{name}");
        }
        let acme = Caller { tenant: Some("acme".into()), ..Caller::new("https://idp#alice", "cli") };
        assert!(is_requester("https://idp#alice", &acme));
    }
}
