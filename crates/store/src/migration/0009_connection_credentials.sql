-- The credentials of a connection, encrypted (spec 07 §2.6).
ALTER TABLE connections ADD COLUMN encrypted_secret_data TEXT NOT NULL DEFAULT '';
