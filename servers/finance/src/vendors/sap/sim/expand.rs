//! `$select` and `$expand` of both protocols, as one shape of an answer.

use super::filter::Expression;
use super::options;
use super::refusal::Fault;
use super::schema::{EntitySet, Navigation, Version};
use super::state::Place;

/// Which properties of an entity are shown, and which neighbors.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// These properties; all if none are named.
    pub(super) select: Option<Vec<&'static str>>,
    /// These neighbors.
    pub(super) expand: Vec<Expansion>,
}

impl Shape {
    /// Shows these neighbors too.
    pub(super) fn include(&mut self, navigation: &'static Navigation, set: &'static EntitySet, shape: Self) {
        self.expand.push(Expansion { shape, ..Expansion::of(navigation, set) });
    }
}

/// A neighborhood to be shown.
#[derive(Debug)]
pub(super) struct Expansion {
    /// The way.
    pub(super) navigation: &'static Navigation,
    /// Where it leads.
    pub(super) set: &'static EntitySet,
    /// What is shown of it.
    pub(super) shape: Shape,
    /// Which of its entities.
    pub(super) filter: Option<Expression>,
    /// In which order.
    pub(super) order: Vec<(&'static str, bool)>,
    /// How many at most.
    pub(super) top: Option<usize>,
}

/// The shape that these options ask for.
pub(super) fn read(select: Option<&str>, expand: Option<&str>, place: Place) -> Result<Shape, Fault> {
    match place.service.version {
        Version::V2 => paths(select, expand, place),
        Version::V4 => nested(select, expand, place, 0),
    }
}

/// Version 2: lists of paths, `to_Items/to_Lines`.
fn paths(select: Option<&str>, expand: Option<&str>, place: Place) -> Result<Shape, Fault> {
    let mut shape = Shape::default();
    for path in list(expand) {
        grow(&mut shape, path.split('/'), place)?;
    }
    for path in list(select) {
        choose(&mut shape, path, place)?;
    }
    Ok(shape)
}

fn grow<'p>(shape: &mut Shape, mut path: impl Iterator<Item = &'p str>, place: Place) -> Result<(), Fault> {
    let Some(name) = path.next() else { return Ok(()) };
    let (navigation, target) = step(name, place)?;
    let at = shape.expand.iter().position(|e| e.navigation.name == navigation.name);
    let at = at.unwrap_or_else(|| {
        shape.expand.push(Expansion::of(navigation, target.set));
        shape.expand.len() - 1
    });
    grow(&mut shape.expand[at].shape, path, target)
}

/// One path of `$select`; what it names of neighbors must be expanded.
fn choose(shape: &mut Shape, path: &str, place: Place) -> Result<(), Fault> {
    if let Some((first, rest)) = path.split_once('/') {
        let (_, target) = step(first, place)?;
        let expansion = shape.expand.iter_mut().find(|e| e.navigation.name == first);
        let not_expanded = || Fault::invalid(format!("'{first}' is selected from but not expanded"));
        // Whoever selects from neighbors alone has selected none of the entity's own properties.
        shape.select.get_or_insert_default();
        return choose(&mut expansion.ok_or_else(not_expanded)?.shape, rest, target);
    }
    if path == "*" {
        shape.select = None;
        return Ok(());
    }
    if place.set.navigation(path).is_some() {
        shape.select.get_or_insert_default();
        return Ok(());
    }
    let property = place.set.property(path).ok_or_else(|| options::unknown(path, place.set))?;
    shape.select.get_or_insert_default().push(property.name);
    Ok(())
}

/// Version 4: options in brackets, `_Items($select=A;$expand=_Lines)`.
fn nested(select: Option<&str>, expand: Option<&str>, place: Place, depth: u8) -> Result<Shape, Fault> {
    if depth > 5 {
        return Err(Fault::invalid("The expand depth is limited"));
    }
    let mut shape = Shape::default();
    for name in list(select).filter(|name| *name != "*") {
        let property = place.set.property(name).ok_or_else(|| options::unknown(name, place.set))?;
        shape.select.get_or_insert_default().push(property.name);
    }
    for part in split(expand.unwrap_or_default(), ',')? {
        let (name, inner) = match part.split_once('(') {
            Some((name, rest)) => {
                let inner = rest.strip_suffix(')');
                (name, inner.ok_or_else(|| Fault::invalid(format!("Malformed $expand '{part}'")))?)
            }
            None => (part, ""),
        };
        let (navigation, target) = step(name, place)?;
        let mut expansion = Expansion::of(navigation, target.set);
        let (mut select, mut expand) = (None, None);
        for option in split(inner, ';')? {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name.trim() {
                "$select" => select = Some(value),
                "$expand" => expand = Some(value),
                "$filter" => {
                    expansion.filter = Some(options::condition(value, target.service, target.set)?);
                }
                "$orderby" => expansion.order = options::order(value, target.set)?,
                "$top" => expansion.top = Some(options::number("$top", value)?),
                other => return Err(Fault::invalid(format!("'{other}' is not supported within $expand"))),
            }
        }
        expansion.shape = nested(select, expand, target, depth + 1)?;
        shape.expand.push(expansion);
    }
    Ok(shape)
}

impl Expansion {
    fn of(navigation: &'static Navigation, set: &'static EntitySet) -> Self {
        Self { navigation, set, shape: Shape::default(), filter: None, order: Vec::new(), top: None }
    }
}

/// Where a navigation leads.
pub(super) fn step(name: &str, place: Place) -> Result<(&'static Navigation, Place), Fault> {
    let found = place.set.navigation(name).and_then(|n| Some((n, place.service.set(n.target)?)));
    let (navigation, set) = found.ok_or_else(|| options::unknown(name, place.set))?;
    Ok((navigation, Place { set, ..place }))
}

fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// Cuts at `separator` outside brackets and quotes.
fn split(text: &str, separator: char) -> Result<Vec<&str>, Fault> {
    let (mut depth, mut quoted, mut from) = (0_i32, false, 0);
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            c if c == separator && !quoted && depth == 0 => {
                parts.push(text[from..at].trim());
                from = at + c.len_utf8();
            }
            _ => {}
        }
        if depth < 0 {
            break;
        }
    }
    if depth != 0 || quoted {
        return Err(Fault::invalid(format!("Malformed $expand '{text}'")));
    }
    parts.push(text[from..].trim());
    Ok(parts.into_iter().filter(|part| !part.is_empty()).collect())
}
