//! What surrounds an incident: at its own desk, and at other desks that know a service of the same name.

use call::{BoxFuture, Cx};
use content::Label;
use error::{Code, Error, Result};
use schemars::JsonSchema;
use serde::Serialize;
use tool::{Meant, Sources};

use crate::Source;
use crate::desk::{Able, Desk, Noun};
use crate::model::{Incident, Named};
use crate::reference;

/// An incident that was read, and where.
pub(crate) struct Around<'a> {
    cx: &'a Cx,
    sources: &'a Sources<Desk>,
    own: &'a Source,
    native: &'a str,
    incident: &'a Incident,
}

/// Where a question about the incident is put.
#[derive(Clone, Debug)]
pub(crate) enum At {
    /// To its own desk: the incident's native id.
    Own(String),
    /// To another desk: the key of the service of the same name.
    Elsewhere(String),
}

/// A part of an answer that is missing, and why.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Gap {
    section: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    code: Code,
    message: String,
}

impl Gap {
    pub(crate) fn new(section: &'static str, source: Option<&str>, error: &Error) -> Self {
        let message = error.message().to_owned();
        Self { section, source: source.map(str::to_owned), code: error.code(), message }
    }
}

impl<'a> Around<'a> {
    /// Around `incident`, as it was just read from its desk.
    pub(crate) fn new(
        cx: &'a Cx,
        sources: &'a Sources<Desk>,
        meant: &'a Meant<'a, Desk>,
        incident: &'a Incident,
    ) -> Self {
        Self { cx, sources, own: meant.source, native: &meant.native, incident }
    }

    /// The incident's service at its own desk, by key.
    pub(crate) fn service(&self) -> Option<String> {
        self.incident.service_id.as_ref().map(|service| service.native().to_owned())
    }

    /// The incident's group at its own desk, by key.
    pub(crate) fn group(&self) -> Option<String> {
        self.incident.group_key.clone()
    }

