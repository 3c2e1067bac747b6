//! Who gets to see what: treatments by class and by field.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Class, Masks, Treatment};

/// What becomes of an answer's values for one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Treatments {
    /// By class.
    pub masks: Masks,
    /// By field, as `email` or `contacts.email`; goes before the class. The longer name goes before the shorter.
    pub fields: Arc<BTreeMap<String, Treatment>>,
    /// Whether the words of vendors' prose are joined by a mark in place of spaces, so that a model tells them from
    /// its instructions (spotlighting, arXiv 2403.14720).
    pub datamark: bool,
}

impl Default for Treatments {
    /// What holds where no role says otherwise: an agent works with people, so it sees who they are; of what can
    /// hurt, and of what opens doors, it sees that it is there.
    fn default() -> Self {
        let masks = Masks { personal: Treatment::Show, sensitive: Treatment::Mask, ..Masks::default() };
        Self::from(masks)
    }
}

impl From<Masks> for Treatments {
    /// A role's masks, and nothing said of single fields.
    fn from(masks: Masks) -> Self {
        Self { masks, fields: Arc::default(), datamark: false }
    }
}

impl Treatments {
    /// What the audit record keeps: enough to recognize a value that one knows, of anybody.
    #[must_use]
    pub fn of_record() -> Self {
        let house = Self::default();
        Self { masks: Masks { personal: Treatment::Mask, ..house.masks }, ..house }
    }

    /// What becomes of the field `name` below `parent`, of this class if its model says one.
    #[must_use]
    pub fn of_field(&self, parent: &str, name: &str, class: Option<Class>) -> Treatment {
        let said = || {
            let long = self.fields.get(&format!("{parent}.{name}"));
            long.or_else(|| self.fields.get(name)).copied()
        };
        let said = if self.fields.is_empty() { None } else { said() };
        match (said, class) {
            (Some(said), class) => at_least(class.unwrap_or(Class::Internal), said),
            (None, Some(class)) => self.of(class),
            // Nobody said that it is delicate.
            (None, None) => Treatment::Show,
        }
    }

    /// Whether anything at all is left out. Hardly any reader's treatments do.
    pub(crate) fn drop_some(&self) -> bool {
        Class::ALL.iter().any(|class| self.masks.of(*class) == Treatment::Drop)
            || self.fields.values().any(|said| *said == Treatment::Drop)
    }

    /// What becomes of something of this class in a text.
    #[must_use]
    pub fn of(&self, class: Class) -> Treatment {
        at_least(class, self.masks.of(class))
    }
}

/// What is secret is shown to nobody, whoever asks for it.
fn at_least(class: Class, treatment: Treatment) -> Treatment {
    match class {
        Class::Secret => treatment.max(Treatment::Mask),
        _ => treatment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_goes_before_its_class_and_the_longer_name_before_the_shorter() {
        let mut treatments = Treatments::default();
        assert_eq!(treatments.of_field("contacts", "email", Some(Class::Personal)), Treatment::Show);
        let said = [("email", Treatment::Mask), ("contacts.email", Treatment::Drop)];
        treatments.fields = Arc::new(said.map(|(name, treatment)| (name.to_owned(), treatment)).into());
        assert_eq!(treatments.of_field("contacts", "email", Some(Class::Personal)), Treatment::Drop);
        assert_eq!(treatments.of_field("owner", "email", None), Treatment::Mask);
        assert_eq!(treatments.of_field("owner", "name", None), Treatment::Show);
    }

    #[test]
    fn nothing_shows_a_secret() {
        let mut treatments = Treatments::default();
        treatments.masks.set(Class::Secret, Treatment::Show);
        treatments.fields = Arc::new([("key".to_owned(), Treatment::Show)].into());
        assert_eq!(treatments.of(Class::Secret), Treatment::Mask);
        assert_eq!(treatments.of_field("", "key", Some(Class::Secret)), Treatment::Mask);
    }
}
