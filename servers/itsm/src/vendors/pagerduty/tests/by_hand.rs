//! The simulator by hand, as clients that we did not write find it.
