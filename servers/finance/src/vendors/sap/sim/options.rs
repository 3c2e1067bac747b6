//! System query options (OData 2.0 URI conventions, section 4; OData 4.0 URL conventions, section 5).

use sandbox::Ask;

use super::expand::{self, Shape};
use super::filter::{self, Expression};
use super::refusal::Fault;
use super::schema::{EntitySet, Service, Version};
use super::state::Place;

/// What a request for a set asks for.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// Which rows.
    pub(super) filter: Option<Expression>,
    /// In which order: property and whether descending.
    pub(super) order: Vec<(&'static str, bool)>,
    /// How many at most.
    pub(super) top: Option<usize>,
    /// From which on.
    pub(super) skip: usize,
    /// How many there are.
    pub(super) count: bool,
    /// Which properties and neighbors.
    pub(super) shape: Shape,
}

/// Reads the options of a request.
pub(super) fn read(ask: &Ask, place: Place) -> Result<Options, Fault> {
    let version = place.service.version;
    let mut options = Options::default();
    let mut token = 0;
    let (mut select, mut expand) = (None, None);
    for (name, value) in &ask.query {
        match (name.as_str(), version) {
            ("$filter", _) => options.filter = Some(condition(value, place.service, place.set)?),
            ("$orderby", _) => options.order = order(value, place.set)?,
            ("$top", _) => options.top = Some(number("$top", value)?),
            ("$skip", _) => options.skip = number("$skip", value)?,
            ("$skiptoken", _) => token = number("$skiptoken", value)?,
            ("$select", _) => select = Some(value.as_str()),
            ("$expand", _) => expand = Some(value.as_str()),
            ("$inlinecount", Version::V2) => options.count = inline_count(value)?,
            ("$count", Version::V4) => options.count = flag("$count", value)?,
            ("$format", _) => format(value)?,
            (name, _) if name.starts_with('$') => {
                return Err(Fault::invalid(format!("The system query option '{name}' is not supported")));
            }
            // Options of the web server (`sap-client`, `sap-language`) and a caller's own mean nothing here.
            _ => {}
        }
    }
    options.skip += token;
    options.shape = expand::read(select, expand, place)?;
    Ok(options)
}

/// A filter that fits the set.
pub(super) fn condition(
    text: &str,
    service: &'static Service,
    set: &'static EntitySet,
) -> Result<Expression, Fault> {
    let expression = filter::parse(text, service.version).map_err(|why| invalid_filter(&why))?;
    filter::check(&expression, service, set).map_err(|why| invalid_filter(&why))?;
    Ok(expression)
}

/// An order that fits the set.
pub(super) fn order(text: &str, set: &'static EntitySet) -> Result<Vec<(&'static str, bool)>, Fault> {
    let mut order = Vec::new();
    for part in text.split(',') {
        let mut words = part.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let property = set.property(name).ok_or_else(|| unknown(name, set))?;
        let descending = match (words.next(), words.next()) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => return Err(Fault::invalid(format!("Invalid order '{part}'"))),
        };
        order.push((property.name, descending));
    }
    Ok(order)
}

/// A whole number that is not negative.
pub(super) fn number(name: &str, value: &str) -> Result<usize, Fault> {
    value.parse().map_err(|_| Fault::invalid(format!("Invalid value '{value}' for {name}")))
}

/// The complaint about a name that the set does not have.
pub(super) fn unknown(name: &str, set: &EntitySet) -> Fault {
    Fault::invalid(format!("Property {name} not found in type {}", set.kind))
}

fn invalid_filter(why: &str) -> Fault {
    Fault::invalid(format!("Invalid filter expression: {why}"))
}

fn inline_count(value: &str) -> Result<bool, Fault> {
    match value {
        "allpages" => Ok(true),
        "none" => Ok(false),
        _ => Err(Fault::invalid(format!("Invalid value '{value}' for $inlinecount"))),
    }
}

fn flag(name: &str, value: &str) -> Result<bool, Fault> {
    value.parse().map_err(|_| Fault::invalid(format!("Invalid value '{value}' for {name}")))
}

fn format(value: &str) -> Result<(), Fault> {
    match value {
        "json" | "application/json" => Ok(()),
        _ => Err(Fault::not_offered(415, format!("The format '{value}' is not supported"))),
    }
}
