//! The client over the simulator.
