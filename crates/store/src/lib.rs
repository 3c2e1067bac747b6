#![doc = include_str!("../README.md")]

mod approvals;
#[cfg(test)]
mod behavior;
mod budgets;
mod engine;
mod fault;
mod handle;
mod limiter;
mod links;
mod operations;
mod plans;
mod scope;
mod settings;
mod store;
mod tenants;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use approvals::{After, Approval, Approvals, Decision, Request, Standing, Verdict};
pub use budgets::{Budgets, Level, Spent, Usage};
pub use limiter::{Limiter, Rate, Shared, SharedSettings, Taken};
pub use links::Links;
pub use operations::{Begin, Claim, End, Ended, Held, Known, Operations, State};
pub use plans::{Consumed, NewPlan, Plan, Plans};
pub use scope::Scope;
pub use settings::{Location, Settings};
pub use store::{Store, Swept};
pub use tenants::{Tenant, Tenants};
