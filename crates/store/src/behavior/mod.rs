//! What the store promises, asked of every engine. Two stores at one place are two replicas.

mod approvals;
mod budgets;
mod files;
mod links;
mod operations;
mod place;
mod plans;
mod sweep;
mod tenants;

use crate::Scope;

/// A test for each engine of each behavior named.
macro_rules! on_every_engine {
    ($($behavior:ident),* $(,)?) => {
        mod file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behavior() {
                super::$behavior(crate::behavior::place::Place::file()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behavior() {
                if let Some(place) = crate::behavior::place::Place::postgres().await {
                    super::$behavior(place).await;
                }
            })*
        }
    };
}
pub(crate) use on_every_engine;

fn scope() -> Scope {
    Scope::new("acme", "https://idp#ann", "create_issue").unwrap()
}

/// Scopes that differ from [`scope`] in one part each.
fn others() -> [Scope; 3] {
    [
        Scope::new("globex", "https://idp#ann", "create_issue").unwrap(),
        Scope::new("acme", "https://idp#bob", "create_issue").unwrap(),
        Scope::new("acme", "https://idp#ann", "close_issue").unwrap(),
    ]
}
