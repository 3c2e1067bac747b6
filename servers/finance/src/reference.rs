//! What callers call suppliers, documents and parts of the company.

use call::Cx;
use error::Result;
use tool::{Fetch, Keys, Listing, Meant, Place, Record, RecordId, Source, Sources};

use crate::ledger::{CustomerInvoiceQuery, Ledger, Noun, Unit};
use crate::model::{CustomerInvoice, Party};

/// The supplier that `text` (id, number, URL or exact name) refers to.
pub(crate) async fn supplier<'s>(
    cx: &Cx,
    sources: &'s Sources<Ledger>,
    text: &str,
) -> Result<Meant<'s, Ledger>> {
    let recognize = |port: &Ledger, text: &str| port.recognize(Noun::Supplier, text);
    sources
        .meant(cx, "supplier", text, recognize, |source| {
            Box::pin(async move {
                let found = source.port.find_suppliers(cx, text.trim()).await?;
                Ok(found.into_iter().map(record).collect())
            })
        })
        .await
}

fn record(party: Party) -> Record {
    Record { id: party.id, label: party.name, url: None }
}

/// The document that `text` (id, number or URL) refers to; documents have no names. Invoices to customers may also
/// bear a number on the paper that is not their id.
pub(crate) async fn document<'s>(
    cx: &Cx,
    sources: &'s Sources<Ledger>,
    noun: Noun,
    text: &str,
) -> Result<Meant<'s, Ledger>> {
    let recognize = |port: &Ledger, text: &str| port.recognize(noun, text);
    sources
        .meant(cx, noun.word(), text, recognize, |source| {
            Box::pin(async move {
                match noun {
                    Noun::CustomerInvoice => numbered(cx, source, text.trim()).await,
                    _ => Ok(Vec::new()),
                }
            })
        })
        .await
}

/// The invoices with this number on the paper.
async fn numbered(cx: &Cx, source: &Source<Ledger>, number: &str) -> Result<Vec<Record>> {
    let query = CustomerInvoiceQuery { number: Some(number.to_owned()), ..CustomerInvoiceQuery::default() };
    let found = source.port.customer_invoices(cx, &query, Fetch { token: None, limit: 5 }).await?;
    let record = |i: CustomerInvoice| Some(Record { id: i.id, label: i.number?, url: Some(i.url) });
    Ok(found.rows.into_iter().filter_map(record).collect())
}

/// Documents that were asked for one by one; narrows the list to their sources.
pub(crate) async fn documents(
    cx: &Cx,
    sources: &Sources<Ledger>,
    listing: &mut Listing,
    noun: Noun,
    texts: Option<&[String]>,
) -> Result<Ids> {
    let mut ids = Vec::new();
    for text in texts.unwrap_or_default() {
        ids.push(document(cx, sources, noun, text).await?.id());
    }
    if !ids.is_empty() {
        listing.narrow(ids.iter().map(|id| id.source().to_owned()));
    }
    Ok(Ids(ids))
}

/// Documents of several sources.
pub(crate) struct Ids(Vec<RecordId>);

impl Ids {
    /// The native ids of those of one source.
    pub(crate) fn of(&self, source: &str) -> Vec<String> {
        self.0.iter().filter(|id| id.source() == source).map(|id| id.native().to_owned()).collect()
    }
}

/// The supplier a list is narrowed to: its native id.
pub(crate) async fn one_supplier(
    cx: &Cx,
    sources: &Sources<Ledger>,
    listing: &mut Listing,
    text: Option<&str>,
) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let meant = supplier(cx, sources, text).await?;
    listing.narrow([meant.source.name.clone()]);
    Ok(Some(meant.native))
}

/// The one company code, plant or cost center that `text` refers to.
pub(crate) async fn unit<'s>(
    cx: &Cx,
    sources: &'s Sources<Ledger>,
    unit: Unit,
    source: Option<&str>,
    text: &str,
) -> Result<(&'s Source<Ledger>, Place)> {
    let (source, text) = named(sources, unit, source, text)?;
    sources.place(cx, unit.word(), source.as_deref(), &text, |source| source.port.places(cx, unit)).await
}

/// The source and the key that an id or a URL stands for; any other text is a key or a name itself.
fn named(
    sources: &Sources<Ledger>,
    unit: Unit,
    source: Option<&str>,
    text: &str,
) -> Result<(Option<String>, String)> {
    let text = text.trim();
    if let Some(id) = sources.id(text)? {
        return Ok((Some(id.source().to_owned()), id.native().to_owned()));
    }
    if unit == Unit::CostCenter && text.contains("://") {
        let known = |s: &&Source<Ledger>| Some((s.name.clone(), s.port.recognize(Noun::CostCenter, text)?));
        if let Some((source, key)) = sources.narrowed(source)?.iter().find_map(known) {
            return Ok((Some(source), key));
        }
    }
    Ok((source.map(str::to_owned), text.to_owned()))
}

/// The unit a list is narrowed to: its key per source. Of two in one source neither is guessed.
pub(crate) async fn unit_of_each(
    cx: &Cx,
    sources: &Sources<Ledger>,
    listing: &mut Listing,
    unit: Unit,
    text: Option<&str>,
) -> Result<Keys> {
    let Some(text) = text else { return Ok(Keys::default()) };
    let (source, name) = named(sources, unit, listing.source.as_deref(), text)?;
    let found = sources
        .places(cx, unit.word(), source.as_deref(), &name, |source| source.port.places(cx, unit))
        .await?;
    listing.keys(text, found)
}
