//! The scope that a message needs, told from the message alone.

use std::borrow::Cow;

use call::Caller;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::resource;
use crate::catalogue::Catalogue;
use crate::front::Front;
use crate::offer::current_name;

/// The scope that a message needs; `None` for one that any known caller may send. What cannot be read here is refused
/// behind, by the same scope: the tool stack knows it by the tool.
pub(crate) fn needed(
    front: &Front,
    caller: &Caller,
    method: &str,
    params: Option<&RawValue>,
) -> Option<String> {
    let catalogue = &front.catalogue;
    let tool = match method {
        "tools/call" => {
            let called: Called<'_> = serde_json::from_str(params?.get()).ok()?;
            current_name(catalogue.specs(), &called.name).to_owned()
        }
        "resources/read" => {
            let read: Read<'_> = serde_json::from_str(params?.get()).ok()?;
            resource::call(catalogue, &read.uri).ok()?.tool
        }
        // It completes from what is at the vendor.
        "completion/complete" => return Some(read_scope(catalogue)),
        _ => return None,
    };
    // A hidden tool is as unknown as one that never was.
    let spec = catalogue.specs().iter().find(|spec| spec.meta.name == tool && front.shows(spec, caller))?;
    Some(spec.meta.scope.to_owned())
}

/// The scope of the least call.
pub(crate) fn read_scope(catalogue: &Catalogue) -> String {
    format!("{}:read", catalogue.name)
}

#[derive(Deserialize)]
struct Called<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    uri: Cow<'a, str>,
}
