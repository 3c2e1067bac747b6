//! What callers call things: incidents, alerts, services, groups.

use call::Cx;
use content::Label;
use error::Result;
use tool::{Meant, Place, Places, Record, RecordId, Rows, Sources};

use crate::desk::{Desk, Noun, Query};
use crate::model::{Incident, State};
use crate::{Source, writing};

/// The incident that `text` (our id, a number, a URL or an exact title) refers to.
pub(crate) async fn incident<'s>(cx: &Cx, sources: &'s Sources<Desk>, text: &str) -> Result<Meant<'s, Desk>> {
    let recognize = |port: &Desk, text: &str| port.recognize(Noun::Incident, text);
    sources.meant(cx, "incident", text, recognize, |source| Box::pin(titled(cx, source, text))).await
}

/// What `related_to` refers to: an incident, or an alert by its id.
pub(crate) async fn cause<'s>(cx: &Cx, sources: &'s Sources<Desk>, text: &str) -> Result<Meant<'s, Desk>> {
    let recognize = |port: &Desk, text: &str| {
        port.recognize(Noun::Incident, text).or_else(|| port.recognize(Noun::Alert, text))
    };
    sources.meant(cx, "incident or alert", text, recognize, |source| Box::pin(titled(cx, source, text))).await
}

/// The incident of this number; else incidents whose title may be `text`. A desk that cannot search words is asked for
/// what is open.
async fn titled(cx: &Cx, source: &Source, text: &str) -> Result<Vec<Record>> {
    if let Some(incident) = source.port.numbered(cx, text.trim()).await? {
        return Ok(vec![Record { label: Label::new(text), ..writing::record(&incident) }]);
    }
    let query = match source.port.able().text {
        true => Query { text: Some(text.to_owned()), ..Query::default() },
        false => Query { states: State::OPEN.to_vec(), ..Query::default() },
    };
    let by_title = |row: Incident| Record { label: row.title.clone(), ..writing::record(&row) };
    let mut near = source.port.search(cx, &query, Rows::LOOK_UP).await?.map(by_title).all()?;
    near.sort_by_key(|record| strsim::osa_distance(record.label.as_str(), text));
    Ok(near)
}

/// A service or group at the source that has it.
pub(crate) type At<'s> = (&'s Source, Place);

/// Every service ([`Noun::Service`]) or group ([`Noun::Group`]) that `text` (our id, a key or a name) refers to.
pub(crate) async fn places<'s>(
    cx: &Cx,
    sources: &'s Sources<Desk>,
    noun: Noun,
    source: Option<&str>,
    text: &str,
) -> Result<Places<'s, Desk>> {
    let id = sources.id(text)?;
    let like = id.as_ref().map_or(text.trim(), RecordId::native);
    sources.places(cx, word(noun), source, text, |source| source.port.places(cx, noun, like)).await
}

/// The one service that `text` refers to.
pub(crate) async fn service<'s>(
    cx: &Cx,
    sources: &'s Sources<Desk>,
    source: Option<&str>,
    text: &str,
) -> Result<At<'s>> {
    place(cx, sources, Noun::Service, source, text).await
}

/// The one service ([`Noun::Service`]) or group ([`Noun::Group`]) that `text` refers to.
pub(crate) async fn place<'s>(
    cx: &Cx,
    sources: &'s Sources<Desk>,
    noun: Noun,
    source: Option<&str>,
    text: &str,
) -> Result<At<'s>> {
    let id = sources.id(text)?;
    let like = id.as_ref().map_or(text.trim(), RecordId::native);
    let list = |source: &'s Source| source.port.places(cx, noun, like);
    sources.place(cx, word(noun), source, text, list).await
}

fn word(noun: Noun) -> &'static str {
    match noun {
        Noun::Incident => "incident",
        Noun::Alert => "alert",
        Noun::Service => "service",
        Noun::Group => "group",
        Noun::Remediation => "remediation",
    }
}
