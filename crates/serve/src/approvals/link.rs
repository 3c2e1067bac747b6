//! One-time links: how somebody without a credential of their own comes to the page.

use call::Caller;
use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tool::Seal;
use uuid::Uuid;

/// Who may decide on one request, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pass {
    /// The request.
    pub(crate) request: String,
    /// The approver, as whoever made the link calls them.
    pub(crate) approver: String,
    /// The tenant.
    pub(crate) tenant: Option<String>,
    /// Its end, in milliseconds since 1970.
    until: i64,
    /// What tells it from every other.
    serial: String,
}

/// What a pass opens. One made for the one does not open the other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Door {
    /// The page's front door, once.
    Link,
    /// The page, as often as its reader likes.
    Session,
}

impl Pass {
    /// A pass for `approver` to decide on `request`.
    pub(crate) fn new(request: &str, approver: &Caller, now: Timestamp, life: SignedDuration) -> Self {
        Self {
            request: request.to_owned(),
            approver: approver.subject.clone(),
            tenant: approver.tenant.clone(),
            until: now.saturating_add(life).map_or(i64::MAX, Timestamp::as_millisecond),
            serial: Uuid::new_v4().simple().to_string(),
        }
    }

    /// The same person's way to the page for `life` from now on.
    pub(crate) fn renewed(&self, now: Timestamp, life: SignedDuration) -> Self {
        Self::new(&self.request, &self.holder(), now, life)
    }

    /// Whom it was made for.
    pub(crate) fn holder(&self) -> Caller {
        Caller { tenant: self.tenant.clone(), ..Caller::new(&self.approver, "link") }
    }

    /// A digest that tells it from every other.
    pub(crate) fn serial(&self) -> String {
        audit::digest(self.serial.as_bytes())
    }

    /// When it ends.
    pub(crate) fn until(&self) -> Timestamp {
        Timestamp::from_millisecond(self.until).unwrap_or(Timestamp::MAX)
    }

    /// The pass as a text that nobody can make or alter.
    pub(crate) fn sealed(&self, seal: &Seal, door: Door) -> Result<String> {
        let bytes = serde_json::to_vec(self).map_err(|e| Error::internal("a pass is no JSON").source(e))?;
        seal.close(&bytes, door.binding())
    }

    /// The pass behind a text, if it is one for this door and has not ended.
    ///
    /// # Errors
    /// `permission`, the same for one that was altered and one that has expired.
    pub(crate) fn open(seal: &Seal, text: &str, door: Door, now: Timestamp) -> Result<Self> {
        let pass =
            seal.reveal(text, door.binding()).and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        pass.filter(|pass| pass.until > now.as_millisecond()).ok_or_else(spent)
    }
}

impl Door {
    fn binding(self) -> &'static [u8] {
        match self {
            Self::Link => b"chancery approval link 1",
            Self::Session => b"chancery approval session 1",
        }
    }
}

/// The same for every link that does not work.
pub(super) fn spent() -> Error {
    Error::new(Code::Permission, "this link was used, has expired or was altered").hint("ask for a new link")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_opens_its_door_in_time() {
        let (seal, now) = (Seal::ephemeral(), "2026-11-21T10:00:00Z".parse::<Timestamp>().unwrap());
        let carol = Caller { tenant: Some("acme".into()), ..Caller::new("carol", "link") };
        let pass = Pass::new("r", &carol, now, SignedDuration::from_mins(15));
        let link = pass.sealed(&seal, Door::Link).unwrap();
        assert_eq!(Pass::open(&seal, &link, Door::Link, now).unwrap(), pass);
        assert_eq!(pass.holder().key(), "acme#carol");
        let refused = |seal: &Seal, text: &str, door, now| {
            Pass::open(seal, text, door, now).unwrap_err().code() == Code::Permission
        };
        assert!(refused(&seal, &link, Door::Session, now));
        assert!(refused(&seal, &link, Door::Link, now + SignedDuration::from_mins(15)));
        assert!(refused(&seal, &link[1..], Door::Link, now));
        assert!(refused(&Seal::ephemeral(), &link, Door::Link, now));
        assert_ne!(pass.serial(), pass.renewed(now, SignedDuration::from_mins(1)).serial());
    }
}
