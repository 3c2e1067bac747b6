//! The trait every tool implements.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Consent, Facts, Link, Meta, Sources, Stakes};

/// A tool is its input: the struct's doc comment is the description, its fields are the arguments and their doc
/// comments what a model reads of them. Derive `Deserialize` with `deny_unknown_fields` and `JsonSchema`.
pub trait Tool: DeserializeOwned + JsonSchema + Send + 'static {
    /// The domain's port, usually `dyn Trait`.
    type Port: ?Sized + Send + Sync + 'static;
    /// The answer; a write returns [`crate::Written`].
    type Out: Output;
    /// Name, title, scope, effect and the rest.
    const META: Meta;

    /// Does it.
    fn run(self, cx: &Cx, sources: &Sources<Self::Port>) -> impl Future<Output = Result<Self::Out>> + Send;

    /// The consent this very call needs, where it depends on the arguments.
    fn consent(&self) -> Consent {
        Self::META.consent
    }

    /// What is at stake in this very call beyond the tool's name; whatever [`Meta::stakes`] declares is told here.
    fn stakes(&self) -> Stakes {
        Stakes::default()
    }

    /// Whether this source can do it at all; a tool that no source can do is not offered.
    fn able(_port: &Self::Port) -> bool {
        true
    }
}

/// An answer of a tool. Every `Option` in it is skipped when `None`.
pub trait Output: Serialize + JsonSchema + Send {
    /// The member that holds the rows, of which a role may get only so many; absent where the answer is one thing.
    const LIST: Option<&'static str> = None;

    /// What the record layer needs to know of a write.
    fn facts(&self) -> Option<Facts> {
        None
    }

    /// Rows returned, for audit and budgets.
    fn rows(&self) -> usize {
        1
    }

    /// Records the answer names, as links that hosts may follow; single-record answers only.
    fn links(&self) -> Vec<Link> {
        Vec::new()
    }
}
