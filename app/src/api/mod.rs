//! Server functions, one file a resource. Each takes the caller from context, asks `services`
//! and returns; nothing is decided here.

pub mod error;
pub mod session;

pub use error::AppError;

/// What a server function returns.
pub type Result<T> = std::result::Result<T, AppError>;
