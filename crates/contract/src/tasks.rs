//! Import and export tasks on the wire (spec 07).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::integration_config::{ExportEntityType, S3CompressionType, S3EncryptionType};
use crate::list::list_response;
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A task.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaskResponse {
    /// Id of the record.
    pub id: String,
    /// When it was completed.
    pub completed_at: Option<DateTime>,
    /// Kind of the owning record.
    pub entity_type: ExportEntityType,
    /// Error summary.
    pub error_summary: Option<String>,
    /// When it was failed.
    pub failed_at: Option<DateTime>,
    /// Failed records.
    pub failed_records: i64,
    /// File name.
    pub file_name: String,
    /// File type.
    pub file_type: FileType,
    /// File url.
    pub file_url: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Map<String, Value>>,
    /// Processed records.
    pub processed_records: i64,
    /// Id of the scheduled task.
    pub scheduled_task_id: Option<String>,
    /// When it was started.
    pub started_at: Option<DateTime>,
    /// Successful records.
    pub successful_records: i64,
    /// Task status.
    pub task_status: TaskStatus,
    /// Task type.
    pub task_type: TaskType,
    /// Total records.
    pub total_records: i64,
    /// Id of the background workflow.
    pub workflow_id: Option<String>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of tasks.
    ListTasksResponse of TaskResponse
}

/// A change of a task status: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateTaskStatusRequest {
    /// Task status.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub task_status: Option<TaskStatus>,
}

wire_enum! {
    /// Task status.
    TaskStatus, "types.TaskStatus" {
        /// `PENDING`.
        Pending = "PENDING",
        /// `PROCESSING`.
        Processing = "PROCESSING",
        /// `COMPLETED`.
        Completed = "COMPLETED",
        /// `FAILED`.
        Failed = "FAILED",
    }
}

wire_enum! {
    /// Task type.
    TaskType, "types.TaskType" {
        /// `IMPORT`.
        Import = "IMPORT",
        /// `EXPORT`.
        Export = "EXPORT",
    }
}

wire_enum! {
    /// File type.
    FileType, "types.FileType" {
        /// `CSV`.
        Csv = "CSV",
        /// `JSON`.
        Json = "JSON",
    }
}

/// A new scheduled task.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateScheduledTaskRequest {
    /// Id of the connection.
    #[schema(required = true)]
    pub connection_id: Option<String>,
    /// Enabled.
    pub enabled: Option<bool>,
    /// Kind of the owning record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub entity_type: Option<ScheduledTaskEntityType>,
    /// Interval.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub interval: Option<ScheduledTaskInterval>,
    /// Job config.
    #[schema(required = true)]
    pub job_config: Option<S3JobConfig>,
}

/// A change of a scheduled task: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateScheduledTaskRequest {
    /// Enabled.
    #[schema(required = true)]
    pub enabled: Option<bool>,
}

/// A scheduled task.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduledTaskResponse {
    /// Id of the record.
    pub id: String,
    /// Id of the connection.
    pub connection_id: Option<String>,
    /// Enabled.
    pub enabled: bool,
    /// Kind of the owning record.
    pub entity_type: ScheduledTaskEntityType,
    /// Interval.
    pub interval: ScheduledTaskInterval,
    /// Job config.
    pub job_config: Option<S3JobConfig>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: String,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
}

list_response! {
    /// A page of scheduled tasks.
    ListScheduledTasksResponse of ScheduledTaskResponse
}

/// A trigger force run request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TriggerForceRunRequest {
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
}

/// A trigger force run.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TriggerForceRunResponse {
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// What happened.
    pub message: String,
    /// Mode.
    pub mode: String,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// Id of the background workflow.
    pub workflow_id: Option<String>,
}

wire_enum! {
    /// Scheduled task entity type.
    ScheduledTaskEntityType, "types.ScheduledTaskEntityType" {
        /// `events`.
        Events = "events",
        /// `invoice`.
        Invoice = "invoice",
        /// `credit_topups`.
        CreditTopups = "credit_topups",
        /// `credit_usage`.
        CreditUsage = "credit_usage",
        /// `usage_analytics`.
        UsageAnalytics = "usage_analytics",
    }
}

wire_enum! {
    /// Scheduled task interval.
    ScheduledTaskInterval, "types.ScheduledTaskInterval" {
        /// `15MIN`.
        FifteenMinutes = "15MIN",
        /// `30MIN`.
        ThirtyMinutes = "30MIN",
        /// `custom`.
        Custom = "custom",
        /// `hourly`.
        Hourly = "hourly",
        /// `daily`.
        Daily = "daily",
    }
}

/// S3 job config.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::S3JobConfig)]
pub struct S3JobConfig {
    /// Bucket.
    pub bucket: Option<String>,
    /// Compression.
    #[serde(deserialize_with = "blank_as_none")]
    pub compression: Option<S3CompressionType>,
    /// Encryption.
    #[serde(deserialize_with = "blank_as_none")]
    pub encryption: Option<S3EncryptionType>,
    /// Endpoint url.
    pub endpoint_url: Option<String>,
    /// Export metadata fields.
    pub export_metadata_fields: Option<Vec<ExportMetadataField>>,
    /// Key prefix.
    pub key_prefix: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Use path style.
    pub use_path_style: Option<bool>,
}

wire_enum! {
    /// Export metadata entity type.
    ExportMetadataEntityType, "types.ExportMetadataEntityType" {
        /// `customer`.
        Customer = "customer",
        /// `wallet`.
        Wallet = "wallet",
    }
}

/// Export metadata field.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::ExportMetadataField)]
pub struct ExportMetadataField {
    /// Column name.
    pub column_name: Option<String>,
    /// Kind of the owning record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub entity_type: Option<ExportMetadataEntityType>,
    /// Field key.
    #[schema(required = true)]
    pub field_key: Option<String>,
}
