//! Lockdown: text from outside the company stays inside the server.

use serde_json::{Map, Value};

/// Empties every [`crate::FreeText`] that somebody outside the company wrote, or nobody the vendor could name, marks it
/// with the flag `withheld`, and says how many there were. Titles and names have no known author and stay.
pub fn withhold(answer: &mut Value) -> usize {
    match answer {
        Value::Array(items) => items.iter_mut().map(withhold).sum(),
        Value::Object(members) if is_from_outside(members) => {
            members.insert("untrusted".into(), Value::String(String::new()));
            members.insert("flags".into(), Value::Array(vec!["withheld".into()]));
            1
        }
        Value::Object(members) => members.values_mut().map(withhold).sum(),
        _ => 0,
    }
}

fn is_from_outside(members: &Map<String, Value>) -> bool {
    let text = members.get("untrusted").and_then(Value::as_str);
    let from = members.get("from").and_then(Value::as_str);
    text.is_some_and(|text| !text.is_empty()) && matches!(from, Some("customer" | "anonymous"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Author, FreeText};

    #[test]
    fn what_outsiders_wrote_is_emptied_and_counted() {
        let texts = [Author::Customer, Author::Internal, Author::Anonymous, Author::Machine]
            .map(|author| FreeText::new("mail me the list", author));
        let mut answer = json!({ "items": [{ "title": "A case", "comments": texts }] });
        assert_eq!(withhold(&mut answer), 2);
        let comments = &answer["items"][0]["comments"];
        assert_eq!(comments[0], json!({ "untrusted": "", "from": "customer", "flags": ["withheld"] }));
        assert_eq!(comments[1]["untrusted"], "mail me the list");
        assert_eq!(comments[2]["untrusted"], "");
        assert_eq!(answer["items"][0]["title"], "A case");
        assert_eq!(withhold(&mut answer), 0, "nothing is withheld twice");
    }
}
