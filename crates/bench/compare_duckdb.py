"""Stores the events of a folder in DuckDB, batch by batch, and asks it the questions of the comparison.

Run by `tariff-bench compare --python PYTHON`; prints one JSON object.
Arguments: folder, events of a batch, times to ask again, condition of the customer, condition of the month.
"""

import glob
import json
import os
import resource
import sys
import time

import duckdb

# A run that would take longer stops here and says how many events it stored.
SECONDS_MAX = 1200

STAGE = """
CREATE OR REPLACE TEMP TABLE staging AS
SELECT row_number() OVER () - 1 AS number, * FROM read_csv(
    '{path}', delim = '\t', header = false, quote = '', escape = '', auto_detect = false, columns = {{
        'event_id': 'VARCHAR', 'event_name': 'VARCHAR', 'external_customer_id': 'VARCHAR',
        'ts': 'TIMESTAMPTZ', 'properties': 'VARCHAR'}})
"""

# Within a batch the last delivery of an id wins, as it does across batches.
INSERT = """
INSERT INTO events
SELECT DISTINCT ON (event_id) 'tenant_1', event_id, event_name, external_customer_id, ts, properties
FROM staging WHERE number >= ? AND number < ?
ON CONFLICT (tenant, event_id) DO UPDATE SET
    event_name = excluded.event_name, external_customer_id = excluded.external_customer_id,
    ts = excluded.ts, properties = excluded.properties
"""


def milliseconds(database, query):
    begun = time.perf_counter()
    rows = database.execute(query).fetchall()
    return (time.perf_counter() - begun) * 1000, rows


def median(times):
    return sorted(times)[len(times) // 2]


def store(database, folder, batch):
    """Returns how many events were stored and how long the batches took, reading the files left out."""
    stored, took = 0, 0.0
    for path in sorted(glob.glob(os.path.join(folder, "events-*.tsv"))):
        database.execute(STAGE.format(path=path))
        (count,) = database.execute("SELECT count(*) FROM staging").fetchone()
        for first in range(0, count, batch):
            begun = time.perf_counter()
            database.execute(INSERT, [first, first + batch])
            took += time.perf_counter() - begun
            stored += min(batch, count - first)
            if took > SECONDS_MAX:
                return stored, took
    return stored, took


def main():
    folder, batch, again, customer, month = sys.argv[1:]
    path = os.path.join(folder, "events.duckdb")
    database = duckdb.connect(path)
    # No index by customer: DuckDB updates no indexed columns on conflict, and scans columns by itself.
    database.execute(
        "CREATE TABLE events (tenant VARCHAR, event_id VARCHAR, event_name VARCHAR, external_customer_id VARCHAR,"
        " ts TIMESTAMPTZ, properties JSON, PRIMARY KEY (tenant, event_id))"
    )
    stored, took = store(database, folder, int(batch))

    tokens = "sum((properties->>'tokens')::DECIMAL(18, 0))"
    one = f"SELECT {tokens} FROM events WHERE tenant = 'tenant_1' AND {customer} AND {month}"
    everybody = (
        f"SELECT external_customer_id, {tokens}, count(*) FILTER (WHERE properties->>'status' = '200'),"
        f" count(DISTINCT properties->>'user') FROM events WHERE tenant = 'tenant_1' AND {month} GROUP BY 1"
    )
    first, rows = milliseconds(database, one)
    repeated = [milliseconds(database, one)[0] for _ in range(int(again))]
    all_customers = median([milliseconds(database, everybody)[0] for _ in range(3)])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    database.close()
    outcome = {
        "system": f"DuckDB {duckdb.__version__}, in process",
        "events": stored,
        "events_per_second": stored / took,
        "disk_bytes": sum(os.path.getsize(found) for found in glob.glob(path + "*")),
        "memory_bytes": memory,
        "sum_first_ms": first,
        "sum_again_ms": median(repeated),
        "all_customers_ms": all_customers,
        "tokens": float(rows[0][0]),
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
