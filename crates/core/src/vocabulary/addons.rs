//! Words of addons (spec 03 §3.4).

wire_enum! {
    /// Addon status.
    AddonStatus, "types.AddonStatus" {
        /// `active`.
        Active = "active",
        /// `cancelled`.
        Cancelled = "cancelled",
        /// `pending`.
        Pending = "pending",
    }
}
