use thiserror::Error;

/// Why the store could not do what was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database refused or broke.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A migration could not be applied.
    #[error("the database could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The file could not be used.
    #[error("{path} cannot be used")]
    File { path: std::path::PathBuf, source: std::io::Error },
    /// The row has a value this version cannot read.
    #[error("stored {what} cannot be read: {value}")]
    Corrupt { what: &'static str, value: String },
    /// The thing named does not exist.
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: i64 },
    /// Another row already has this value.
    #[error("there is already a {what} {value}")]
    Taken { what: &'static str, value: String },
}
