//! The account at HubSpot: sends requests, and knows what seldom changes (owners, pipelines, choices, the account).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use error::{Code, Error, Result};
use outbound::{Client, Reply, Request};
use tool::{Currency, Fetch};

use super::api::{Api, Object};
use super::judge::judge;
use super::query::{Conditions, Search, Sort};
use super::settings::Mapping;
use super::wire::{self, AccountInfo, BatchRead, Input};
use crate::model::Standing;

/// Matches of one search that HubSpot lets be paged through.
pub(super) const MOST_MATCHES: u64 = 10_000;

/// Records of one batch, at most.
const BATCH: usize = 100;

/// Pages of owners, at most, 100 on each.
const OWNER_PAGES: usize = 50;

/// Somebody whom records belong to.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
}

/// A stage of a pipeline.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) pipeline: String,
    /// How a deal in it stands.
    pub(super) standing: Standing,
    /// A ticket in it is done.
    pub(super) closed: bool,
    /// The pipeline holds renewals.
    pub(super) renews: bool,
}

/// The account as HubSpot tells of it.
#[derive(Clone, Debug)]
pub(super) struct Portal {
    pub(super) id: u64,
    /// The currency of amounts without one.
    pub(super) currency: Option<Currency>,
    /// Where people open records: `app.hubspot.com`, `app-eu1.hubspot.com`.
    pub(super) host: String,
}

/// A choice of a dropdown.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) label: String,
    pub(super) value: String,
}

/// What to search for, and which page of it.
pub(super) struct Hunt<'a> {
    pub(super) object: Object,
    pub(super) conditions: &'a Conditions,
    pub(super) sort: Sort,
    pub(super) properties: &'a [&'a str],
    pub(super) limit: u32,
    /// Matches to leave out at the beginning.
    pub(super) offset: u64,
}

/// An account.
pub(super) struct Hub {
    client: Client,
    pub(super) api: Api,
    pub(super) mapping: Mapping,
    portal_id: OnceLock<u64>,
    portal: Cached<Portal>,
    owners: Cached<Vec<Owner>>,
    deal_stages: Cached<Vec<Stage>>,
    ticket_stages: Cached<Vec<Stage>>,
    segments: Cached<Vec<Choice>>,
}

impl Hub {
    pub(super) fn new(client: Client, api: Api, mapping: Mapping, portal: Option<u64>) -> Self {
        Self {
            client,
            api,
            mapping,
            portal_id: portal.map(OnceLock::from).unwrap_or_default(),
            portal: Cached::new(),
            owners: Cached::new(),
            deal_stages: Cached::new(),
            ticket_stages: Cached::new(),
            segments: Cached::new(),
        }
    }

    /// The source's name.
    pub(super) fn source(&self) -> &str {
        self.client.source()
    }

    /// The account's number, as far as it is known by now.
    pub(super) fn portal_id(&self) -> Option<u64> {
        self.portal_id.get().copied()
    }

