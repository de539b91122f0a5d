//! Schema migrations: one readable SQL file each, the same for both databases.
//!
//! A landed file never changes; a new one follows it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Applies the files in order and remembers what is applied.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(SqlFile {
            name: "0001_foundation",
            sql: include_str!("0001_foundation.sql"),
        })]
    }
}

struct SqlFile {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for SqlFile {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlFile {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let [time, decimal, json] = match connection.get_database_backend() {
            DbBackend::Postgres => ["TIMESTAMPTZ", "NUMERIC", "JSONB"],
            _ => ["TEXT", "TEXT", "TEXT"],
        };
        let sql = self
            .sql
            .replace("{time}", time)
            .replace("{decimal}", decimal)
            .replace("{json}", json);
        connection.execute_unprepared(&sql).await?;
        Ok(())
    }
}
