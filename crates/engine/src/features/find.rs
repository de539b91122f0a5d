//! Reading features.

use tariff_contract::expand::Allowed;
use tariff_contract::features::{FeatureFilter, FeatureResponse, ListFeaturesResponse};
use tariff_contract::{Expand, Pagination};
use tariff_store::Test;
use tariff_store::entity::features;

use super::{embedded, embedded_one, get};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::{Narrow, filled};

/// What `expand` allows on features (spec 02 §3.1).
const FEATURE_EXPAND: Allowed = &[("meters", &[])];

impl Engine {
    /// The feature of this id with its meter, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_feature(&self, context: &Context, id: &str) -> Result<FeatureResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        embedded_one(&rows, get(&rows, id).await?, true).await
    }

    /// The features that match; archived ones too unless a status is asked for (spec 01 A8).
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters, sort keys or `expand`.
    pub async fn list_features(&self, context: &Context, filter: FeatureFilter) -> Result<ListFeaturesResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse(&options.expand, FEATURE_EXPAND)?;
        let mut listing = listing::of(&options, DefaultStatus::NotDeleted, TimeRange::On("created_at"))
            .within_if("id", filter.feature_ids)
            .equal_if("lookup_key", filter.lookup_key)
            .within_if("lookup_key", filter.lookup_keys)
            .within_if("meter_id", filter.meter_ids);
        if let Some(text) = filled(filter.name_contains) {
            listing = listing.with("name", Test::Contains(text));
        }
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (features, total) = rows.page::<features::Entity>(&listing).await?;
        Ok(ListFeaturesResponse {
            items: embedded(&rows, features, expand.has("meters")).await?,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}
