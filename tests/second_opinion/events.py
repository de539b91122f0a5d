"""Random events that are unkind to whoever reads them."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

# Properties: ordinary numbers, numbers of any size, numbers for expressions, texts.
KEYS = ["v", "w", "n", "k", "g", "a.b"]
NUMBER_KEYS = ["v", "w", "n"]
TEXT_KEYS = ["k", "g", "a.b"]
SOURCES = ["", "web", "api", "Übertragung/№ 1"]
CUSTOMER_IDS = ["", "", "", "cust_1", "cust_2"]
ZONES = [
    "UTC",
    "Asia/Kolkata",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
]
# Clocks change in New York, Lord Howe, Chatham and Berlin during these days.
FIRST = datetime(2026, 2, 20, tzinfo=timezone.utc)
DAYS = 50

TEXTS = ["a", "A", "b", "é", "e\u0301", "🦀", "", " a ", "7", "1", "1.0", "true", "[1,2]", 'q"\\/', "null"]
TEXTS += ["line\nbreak", "\u200b"]
NO_NUMBERS = ["", "abc", " 42", "42 ", "1,000", "0x10", "NaN", "Infinity", "1_000", "5\n", "--5", "1e", ".", "+"]
NO_NUMBERS += ["１２", "१"]
VERY_OLD_OR_NEW = [
    "1969-12-31T23:59:59.9995Z",
    "1970-01-01T00:00:00Z",
    "2001-09-09T01:46:40+02:00",
    "2035-06-30T12:00:00Z",
]
COMPOUNDS = ["[1, 2]", "[1,2]", '{"a": 1}', "[]", "{}", '{ "b c" : [ "d" , true ] }']


@dataclass
class Delivery:
    """One delivery of an event; `properties` are JSON texts, `None` means there are none."""

    event_id: str
    event_name: str
    external_customer_id: str
    customer_id: str
    timestamp: str
    source: str
    properties: dict | None
    phase: int = 0

    def to_json(self, random):
        """The event as it is sent: values exactly as they are, empty members sometimes left out."""
        members = {
            "event_id": json.dumps(self.event_id),
            "event_name": json.dumps(self.event_name, ensure_ascii=random.random() < 0.5),
            "external_customer_id": json.dumps(self.external_customer_id),
            "timestamp": json.dumps(self.timestamp),
        }
        for name in ("customer_id", "source"):
            value = getattr(self, name)
            if value or random.random() < 0.3:
                members[name] = json.dumps(value, ensure_ascii=random.random() < 0.5)
        if self.properties is not None:
            inner = ", ".join(f"{json.dumps(key)}: {value}" for key, value in self.properties.items())
            members["properties"] = "{" + inner + "}"
        elif random.random() < 0.3:
            members["properties"] = "null"
        return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"


@dataclass
class Source:
    """Where events come from; `run` keeps two runs against one server apart."""

    random: object
    run: str
    names: list
    customers: list
    sent: list = field(default_factory=list)

    def delivery(self, phase, batch):
        """A new event, or another delivery of an earlier one with something changed."""
        random = self.random
        earlier = random.choice(batch) if batch and random.random() < 0.05 else None
        if earlier is None and self.sent and random.random() < 0.12:
            earlier = random.choice(self.sent)
        delivery = Delivery(
            event_id=earlier.event_id if earlier else f"{self.run}::{random.getrandbits(64):016x}/{len(self.sent)}",
            event_name=random.choice(["", "", " ", "\t"]) + random.choice(self.names) + random.choice(["", "", " "]),
            external_customer_id=random.choice(self.customers),
            customer_id=random.choice(CUSTOMER_IDS),
            timestamp=random_timestamp(random),
            source=random.choice(SOURCES),
            properties=random_properties(random),
            phase=phase,
        )
        if earlier and random.random() < 0.5:
            kept = random.sample(["event_name", "external_customer_id", "timestamp", "source", "properties"], 4)
            for name in kept:
                setattr(delivery, name, getattr(earlier, name))
        self.sent.append(delivery)
        return delivery


def random_properties(random):
    """Properties, or none, or an empty object."""
    if random.random() < 0.03:
        return random.choice([None, {}])
    properties = {}
    if random.random() < 0.95:
        properties["v"] = number_or_not(random, ordinary_number)
    if random.random() < 0.8:
        properties["w"] = number_or_not(random, wild_number)
    if random.random() < 0.9:
        properties["n"] = operand(random)
    for key in TEXT_KEYS:
        if random.random() < 0.8:
            properties[key] = text(random)
    entries = list(properties.items())
    random.shuffle(entries)
    return dict(entries)


def ordinary_number(random):
    """The numeral of an ordinary number, in some notation."""
    sign = random.choice(["", "", "", "-"])
    choice = random.randrange(6)
    if choice == 0:
        return sign + str(random.randint(0, 9))
    if choice == 1:
        return sign + str(random.randint(0, 10**9))
    if choice == 2:
        return f"{sign}{random.randint(0, 1000)}.{random.randint(0, 10**6):06d}"
    if choice == 3:
        exponent = random.choice("eE") + random.choice(["", "+", "-"]) + str(random.randint(0, 8))
        return f"{sign}{random.randint(1, 99)}{exponent}"
    if choice == 4:
        return f"{sign}0.{'0' * random.randint(0, 12)}{random.randint(1, 999)}"
    return sign + random.choice(["0", "0.0", "1.50", "1500000", "1e06", "12345678901234567890.123456789"])


def wild_number(random):
    """The numeral of a huge or tiny number with many digits."""
    sign = random.choice(["", "", "-"])
    digits = str(random.randint(1, 10 ** random.randint(1, 40)))
    if random.random() < 0.5:
        digits += "." + str(random.randint(1, 10 ** random.randint(1, 30)))
    return sign + digits + (f"e{random.randint(-60, 40)}" if random.random() < 0.7 else "")


def number_or_not(random, numeral):
    """A number, a text of one in any notation, or something else."""
    choice = random.random()
    if choice < 0.6:
        return numeral(random)
    if choice < 0.8:
        spelled = numeral(random)
        if not spelled.startswith("-"):
            spelled = random.choice(["", "+", "00"]) + spelled
        return json.dumps(random.choice([spelled, spelled, ".5", "5.", "-.25e1", "1.e2"]))
    return junk(random)


def operand(random):
    """What expressions reckon with: mostly small and whole."""
    choice = random.random()
    if choice < 0.6:
        return str(random.randint(0, 40))
    if choice < 0.8:
        return random.choice(["0", "0.5", "-3", "7.25", "1e2", "0.1", "123456.789"])
    if choice < 0.93:
        return json.dumps(random.choice(["7", " 7 ", "\t2.5", "1e1", "+3 ", ".5", "5."]))
    return junk(random)


def text(random):
    """What groups and filters look at."""
    choice = random.random()
    if choice < 0.7:
        return json.dumps(random.choice(TEXTS), ensure_ascii=random.random() < 0.5)
    if choice < 0.85:
        return random.choice(["1", "1.0", "1e0", "7", "0.50", "-0", "1500000", "1.5e+06", "12e-3"])
    return junk(random)


def junk(random):
    """What is no number, as JSON."""
    choice = random.randrange(4)
    if choice == 0:
        return random.choice(["true", "false", "null"])
    if choice == 1:
        return random.choice(COMPOUNDS)
    return json.dumps(random.choice(NO_NUMBERS), ensure_ascii=random.random() < 0.5)


def random_instant(random):
    """An instant; often the border of a window in some zone, or just beside one."""
    instant = FIRST + timedelta(seconds=random.randrange(DAYS * 86_400), milliseconds=random.randrange(1000))
    if random.random() < 0.4:
        local = instant.astimezone(ZoneInfo(random.choice(ZONES)))
        border = local.replace(minute=random.choice([0, 15, 30, 45]), second=0, microsecond=0)
        if random.random() < 0.7:
            border = border.replace(hour=0, minute=0)
        if random.random() < 0.3:
            border = border.replace(day=random.choice([1, 28, 15]))
        instant = border.astimezone(timezone.utc) + timedelta(milliseconds=random.choice([0, 0, 0, -1, 1]))
    return instant


def random_timestamp(random):
    """A timestamp as it is sent, in any offset and with digits that will be cut; some are very late or early."""
    if random.random() < 0.01:
        return random.choice(VERY_OLD_OR_NEW)
    offset = timezone(timedelta(minutes=random.choice([0, 0, 0, 330, -420, 765])))
    written = random_instant(random).astimezone(offset).isoformat(timespec="milliseconds")
    written = written.replace("+00:00", random.choice(["Z", "+00:00"]))
    return written[:23] + random.choice(["", "", "9", "999", "999999"]) + written[23:]
