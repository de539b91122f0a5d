//! Prices with the records they refer to.

use tariff_contract::prices::PriceResponse;
use tariff_core::vocabulary::PriceEntityType;
use tariff_store::Scoped;
use tariff_store::entity::{addons, groups, meters, plans, price_units, prices};

use super::response;
use crate::error::Result;
use crate::records::by_ids;

/// Which related records an answer shows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Embed {
    /// The meter of a USAGE price.
    pub meters: bool,
    /// The group.
    pub groups: bool,
    /// The custom unit.
    pub price_units: bool,
    /// The plan that owns it.
    pub plans: bool,
    /// The addon that owns it.
    pub addons: bool,
}

impl Embed {
    /// Everything but the owner.
    pub(crate) const OWN: Self = Self {
        meters: true,
        groups: true,
        price_units: true,
        plans: false,
        addons: false,
    };
}

/// The wire forms of prices, in the same order. A related record that is gone is left out.
pub(crate) async fn embedded(
    rows: &Scoped<'_>,
    prices: Vec<prices::Model>,
    embed: Embed,
) -> Result<Vec<PriceResponse>> {
    let ids = |asked: bool, id_of: fn(&prices::Model) -> Option<String>| -> Vec<String> {
        prices.iter().filter(|_| asked).filter_map(id_of).collect()
    };
    let meter_ids = ids(embed.meters, |price| price.meter_id.clone());
    let group_ids = ids(embed.groups, |price| price.group_id.clone());
    let unit_ids = ids(embed.price_units, |price| price.price_unit_id.clone());
    let plan_ids = ids(embed.plans, |price| owned_by(price, PriceEntityType::Plan));
    let addon_ids = ids(embed.addons, |price| owned_by(price, PriceEntityType::Addon));
    let meters = by_ids::<meters::Entity>(rows, meter_ids, |meter| &meter.id).await?;
    let groups = by_ids::<groups::Entity>(rows, group_ids, |group| &group.id).await?;
    let units = by_ids::<price_units::Entity>(rows, unit_ids, |unit| &unit.id).await?;
    let plans = by_ids::<plans::Entity>(rows, plan_ids, |plan| &plan.id).await?;
    let addons = by_ids::<addons::Entity>(rows, addon_ids, |addon| &addon.id).await?;
    let answer = |price: prices::Model| {
        let plan = owned_by(&price, PriceEntityType::Plan)
            .and_then(|id| plans.get(&id))
            .cloned();
        let addon = owned_by(&price, PriceEntityType::Addon)
            .and_then(|id| addons.get(&id))
            .cloned();
        let mut answer = response(price);
        answer.meter = answer
            .meter_id
            .as_ref()
            .and_then(|id| meters.get(id))
            .cloned()
            .map(crate::meters::response);
        answer.group = answer
            .group_id
            .as_ref()
            .and_then(|id| groups.get(id))
            .cloned()
            .map(crate::groups::response);
        let unit = answer.price_unit_id.as_ref().and_then(|id| units.get(id)).cloned();
        answer.pricing_unit = unit.map(crate::price_units::response);
        answer.plan = plan.map(|plan| Box::new(crate::plans::response(plan)));
        answer.addon = addon.map(|addon| Box::new(crate::addons::response(addon)));
        answer
    };
    Ok(prices.into_iter().map(answer).collect())
}

fn owned_by(price: &prices::Model, kind: PriceEntityType) -> Option<String> {
    (price.entity_type.0 == kind).then(|| price.entity_id.clone())
}
