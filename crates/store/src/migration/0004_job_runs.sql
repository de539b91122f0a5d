-- Runs of background workflows (spec 07 §3.3): what was asked for, who works on it, what came of it. An open run is the
-- only record that there is work to do; there is no queue beside it.

CREATE TABLE job_runs (
    -- The run id.
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    environment_id TEXT NOT NULL REFERENCES environments (id),
    workflow_id TEXT NOT NULL,
    workflow_type TEXT NOT NULL,
    task_queue TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    -- What no two open runs of one type may work on.
    lock_key TEXT NOT NULL,
    -- Running until it is closed, also while it waits for a worker.
    run_status TEXT NOT NULL,
    input {json} NOT NULL,
    -- What is done so far, as of the last step that was committed.
    progress {json},
    -- What came of it, once it is closed.
    result {json},
    -- Why it failed, or why it was last interrupted.
    error TEXT,
    -- How often a worker took it up since it last got on.
    attempts BIGINT NOT NULL,
    -- The worker that has it, and until when nobody else takes it; by the server's clock.
    lease_holder TEXT,
    lease_until {time} NOT NULL,
    created_by TEXT NOT NULL,
    created_at {time} NOT NULL,
    -- When a worker first took it up.
    started_at {time},
    closed_at {time}
);
CREATE UNIQUE INDEX job_runs_workflow ON job_runs (tenant_id, environment_id, workflow_id);
CREATE UNIQUE INDEX job_runs_open ON job_runs (tenant_id, workflow_type, lock_key) WHERE run_status = 'Running';
-- Workers ask for open runs that nobody has.
CREATE INDEX job_runs_due ON job_runs (lease_until) WHERE run_status = 'Running';
CREATE INDEX job_runs_listing ON job_runs (tenant_id, environment_id, created_at, id);
CREATE INDEX job_runs_entity ON job_runs (tenant_id, environment_id, entity_id, entity_type);

-- A price sync asks for the subscriptions of a plan that lie behind (spec 03 §5.9).
CREATE INDEX subscriptions_synced ON subscriptions (tenant_id, environment_id, plan_id, synced_price_sequence);
