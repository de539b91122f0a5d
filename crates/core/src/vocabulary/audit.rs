//! Words of the audit log.

wire_enum! {
    /// What was done to a record.
    AuditAction, "types.AuditAction" {
        /// `created`.
        Created = "created",
        /// `updated`.
        Updated = "updated",
        /// `archived`: withdrawn, kept for history.
        Archived = "archived",
        /// `deleted`: hidden, or taken out.
        Deleted = "deleted",
    }
}

wire_enum! {
    /// What kind of caller did it.
    AuditActor, "types.AuditActor" {
        /// `user`: a person, by session or key.
        User = "user",
        /// `service_account`.
        ServiceAccount = "service_account",
        /// `portal`: a customer in the customer portal.
        Portal = "portal",
        /// `worker`: the server itself, because time passed or an event came in.
        Worker = "worker",
    }
}