    /// Asks the incident's own desk.
    pub(crate) async fn own<T>(
        &self,
        section: &'static str,
        able: fn(&Able) -> bool,
        ask: impl Fn(&'a Source, At) -> BoxFuture<'a, Result<Vec<T>>> + Sync,
    ) -> (Vec<T>, Vec<Gap>) {
        let sources = if able(&self.own.port.able()) { vec![self.own] } else { Vec::new() };
        self.collect(section, sources, ask).await
    }

    /// Asks the incident's own desk, or if it is not able the others.
    pub(crate) async fn anywhere<T>(
        &self,
        section: &'static str,
        able: fn(&Able) -> bool,
        ask: impl Fn(&'a Source, At) -> BoxFuture<'a, Result<Vec<T>>> + Sync,
    ) -> (Vec<T>, Vec<Gap>) {
        match able(&self.own.port.able()) {
            true => self.own(section, able, ask).await,
            false => self.everywhere(section, able, ask).await,
        }
    }

    /// Asks every desk that is able.
    pub(crate) async fn everywhere<T>(
        &self,
        section: &'static str,
        able: fn(&Able) -> bool,
        ask: impl Fn(&'a Source, At) -> BoxFuture<'a, Result<Vec<T>>> + Sync,
    ) -> (Vec<T>, Vec<Gap>) {
        let concerned = |s: &&Source| s.name == self.own.name || self.incident.service.is_some();
        let able = |s: &&Source| able(&s.port.able());
        self.collect(section, self.sources.all().iter().filter(concerned).filter(able).collect(), ask).await
    }

    async fn collect<T>(
        &self,
        section: &'static str,
        asked: Vec<&'a Source>,
        ask: impl Fn(&'a Source, At) -> BoxFuture<'a, Result<Vec<T>>> + Sync,
    ) -> (Vec<T>, Vec<Gap>) {
        if asked.is_empty() {
            let error = Error::new(Code::Unsupported, "no configured source can tell");
            return (Vec::new(), vec![Gap::new(section, None, &error)]);
        }
        let ask = &ask;
        let put = |source: &'a Source| -> BoxFuture<'_, Result<Vec<T>>> {
            Box::pin(async move {
                match self.at(source).await? {
                    Some(at) => ask(source, at).await,
                    None => Ok(Vec::new()),
                }
            })
        };
        let (mut rows, mut gaps) = (Vec::new(), Vec::new());
        for (source, answer) in self.sources.ask(self.cx, asked, put).await {
            match answer {
                Ok(found) => rows.extend(found),
                Err(error) => gaps.push(Gap::new(section, Some(&source.name), &error)),
            }
        }
        (rows, gaps)
    }

    async fn at(&self, source: &Source) -> Result<Option<At>> {
        if source.name == self.own.name {
            return Ok(Some(At::Own(self.native.to_owned())));
        }
        let Some(service) = &self.incident.service else { return Ok(None) };
        Ok(same_service(self.cx, source, service).await?.map(At::Elsewhere))
    }
}

/// The key of the one service of a desk that bears this name.
pub(crate) async fn same_service(cx: &Cx, source: &Source, name: &Label) -> Result<Option<String>> {
    let places = source.port.places(cx, Noun::Service, name.as_str()).await?;
    let wanted = name.as_str().to_lowercase();
    let mut same = places.into_iter().filter(|place| place.name.as_str().to_lowercase() == wanted);
    // Two of one name: nobody knows which is meant, so neither is.
    Ok(same.next().filter(|_| same.next().is_none()).map(|place| place.key))
}

/// What related incidents are looked for by.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    /// The source of the incident or alert.
    pub(crate) source: String,
    /// The incident's native id.
    pub(crate) incident: Option<String>,
    /// Its service.
    pub(crate) service: Option<Named>,
    /// The error code it names, else its title.
    pub(crate) words: String,
}

/// What makes others alike the incident or alert that `text` refers to.
pub(crate) async fn signature(cx: &Cx, sources: &Sources<Desk>, text: &str) -> Result<Cause> {
    let meant = reference::cause(cx, sources, text).await?;
    let (port, native) = (&meant.source.port, meant.native.as_str());
    let is_incident = port.recognize(Noun::Incident, native).is_some();
    let is_alert = port.able().alerts && port.recognize(Noun::Alert, native).is_some();
    if is_incident {
        match port.get(cx, native).await {
            Ok(incident) => {
                let words =
                    words(&incident.title, incident.description.as_ref().map(content::FreeText::as_str));
                let incident_id = Some(native.to_owned());
                return Ok(Cause {
                    source: meant.source.name.clone(),
                    incident: incident_id,
                    service: incident.service_id.zip(incident.service).map(|(id, name)| Named { id, name }),
                    words,
                });
            }
            // Ids of both kinds may look the same.
            Err(error) if error.code() == Code::NotFound && is_alert => {}
            Err(error) => return Err(error),
        }
    }
    let alert = port.alert(cx, native).await?;
    let words = words(&alert.title, alert.details.as_ref().map(content::FreeText::as_str));
    // The alert's own incident is related to it, too: it stays in the answer.
    Ok(Cause { source: meant.source.name.clone(), incident: None, service: alert.service, words })
}

/// The first error code (`ERR_POOL_TIMEOUT`) in title or text, else the title.
fn words(title: &Label, text: Option<&str>) -> String {
    let is_code = |word: &&str| {
        word.len() >= 6
            && word.contains('_')
            && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let split = |text: &'_ str| -> Option<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').find(is_code).map(str::to_owned)
    };
    split(title.as_str()).or_else(|| split(text?)).unwrap_or_else(|| title.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_code_says_more_than_a_title() {
        let words = |title: &str, text| words(&Label::new(title), text);
        assert_eq!(words("Checkout: ERR_POOL_TIMEOUT rising", None), "ERR_POOL_TIMEOUT");
        assert_eq!(words("Checkout slow", Some("sees ERR_POOL_TIMEOUT, again")), "ERR_POOL_TIMEOUT");
        assert_eq!(words("Checkout slow", Some("DB is SLOW")), "Checkout slow");
    }
}
