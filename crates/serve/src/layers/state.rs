//! What the stack keeps between calls.

use std::sync::Arc;

use store::{Operations, Plans, Store};

/// Operations and plans, wherever they are kept: in memory, in a file, in a database of replicas.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) operations: Arc<dyn Operations>,
    pub(crate) plans: Arc<dyn Plans>,
}

impl From<Store> for State {
    fn from(store: Store) -> Self {
        let store = Arc::new(store);
        Self { operations: store.clone(), plans: store }
    }
}
