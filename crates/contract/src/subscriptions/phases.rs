//! Phases and pauses of a subscription (spec 04 §2.4).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{PauseStatus, Status};
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::metadata::Metadata;
use crate::time::DateTime;

/// A subscription phase.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionPhaseResponse {
    /// Id of the record.
    pub id: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: String,
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

/// A phase as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = subscription::SubscriptionPhase)]
pub struct SubscriptionPhase {
    /// Id of the record.
    pub id: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: String,
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

/// A pause of a subscription.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = subscription::SubscriptionPause)]
pub struct SubscriptionPause {
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Original period end.
    pub original_period_end: Option<DateTime>,
    /// Original period start.
    pub original_period_start: Option<DateTime>,
    /// Pause end.
    pub pause_end: Option<DateTime>,
    /// Pause mode.
    pub pause_mode: Option<PauseMode>,
    /// Pause start.
    pub pause_start: Option<DateTime>,
    /// State of the pause.
    pub pause_status: PauseStatus,
    /// Why.
    pub reason: String,
    /// Resume mode.
    pub resume_mode: Option<ResumeMode>,
    /// When it was resumed.
    pub resumed_at: Option<DateTime>,
    /// Id of the subscription.
    pub subscription_id: String,
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

wire_enum! {
    /// When a pause starts.
    PauseMode, "types.PauseMode" {
        /// `immediate`.
        Immediate = "immediate",
        /// `scheduled`.
        Scheduled = "scheduled",
        /// `period_end`.
        PeriodEnd = "period_end",
    }
}

wire_enum! {
    /// How a pause ends.
    ResumeMode, "types.ResumeMode" {
        /// `immediate`.
        Immediate = "immediate",
        /// `scheduled`.
        Scheduled = "scheduled",
        /// `auto`.
        Auto = "auto",
    }
}
