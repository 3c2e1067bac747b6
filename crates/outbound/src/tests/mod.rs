//! Tests of the stack as a whole.
