//! Every store back-end. A new one is a function that opens it and a line in [`over_every_store`].

use std::sync::Arc;

use siftwire::store::{SqliteStore, Store};

/// An empty store, and the folder that must outlive it.
pub async fn sqlite() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = SqliteStore::open(&folder.path().join("test.db")).await.expect("a new store");
    (Arc::new(store), folder)
}

/// Makes a test of each of these functions, which take `&dyn Store`, over each back-end.
macro_rules! over_every_store {
    ($($case:ident),* $(,)?) => {
        mod on_sqlite {
            over_one_store!(sqlite, $($case),*);
        }
    };
}

macro_rules! over_one_store {
    ($open:ident, $($case:ident),*) => {
        $(
            #[tokio::test]
            async fn $case() {
                let (store, _folder) = $crate::back_ends::$open().await;
                super::$case(&*store).await;
            }
        )*
    };
}
