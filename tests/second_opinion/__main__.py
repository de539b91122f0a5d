"""A second opinion: the same random questions to the server and to DuckDB, over the same random events.

What the specification says about usage is written down twice, in Rust and in SQL, and must come out the same: exactly
where the server answers with decimal strings, to the ninth digit where it answers with JSON numbers.
"""

import argparse
import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from fractions import Fraction

from answers import Answers
from events import ZONES, Source
from questions import PHASES, Case, random_meter, random_raw, random_recorded
from server import call

THREADS = 3
NAMES = ["call", "api call", "Übertragung/№", "token.used", "sandbox::minutes", "x" * 255]
BATCH_EVENTS_MAX = 200
SHOWN_MAX = 5
# Relative difference that JSON numbers may have (spec 02 §8).
TOLERANCE = Fraction(1, 10**9)
# The same of numbers that come from an expression: those are doubles, and libraries differ in the last digit of a
# logarithm or of the shortest way to write a number.
DOUBLE_TOLERANCE = Fraction(1, 10**14)
# Where clocks go back at a quarter to four, as in Chatham, an hour falls back behind the start of a window of three hours.
# Which window it belongs to is left open (spec 02 §4.7, §9).
OPEN_ZONE, OPEN_SIZES = "Pacific/Chatham", ("3HOUR", "6HOUR", "12HOUR")
# So many answers must not be zero, or the comparison says little.
ANSWERS_WITH_USAGE_MIN = 0.4


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meters", type=int, default=10_000, help="how many meters to compare")
    parser.add_argument("--events", type=int, default=4_000, help="how many deliveries of events to send")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="repeats a run")
    arguments = parser.parse_args()
    print(f"second opinion: seed {arguments.seed}", flush=True)
    comparison = Comparison(arguments.seed)
    comparison.prepare(arguments.meters, arguments.events)
    comparison.compare()
    sys.exit(comparison.report())


