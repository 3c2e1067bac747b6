//! `cargo xtask trial`: what the house promises its contributors, tried in a copy of it.

mod beginnings;
mod copy;
mod vendors;

use crate::{Result, root, tidy::Tree};
use copy::Copy;

/// Compiles for minutes, and says what it has seen as it goes.
pub(crate) fn run() -> Result {
    let tree = Tree::read(&root())?;
    let copy = Copy::new();
    beginnings::pass_every_check(&tree, &copy)?;
    vendors::can_be_deleted(&tree, &copy)
}
