//! The wire forms of an attachment.

use tariff_contract::DateTime;
use tariff_contract::addons::{AddAddonToSubscriptionResponse, AddonAssociationEntityType, AddonAssociationResponse};
use tariff_store::entity::addon_associations;

use crate::records::filled;

/// An attachment, without addon and subscription.
pub(super) fn listed(association: addon_associations::Model) -> AddonAssociationResponse {
    AddonAssociationResponse {
        id: association.id,
        addon: None,
        addon_id: association.addon_id,
        addon_status: association.addon_status.0,
        cancellation_reason: filled(Some(association.cancellation_reason)),
        cancelled_at: association.cancelled_at.map(|at| DateTime(at.0)),
        end_date: association.end_date.map(|end| DateTime(end.0)),
        entity_id: association.subscription_id,
        entity_type: AddonAssociationEntityType::Subscription,
        metadata: association.metadata.map(|metadata| metadata.0),
        start_date: Some(DateTime(association.start_date.0)),
        subscription: None,
        tenant_id: association.tenant_id,
        environment_id: association.environment_id,
        status: association.status.0,
        created_at: DateTime(association.created_at.0),
        updated_at: DateTime(association.updated_at.0),
        created_by: association.created_by,
        updated_by: association.updated_by,
    }
}

/// A new attachment.
pub(super) fn attached(association: addon_associations::Model) -> AddAddonToSubscriptionResponse {
    let association = listed(association);
    AddAddonToSubscriptionResponse {
        id: association.id,
        addon_id: Some(association.addon_id),
        addon_status: association.addon_status,
        cancellation_reason: association.cancellation_reason,
        cancelled_at: association.cancelled_at,
        checkout_session: None,
        end_date: association.end_date,
        entity_id: association.entity_id,
        entity_type: association.entity_type,
        invoice: None,
        metadata: association.metadata,
        start_date: association.start_date,
        tenant_id: association.tenant_id,
        environment_id: association.environment_id,
        status: association.status,
        created_at: association.created_at,
        updated_at: association.updated_at,
        created_by: association.created_by,
        updated_by: association.updated_by,
    }
}
