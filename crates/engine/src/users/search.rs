//! Searching users (spec 01 B6).

use tariff_contract::Pagination;
use tariff_contract::users::{ListUsersResponse, UserFilter, UserType};
use tariff_core::Status;
use tariff_store::entity::users;
use tariff_store::{Filter, Listing, Test};

use super::{response, tenant_of};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};

/// Fields that users can be sorted by; other keys are ignored.
const SORTABLE: [&str; 3] = ["created_at", "email", "type"];

impl Engine {
    /// The published users that match; service accounts unless the filter asks for people.
    ///
    /// # Errors
    /// `validation_error` for bad paging or filters.
    pub async fn search_users(&self, context: &Context, filter: UserFilter) -> Result<ListUsersResponse> {
        let options = filter.list_options()?;
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"));
        let session = self.read();
        let rows = session.tenant(context.tenant_id());
        let listing = narrowed(listing, filter);
        let total = rows.count::<users::Entity>(&listing).await?;
        let found = rows.list::<users::Entity>(&listing).await?;
        let tenant = tenant_of(&session, context.tenant_id()).await?;
        let items = found.into_iter().map(|user| response(user, &tenant)).collect();
        Ok(ListUsersResponse {
            items,
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

fn narrowed(mut listing: Listing, filter: UserFilter) -> Listing {
    listing.sort.retain(|(field, _)| SORTABLE.contains(&field.as_str()));
    let kind = filter.r#type.unwrap_or(UserType::ServiceAccount);
    listing = listing
        .equal("type", kind.as_str())
        .equal("status", Status::Published.as_str());
    if let Some(ids) = filter.user_ids.filter(|ids| !ids.is_empty()) {
        listing = listing.within("id", ids);
    }
    if let Some(roles) = filter.roles.filter(|roles| !roles.is_empty()) {
        let holds = |role| Filter {
            field: "roles".to_owned(),
            test: Test::HasItem(role),
        };
        listing.any_of.push(roles.into_iter().map(holds).collect());
    }
    listing
}
