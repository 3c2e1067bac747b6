//! What the simulated Stripe holds: objects as it would show them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::once::Remembered;
use super::resource::{RESOURCES, Resource};

/// The whole of it.
#[derive(Default)]
pub(super) struct Books {
    /// By resource (`charge`), then by id.
    objects: BTreeMap<&'static str, BTreeMap<String, Value>>,
    /// The payout that a movement on the balance is in; Stripe filters by it and does not show it.
    pub(super) payout_of: BTreeMap<String, String>,
    /// Answers to writes, by caller and idempotency key.
    pub(super) remembered: BTreeMap<(String, String), Remembered>,
    /// The last number given to a new id.
    last: u64,
}

impl Books {
    /// Adds an object; its field `object` says what it is.
    pub(super) fn put(&mut self, object: Value) {
        let resource = RESOURCES.iter().find(|r| object["object"] == r.kind);
        if let (Some(resource), Some(id)) = (resource, object["id"].as_str()) {
            self.objects.entry(resource.kind).or_default().insert(id.to_owned(), object);
        }
    }

    /// The object of a resource.
    pub(super) fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        self.objects.get(kind)?.get(id)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, kind: &str, id: &str) -> Option<&mut Value> {
        self.objects.get_mut(kind)?.get_mut(id)
    }

    /// The object that an id stands for, whatever it is.
    pub(super) fn any(&self, id: &str) -> Option<&Value> {
        let resource = RESOURCES.iter().find(|r| id.starts_with(r.prefix))?;
        self.get(resource.kind, id)
    }

    /// Objects of a resource that are not deleted, the newest first.
    pub(super) fn newest(&self, resource: &Resource) -> Vec<&Value> {
        let all = self.objects.get(resource.kind).into_iter().flat_map(BTreeMap::values);
        let mut rows: Vec<&Value> = all.filter(|object| object["deleted"] != true).collect();
        let order = |object: &Value| (object["created"].as_i64(), object["id"].as_str().map(str::to_owned));
        rows.sort_by_cached_key(|object| std::cmp::Reverse(order(object)));
        rows
    }

    /// A new id: `re_3SandboxHalden000001`.
    pub(super) fn next_id(&mut self, prefix: &str) -> String {
        self.last += 1;
        format!("{prefix}3SandboxHalden{:06}", self.last)
    }
}
