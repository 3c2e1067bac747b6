//! New incidents, and finding them again.
//!
//! `correlation_id` bears the caller's dedup key, `correlation_display` the operation. Neither is unique at the vendor:
//! two callers who open at the same moment both get an incident.

use std::collections::BTreeMap;

use call::{Cx, Operation};
use error::Result;
use tool::Mark;

use super::ServiceNow;
use super::map::{Lens, ROW};
use super::query::{Encoded, Term};
use super::search::INCIDENTS;
use super::wire::Row;
use crate::desk::NewIncident;
use crate::model::{Incident, Urgency};

/// Characters of `correlation_id`.
const LONGEST_KEY: usize = 100;

/// Whose duplicates are looked through for one that is open.
const DUPLICATES: u32 = 20;

impl ServiceNow {
    pub(super) async fn found_opened(&self, cx: &Cx, mark: &Mark) -> Result<Option<Incident>> {
        let own = vec![Term::Is("correlation_display", operation_text(mark))];
        if let Some(own) = self.correlated(cx, own, |_| true).await? {
            return Ok(Some(own));
        }
        match &mark.external_key {
            None => Ok(None),
            Some(key) => {
                let keyed = vec![Term::Is("correlation_id", correlation_id(key))];
                self.correlated(cx, keyed, |incident| incident.state.is_open()).await
            }
        }
    }

    /// The oldest incident of these terms that will do.
    async fn correlated(
        &self,
        cx: &Cx,
        terms: Vec<Term<'static>>,
        will_do: impl Fn(&Incident) -> bool,
    ) -> Result<Option<Incident>> {
        let choices = self.choices(cx).await?;
        let lens = Lens::new(self, &choices, cx);
        let fields = format!("{ROW},correlation_id,correlation_display");
        let wanted = terms.clone();
        let query = terms.into_iter().fold(Encoded::new(), Encoded::and).newest_first("opened_at", "number");
        let read = |row: &Row<'_>| {
            let same = |term: &Term<'_>| matches!(term, Term::Is(field, value) if row.value(field) == value);
            // A field that this instance hides must not make every incident the one looked for.
            wanted.iter().all(same).then(|| lens.incident(row, false)).transpose()
        };
        let found = self.tables.few(cx, INCIDENTS, &fields, &query, DUPLICATES, read).await?;
        Ok(found.into_iter().flatten().rfind(|incident| will_do(incident)))
    }

    pub(super) async fn open_one(&self, cx: &Cx, new: &NewIncident, mark: &Mark) -> Result<Incident> {
        // A service is named in one field, a component of it in another.
        let is_service = |class: &str| class.starts_with("cmdb_ci_service");
        let field = match self.component(cx, &new.service, "sys_class_name", is_service).await? {
            true => "business_service",
            false => "cmdb_ci",
        };
        // Impact and urgency together are the priority, by the vendor's own table: 2, 3 and 5.
        let (impact, urgency) = match new.urgency {
            Urgency::High => ("2", "1"),
            Urgency::Medium => ("2", "2"),
            Urgency::Low => ("3", "3"),
        };
        let operation = operation_text(mark);
        let key = mark.external_key.as_deref().map(correlation_id);
        let fields = [
            ("short_description", Some(new.title.as_str())),
            ("description", new.description.as_deref()),
            (field, Some(new.service.as_str())),
            ("impact", Some(impact)),
            ("urgency", Some(urgency)),
            ("caller_id", self.mapping.caller.as_deref()),
            ("correlation_id", key.as_deref()),
            ("correlation_display", Some(operation.as_str())),
        ];
        let given: Vec<(&str, &str)> =
            fields.iter().filter_map(|(field, value)| Some((*field, (*value)?))).collect();
        let body: BTreeMap<&str, &str> = given.iter().copied().collect();
        let choices = self.choices(cx).await?;
        let lens = Lens::new(self, &choices, cx);
        let fields = format!("{},correlation_id,correlation_display", self.full_fields());
        let read = |row: &Row<'_>| {
            // The incident exists, whatever was dropped of it; the operator must know that it can be opened twice.
            for (field, _) in given.iter().filter(|(field, value)| row.value(field) != *value) {
                tracing::warn!(
                    incident = row.value("number"),
                    field,
                    "the instance did not keep what was written"
                );
            }
            lens.incident(row, true)
        };
        self.tables.create(cx, INCIDENTS, &fields, &body, read).await
    }
}

fn operation_text(mark: &Mark) -> String {
    format!("chancery-{}", mark.operation)
}

/// A key as it is where the field and the query language can carry it, so that other tools find it too; else its hash.
fn correlation_id(key: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/#@".contains(&b);
    let is_carried = || Encoded::new().and(Term::Is("correlation_id", key.to_owned())).text().is_ok();
    match key.len() <= LONGEST_KEY && key.bytes().all(plain) && is_carried() {
        true => key.to_owned(),
        false => format!("chancery-{}", Operation::derive(&["dedup_key"], key).id),
    }
}

#[cfg(test)]
mod tests {
    use super::correlation_id;

    #[test]
    fn plain_keys_stay_as_they_are() {
        for key in ["checkout-pool-eu-1", "prometheus:node/7#disk", "a@b.example"] {
            assert_eq!(correlation_id(key), key);
        }
        for key in ["", "NULL", "javascript:x", "a b", "a^b", "ключ", &"k".repeat(101)] {
            let hashed = correlation_id(key);
            assert!(hashed.starts_with("chancery-") && hashed.len() < 40, "{key}: {hashed}");
        }
        assert_ne!(correlation_id("a b"), correlation_id("a c"));
    }
}
