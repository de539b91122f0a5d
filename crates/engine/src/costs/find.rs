//! Reading cost sheets (spec 03 §4.7).

use std::collections::BTreeMap;

use tariff_contract::costs::{CostsheetFilter, CostsheetResponse, ListCostsheetResponse};
use tariff_contract::error::ApiError;
use tariff_contract::expand::Allowed;
use tariff_contract::prices::PriceResponse;
use tariff_contract::{Expand, Pagination};
use tariff_core::Timestamp;
use tariff_store::entity::costsheets;
use tariff_store::{Scoped, Test};

use super::{active, get, rates_of, response, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::prices::{Embed, embedded};
use crate::records::{Narrow, filled};

/// What `expand` allows on lists of cost sheets; other names are ignored, as the chapters name none.
const COSTSHEET_EXPAND: Allowed = &[("prices", &[])];

impl Engine {
    /// The cost sheet of this id with its rates, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_costsheet(&self, context: &Context, id: &str) -> Result<CostsheetResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let sheet = get(&rows, id).await?;
        with_rates(&rows, vec![sheet], context.now())
            .await?
            .pop()
            .ok_or_else(|| unknown_id(id))
    }

    /// The cost sheet that analytics count with, with its rates: the newest one that is not deleted.
    ///
    /// # Errors
    /// `not_found` without any.
    pub async fn get_active_costsheet(&self, context: &Context) -> Result<CostsheetResponse> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let sheets = active(&rows).await?.into_iter().collect();
        let sheet = with_rates(&rows, sheets, context.now()).await?.pop();
        sheet.ok_or_else(|| Error(ApiError::not_found("There is no active cost sheet")))
    }

    /// The cost sheets that match. The page's offset is the request's (spec 01 A10).
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_costsheets(&self, context: &Context, filter: CostsheetFilter) -> Result<ListCostsheetResponse> {
        let options = filter.list_options()?;
        let expand = Expand::parse_known(&options.expand, COSTSHEET_EXPAND);
        let mut listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("id", filter.costsheet_ids)
            .equal_if("name", filter.name)
            .equal_if("lookup_key", filter.lookup_key);
        let (scope, tenant) = (&context.scope, filled(filter.tenant_id));
        let elsewhere = tenant.is_some_and(|tenant| tenant != scope.tenant_id)
            || filled(filter.environment_id).is_some_and(|environment| environment != scope.environment_id);
        if elsewhere {
            listing = listing.with("id", Test::In(Vec::new()));
        }
        let session = self.read();
        let rows = session.scoped(scope);
        let (sheets, total) = rows.page::<costsheets::Entity>(&listing).await?;
        let items = if expand.has("prices") {
            with_rates(&rows, sheets, context.now()).await?
        } else {
            sheets.into_iter().map(response).collect()
        };
        Ok(ListCostsheetResponse {
            items,
            pagination: Pagination::at(total, options.limit, options.offset),
        })
    }
}

/// Cost sheets in the same order with their rates, in one query for all of them.
async fn with_rates(
    rows: &Scoped<'_>,
    sheets: Vec<costsheets::Model>,
    now: Timestamp,
) -> Result<Vec<CostsheetResponse>> {
    let ids = sheets.iter().map(|sheet| sheet.id.clone());
    let found = rates_of(rows, ids, now).await?;
    let mut rates: BTreeMap<String, Vec<PriceResponse>> = BTreeMap::new();
    for rate in embedded(rows, found, Embed::OWN).await? {
        rates.entry(rate.entity_id.clone()).or_default().push(rate);
    }
    let answer = |sheet: costsheets::Model| {
        let mut answer = response(sheet);
        answer.prices = rates.remove(&answer.id).unwrap_or_default();
        answer
    };
    Ok(sheets.into_iter().map(answer).collect())
}
