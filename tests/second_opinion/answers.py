"""What DuckDB answers to the questions that the server is asked (spec 02 §3.6, §3.7, §4)."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import floor
from pathlib import Path

import duckdb

from events import KEYS
from questions import SIZES

SCALE = 10**340
# Digits of a quotient that the server keeps (docs/decisions.md).
QUOTIENT = 10**16
# How the buckets of a bucketed meter become one point of a wider window.
ROLL_UP = {"MAX": "max", "SUM": "sum"}
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
    """The events in DuckDB."""

    def __init__(self, deliveries):
        self.database = duckdb.connect()
        self.database.execute((FOLDER / "macros.sql").read_text())
        self.load(deliveries)
        self.database.execute((FOLDER / "tables.sql").read_text())
        self.database.execute(wide_table())

    def load(self, deliveries):
        """Writes down what was sent, in the order of sending."""
        execute = self.database.execute
        execute(
            "CREATE TABLE deliveries (delivery BIGINT, phase BIGINT, event_id VARCHAR, event_name VARCHAR,"
            " external_customer_id VARCHAR, customer_id VARCHAR, sent_timestamp VARCHAR, source VARCHAR)"
        )
        execute("CREATE TABLE properties (delivery BIGINT, key VARCHAR, json VARCHAR)")
        self.database.executemany(
            "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, sent.phase, sent.event_id, sent.event_name, sent.external_customer_id, sent.customer_id)
                + (sent.timestamp, sent.source)
                for number, sent in enumerate(deliveries)
            ],
        )
        self.database.executemany(
            "INSERT INTO properties VALUES (?, ?, ?)",
            [
                (number, key, value)
                for number, sent in enumerate(deliveries)
                for key, value in (sent.properties or {}).items()
            ],
        )

    def raw(self, meter, request):
        """`value` and `results` of `POST /v1/events/usage/meter`."""
        zone, anchor = request.get("timezone", ""), request.get("billing_anchor")
        zone = "UTC" if zone in ("", "Mars/Base") else zone
        anchor = int(anchor[8:10]) if anchor else 1
        query = Query(meter, request, recorded=False)
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
        query = Query(meter, request, recorded=True)
        query.where_filters(request.get("property_filters", {}))
        if request.get("sources"):
            query.where(f"source IN ({', '.join(map(query.text, request['sources']))})")
        named = [entry for entry in request.get("group_by", []) if entry not in ("feature_id", "meter_id")]
        dimensions = [
            "source" if entry == "source" else column("text", entry.removeprefix("properties.")) for entry in named
        ]
        items = {}
        for row in self.run(query, WITHIN, dimensions):
            key, width = row[: len(dimensions)], len(dimensions)
            if row[width] > 0:
                items[key] = Usage(query.number(row, width), row[width], [], set(row[width + 2]))
        if meter.bucket_size:
            self.add_buckets(query, request, zone, dimensions, items)
        elif request.get("window_size"):
            width = len(dimensions)
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
            parts AS (
                SELECT {"".join(f"{column} AS {name}, " for column, name in zip(dimensions, names))}
                    {window_start(bucket_size, "UTC", 1)} AS bucket,
                    {"NULL" if dimensions else query.group_column()} AS part,
                    greatest({query.aggregate()}, '0'::BIGNUM) AS value,
                    count(*) AS events
                FROM measured WHERE x IS NOT NULL GROUP BY ALL
            ),
            buckets AS (SELECT {head} bucket, sum(value) AS value, sum(events) AS events FROM parts GROUP BY ALL)
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
        for row in self.database.execute(sql, query.used(sql)).fetchall():
            item, (start, events, shown, summed) = items[row[:width]], row[width:]
            item.value += query.scaled(summed)
            if size:
                item.windows.append((start, query.scaled(shown), events))

    def run(self, query, within, labels):
        """Rows of labels, the number of events, the aggregate and the sources; none where there are no events."""
        positions = ", ".join(str(number) for number in range(1, len(labels) + 1))
        order = ", ".join(f"{number} NULLS FIRST" for number in range(1, len(labels) + 1))
        sql = f"""
            WITH {query.measured(within)}
            SELECT {"".join(f"{label}, " for label in labels)} count(*), {query.aggregate()}::VARCHAR, list(DISTINCT source)
            FROM measured WHERE x IS NOT NULL
            {f"GROUP BY {positions} ORDER BY {order}" if labels else ""}
        """
        return [row for row in self.database.execute(sql, query.used(sql)).fetchall() if row[len(labels)] > 0]


class Query:
    """The SQL that is common to all questions about one meter."""

    def __init__(self, meter, request, recorded):
        self.meter, self.recorded = meter, recorded
        self.parameters = {"start": request["start_time"], "end": request["end_time"]}
        self.conditions = [f"event_name = {self.text(meter.body['event_name'])}"]
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
        entries = [f"{column('text', entry['key'])} IN ({', '.join(map(self.text, entry['values']))})" for entry in filters]
        return "(" + (" AND ".join(f"coalesce({entry}, false)" for entry in entries) or "true") + ")"

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
        expression = self.meter.expression
        number = "'0'::BIGNUM"
        result = "0.0::DOUBLE"
        if expression:
            operands = " AND ".join(f"operand_{name} IS NOT NULL" for name in sorted(expression.names))
            result = f"CASE WHEN {operands} THEN {expression.sql} END"
            number = "quantity_of_double(result)"
        elif self.meter.body["aggregation"].get("field"):
            number = column("number", self.meter.body["aggregation"]["field"])
        if self.recorded and self.meter.kind != "WEIGHTED_SUM":
            number = f"CASE WHEN {number} IS NOT NULL THEN greatest({number}, '0'::BIGNUM) END"
        return f"""
            chosen AS (SELECT *, {result} AS result FROM events WHERE {within} AND {" AND ".join(self.conditions)}),
            measured AS (SELECT *, {number} AS x FROM chosen)
        """

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
            # What came before the start counts in full; a period of less than a second has no weight.
            total, rest = f"(second_of({END}) - second_of({START}))", f"(second_of({END}) - second_of(t))"
            weight = f"CASE WHEN t < {START} THEN greatest({total}, 1) WHEN {total} = 0 THEN 0 ELSE {rest} END"
            return f"sum(times(x, {weight}))"
        return "sum(x)"

    def number(self, row, at):
        """The value of a row whose count and aggregate stand at `at`."""
        kind, count, aggregate = self.meter.kind, row[at], row[at + 1]
        if kind in ("COUNT", "COUNT_UNIQUE"):
            return Fraction(int(aggregate))
        value = self.scaled(aggregate)
        if kind == "AVG":
            return rounded(value / count)
        if kind == "WEIGHTED_SUM":
            value = rounded(value / max(self.seconds(), 1))
        return clamped(value) if self.recorded else value

    def seconds(self):
        """Whole seconds of the period."""
        start, end = (datetime.fromisoformat(self.parameters[name]).timestamp() for name in ("start", "end"))
        return floor(end) - floor(start)

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
    return {"number": "'0'::BIGNUM", "text": "NULL::VARCHAR"}[what]


def wide_table():
    """One row an event, with three columns a property: its number, its text, and what expressions see."""
    columns = []
    for key in KEYS:
        mine = f"FILTER (key = '{key}')"
        columns += [
            f"""coalesce(max(number) {mine}, '0'::BIGNUM) AS "number_{key}" """,
            f"""max(text) {mine} AS "text_{key}" """,
            f"""CASE WHEN count(*) {mine} = 0 THEN 0 ELSE max(operand) {mine} END AS "operand_{key}" """,
        ]
    return f"""
        CREATE TABLE events AS
        WITH wide AS (SELECT delivery, {", ".join(columns)} FROM read_properties GROUP BY delivery),
        bare AS (SELECT -1 AS delivery, {", ".join(columns)} FROM (SELECT * FROM read_properties WHERE false))
        SELECT last_deliveries.*, wide.* EXCLUDE (delivery)
        FROM last_deliveries JOIN wide USING (delivery)
        UNION ALL
        SELECT last_deliveries.*, bare.* EXCLUDE (delivery)
        FROM last_deliveries, bare
        WHERE last_deliveries.delivery NOT IN (SELECT delivery FROM wide)
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
