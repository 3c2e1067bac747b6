#![doc = include_str!("../README.md")]

pub mod admin;
mod catalogue;
mod front;
mod handler;
pub mod http;
mod layers;
mod offer;
mod stack;
pub mod tls;
mod weigh;

#[cfg(test)]
mod trial;
