//! The person at the client, as far as a call can have them asked.

/// Whether the client can ask its person something, and what they said. A client asserts this: it is consent for the
/// record, and no boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Person {
    /// This client cannot ask anybody.
    #[default]
    Absent,
    /// Somebody can be asked; then the same call comes again with their answer.
    Present,
    /// They were asked before this call, and this came of it.
    Asked(Reply),
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The seal that the question went out with. It went through the client's hands.
    pub seal: String,
    /// What they said.
    pub said: Said,
}

/// What a person said to a question of yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Do it.
    Yes,
    /// Do not.
    No,
    /// Neither: the question was closed, or its answer cannot be read.
    Nothing,
}

impl Person {
    /// What they said, if they were asked.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Asked(reply) => Some(reply),
            _ => None,
        }
    }
}
