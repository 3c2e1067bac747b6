//! What is written, once.
