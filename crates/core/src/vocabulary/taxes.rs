//! Words of taxes (spec 03 §3.8).

wire_enum! {
    /// What a tax rate is attached to.
    TaxRateEntityType, "types.TaxRateEntityType" {
        /// `customer`.
        Customer = "customer",
        /// `subscription`.
        Subscription = "subscription",
        /// `invoice`.
        Invoice = "invoice",
        /// `tenant`.
        Tenant = "tenant",
    }
}

wire_enum! {
    /// A label of a tax rate; it influences nothing.
    TaxRateScope, "types.TaxRateScope" {
        /// `INTERNAL`.
        Internal = "INTERNAL",
        /// `EXTERNAL`.
        External = "EXTERNAL",
        /// `ONETIME`.
        Onetime = "ONETIME",
    }
}

wire_enum! {
    /// Whether a tax rate may be attached, and is charged.
    TaxRateStatus, "types.TaxRateStatus" {
        /// `ACTIVE`.
        Active = "ACTIVE",
        /// `INACTIVE`.
        Inactive = "INACTIVE",
    }
}
