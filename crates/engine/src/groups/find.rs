//! Reading groups.

use tariff_contract::Pagination;
use tariff_contract::groups::{GroupFilter, GroupResponse, ListGroupsResponse};
use tariff_contract::list::StatusFilter;
use tariff_core::Status;
use tariff_store::entity::groups;
use tariff_store::{Scoped, Test};

use super::{response, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::{Narrow, filled};

impl Engine {
    /// The group of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_group(&self, context: &Context, id: &str) -> Result<GroupResponse> {
        let group = self.read().scoped(&context.scope).get::<groups::Entity>(id).await?;
        Ok(response(group.ok_or_else(|| unknown_id(id))?))
    }

    /// The groups that match. Only published ones are ever listed (spec 01 B3).
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters, sort keys or an unknown `entity_type`.
    pub async fn list_groups(&self, context: &Context, filter: GroupFilter) -> Result<ListGroupsResponse> {
        filter.validate()?;
        let mut options = filter.list_options()?;
        if options
            .status
            .is_some_and(|status| status != StatusFilter::Is(Status::Published))
        {
            options.status = Some(StatusFilter::Nothing);
        }
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .equal_if("entity_type", filter.entity_type)
            .equal_if("lookup_key", filter.lookup_key)
            .within_if("id", filter.group_ids);
        let listing = match filled(filter.name) {
            Some(name) => listing.with("name", Test::ContainsExactly(name)),
            None => listing,
        };
        let session = self.read();
        let rows: Scoped<'_> = session.scoped(&context.scope);
        let (groups, total) = rows.page::<groups::Entity>(&listing).await?;
        Ok(ListGroupsResponse {
            items: groups.into_iter().map(response).collect(),
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}