class Comparison:
    """One run: everything in it follows from the seed, but for the prefix that keeps it apart from other runs."""

    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.run = f"{random.SystemRandom().getrandbits(32):08x}"
        self.pool = ThreadPoolExecutor(THREADS)
        self.names = [f"{self.run[:4]} {name}"[:255] for name in NAMES]
        self.zones = {f"{self.run}/{zone}": zone for zone in ZONES}
        # Whoever has no record has events all the same.
        self.zones |= {f"{self.run} c'{number}": "UTC" for number in range(3)}
        self.cases = []
        self.compared = self.with_usage = self.differences = 0

    def prepare(self, meter_count, delivery_count):
        """Customers, meters and events, phase by phase: a meter records only what comes after it."""
        for customer, zone in self.zones.items():
            if customer.endswith(zone):
                call("POST", "/v1/customers", {"external_id": customer, "name": zone, "timezone": zone}, 201)
        customers = list(self.zones)
        for number in range(meter_count):
            meter = random_meter(self.random, number, self.names)
            recorded = random_recorded(self.random, customers + ["nobody"])
            zone = self.zones.get(recorded.get("external_customer_id"), "UTC")
            raw = random_raw(self.random, customers + ["nobody"])
            if raw.get("timezone") == OPEN_ZONE and {raw.get("window_size"), meter.bucket_size} & set(OPEN_SIZES):
                raw["timezone"] = "Asia/Kathmandu"
            if zone == OPEN_ZONE and recorded.get("window_size") in OPEN_SIZES:
                recorded["window_size"] = "DAY"
            self.cases.append(Case(number, meter, raw, recorded, zone))
        source = Source(self.random, self.run, self.names, customers)
        for phase in range(PHASES):
            list(self.pool.map(lambda case: change(case, phase), self.cases))
            send(self.random, source, phase, delivery_count // PHASES)
        self.answers = Answers(source.sent)

    def compare(self):
        """Asks the server and DuckDB, several questions at a time."""
        for case, found in zip(self.cases, self.pool.map(self.examine, self.cases)):
            for route, request, answer, expected in found:
                self.with_usage += bool(answer.get("value") or answer.get("results") or answer.get("items"))
                if expected is not None:
                    self.differences += 1
                    self.show(case, route, request, answer, expected)
            self.compared += 1
            if self.compared % 1000 == 0:
                print(f"second opinion: {self.compared} meters", flush=True)

    def examine(self, case):
        """For each question: route, request, the server's answer, and what DuckDB says if that is something else."""
        raw, recorded = ask(case)
        return [
            ("POST /v1/events/usage/meter", case.raw, raw, self.raw_difference(case, raw)),
            ("POST /v1/events/analytics", case.recorded, recorded, self.recorded_difference(case, recorded)),
        ]

    def show(self, case, route, request, answer, expected):
        """Prints a difference, unless many were printed already."""
        if self.differences > SHOWN_MAX:
            return
        print(f"\nseed {self.seed}, meter {case.number}, {route}", file=sys.stderr)
        print("meter:  ", json.dumps(case.meter.body, ensure_ascii=False), file=sys.stderr)
        print("history:", case.meter.revisions, file=sys.stderr)
        print("request:", json.dumps(request, ensure_ascii=False), file=sys.stderr)
        print("server: ", json.dumps(answer, ensure_ascii=False, default=str), file=sys.stderr)
        print("DuckDB: ", expected, file=sys.stderr)

    def raw_difference(self, case, answer):
        value, results = self.answers.raw(case.meter, case.raw)
        given = [(milliseconds(result["window_size"]), result["value"]) for result in answer.get("results", [])]
        same = close(answer.get("value", 0), value) and len(given) == len(results)
        same = same and all(
            start == other_start and close(number, other)
            for (start, number), (other_start, other) in zip(given, results)
        )
        return None if same else {"value": float(value), "results": [(start, float(other)) for start, other in results]}

    def recorded_difference(self, case, answer):
        named, expected = self.answers.recorded(case.meter, case.recorded, case.timezone)
        given = {}
        for item in answer["items"]:
            properties = item.get("properties") or {}
            texts = [
                item.get("source") if entry == "source" else properties.get(entry.removeprefix("properties."))
                for entry in named
            ]
            points = [
                (milliseconds(point["timestamp"]), Fraction(point["usage"]), int(point["event_count"]))
                for point in item.get("points", [])
            ]
            sources = set(item.get("sources", []))
            given[tuple(texts)] = (Fraction(item["total_usage"]), int(item["event_count"]), points, sources)
        wanted = {texts: (usage.value, usage.events, usage.windows, usage.sources) for texts, usage in expected.items()}
        tolerance = DOUBLE_TOLERANCE if case.meter.expression else 0
        return None if agree(given, wanted, tolerance) and len(given) == len(answer["items"]) else wanted

    def report(self):
        """Prints the outcome; the exit status."""
        share = self.with_usage / (2 * self.compared)
        print(f"second opinion: {share:.0%} of the answers have usage")
        print(f"second opinion: {self.compared} meters compared, {self.differences} differences")
        return 1 if self.differences or share < ANSWERS_WITH_USAGE_MIN else 0


def change(case, phase):
    """Brings a meter to what it is in this phase."""
    meter = case.meter
    for number, (begins, filters) in enumerate(meter.revisions):
        if begins != phase:
            continue
        if number == 0:
            meter.id = call("POST", "/v1/meters", meter.body, 201)["id"]
            feature = {"name": f"{meter.id}", "type": "metered", "meter_id": meter.id}
            meter.feature_id = call("POST", "/v1/features", feature, 201)["id"]
        elif filters is None:
            call("POST", f"/v1/meters/{meter.id}/disable")
        else:
            call("PUT", f"/v1/meters/{meter.id}", {"filters": filters})


def send(random, source, phase, count):
    """Sends events one after the other, singly and in batches, so that their order is known."""
    sent = 0
    while sent < count:
        batch = []
        for _ in range(random.choice([1, 2, 20, BATCH_EVENTS_MAX])):
            batch.append(source.delivery(phase, batch))
        sent += len(batch)
        events = [delivery.to_json(random) for delivery in batch]
        if len(events) == 1:
            call("POST", "/v1/events", events[0], 202)
        else:
            call("POST", "/v1/events/bulk", '{"events":[' + ",".join(events) + "]}", 202)


def ask(case):
    """The server's answers to the questions of a case."""
    raw = call("POST", "/v1/events/usage/meter", {"meter_id": case.meter.id} | case.raw)
    recorded = call("POST", "/v1/events/analytics", {"feature_ids": [case.meter.feature_id]} | case.recorded)
    return raw, recorded


def agree(given, expected, tolerance):
    """Whether two recorded answers are the same, the quantities up to the tolerance."""
    if given.keys() != expected.keys():
        return False
    for texts, (value, events, points, sources) in given.items():
        other_value, other_events, other_points, other_sources = expected[texts]
        if (events, sources, len(points)) != (other_events, other_sources, len(other_points)):
            return False
        if not close(value, other_value, tolerance):
            return False
        for (start, usage, count), (other_start, other_usage, other_count) in zip(points, other_points):
            if (start, count) != (other_start, other_count) or not close(usage, other_usage, tolerance):
                return False
    return True


def close(given, expected, tolerance=TOLERANCE):
    """Whether two numbers differ by no more than this part of them."""
    given, expected = Fraction(given), Fraction(expected)
    return abs(given - expected) <= tolerance * max(abs(given), abs(expected))


def milliseconds(label):
    """A label of a window as an instant."""
    return round(datetime.fromisoformat(label).timestamp() * 1000)


if __name__ == "__main__":
    main()
