//! The taxes of a new customer or subscription: those of the request, or copies of what its parent has (spec 03 §5.13).

use std::collections::BTreeMap;

use tariff_contract::taxes::TaxRateOverride;
use tariff_core::vocabulary::TaxRateEntityType;
use tariff_core::{IdPrefix, Status, Timestamp};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{tax_associations, tax_rates};
use tariff_store::{Listing, Operand, Scoped, Test};

use super::{attachable_rate, check_attachable};
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;
use crate::records::{Narrow, by_ids, metadata_in};

/// A record that carries taxes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bearer<'a> {
    kind: TaxRateEntityType,
    id: &'a str,
}

impl<'a> Bearer<'a> {
    /// A tenant.
    pub(crate) fn tenant(id: &'a str) -> Self {
        let kind = TaxRateEntityType::Tenant;
        Self { kind, id }
    }

    /// A customer.
    pub(crate) fn customer(id: &'a str) -> Self {
        let kind = TaxRateEntityType::Customer;
        Self { kind, id }
    }

    /// A subscription.
    pub(crate) fn subscription(id: &'a str) -> Self {
        let kind = TaxRateEntityType::Subscription;
        Self { kind, id }
    }

    /// What an association belongs to.
    pub(super) fn of(association: &'a tax_associations::Model) -> Self {
        Self {
            kind: association.entity_type.0,
            id: &association.entity_id,
        }
    }

    /// Its published associations that apply by themselves, oldest first.
    pub(super) async fn automatic(&self, rows: &Scoped<'_>) -> Result<Vec<tax_associations::Model>> {
        Ok(rows.list::<tax_associations::Entity>(&self.automatic_listing()).await?)
    }

    pub(super) fn automatic_listing(&self) -> Listing {
        Listing::all()
            .oldest_first()
            .equal("entity_type", self.kind.as_str())
            .equal("entity_id", self.id)
            .with("auto_apply", Test::Equal(Operand::Boolean(true)))
            .published()
    }
}

/// Gives a new record its taxes from `start` on: exactly those of the request, or, when the request says nothing,
/// copies of its parent's automatic ones. An empty list means none.
///
/// # Errors
/// `not_found` for an unknown code, `validation_error` for an inactive rate.
pub(crate) async fn attach(
    work: &Work<'_>,
    to: Bearer<'_>,
    start: Timestamp,
    overrides: Option<Vec<TaxRateOverride>>,
    parent: Bearer<'_>,
) -> Result<()> {
    let terms = match overrides {
        Some(overrides) => asked_for(work, overrides).await?,
        None => inherited(work, parent).await?,
    };
    let mut rate_ids = Vec::with_capacity(terms.len());
    for terms in terms {
        rate_ids.push(terms.tax_rate_id.clone());
        let association = association(work, to, start, terms);
        work.rows().insert::<tax_associations::Entity>(association).await?;
    }
    check_still_attachable(work, rate_ids).await
}

/// The rates are not locked, lest all customers of a rate queue up for it. Instead they are asked for once more: the
/// foreign keys of what was just inserted wait for whoever is changing a rate, and keep everybody else from it.
async fn check_still_attachable(work: &Work<'_>, rate_ids: Vec<String>) -> Result<()> {
    let rates = by_ids::<tax_rates::Entity>(&work.rows(), rate_ids, |rate| &rate.id).await?;
    rates.values().try_for_each(check_attachable)
}

/// What an association keeps when it is copied.
struct Terms {
    tax_rate_id: String,
    priority: i64,
    auto_apply: bool,
    currency: String,
    metadata: Option<Json<BTreeMap<String, String>>>,
}

async fn asked_for(work: &Work<'_>, overrides: Vec<TaxRateOverride>) -> Result<Vec<Terms>> {
    let mut terms = Vec::with_capacity(overrides.len());
    for asked in overrides {
        let rate = attachable_rate(&work.rows(), asked.tax_rate_code.as_deref().unwrap_or_default()).await?;
        terms.push(Terms {
            tax_rate_id: rate.id,
            priority: asked.priority.unwrap_or_default(),
            // Omitted means false, here as on associations (spec 03 §3.8).
            auto_apply: asked.auto_apply.unwrap_or_default(),
            currency: asked.currency.unwrap_or_default().to_lowercase(),
            metadata: metadata_in(asked.metadata),
        });
    }
    Ok(terms)
}

/// Dates start anew, so an association that is over has nothing to hand down (spec 03 Q12).
async fn inherited(work: &Work<'_>, parent: Bearer<'_>) -> Result<Vec<Terms>> {
    let mut associations = parent.automatic(&work.rows()).await?;
    associations.retain(|association| association.end_date.is_none_or(|end| end.0 > work.now));
    let ids = associations.iter().map(|association| association.tax_rate_id.clone());
    let mut rates = by_ids::<tax_rates::Entity>(&work.rows(), ids, |rate| &rate.id).await?;
    rates.retain(|_, rate| rate.status.0 == Status::Published);
    rates.values().try_for_each(check_attachable)?;
    associations.retain(|association| rates.contains_key(&association.tax_rate_id));
    let copied = |association: tax_associations::Model| Terms {
        tax_rate_id: association.tax_rate_id,
        priority: association.priority,
        auto_apply: association.auto_apply,
        currency: association.currency,
        metadata: association.metadata,
    };
    Ok(associations.into_iter().map(copied).collect())
}

fn association(work: &Work<'_>, to: Bearer<'_>, start: Timestamp, terms: Terms) -> tax_associations::Model {
    let user_id = &work.context.user_id;
    tax_associations::Model {
        id: mint(IdPrefix::TaxAssociation),
        tenant_id: String::new(),
        environment_id: String::new(),
        tax_rate_id: terms.tax_rate_id,
        entity_type: Word(to.kind),
        entity_id: to.id.to_owned(),
        priority: terms.priority,
        auto_apply: terms.auto_apply,
        currency: terms.currency,
        start_date: Time(start),
        end_date: None,
        metadata: terms.metadata,
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
    }
}
