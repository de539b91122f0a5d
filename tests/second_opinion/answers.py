"""What DuckDB answers to the questions that the server is asked (spec 02 §3.6, §3.7, §4)."""

import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import floor
from pathlib import Path

import duckdb

from events import KEYS
from questions import ABSENT_KEY, SIZES

SCALE = 10**340
# Digits of a quotient that the server keeps (docs/decisions.md).
QUOTIENT = 10**16
# How the buckets of a bucketed meter become one point of a wider window.
ROLL_UP = {"MAX": "max", "SUM": "sum"}
# What is written down of a delivery, beside its properties.
COLUMNS = ["phase", "event_id", "event_name", "external_customer_id", "customer_id", "timestamp", "source"]
START, END = "$start::TIMESTAMPTZ", "$end::TIMESTAMPTZ"
WITHIN, BEFORE_END, BEFORE_START = f"t >= {START} AND t < {END}", f"t < {END}", f"t < {START}"
FOLDER = Path(__file__).parent


@dataclass
class Usage:
    """Usage of one group: a number, how many events, and windows as (start in ms, number, events)."""

    value: Fraction
    events: int = 0
    windows: list = field(default_factory=list)
    sources: set = field(default_factory=set)


class Answers:
    """The events in DuckDB, which several threads may ask at the same time."""

    def __init__(self, deliveries):
        self.database = duckdb.connect()
        self.threads = threading.local()
        self.database.execute((FOLDER / "macros.sql").read_text())
        self.load(deliveries)
        self.database.execute((FOLDER / "tables.sql").read_text())
        self.database.execute(wide_table())
        names = self.database.execute("SELECT DISTINCT event_name FROM events").fetchall()
        self.tables = {name: f"events_{number}" for number, (name,) in enumerate(names)}
        for name, table in self.tables.items():
            sql = f"CREATE TABLE {table} AS SELECT * FROM events WHERE event_name = $name"
            self.database.execute(sql, {"name": name})

        self.database.execute("CREATE TABLE no_events AS SELECT * FROM events WHERE false")

    def table_of(self, meter):
        """The table of the events that a meter looks at."""
        return self.tables.get(meter.body["event_name"], "no_events")

    def load(self, deliveries):
        """Writes down what was sent, in the order of sending."""
        properties = [
            (number, key, value)
            for number, sent in enumerate(deliveries)
            for key, value in (sent.properties or {}).items()
        ]
        columns = {name: [getattr(sent, name) for sent in deliveries] for name in COLUMNS}
        columns["delivery"] = list(range(len(deliveries)))
        self.create("deliveries", columns)
        self.create("properties", dict(zip(["delivery", "key", "json"], map(list, zip(*properties)))))

    def create(self, table, columns):
        """Creates a table from its columns."""
        unnested = ", ".join(f"unnest(${name}) AS {name}" for name in columns)
        self.database.execute(f"CREATE TABLE {table} AS SELECT {unnested}", columns)

    def raw(self, meter, request):
        """`value` and `results` of `POST /v1/events/usage/meter`."""
        zone, anchor = request.get("timezone", ""), request.get("billing_anchor")
        zone = "UTC" if zone in ("", "Mars/Base") else zone
        anchor = int(anchor[8:10]) if anchor else 1
        query = Query(meter, request, False, self.table_of(meter))
        query.where_filters(request.get("filters", {}))
        if request.get("customer_id"):
            query.where(f"customer_id = {query.text(request['customer_id'])}")
        never = meter.body["reset_usage"] == "NEVER"
        if meter.bucket_size:
            labels = [window(meter.bucket_size, zone, anchor), query.group_column()]
            results = self.run(query, WITHIN, labels)
            everything = self.run(query, BEFORE_END, labels) if never else results
            value = sum((clamped(query.number(row, 2)) for row in everything), Fraction(0))
            return value, [(row[0], clamped(query.number(row, 2))) for row in results]
        if request.get("window_size"):
            labels = [window(request["window_size"], zone, anchor)]
            results = self.run(query, WITHIN, labels)
            carried = self.run(query, BEFORE_START, []) if never else []
            value = sum((clamped(query.number(row, 0)) for row in carried), Fraction(0))
            return value, [(row[0], clamped(query.number(row, 1))) for row in results]
        rows = self.run(query, BEFORE_END if never else WITHIN, [])
        return sum((clamped(query.number(row, 0)) for row in rows), Fraction(0)), []

    def recorded(self, meter, request, zone):
        """The items of `POST /v1/events/analytics`, by the texts of the dimensions."""
        query = Query(meter, request, True, self.table_of(meter))
        query.where_filters(request.get("property_filters", {}))
        if request.get("sources"):
            query.where(f"source IN ({', '.join(map(query.text, request['sources']))})")
        named = [entry for entry in request.get("group_by", []) if entry not in ("feature_id", "meter_id")]
        dimensions = [
            "source" if entry == "source" else column("text", entry.removeprefix("properties.")) for entry in named
        ]
        with_sources = "source" in request.get("expand", []) and "source" not in named
        items, width = {}, len(dimensions)
        for row in self.run(query, WITHIN, dimensions, "list(DISTINCT source)" if with_sources else "NULL"):
            items[row[:width]] = Usage(query.number(row, width), row[width], [], set(row[width + 2] or []))
        if meter.bucket_size:
            self.add_buckets(query, request, zone, dimensions, items)
        elif request.get("window_size"):
            for row in self.run(query, WITHIN, dimensions + [window(request["window_size"], zone, 1)]):
                items[row[:width]].windows.append((row[width], query.number(row, width + 1), row[width + 1]))
        return named, items

    def add_buckets(self, query, request, zone, dimensions, items):
        """Values of a bucketed meter: the sum of its buckets, shown by windows that are never narrower."""
        bucket_size, size = query.meter.bucket_size, request.get("window_size")
        wider = size and SIZES.index(size) > SIZES.index(bucket_size)
        names = [f"dimension_{number}" for number in range(len(dimensions))]
        head = "".join(f"{name}, " for name in names)
        sql = f"""
            WITH {query.measured(WITHIN)},
            pieces AS (
                SELECT {"".join(f"{column} AS {name}, " for column, name in zip(dimensions, names))}
                    {window_start(bucket_size, "UTC", 1)} AS bucket,
                    {"NULL" if dimensions else query.group_column()} AS part,
                    greatest({query.aggregate()}, '0'::BIGNUM) AS value,
                    count(*) AS events
                FROM measured GROUP BY ALL
            ),
            buckets AS (SELECT {head} bucket, sum(value) AS value, sum(events) AS events FROM pieces GROUP BY ALL)
            SELECT
                {head} epoch_ms({window_start(size, zone, 1, "bucket") if wider else "bucket"}) AS start,
                sum(events)::BIGINT,
                {ROLL_UP[query.meter.kind]}(value)::VARCHAR,
                sum(value)::VARCHAR
            FROM buckets GROUP BY ALL ORDER BY start
        """
        width = len(dimensions)
        for item in items.values():
            item.value = Fraction(0)
        for row in self.fetch(query, sql):
            item, (start, events, shown, summed) = items[row[:width]], row[width:]
            item.value += query.scaled(summed)
            if size:
                item.windows.append((start, query.scaled(shown), events))

    def run(self, query, within, labels, extra="NULL"):
        """Rows of labels, the number of events, the aggregate and `extra`; none where there are no events."""
        positions = ", ".join(str(number) for number in range(1, len(labels) + 1))
        order = ", ".join(f"{number} NULLS FIRST" for number in range(1, len(labels) + 1))
        sql = f"""
            WITH {query.measured(within)}
            SELECT {"".join(f"{label}, " for label in labels)} count(*), {query.aggregate()}::VARCHAR, {extra}
            FROM measured
            {f"GROUP BY {positions} ORDER BY {order}" if labels else ""}
        """
        return [row for row in self.fetch(query, sql) if row[len(labels)] > 0]

    def fetch(self, query, sql):
        """All rows of an answer."""
        if not hasattr(self.threads, "cursor"):
            self.threads.cursor = self.database.cursor()
        return self.threads.cursor.execute(sql, query.used(sql)).fetchall()


