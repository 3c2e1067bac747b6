//! How delicate a field is, and what becomes of it on the way out.

use serde::{Deserialize, Serialize};

/// How delicate a field is (security, section 2.9). The models say it of their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Everybody may know it.
    Public,
    /// Everybody in the company may know it.
    Internal,
    /// It tells who a person is or how to reach them.
    Personal,
    /// It can hurt a person or the company: health, pay, bank accounts.
    Sensitive,
    /// It opens doors: passwords, keys, tokens.
    Secret,
}

impl Class {
    /// Every class, from the plainest to the most delicate.
    pub const ALL: [Self; 5] = [Self::Public, Self::Internal, Self::Personal, Self::Sensitive, Self::Secret];

    /// Its name in files and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
            Self::Secret => "secret",
        }
    }
}

/// What becomes of a field, from the least to the most that is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It is shown.
    Show,
    /// Its shape is shown: `j***@e***.com`.
    Mask,
    /// A token stands for it, the same for the same value within a tenant.
    Tokenize,
    /// It is left out.
    Drop,
}

impl Treatment {
    /// Every treatment.
    pub const ALL: [Self; 4] = [Self::Show, Self::Mask, Self::Tokenize, Self::Drop];

    /// Its name in files and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Mask => "mask",
            Self::Tokenize => "tokenize",
            Self::Drop => "drop",
        }
    }
}

/// The treatment of every class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Masks {
    /// Of what everybody may know.
    pub public: Treatment,
    /// Of what the company may know.
    pub internal: Treatment,
    /// Of what tells who a person is.
    pub personal: Treatment,
    /// Of what can hurt.
    pub sensitive: Treatment,
    /// Of what opens doors.
    pub secret: Treatment,
}

impl Default for Masks {
    /// What holds where nobody said otherwise: people are masked, what can hurt stays inside, and of what opens doors is
    /// told that it is there.
    fn default() -> Self {
        Self {
            public: Treatment::Show,
            internal: Treatment::Show,
            personal: Treatment::Mask,
            sensitive: Treatment::Drop,
            secret: Treatment::Mask,
        }
    }
}

impl Masks {
    /// The treatment of a class.
    #[must_use]
    pub fn of(&self, class: Class) -> Treatment {
        match class {
            Class::Public => self.public,
            Class::Internal => self.internal,
            Class::Personal => self.personal,
            Class::Sensitive => self.sensitive,
            Class::Secret => self.secret,
        }
    }

    /// Sets the treatment of a class.
    pub fn set(&mut self, class: Class, treatment: Treatment) {
        match class {
            Class::Public => self.public = treatment,
            Class::Internal => self.internal = treatment,
            Class::Personal => self.personal = treatment,
            Class::Sensitive => self.sensitive = treatment,
            Class::Secret => self.secret = treatment,
        }
    }

    /// Adds up how much they take away, to tell the lesser of two.
    #[must_use]
    pub fn weight(&self) -> usize {
        Class::ALL.iter().map(|class| self.of(*class) as usize).sum()
    }
}
