//! Stories of one vendor: what the suite for all libraries cannot know.
