//! Ladders of tiers and package sizes (spec 03 §3.2, Q1).

use std::collections::BTreeSet;

use crate::prices::{CreatePriceTier, TransformQuantityInput};
use crate::validate::FieldErrors;

impl CreatePriceTier {
    /// Records the members that break a rule.
    pub(crate) fn check(&self, errors: &mut FieldErrors) {
        errors.not_negative("unit_amount", self.unit_amount.as_ref());
        errors.not_negative("flat_amount", self.flat_amount.as_ref());
        errors.check(
            self.up_to.is_none_or(|up_to| up_to >= 0),
            "up_to",
            "must not be negative",
        );
    }
}

/// Records what makes a ladder unsellable. Any order and a bounded last tier are accepted (spec 03 Q1, Q3).
pub(super) fn check_tiers(errors: &mut FieldErrors, field: &str, tiers: Option<&[CreatePriceTier]>) {
    errors.each(field, tiers, CreatePriceTier::check);
    let mut bounds = BTreeSet::new();
    let distinct = tiers.unwrap_or_default().iter().all(|tier| bounds.insert(tier.up_to));
    errors.check(distinct, field, "must not have two tiers with the same up_to");
}

/// Records what makes a package size unusable.
pub(super) fn check_package(errors: &mut FieldErrors, package: Option<&TransformQuantityInput>) {
    if let Some(package) = package {
        let holds = package.divide_by.is_some_and(|divide_by| divide_by >= 1);
        errors.check(holds, "transform_quantity.divide_by", "must be at least 1");
    }
}
