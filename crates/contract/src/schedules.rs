//! Scheduled changes of subscriptions on the wire (spec 04 §3.9).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A subscription schedule.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionScheduleResponse {
    /// Id of the record.
    pub id: String,
    /// Can be cancelled.
    pub can_be_cancelled: bool,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime>,
    /// Configuration.
    #[serialize_always]
    pub configuration: Option<Map<String, Value>>,
    /// Days until execution.
    pub days_until_execution: Option<i64>,
    /// Error message.
    pub error_message: Option<String>,
    /// When it was executed.
    pub executed_at: Option<DateTime>,
    /// Execution result.
    #[serialize_always]
    pub execution_result: Option<Map<String, Value>>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Schedule type.
    pub schedule_type: SubscriptionScheduleChangeType,
    /// When it was scheduled.
    pub scheduled_at: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: String,
    /// Lifecycle state of the record.
    pub status: ScheduleStatus,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
}

/// Answer about a pending schedules.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetPendingSchedulesResponse {
    /// Count.
    pub count: i64,
    /// Schedules.
    pub schedules: Vec<SubscriptionScheduleResponse>,
}

/// A cancel schedule request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CancelScheduleRequest {
    /// Id of the schedule.
    pub schedule_id: Option<String>,
    /// Schedule type.
    #[serde(deserialize_with = "blank_as_none")]
    pub schedule_type: Option<SubscriptionScheduleChangeType>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
}

/// A cancel schedule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CancelScheduleResponse {
    /// What happened.
    pub message: String,
    /// Lifecycle state of the record.
    pub status: ScheduleStatus,
}

wire_enum! {
    /// Schedule status.
    ScheduleStatus, "types.ScheduleStatus" {
        /// `pending`.
        Pending = "pending",
        /// `executing`.
        Executing = "executing",
        /// `executed`.
        Executed = "executed",
        /// `cancelled`.
        Cancelled = "cancelled",
        /// `failed`.
        Failed = "failed",
    }
}

wire_enum! {
    /// Subscription schedule change type.
    SubscriptionScheduleChangeType, "types.SubscriptionScheduleChangeType" {
        /// `plan_change`.
        PlanChange = "plan_change",
        /// `cancellation`.
        Cancellation = "cancellation",
    }
}
