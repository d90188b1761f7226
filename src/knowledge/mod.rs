//! What libraries and names mean: the data under `rules/`, read into tables.
//!
//! The interpreter asks by dotted path ("what does a call of `prometheus_client.Counter` do?") and by name ("what does
//! `cardNumber` say about its value?"). Nothing in the code of the interpreter names a library.

pub mod effect;
mod error;
mod framework;
pub mod lexicon;
mod load;
mod marks;
mod measuring;
pub mod primitives;
mod store;
mod tables;
mod things;
mod validate;
mod words;

pub use error::KnowledgeError;
pub use lexicon::{Lexicon, Sense};
pub use store::{Knowledge, embedded};
pub use tables::Tables;
pub use words::split as words;
