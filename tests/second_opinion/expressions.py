"""Random meter expressions, each in the meter's own language and in SQL (spec 02 §4.5).

What stands in a condition, or under min and max, is always finite: how NaN compares is the language's own business.
"""

from dataclasses import dataclass

LITERALS = ["0", "1", "2", "3", "15", "100", "0.5", "0.1", "1.25", "1000000"]


@dataclass(frozen=True)
class Expression:
    """The same formula twice."""

    text: str
    sql: str
    names: frozenset

    def over(self, template, sql_template=None):
        """This formula inside a larger one."""
        return Expression(template.format(self.text), (sql_template or template).format(self.sql), self.names)


def join(template, sql_template, *parts):
    """A formula over several others."""
    names = frozenset().union(*(part.names for part in parts))
    text = template.format(*(part.text for part in parts))
    return Expression(text, sql_template.format(*(part.sql for part in parts)), names)


def random_expression(random, keys):
    """A numeric formula over at least one of the properties `keys`."""
    while True:
        expression = number(random, keys, random.randint(1, 3))
        if expression.names:
            return expression


def number(random, keys, depth):
    """Any number; the result may be infinite or none at all."""
    if depth == 0 or random.random() < 0.25:
        return finite(random, keys, depth)
    choice = random.randrange(9)
    inner = lambda: number(random, keys, depth - 1)  # noqa: E731
    if choice == 0:
        return join("({} / {})", "({} / {})", inner(), inner())
    if choice == 1:
        return inner().over("sqrt({})")
    if choice == 2:
        return inner().over("log({})", "ln({})")
    if choice == 3:
        power = random.choice(["2", "3", "0.5", "1.5"])
        return inner().over("pow({}, " + power + ")", "pow({}, " + power + "::DOUBLE)")
    if choice == 4:
        return join("({} ? {} : {})", "(CASE WHEN {} THEN {} ELSE {} END)", condition(random, keys), inner(), inner())
    if choice == 5:
        return inner().over(random.choice(["abs({})", "ceil({})", "floor({})", "round({})"]))
    operator = random.choice("+-*")
    return join("({} " + operator + " {})", "({} " + operator + " {})", inner(), inner())


def finite(random, keys, depth):
    """A number that is always finite."""
    if depth == 0 or random.random() < 0.4:
        if random.random() < 0.7:
            key = random.choice(keys)
            return Expression(key, f"operand_{key}", frozenset([key]))
        literal = random.choice(LITERALS)
        return Expression(literal, f"{literal}::DOUBLE", frozenset())
    inner = lambda: finite(random, keys, depth - 1)  # noqa: E731
    choice = random.randrange(6)
    if choice == 0:
        name, sql = random.choice([("min", "least"), ("max", "greatest")])
        return join(name + "({}, {})", sql + "({}, {})", inner(), inner())
    if choice == 1:
        return inner().over(random.choice(["abs({})", "ceil({})", "floor({})", "round({})"]))
    if choice == 2:
        return inner().over(random.choice(["double({})", "({})"]), "({})")
    if choice == 3:
        return inner().over("(-{})")
    operator = random.choice("+-*")
    return join("({} " + operator + " {})", "({} " + operator + " {})", inner(), inner())


def condition(random, keys, depth=1):
    """Something true or false."""
    if depth > 0 and random.random() < 0.4:
        choice = random.randrange(3)
        if choice == 0:
            return condition(random, keys, 0).over("!({})", "(NOT {})")
        text, sql = [("({} && {})", "({} AND {})"), ("({} || {})", "({} OR {})")][choice - 1]
        return join(text, sql, condition(random, keys, 0), condition(random, keys, 0))
    text, sql = random.choice([("<", "<"), ("<=", "<="), (">", ">"), (">=", ">="), ("==", "="), ("!=", "<>")])
    left, right = finite(random, keys, 1), finite(random, keys, 1)
    return join("({} " + text + " {})", "({} " + sql + " {})", left, right)
