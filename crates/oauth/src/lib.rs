#![doc = include_str!("../README.md")]

mod config;
mod grants;
mod secret;
mod strikes;
mod token;
mod tokens;

pub use config::{AppId, BodyFormat, Config, CredentialsIn};
pub use secret::Secret;
pub use token::Token;
pub use tokens::{Defaults, Tokens};
