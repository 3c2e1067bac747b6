//! The nouns of the domain, as they leave.

use content::{FreeText, Label};
use schemars::JsonSchema;
use serde::Serialize;
use tool::{CustomerKeys, Day, MatchedCustomer, Moment, Output, RecordId, SourceReport};

/// Who uses the products.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Customer {
    /// `warehouse:cst_nordwind`.
    pub id: RecordId,
    /// Its name.
    pub name: Label,
    /// What joins it with other systems.
    pub keys: CustomerKeys,
    /// Where a person can look at it.
    pub url: String,
}

/// How much one customer uses, product by product.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CustomerUsage {
    /// Who was meant, one a source at most.
    pub customers: Vec<MatchedCustomer>,
    /// One row a product and source.
    pub products: Vec<ProductUsage>,
    /// Weeks or annotations were left out for the size of the answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// How each source answered.
    pub sources: Vec<SourceReport>,
}

impl Output for CustomerUsage {
    const LIST: Option<&'static str> = Some("products");

    fn rows(&self) -> usize {
        self.products.len()
    }
}

/// How much a customer uses one product.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProductUsage {
    /// The product.
    pub product: Label,
    /// The source that counted.
    pub source: String,
    /// The Monday on which the last whole week began.
    pub week: Day,
    /// Calls in that week.
    pub last_week: u64,
    /// Against the mean of the four weeks before, in whole percent; absent where they were empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<i64>,
    /// Calls a week, the newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weeks: Vec<u64>,
    /// What people noted, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
    /// When the source was asked.
    pub as_of: Moment,
}

/// A customer that uses a product less than before.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UsageDrop {
    /// `warehouse:cst_nordwind/payments`.
    pub id: RecordId,
    /// The customer.
    pub customer: Customer,
    /// The product.
    pub product: Label,
    /// Calls in the last whole week.
    pub last_week: u64,
    /// Against the mean of the four weeks before, in whole percent; negative.
    pub change_percent: i64,
    /// Where a person can look at it.
    pub url: String,
    /// When the source was asked.
    pub as_of: Moment,
}

/// What somebody noted about a customer's usage.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Annotation {
    /// Its id.
    pub id: RecordId,
    /// The product it is about.
    pub product: Label,
    /// The Monday of the week it is about.
    pub week: Day,
    /// What was noted.
    pub text: FreeText,
    /// Who noted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-class" = "personal"))]
    pub author: Option<Label>,
    /// When.
    pub created: Moment,
}

/// The last week against the mean of the four before, in whole percent; `weeks` has the newest first.
#[must_use]
pub fn change_percent(weeks: &[u64]) -> Option<i64> {
    let (last, before) = (weeks.first()?, weeks.get(1..5)?);
    let base: i128 = before.iter().copied().map(i128::from).sum();
    let percent = (400 * i128::from(*last)).checked_div(base)? - 100;
    i64::try_from(percent).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_against_the_four_weeks_before() {
        assert_eq!(change_percent(&[50, 100, 100, 100, 100, 9000]), Some(-50));
        assert_eq!(change_percent(&[150, 100, 100, 50, 150]), Some(50));
        assert_eq!(change_percent(&[5, 0, 0, 0, 0]), None, "nothing to compare with");
        assert_eq!(change_percent(&[5, 4, 3]), None, "too young");
    }
}
