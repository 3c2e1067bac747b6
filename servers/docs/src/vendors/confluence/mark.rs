//! What our drafts and comments are marked with.
//!
//! The mark stands in the text, as an anchor, which nobody sees: text and mark are written by one request. Drafts bear
//! labels besides, because labels can be searched for.

use error::{Error, Result};
use sha2::{Digest as _, Sha256};
use tool::Mark;

use super::storage::escaped;

/// How everything of ours begins.
const OURS: &str = "chancery-";

/// How our labels begin.
const OPERATION: &str = "chancery-op-";
const KEY: &str = "chancery-key-";

/// What a change of ours says of itself in the page's history, before its mark.
const MESSAGE: &str = "Section edited through Chancery";

/// Whether a label is one of ours.
pub(super) fn is_label(label: &str) -> bool {
    label.starts_with(OPERATION) || label.starts_with(KEY)
}

/// Refuses labels that Confluence would refuse once the draft is there, and those that would pass for marks.
pub(super) fn check(labels: &[String]) -> Result<()> {
    let is_bad = |c: char| c.is_whitespace() || c.is_control() || "!#&()*,.:;<>?@[]^".contains(c);
    for (at, label) in labels.iter().enumerate() {
        let problem = match label {
            label if label.is_empty() || label.contains(is_bad) => {
                "must have no spaces and none of !#&()*,.:;<>?@[]^"
            }
            label if label.to_lowercase().starts_with(OURS) => "must not begin with `chancery-`",
            _ => continue,
        };
        return Err(Error::invalid(format!("labels/{at}"), problem));
    }
    Ok(())
}

/// What a mark is looked up by: the external key if there is one, else the operation.
pub(super) fn sought(mark: &Mark) -> String {
    match &mark.external_key {
        Some(key) => keyed(key),
        None => format!("{OPERATION}{}", mark.operation),
    }
}

/// Every name of a mark.
pub(super) fn names(mark: &Mark) -> Vec<String> {
    let key = mark.external_key.as_deref().map(keyed);
    std::iter::once(format!("{OPERATION}{}", mark.operation)).chain(key).collect()
}

/// The mark as it stands in a text.
pub(super) fn anchors(mark: &Mark) -> String {
    let anchors: String = names(mark).iter().map(|name| anchor(name)).collect();
    format!("<p>{anchors}</p>")
}

/// Whether a text bears the mark.
pub(super) fn is_in(storage: &str, mark: &Mark) -> bool {
    // Confluence gives macros ids and may sort their attributes, but the parameter stays.
    storage.contains(&format!(">{}</ac:parameter>", escaped(&sought(mark))))
}

/// What a change says in the page's history, mark included.
pub(super) fn message(mark: &Mark) -> String {
    format!("{MESSAGE} ({OPERATION}{})", mark.operation)
}

/// Whether a change that says this bears the mark.
pub(super) fn is_message(said: &str, mark: &Mark) -> bool {
    said == message(mark)
}

/// What a change says, without a mark of ours.
pub(super) fn unmarked(said: &str) -> &str {
    let marked = |said: &str| said.starts_with(MESSAGE) && said.contains(OPERATION);
    if marked(said) { MESSAGE } else { said }
}

fn anchor(name: &str) -> String {
    format!(
        "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{}</ac:parameter></ac:structured-macro>",
        escaped(name)
    )
}

/// Labels are short and lower case; a caller's key may be neither.
fn keyed(key: &str) -> String {
    format!("{KEY}{}", call::hex(&Sha256::digest(key.as_bytes())[..12]))
}

#[cfg(test)]
mod tests {
    use error::Code;

    use super::*;

    #[test]
    fn labels_that_would_be_refused_or_pass_for_marks_are_refused() {
        for label in ["needs review", "why?", "", "chancery-op-1", "Chancery-Key-2", "chancery-"] {
            let refused = check(&["fine".to_owned(), label.to_owned()]).unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument, "{label}");
        }
        check(&["payments".to_owned(), "größe_2".to_owned(), "needs-review".to_owned()]).unwrap();
    }
}
