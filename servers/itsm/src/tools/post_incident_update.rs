//! `post_incident_update`.

use call::Cx;
use content::Label;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{
    Change, Consent, FieldChange, Mark, Meant, Meta, Output, Record, Sources, Tool, Undo, WriteKind, Written,
    require,
};

use crate::desk::Desk;
use crate::model::{Audience, Update};
use crate::reference;

/// Posts an update on an IT incident: a work note for the people who work on it, or a comment that tells the customer
/// or reporter. Refused where the desk cannot reach that audience.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PostIncidentUpdate {
    /// Id, number (INC0010023), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    incident: String,
    /// Plain text
    #[schemars(length(min = 1, max = 20000))]
    text: String,
    audience: Audience,
}

impl Output for Update {}

impl Tool for PostIncidentUpdate {
    type Port = Desk;
    type Out = Written<Update>;
    const META: Meta =
        Meta::write("post_incident_update", "Post an incident update", "itsm:write", WriteKind::Additive);

    /// What leaves the company a person confirms.
    fn consent(&self) -> Consent {
        match self.audience {
            Audience::Internal => Consent::None,
            Audience::Customer => Consent::Confirm,
        }
    }

    /// What was read of secrets must not be told to customers.
    fn stakes(&self) -> tool::Stakes {
        let outside = self.audience == Audience::Customer;
        tool::Stakes { audience: outside.then_some(tool::Audience::Outside), ..tool::Stakes::default() }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Desk>) -> Result<Written<Update>> {
        let mark = Mark::new(cx, None)?;
        let meant = reference::incident(cx, sources, &self.incident).await?;
        let port = &meant.source.port;
        let reaches = self.audience == Audience::Internal || port.able().customer_updates;
        require(reaches, meant.source, "post an update that the customer reads")?;
        let earlier = mark.found(cx, "update", port.find_posted(cx, &meant.native, &mark)).await?;
        if let Some(found) = earlier {
            return Ok(posted(&meant, found).replayed("an earlier attempt had posted it"));
        }
        if cx.is_preview() {
            return Ok(Written::preview("incident", change(&meant, &self.text, self.audience)));
        }
        let update = port.post(cx, &meant.native, &self.text, self.audience, &mark).await?;
        Ok(posted(&meant, update))
    }
}

fn posted(meant: &Meant<'_, Desk>, update: Update) -> Written<Update> {
    let change = change(meant, update.text.as_str(), update.audience);
    let undo = match update.audience {
        Audience::Internal => Undo::None("desks keep every note; post another that corrects it".into()),
        Audience::Customer => Undo::None("it may have been read; post another that corrects it".into()),
    };
    let version = update.id.native().to_owned();
    Written::committed("incident", update, change, undo).version(version)
}

/// The text, and who will read it: whoever agrees to it, or looks it up later, has to know both.
fn change(meant: &Meant<'_, Desk>, text: &str, audience: Audience) -> Change {
    let record = Record { id: meant.id(), label: Label::new(&meant.native), url: None };
    let audience = match audience {
        Audience::Internal => "internal",
        Audience::Customer => "customer",
    };
    let fields =
        vec![FieldChange::new("text", Label::new(text)), FieldChange::new("audience", audience.into())];
    Change { record, fields }
}
