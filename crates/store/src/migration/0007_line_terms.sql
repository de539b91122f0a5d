-- The commitment of a subscription line (spec 03 §5.12, spec 04 §2.3). Lines without one have no commitment type and no
-- time buckets.
ALTER TABLE subscription_line_items ADD COLUMN commitment_type TEXT;
ALTER TABLE subscription_line_items ADD COLUMN commitment_amount {decimal};
ALTER TABLE subscription_line_items ADD COLUMN commitment_quantity {decimal};
ALTER TABLE subscription_line_items ADD COLUMN commitment_overage_factor {decimal};
ALTER TABLE subscription_line_items ADD COLUMN commitment_true_up_enabled BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE subscription_line_items ADD COLUMN commitment_windowed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE subscription_line_items ADD COLUMN commitment_duration TEXT;
-- Parts of the day with a price and commitment of their own; they never change, like the tiers of a price.
ALTER TABLE subscription_line_items ADD COLUMN commitment_time_buckets {json};
