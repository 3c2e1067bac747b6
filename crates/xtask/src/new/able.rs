//! `Able` with everything off, field by field, as a vendor begins.

use super::port::Source;
use crate::Result;

/// The literal of a struct of capabilities none of which holds.
pub(super) fn nothing(source: &Source<'_>, name: &str) -> Result<String> {
    let fields = source.fields(name).ok_or_else(|| format!("there is no `pub struct {name}` with fields"))?;
    let fields =
        fields.into_iter().map(|(field, kind)| Ok(format!("{field}: {}, ", off(source, &field, &kind)?)));
    Ok(format!("{name} {{ {} }}", fields.collect::<Result<String>>()?))
}

fn off(source: &Source<'_>, field: &str, kind: &str) -> Result<String> {
    Ok(match kind {
        "bool" => "false".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "0".to_owned(),
        slice if slice.starts_with("&'static [") => "&[]".to_owned(),
        option if option.starts_with("Option<") => "None".to_owned(),
        other if source.fields(other).is_some() => nothing(source, other)?,
        other => {
            return Err(format!(
                "`Able::{field}` is a `{other}`: what is nothing of it? Write this vendor by hand"
            )
            .into());
        }
    })
}
