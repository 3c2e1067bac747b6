//! Tools over the reference implementation.
