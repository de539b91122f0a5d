//! The usage lines of subscriptions, and whose events they measure; one query each, however many subscriptions.

use std::collections::BTreeMap;

use tariff_core::vocabulary::{PriceType, SubscriptionStatus, SubscriptionType};
use tariff_store::entity::{customers, subscription_line_items, subscriptions};
use tariff_store::{Direction, Listing, Scoped};

use crate::error::Result;
use crate::records::{Narrow, by_ids};

/// The usage lines of some subscriptions.
#[derive(Debug, Default)]
pub(crate) struct UsageLines {
    by_owner: BTreeMap<String, Vec<subscription_line_items::Model>>,
}

impl UsageLines {
    /// Loads them.
    ///
    /// # Errors
    /// Storage failures only.
    pub(crate) async fn of(rows: &Scoped<'_>, subscriptions: &[subscriptions::Model]) -> Result<Self> {
        let mut lines = Self::default();
        if subscriptions.is_empty() {
            return Ok(lines);
        }
        let listing = Listing {
            sort: vec![("position".to_owned(), Direction::Ascending)],
            ..Listing::all()
        };
        let listing = listing
            .within("subscription_id", subscriptions.iter().map(owner_of))
            .equal("price_type", PriceType::Usage.as_str())
            .published();
        for line in rows.list::<subscription_line_items::Entity>(&listing).await? {
            lines
                .by_owner
                .entry(line.subscription_id.clone())
                .or_default()
                .push(line);
        }
        Ok(lines)
    }

    /// The lines of one of these subscriptions, in their order; an inherited one has those of its parent.
    pub(crate) fn lines(&self, subscription: &subscriptions::Model) -> &[subscription_line_items::Model] {
        self.by_owner.get(owner_of(subscription)).map_or(&[], Vec::as_slice)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &subscription_line_items::Model> {
        self.by_owner.values().flatten()
    }
}

/// The subscription whose lines and coupons price the usage of this one.
pub(crate) fn owner_of(subscription: &subscriptions::Model) -> &str {
    let inherited = subscription.subscription_type.0 == SubscriptionType::Inherited;
    let parent = subscription.parent_subscription_id.as_deref().filter(|_| inherited);
    parent.unwrap_or(&subscription.id)
}

/// The external ids of the customers whose subscriptions inherit from these parents, by the parent's id
/// (spec 02 §3.7).
pub(crate) async fn children_of(rows: &Scoped<'_>, parents: Vec<&str>) -> Result<BTreeMap<String, Vec<String>>> {
    let counting = [
        SubscriptionStatus::Active,
        SubscriptionStatus::Trialing,
        SubscriptionStatus::Paused,
        SubscriptionStatus::Draft,
    ];
    if parents.is_empty() {
        return Ok(BTreeMap::new());
    }
    let listing = Listing::all()
        .within("parent_subscription_id", parents)
        .equal("subscription_type", SubscriptionType::Inherited.as_str())
        .within("subscription_status", counting.map(SubscriptionStatus::as_str))
        .published();
    let children = rows.list::<subscriptions::Entity>(&listing).await?;
    let ids = children.iter().map(|child| child.customer_id.clone());
    let found = by_ids::<customers::Entity>(rows, ids, |customer| &customer.id).await?;
    let mut by_parent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for child in children {
        if let (Some(parent), Some(customer)) = (child.parent_subscription_id, found.get(&child.customer_id)) {
            by_parent.entry(parent).or_default().push(customer.external_id.clone());
        }
    }
    Ok(by_parent)
}
