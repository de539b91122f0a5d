//! What a request changes of the lines that a plan or addon gives: prices, quantities and commitments (spec 03 §5.6,
//! §5.12).
//!
//! Owns which line a change belongs to. The price that an override makes is the business of `prices`, what a commitment
//! charges that of `billing`.

mod commitments;
mod overrides;

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::{LineItemCommitmentConfig, OverrideLineItemRequest};
use tariff_store::Scoped;
use tariff_store::entity::{meters, prices, subscription_line_items, subscriptions};

use crate::coupons::Overridden;
use crate::engine::Work;
use crate::error::{Error, Result};

/// Changes by the id of the price whose line they are for.
#[derive(Debug, Default)]
pub(crate) struct LineTerms {
    overrides: BTreeMap<String, OverrideLineItemRequest>,
    commitments: BTreeMap<String, LineItemCommitmentConfig>,
    /// Path to the commitments in the request, for errors.
    field: String,
    overridden: Overridden,
}

impl LineTerms {
    /// The changes of a request whose field rules were checked, or of the part of it at `path`; `prices` are those that
    /// get lines.
    ///
    /// # Errors
    /// `validation_error` for an unknown price, and for a commitment on a price without a line; `not_found` for an
    /// override of one (spec 04 §3.2).
    pub(crate) async fn of(
        rows: &Scoped<'_>,
        overrides: Option<Vec<OverrideLineItemRequest>>,
        commitments: Option<BTreeMap<String, LineItemCommitmentConfig>>,
        prices: &[prices::Model],
        path: &str,
    ) -> Result<Self> {
        let has_line = |id: &str| prices.iter().any(|price| price.id == id);
        let mut terms = Self {
            commitments: commitments.unwrap_or_default(),
            field: format!("{path}line_item_commitments"),
            ..Self::default()
        };
        for sent in overrides.into_iter().flatten() {
            let price_id = sent.price_id.clone().unwrap_or_default();
            if !has_line(&price_id) {
                return Err(without_line(rows, &price_id).await?);
            }
            terms.overrides.insert(price_id, sent);
        }
        if let Some(price_id) = terms.commitments.keys().find(|id| !has_line(id)) {
            let message = "The subscription has no line of the committed price";
            let field = format!("{}.{price_id}", terms.field);
            return Err(ApiError::validation(message).detail(field, "has no line").into());
        }
        Ok(terms)
    }

    /// Puts the changes for a price into its line, which is not stored yet.
    ///
    /// # Errors
    /// As [`overrides::apply`] and [`commitments::apply`].
    pub(crate) async fn apply(
        &mut self,
        work: &Work<'_>,
        subscription: &subscriptions::Model,
        (price, meter): (prices::Model, Option<&meters::Model>),
        line: &mut subscription_line_items::Model,
    ) -> Result<()> {
        let price_id = price.id.clone();
        let mut price = price;
        if let Some(sent) = self.overrides.remove(&price_id) {
            price = overrides::apply(work, subscription, price, sent, line).await?;
            self.overridden
                .entry(price_id.clone())
                .or_default()
                .push(line.id.clone());
        }
        if let Some(sent) = self.commitments.remove(&price_id) {
            let field = format!("{}.{price_id}", self.field);
            commitments::apply(work, subscription, (price, meter), (&field, sent), line).await?;
        }
        Ok(())
    }

    /// The lines whose price was overridden, by the price of the plan or addon.
    pub(crate) fn into_overridden(self) -> Overridden {
        self.overridden
    }
}

async fn without_line(rows: &Scoped<'_>, price_id: &str) -> Result<Error> {
    let known = rows.get::<prices::Entity>(price_id).await?.is_some();
    let error = if known {
        ApiError::not_found("The subscription has no line of the overridden price")
    } else {
        ApiError::validation("The overridden price does not exist")
    };
    Ok(Error(error.detail("price_id", price_id)))
}
