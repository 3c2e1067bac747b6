//! `get_delivery_links`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tool::{Meta, Output, RecordId, SourceReport, Sources, Tool};

use crate::model::Delivery;
use crate::reference;
use crate::tracker::Tracker;

/// What carries an issue to users: pull requests that close or name it, their checks and whether the fix was deployed
/// (deployments, production), and links people put on it. Pull requests of other sources that name its key are found
/// too.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetDeliveryLinks {
    /// Id, key (PAY-12), URL or exact title
    #[schemars(length(min = 1, max = 512))]
    issue: String,
}

/// The delivery of an issue, and who was asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct DeliveryLinks {
    issue: RecordId,
    #[serde(flatten)]
    delivery: Delivery,
    sources: Vec<SourceReport>,
}

impl Output for DeliveryLinks {}

impl Tool for GetDeliveryLinks {
    type Port = Tracker;
    type Out = DeliveryLinks;
    const META: Meta = Meta::read("get_delivery_links", "Get delivery links", "issues:read");

    async fn run(self, cx: &Cx, sources: &Sources<Tracker>) -> Result<DeliveryLinks> {
        let meant = reference::issue(cx, sources, &self.issue).await?;
        let others = sources.all().iter().filter(|s| s.name != meant.source.name && s.port.able().mentions);
        let (own, named) = futures::future::join(
            meant.source.port.delivery(cx, &meant.native),
            sources.ask(cx, others.collect(), |other| other.port.mentions(cx, &meant.native)),
        )
        .await;
        let mut delivery = own?;
        let mut reports = vec![SourceReport::ok(meant.source, cx.now())];
        for (source, answer) in named {
            match answer {
                Ok(pulls) => {
                    let known = |id: &RecordId| delivery.pull_requests.iter().any(|p| p.id == *id);
                    let new: Vec<_> = pulls.into_iter().filter(|p| !known(&p.id)).collect();
                    delivery.pull_requests.extend(new);
                    reports.push(SourceReport::ok(source, cx.now()));
                }
                Err(error) => reports.push(SourceReport::failed(source, &error)),
            }
        }
        Ok(DeliveryLinks { issue: meant.id(), delivery, sources: reports })
    }
}
