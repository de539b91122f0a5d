"""Random meters and what is asked of them."""

from dataclasses import dataclass, field
from datetime import timedelta

from events import DAYS, FIRST, KEYS, NUMBER_KEYS, SOURCES, TEXT_KEYS, TEXTS, ZONES, random_instant
from expressions import random_expression

SIZES = ["MINUTE", "15MIN", "30MIN", "HOUR", "3HOUR", "6HOUR", "12HOUR", "DAY", "WEEK", "MONTH"]
TYPES = ["COUNT", "SUM", "AVG", "MAX", "MIN", "LATEST", "COUNT_UNIQUE", "SUM_WITH_MULTIPLIER", "WEIGHTED_SUM"]
BUCKETED = ["MAX", "SUM"]
WITH_EXPRESSION = ["SUM", "AVG", "MAX", "MIN", "LATEST"]
MULTIPLIERS = ["1", "2", "0.001", "1000", "0.3333333333333333", "12345.678901", "7e-9"]
ABSENT_KEY = "no such property"
PHASES = 3


@dataclass
class Meter:
    """A meter with its history: what it recorded from which phase on, `None` for nothing any more."""

    body: dict
    expression: object = None
    revisions: list = field(default_factory=list)
    id: str = ""
    feature_id: str = ""

    @property
    def kind(self):
        return self.body["aggregation"]["type"]

    @property
    def bucket_size(self):
        return self.body["aggregation"].get("bucket_size")

    @property
    def filters(self):
        """Those in force now; an archived meter keeps its last ones."""
        return [filters for _, filters in self.revisions if filters is not None][-1]


@dataclass
class Case:
    """A meter and one question of each kind about it."""

    number: int
    meter: Meter
    raw: dict
    recorded: dict
    timezone: str = "UTC"


def random_meter(random, number, names):
    """A meter that is created before one of the phases, most before the first."""
    kind = random.choice(TYPES)
    aggregation = {"type": kind}
    expression = None
    if kind in WITH_EXPRESSION and random.random() < 0.3:
        expression = random_expression(random, random.choice([["n"], ["v", "n"], ["v", "n", "w"]]))
        aggregation["expression"] = expression.text
        if random.random() < 0.3:
            aggregation["multiplier"] = random.choice(MULTIPLIERS)
    elif kind != "COUNT":
        choices = KEYS if kind == "COUNT_UNIQUE" else NUMBER_KEYS * 4 + ["k", ABSENT_KEY]
        aggregation["field"] = random.choice(choices)
    if kind == "SUM_WITH_MULTIPLIER":
        aggregation["multiplier"] = random.choice(MULTIPLIERS)
    if kind in BUCKETED and random.random() < 0.5:
        aggregation["bucket_size"] = random.choice(SIZES)
        if kind == "MAX" and random.random() < 0.5:
            aggregation["group_by"] = random.choice(TEXT_KEYS)
    filters = [meter_filter(random) for _ in range(random.choice([0, 0, 0, 0, 1, 1, 2]))]
    body = {
        "name": f"meter {number}",
        "event_name": random.choice(names),
        "aggregation": aggregation,
        "reset_usage": random.choice(["BILLING_PERIOD", "BILLING_PERIOD", "NEVER"]),
    }
    if filters or random.random() < 0.5:
        body["filters"] = filters
    created = random.choice([0] * 8 + [1, 2])
    meter = Meter(body, expression, [(created, filters)])
    for phase in range(created + 1, PHASES):
        if meter.revisions[-1][1] is not None and random.random() < 0.05:
            archived = random.random() < 0.3
            meter.revisions.append((phase, None if archived else merged(meter.filters, [meter_filter(random)])))
    return meter


def meter_filter(random):
    """One filter of a meter."""
    return {"key": random.choice(TEXT_KEYS + ["n"]), "values": some_texts(random)}


def some_texts(random):
    """Values for a filter; a third of all there are, so that most events pass neither all nor no filters."""
    texts = TEXTS + ["0.5", "1500000", "0", "[]", "false", "8", "0.012"]
    return random.sample(texts, random.choice([1, 5, 10, 15]))


def merged(current, added):
    """Filters after more are merged in: one entry a key, values only ever added (spec 02 §3.2)."""
    values = {}
    for entry in current + added:
        values.setdefault(entry["key"], []).extend(entry["values"])
    return [{"key": key, "values": list(dict.fromkeys(texts))} for key, texts in values.items()]


def random_raw(random, customers):
    """A body for `POST /v1/events/usage/meter`, without the meter."""
    request = random_range(random)
    if random.random() < 0.5:
        request["external_customer_id"] = random.choice(customers)
    if random.random() < 0.1:
        request["customer_id"] = random.choice(["cust_1", "cust_2", ""])
    if random.random() < 0.3:
        request["filters"] = query_filters(random)
    if random.random() < 0.5:
        request["window_size"] = random.choice(SIZES)
    if random.random() < 0.5:
        request["timezone"] = random.choice(ZONES * 3 + ["Mars/Base", ""])
    if random.random() < 0.3:
        day, hour = random.choice([1, 5, 28, 29, 30, 31]), random.randrange(24)
        request["billing_anchor"] = f"2026-01-{day:02}T{hour:02}:30:00Z"
    if random.random() < 0.1:
        request["bucket_size"] = random.choice(SIZES)
    return request


def random_recorded(random, customers):
    """A body for `POST /v1/events/analytics`, without the feature."""
    request = random_range(random)
    if random.random() < 0.6:
        request["external_customer_id"] = random.choice(customers)
    if random.random() < 0.3:
        request["property_filters"] = query_filters(random)
    if random.random() < 0.2:
        request["sources"] = random.sample(SOURCES + ["nobody"], 2)
    if random.random() < 0.5:
        request["window_size"] = random.choice(SIZES)
    if random.random() < 0.4:
        dimensions = ["source", "feature_id", "meter_id"] + [f"properties.{key}" for key in TEXT_KEYS + ["n"]]
        request["group_by"] = random.sample(dimensions, random.choice([1, 1, 2]))
    if random.random() < 0.3:
        request["expand"] = ["source"]
    return request


def query_filters(random):
    """Filters of a query; an empty list and the empty text are among them."""
    keys = random.sample(TEXT_KEYS + ["n", ABSENT_KEY], random.choice([1, 1, 2]))
    return {key: [] if random.random() < 0.1 else some_texts(random) + random.choice([[], [""]]) for key in keys}


def random_range(random):
    """A range: all there is, or between two instants that are often borders of windows."""
    if random.random() < 0.35:
        return {"start_time": "1960-01-01T00:00:00Z", "end_time": "2040-01-01T00:00:00Z"}
    start, end = sorted([random_instant(random), random_instant(random)])
    if random.random() < 0.5:
        start, end = min(start, FIRST + timedelta(days=DAYS // 3)), max(end, FIRST + timedelta(days=DAYS // 2))
    if random.random() < 0.03:
        end = start + timedelta(milliseconds=random.choice([0, 1, 500]))
    written = [instant.isoformat(timespec="milliseconds").replace("+00:00", "Z") for instant in (start, end)]
    return {"start_time": written[0], "end_time": written[1]}
