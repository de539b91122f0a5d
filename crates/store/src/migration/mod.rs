//! Schema migrations: one readable SQL file each, the same for both databases.
//!
//! A landed file never changes; a new one follows it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The files of these names, in this order.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        vec![$(Box::new(SqlFile {
            name: $name,
            sql: include_str!(concat!($name, ".sql")),
        })),*]
    };
}

/// Applies the files in order and remembers what is applied.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        files![
            "0001_foundation",
            "0002_audit_log",
            "0003_idempotency_keys",
            "0004_job_runs",
            "0005_addons",
            "0006_cost_sheets",
            "0007_line_terms",
            "0008_entitlement_grants",
            "0009_connection_credentials",
            "0010_audit_log_horizon",
        ]
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
        let backend = connection.get_database_backend();
        let [time, decimal, json] = match backend {
            DbBackend::Postgres => ["TIMESTAMPTZ", "NUMERIC", "JSONB"],
            _ => ["TEXT", "TEXT", "TEXT"],
        };
        let sql = self
            .sql
            .replace("{time}", time)
            .replace("{decimal}", decimal)
            .replace("{json}", json)
            .replace("{append_only audit_logs}", append_only_audit_log(backend))
            .replace("{removable_before_horizon audit_logs}", removable_audit_log(backend));
        connection.execute_unprepared(&sql).await?;
        Ok(())
    }
}

/// Triggers that refuse to change or remove an entry of the audit log, whoever asks.
fn append_only_audit_log(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
             CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
             FOR EACH ROW EXECUTE FUNCTION refuse_audit_log_change();
             CREATE TRIGGER audit_logs_never_emptied BEFORE TRUNCATE ON audit_logs
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_log_change();"
        }
        _ => {
            "CREATE TRIGGER audit_logs_never_updated BEFORE UPDATE ON audit_logs
             BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
             CREATE TRIGGER audit_logs_never_deleted BEFORE DELETE ON audit_logs
             BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
        }
    }
}

/// Triggers that still refuse to change an entry of the audit log, or to remove one that is not older than the horizon.
fn removable_audit_log(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "CREATE OR REPLACE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 IF TG_OP = 'DELETE' THEN
                     IF EXISTS (SELECT 1 FROM audit_log_horizon WHERE OLD.created_at < removable_before) THEN
                         RETURN OLD;
                     END IF;
                 END IF;
                 RAISE EXCEPTION 'the audit log is append-only';
             END $$;"
        }
        _ => {
            "DROP TRIGGER audit_logs_never_deleted;
             CREATE TRIGGER audit_logs_not_deleted_before_the_horizon BEFORE DELETE ON audit_logs
             WHEN NOT EXISTS (SELECT 1 FROM audit_log_horizon WHERE OLD.created_at < removable_before)
             BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
        }
    }
}
