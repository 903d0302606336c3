//! Sequences of calls over the C ABI, as a caller of any kind could make them: odd texts, numbers and sizes, in any order, on
//! handles that live or are NULL. What is left out is what the header calls undefined: handles that were freed, texts
//! and structs that cannot be read, `azs_operation_free` beside `azs_operation_next`.

pub mod calls;
mod play;
mod seeded;
mod service;

pub use calls::Sequence;
pub use play::play;
pub use seeded::play_from_seed;
