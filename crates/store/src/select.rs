//! A listing as a query on its table: what matches, in which order, which page of it.

use sea_orm::sea_query::NullOrdering;
use sea_orm::{Condition, DbBackend, Order, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::error::StoreError;
use crate::resource::TenantResource;
use crate::search::{CONDITIONS_MAX, Direction, Listing, lookup, to_sql};

/// The query for the records that match a listing, whatever its page.
pub(crate) fn narrowed<E: TenantResource>(
    query: Select<E>,
    listing: &Listing,
    backend: DbBackend,
) -> Result<Select<E>, StoreError> {
    let conditions = listing.filters.len() + listing.sort.len() + listing.any_of.iter().map(Vec::len).sum::<usize>();
    if conditions > CONDITIONS_MAX {
        return Err(StoreError::TooManyConditions { max: CONDITIONS_MAX });
    }
    let mut condition = Condition::all();
    for filter in &listing.filters {
        condition = condition.add(to_sql(E::fields(), filter, backend)?);
    }
    for alternatives in &listing.any_of {
        let mut any = Condition::any();
        for filter in alternatives {
            any = any.add(to_sql(E::fields(), filter, backend)?);
        }
        condition = condition.add(any);
    }
    Ok(query.filter(condition))
}

/// The query for the page that a listing asks for, in its order.
pub(crate) fn paged<E: TenantResource>(
    query: Select<E>,
    listing: &Listing,
    backend: DbBackend,
) -> Result<Select<E>, StoreError> {
    let query = ordered::<E>(narrowed::<E>(query, listing, backend)?, listing)?;
    Ok(query
        .limit(listing.limit)
        .offset((listing.offset > 0).then_some(listing.offset)))
}

/// The query in the order of a listing, which is a total one.
fn ordered<E: TenantResource>(mut query: Select<E>, listing: &Listing) -> Result<Select<E>, StoreError> {
    for (name, direction) in &listing.sort {
        let (_, column, _) = lookup(E::fields(), name)?;
        // As PostgreSQL has it: what is not set counts as the largest.
        let unset = match direction {
            Direction::Ascending => NullOrdering::Last,
            Direction::Descending => NullOrdering::First,
        };
        query = query.order_by_with_nulls(*column, sql_order(*direction), unset);
    }
    let closing = sql_order(listing.order);
    Ok(query.order_by(E::CREATED_AT, closing.clone()).order_by(E::ID, closing))
}

fn sql_order(direction: Direction) -> Order {
    match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    }
}