    pub(super) async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        self.client.send(cx, request.judge(judge)).await
    }

    /// One page of a search. Errors: `too_broad` beyond what HubSpot pages through, `unsupported_filter` for more
    /// filters than it takes at once.
    pub(super) async fn search(&self, cx: &Cx, hunt: &Hunt<'_>) -> Result<Reply> {
        let left = u32::try_from(MOST_MATCHES.saturating_sub(hunt.offset)).unwrap_or(0);
        if left == 0 {
            return Err(Error::new(
                Code::TooBroad,
                "HubSpot pages through 10,000 matches of a search and no more",
            )
            .hint("narrow the filters, for example by date or owner"));
        }
        let groups = hunt.conditions.groups().ok_or_else(|| {
            Error::new(Code::UnsupportedFilter, "HubSpot does not take so many filters at once")
                .hint("leave one of the filters out")
        })?;
        let body = Search {
            filter_groups: groups,
            sorts: [hunt.sort],
            properties: hunt.properties,
            limit: hunt.limit.min(left),
            after: (hunt.offset > 0).then(|| hunt.offset.to_string()),
        };
        self.send(cx, self.api.search(hunt.object).json(&body)).await
    }

    /// Records by id, one reply for each hundred; those that do not exist are missing.
    pub(super) async fn batch(
        &self,
        cx: &Cx,
        object: Object,
        ids: &[String],
        properties: &[&str],
    ) -> Result<Vec<Reply>> {
        let read = |some: &[String]| {
            let inputs = some.iter().map(|id| Input { id }).collect();
            self.api.batch_read(object).json(&BatchRead { properties, inputs })
        };
        let replies = ids.chunks(BATCH).map(|some| self.send(cx, read(some)));
        futures::future::try_join_all(replies).await
    }

    pub(super) async fn portal(self: &Arc<Self>, cx: &Cx) -> Result<Arc<Portal>> {
        let own = Arc::clone(self);
        self.portal
            .shared(cx, |cx| async move {
                let reply = own.send(&cx, own.api.account()).await?;
                let info: AccountInfo<'_> = reply.json()?;
                let value = Portal {
                    id: info.portal_id,
                    currency: Currency::parse(&info.company_currency).ok(),
                    host: info.ui_domain.to_string(),
                };
                let _ = own.portal_id.set(value.id);
                Ok(Fresh { value, fresh_for: Duration::from_hours(1), valid_for: Duration::from_hours(24) })
            })
            .await
    }

    pub(super) async fn owners(self: &Arc<Self>, cx: &Cx) -> Result<Arc<Vec<Owner>>> {
        let own = Arc::clone(self);
        self.owners.shared(cx, |cx| async move { Ok(fresh(own.all_owners(&cx).await?)) }).await
    }

    async fn all_owners(&self, cx: &Cx) -> Result<Vec<Owner>> {
        let (mut owners, mut after) = (Vec::new(), None::<String>);
        for _ in 0..OWNER_PAGES {
            let request = self.api.owners().query("limit", 100);
            let request = after.iter().fold(request, |request, after| request.query("after", after));
            let reply = self.send(cx, request).await?;
            let page: wire::Owners<'_> = reply.json()?;
            owners.extend(page.results.iter().map(owner));
            after = page.paging.next.map(|next| next.after.to_string());
            if after.is_none() {
                break;
            }
        }
        Ok(owners)
    }

    pub(super) async fn deal_stages(self: &Arc<Self>, cx: &Cx) -> Result<Arc<Vec<Stage>>> {
        let own = Arc::clone(self);
        self.deal_stages.shared(cx, |cx| async move { Ok(fresh(own.stages(&cx, Object::Deal).await?)) }).await
    }

    pub(super) async fn ticket_stages(self: &Arc<Self>, cx: &Cx) -> Result<Arc<Vec<Stage>>> {
        let own = Arc::clone(self);
        self.ticket_stages
            .shared(cx, |cx| async move { Ok(fresh(own.stages(&cx, Object::Ticket).await?)) })
            .await
    }

    async fn stages(&self, cx: &Cx, object: Object) -> Result<Vec<Stage>> {
        let reply = self.send(cx, self.api.pipelines(object)).await?;
        let pipelines: wire::Pipelines<'_> = reply.json()?;
        let mut stages = Vec::new();
        for pipeline in &pipelines.results {
            let renews = self.mapping.renewal_pipeline.as_deref().is_some_and(|wanted| {
                object == Object::Deal
                    && (*pipeline.id == *wanted || pipeline.label.eq_ignore_ascii_case(wanted))
            });
            let mut sorted: Vec<&wire::Stage<'_>> = pipeline.stages.iter().collect();
            sorted.sort_by_key(|stage| stage.display_order);
            stages.extend(sorted.into_iter().map(|stage| self::stage(pipeline, stage, renews)));
        }
        Ok(stages)
    }

    /// The choices of the segment property, if one is mapped; none where the key may not see them: then values stand
    /// for themselves.
    pub(super) async fn segments(self: &Arc<Self>, cx: &Cx) -> Result<Option<Arc<Vec<Choice>>>> {
        let Some(name) = self.mapping.segment.clone() else { return Ok(None) };
        let own = Arc::clone(self);
        let choices = self.segments.shared(cx, |cx| async move {
            let reply = match own.send(&cx, own.api.property(Object::Company, &name)).await {
                Err(error) if matches!(error.code(), Code::Permission | Code::NotFound) => {
                    return Ok(fresh(Vec::new()));
                }
                answer => answer?,
            };
            let property: wire::Property<'_> = reply.json()?;
            let choice =
                |c: &wire::Choice<'_>| Choice { label: c.label.to_string(), value: c.value.to_string() };
            Ok(fresh(property.options.iter().map(choice).collect()))
        });
        choices.await.map(Some)
    }
}

fn fresh<T>(value: T) -> Fresh<T> {
    Fresh { value, fresh_for: Duration::from_mins(5), valid_for: Duration::from_hours(1) }
}

fn owner(owner: &wire::Owner<'_>) -> Owner {
    let names = [owner.first_name.as_deref(), owner.last_name.as_deref()];
    let name = names.into_iter().flatten().filter(|n| !n.is_empty()).collect::<Vec<_>>().join(" ");
    let email = owner.email.as_deref().map(str::to_owned);
    let name = if name.is_empty() { email.clone().unwrap_or_else(|| owner.id.to_string()) } else { name };
    Owner { id: owner.id.to_string(), name, email }
}

fn stage(pipeline: &wire::Pipeline<'_>, stage: &wire::Stage<'_>, renews: bool) -> Stage {
    let probability: f64 = stage.metadata.probability.as_deref().and_then(|p| p.parse().ok()).unwrap_or(0.0);
    let is_closed = stage.metadata.is_closed.as_deref() == Some("true");
    Stage {
        id: stage.id.to_string(),
        label: stage.label.to_string(),
        pipeline: pipeline.id.to_string(),
        standing: match (is_closed, probability >= 1.0) {
            (false, _) => Standing::Open,
            (true, true) => Standing::Won,
            (true, false) => Standing::Lost,
        },
        closed: stage.metadata.ticket_state.as_deref() == Some("CLOSED"),
        renews,
    }
}

/// Where a page begins. Errors: `cursor_expired` for a token that is none of ours.
pub(super) fn offset(page: &Fetch) -> Result<u64> {
    let wrong = |_| Error::new(Code::CursorExpired, "the page token is no number");
    page.token.as_deref().map_or(Ok(0), |token| token.parse().map_err(wrong))
}
