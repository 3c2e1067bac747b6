//! What is read, and what of it PagerDuty does not do.
