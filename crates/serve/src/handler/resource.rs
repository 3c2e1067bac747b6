//! Resource URIs: `chancery://<domain>/<source>/<kind>/<id>`, read by the tool that serves the kind.

use std::fmt::Write as _;

use error::{Code, Error, Result};
use serde_json::{Map, Value};
use tool::{Call, Kind, Link};

use crate::catalogue::Catalogue;

/// What a resource is: the structured answer of its tool.
pub(super) const MIME: &str = "application/json";

/// The URI of a record.
pub(super) fn uri(domain: &str, link: &Link) -> String {
    format!("chancery://{domain}/{}/{}/{}", link.id.source(), link.kind, encode(link.id.native()))
}

/// `not_found`, the same for a kind that does not exist and for one whose tool is hidden.
pub(super) fn absent(catalogue: &Catalogue) -> Error {
    let shape = format!("chancery://{}/<source>/<kind>/<id>", catalogue.name);
    Error::new(Code::NotFound, "there is no such resource").hint(format!("resources are named {shape}"))
}

/// The call that reads a resource, or [`absent`].
pub(super) fn call(catalogue: &Catalogue, uri: &str) -> Result<Call> {
    let absent = || absent(catalogue);
    let path = uri.strip_prefix("chancery://").and_then(|rest| rest.strip_prefix(catalogue.name));
    let mut parts = path.and_then(|p| p.strip_prefix('/')).ok_or_else(absent)?.splitn(3, '/');
    let (Some(source), Some(kind), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(absent());
    };
    let kind = catalogue.kind(kind).ok_or_else(absent)?;
    let native = decode(id).filter(|id| !id.is_empty()).ok_or_else(absent)?;
    let id = Value::from(format!("{source}:{native}"));
    let id = if takes_several(catalogue, kind) { Value::Array(vec![id]) } else { id };
    Ok(Call { tool: kind.tool.to_owned(), arguments: Map::from_iter([(kind.argument.to_owned(), id)]) })
}

/// Whether the call asks a list for one record, so that an empty list means that there is none. Elsewhere an empty list
/// is what there is to say, as about a customer with whom nothing was done.
pub(super) fn asks_for_one_of_a_list(call: &Call) -> bool {
    call.arguments.values().any(Value::is_array)
}

/// A list tool may serve a kind: its argument takes several ids, a resource is one.
fn takes_several(catalogue: &Catalogue, kind: &Kind) -> bool {
    let spec = catalogue.specs().iter().find(|spec| spec.meta.name == kind.tool);
    spec.is_some_and(|spec| spec.input["properties"][kind.argument]["type"] == "array")
}

/// Percent-encodes all but unreserved characters (RFC 3986, section 2.3).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Undoes percent-encoding; `None` if it is broken or hides bytes that are no text.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit =
            |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16)).and_then(|d| u8::try_from(d).ok());
        out.push(digit(bytes.next())? * 16 + digit(bytes.next())?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use call::Cx;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;
    use tool::{Catalog, Meta, Page, RecordId, Seal, Sources, Tool};

    use super::*;

    /// Lists items.
    #[derive(Deserialize, JsonSchema)]
    struct ListItems {
        /// Only these.
        #[allow(dead_code, reason = "only its schema is read")]
        ids: Option<Vec<String>>,
    }

    impl Tool for ListItems {
        type Port = ();
        type Out = Page<RecordId>;
        const META: Meta = Meta::read("list_items", "List items", "shelf:read");

        async fn run(self, _: &Cx, _: &Sources<()>) -> Result<Page<RecordId>> {
            Err(Error::internal("nobody calls it"))
        }
    }

    #[test]
    fn a_tool_that_takes_several_ids_is_given_one() {
        let kind = Kind { name: "item", title: "Item", tool: "list_items", argument: "ids" };
        let bare = Arc::new(Catalog::new().with::<ListItems>());
        let catalogue = Catalogue {
            name: "shelf",
            version: "1",
            instructions: "",
            bare: bare.bind(Sources::new(Vec::new(), Seal::ephemeral())),
            kinds: vec![kind],
            playbooks: Vec::new(),
        };
        let call = call(&catalogue, "chancery://shelf/oak/item/a%2F7").unwrap();
        assert_eq!(json!(call.arguments), json!({ "ids": ["oak:a/7"] }));
        assert!(asks_for_one_of_a_list(&call));
    }

    #[test]
    fn what_is_told_of_a_record_may_be_nothing() {
        let arguments = Map::from_iter([("record".to_owned(), Value::from("oak:a/7"))]);
        let call = Call { tool: "list_recent_activity".to_owned(), arguments };
        assert!(!asks_for_one_of_a_list(&call));
    }

    #[test]
    fn encoding_round_trips_and_keeps_slashes_out() {
        for id in ["PAY-12", "acme/web#12", "ü 100%", "a:b?c=d&e"] {
            let encoded = encode(id);
            assert!(!encoded.contains(['/', '#', '?', ' ']), "{encoded}");
            assert_eq!(decode(&encoded).as_deref(), Some(id));
        }
        for broken in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }
}
