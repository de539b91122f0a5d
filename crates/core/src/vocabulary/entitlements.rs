//! Word lists of entitlement grants (spec 03 §3.5).

wire_enum! {
    /// What the quota of an entitlement grant counts.
    EntitlementGrantMeasure, "types.EntitlementGrantMeasure" {
        /// `quantity`.
        Quantity = "quantity",
        /// `amount`.
        Amount = "amount",
    }
}

wire_enum! {
    /// Unit of the length of an entitlement grant.
    EntitlementGrantDurationUnit, "types.EntitlementGrantDurationUnit" {
        /// `hour`.
        Hour = "hour",
        /// `day`.
        Day = "day",
        /// `week`.
        Week = "week",
        /// `subscription_period`.
        SubscriptionPeriod = "subscription_period",
    }
}

wire_enum! {
    /// Where an entitlement grant begins.
    EntitlementGrantAllocationBehavior, "types.EntitlementGrantAllocationBehavior" {
        /// `first_usage`.
        FirstUsage = "first_usage",
        /// `unit_start`.
        UnitStart = "unit_start",
    }
}

wire_enum! {
    /// What an entitlement grant is for.
    EntitlementGrantScope, "types.EntitlementGrantScope" {
        /// `feature`.
        Feature = "feature",
    }
}

wire_enum! {
    /// How far an entitlement grant is used up.
    EntitlementGrantStatus, "types.EntitlementGrantStatus" {
        /// `active`.
        Active = "active",
        /// `exhausted`.
        Exhausted = "exhausted",
    }
}
