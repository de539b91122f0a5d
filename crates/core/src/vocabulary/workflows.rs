//! Words of background workflows.

wire_enum! {
    /// Where a run of a background workflow stands (spec 07 §3.3).
    WorkflowStatus, "types.WorkflowStatus" {
        /// `Running`: accepted, and not closed yet.
        Running = "Running",
        /// `Completed`.
        Completed = "Completed",
        /// `Failed`: given up after too many attempts.
        Failed = "Failed",
        /// `Canceled`.
        Canceled = "Canceled",
        /// `Terminated`.
        Terminated = "Terminated",
        /// `ContinuedAsNew`.
        ContinuedAsNew = "ContinuedAsNew",
        /// `TimedOut`: not done within its time.
        TimedOut = "TimedOut",
        /// `Unknown`.
        Unknown = "Unknown",
    }
}

wire_enum! {
    /// What a background workflow does.
    WorkflowType, "types.WorkflowType" {
        /// Brings the prices of a plan to its subscriptions (spec 03 §5.9).
        PriceSync = "PriceSyncWorkflow",
        /// Copies the catalog of an environment into another (spec 01 B4).
        EnvironmentClone = "EnvironmentCloneWorkflow",
    }
}
