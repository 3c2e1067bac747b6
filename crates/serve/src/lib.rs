#![doc = include_str!("../README.md")]

mod catalogue;
mod front;
mod handler;
mod layers;
mod offer;
mod stack;
mod weigh;