class Query:
    """The SQL that is common to all questions about one meter."""

    def __init__(self, meter, request, recorded, table):
        self.meter, self.recorded, self.table = meter, recorded, table
        self.parameters = {"start": request["start_time"], "end": request["end_time"]}
        self.conditions = []
        if request.get("external_customer_id"):
            self.where(f"external_customer_id = {self.text(request['external_customer_id'])}")
        self.where(self.recorded_at_its_time() if recorded else self.meter_filters(meter.filters))

    def text(self, value):
        """The placeholder of a text."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def used(self, sql):
        """The parameters that stand in `sql`."""
        return {name: self.parameters[name] for name in set(re.findall(r"\$(\w+)", sql))}

    def where(self, condition):
        self.conditions.append(condition)

    def where_filters(self, filters):
        """Filters of a query: an absent property is like an empty one, an empty list no condition."""
        for key, values in filters.items():
            if values:
                self.where(f"coalesce({column('text', key)}, '') IN ({', '.join(map(self.text, values))})")

    def meter_filters(self, filters):
        """Filters of a meter: an absent property never matches, every entry must match."""
        conditions = [
            f"coalesce({column('text', entry['key'])} IN ({', '.join(map(self.text, entry['values']))}), false)"
            for entry in filters
        ]
        return f"({' AND '.join(conditions) or 'true'})"

    def recorded_at_its_time(self):
        """Recording is not retroactive: what counts is the meter as it was when the event last came (spec 02 §4.1)."""
        revisions = self.meter.revisions
        ends = [phase for phase, _ in revisions[1:]] + [99]
        parts = [
            f"(phase >= {start} AND phase < {end} AND {self.meter_filters(filters)})"
            for (start, filters), end in zip(revisions, ends)
            if filters is not None
        ]
        return f"({' OR '.join(parts)})"

    def group_column(self):
        """What a bucketed maximum is taken apart by."""
        group = self.meter.body["aggregation"].get("group_by")
        return column("text", group) if group else "NULL::VARCHAR"

    def measured(self, within):
        """The events that count, each with its number `x`."""
        conditions = " AND ".join([within] + self.conditions)
        if not self.meter.expression:
            number = column("number", self.meter.body["aggregation"].get("field", ABSENT_KEY))
            return f"measured AS (SELECT *, {self.recordable(number)} AS x FROM {self.table} WHERE {conditions})"
        # An operand that is no number is NULL, and so is the result; what is not finite leaves no record either.
        operands = "".join(f" AND operand_{name} IS NOT NULL" for name in sorted(self.meter.expression.names))
        return f"""
            results AS (
                SELECT *, {self.meter.expression.sql} AS result FROM {self.table} WHERE {conditions}{operands}
            ),
            spelled AS (SELECT *, result::VARCHAR AS numeral FROM results WHERE isfinite(result)),
            parts AS (
                SELECT *, sign_of(numeral) AS sign, mantissa(numeral) AS mantissa, exponent(numeral) AS exponent
                FROM spelled
            ),
            measured AS (SELECT *, {self.recordable("quantity(sign, mantissa, exponent)")} AS x FROM parts)
        """

    def recordable(self, number):
        """What is recorded is never negative, but for the changes that a weighted sum is made of."""
        clamps = self.recorded and self.meter.kind != "WEIGHTED_SUM"
        return f"greatest({number}, '0'::BIGNUM)" if clamps else number

    def aggregate(self):
        """The aggregate of `x`, before it is divided or multiplied."""
        kind = self.meter.kind
        if kind == "COUNT":
            return "count(*)"
        if kind == "COUNT_UNIQUE":
            return f"count(DISTINCT {column('text', self.meter.body['aggregation']['field'])})"
        if kind == "LATEST":
            return "last(x ORDER BY t, delivery)"
        if kind in ("MAX", "MIN"):
            return f"{kind}(x)"
        if kind == "WEIGHTED_SUM":
            # BIGNUM does not multiply: x·t was added up when the tables were made, the rest is done in `weighed`.
            moment = column("moment", self.meter.body["aggregation"]["field"])
            return f"[sum(x) FILTER (t < {START}), sum(x) FILTER (t >= {START}), sum({moment}) FILTER (t >= {START})]"
        return "sum(x)"

    def number(self, row, at):
        """The value of a row whose count and aggregate stand at `at`."""
        kind, count, aggregate = self.meter.kind, row[at], row[at + 1]
        if kind in ("COUNT", "COUNT_UNIQUE"):
            return Fraction(int(aggregate))
        if kind == "WEIGHTED_SUM":
            value = self.weighed(aggregate)
        else:
            value = self.scaled(aggregate)
        if kind == "AVG":
            value = rounded(value / count)
        return clamped(value) if self.recorded else value

    def weighed(self, parts):
        """Σ x·(E − t)/(E − S) in whole seconds; what came before S counts in full. No second, no weight."""
        before, within, moment = (0 if part == "NULL" else int(part) for part in parts.strip("[]").split(", "))
        start, end = (floor(datetime.fromisoformat(self.parameters[name]).timestamp()) for name in ("start", "end"))
        share = rounded(Fraction(end * within - moment, SCALE * (end - start))) if end > start else 0
        return Fraction(before, SCALE) + share

    def scaled(self, text):
        """A quantity of the tables as a number, times the meter's factor."""
        aggregation = self.meter.body["aggregation"]
        value = Fraction(int(text), SCALE)
        multiplies = self.meter.expression or self.meter.kind == "SUM_WITH_MULTIPLIER"
        return value * Fraction(aggregation["multiplier"]) if multiplies and "multiplier" in aggregation else value


def column(what, key):
    """The column with the number, text or operand of a property; of one that no event has, its value when absent."""
    if key in KEYS:
        return f'"{what}_{key}"'
    return {"number": "'0'::BIGNUM", "moment": "'0'::BIGNUM", "text": "NULL::VARCHAR"}[what]


def wide_table():
    """One row an event, with columns for each property: its number, that times the second, its text, its operand."""
    columns = []
    for key in KEYS:
        mine = f"FILTER (key = '{key}')"
        columns += [
            f"""coalesce(max(number) {mine}, '0'::BIGNUM) AS "number_{key}" """,
            f"""coalesce(max(times(number, second_of(t))) {mine}, '0'::BIGNUM) AS "moment_{key}" """,
            f"""max(text) {mine} AS "text_{key}" """,
            f"""CASE WHEN count(*) {mine} = 0 THEN 0 ELSE max(operand) {mine} END AS "operand_{key}" """,
        ]
    return f"""
        CREATE TABLE events AS
        WITH wide AS (
            SELECT delivery, {", ".join(columns)}
            FROM last_deliveries LEFT JOIN read_properties USING (delivery) GROUP BY delivery
        )
        SELECT * FROM last_deliveries JOIN wide USING (delivery)
    """


def window(size, zone, anchor):
    """The window that contains an event, by its first millisecond."""
    return f"epoch_ms({window_start(size, zone, anchor)})"


def window_start(size, zone, anchor, instant="t"):
    """The start of the window that contains an instant (spec 02 §4.7)."""
    if size == "MINUTE":
        return f"date_trunc('minute', {instant})"
    if size in ("15MIN", "30MIN", "HOUR"):
        minutes = {"15MIN": 15, "30MIN": 30, "HOUR": 60}[size]
        return f"floored({instant}, '{zone}', INTERVAL {minutes} MINUTE)"
    if size.endswith("HOUR"):
        return f"hours_floored({instant}, '{zone}', {size.removesuffix('HOUR')})"
    if size == "MONTH":
        return f"month_start({instant}, '{zone}', {anchor})"
    return f"{size.lower()}_start({instant}, '{zone}')"


def clamped(value):
    """The number, or zero if it is negative."""
    return max(value, Fraction(0))


def rounded(quotient):
    """A quotient as the server keeps it: half away from zero."""
    whole = floor(abs(quotient) * QUOTIENT + Fraction(1, 2))
    return Fraction(whole if quotient >= 0 else -whole, QUOTIENT)
