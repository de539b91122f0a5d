//! The search DSL as SQL: conditions, sort keys and pages over a closed allow-list of fields (spec 01 A10, A11).

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, SimpleExpr};
use sea_orm::{ColumnTrait, DbBackend, Value};
use tariff_core::{Decimal, Timestamp};

use crate::StoreError;
use crate::column::{Number, Time};

/// Most conditions and sort keys of one listing: databases bound the depth of an expression.
pub(crate) const CONDITIONS_MAX: usize = 200;
/// Most values of a list that are bound one by one: databases bound the number of parameters.
const BOUND_VALUES_MAX: usize = 500;
/// Most letters beyond ASCII whose case a search for a text ignores, more than any alphabet has: databases bound the
/// depth of an expression.
const FOLDED_LETTERS_MAX: usize = 100;

/// What a searchable column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Text, including words of closed lists.
    Text,
    /// A decimal.
    Decimal,
    /// An integer.
    Integer,
    /// A truth value.
    Boolean,
    /// An instant.
    Time,
    /// A text-to-text map; only [`Test::HasPair`] applies.
    Map,
    /// A list of texts; only [`Test::HasItem`] applies.
    List,
}

/// One searchable field: its name on the wire, its column, what it holds.
pub type Field<C> = (&'static str, C, FieldKind);

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Text.
    Text(String),
    /// A number.
    Decimal(Decimal),
    /// A truth value.
    Boolean(bool),
    /// An instant.
    Time(Timestamp),
}

impl From<&str> for Operand {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Operand {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Timestamp> for Operand {
    fn from(instant: Timestamp) -> Self {
        Self::Time(instant)
    }
}

/// What a field must satisfy.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Equal to.
    Equal(Operand),
    /// Different from.
    NotEqual(Operand),
    /// Strictly less than, or before.
    Less(Operand),
    /// Less than or equal to, or not after.
    LessOrEqual(Operand),
    /// Strictly greater than, or after.
    Greater(Operand),
    /// Greater than or equal to, or not before.
    GreaterOrEqual(Operand),
    /// Contains the text, ignoring letter case; `%` and `_` are themselves.
    Contains(String),
    /// Contains the text in exactly these letter cases.
    ContainsExactly(String),
    /// Does not contain the text; NULL does not match.
    NotContains(String),
    /// Is one of; nothing matches an empty list.
    In(Vec<Operand>),
    /// Is none of; everything matches an empty list.
    NotIn(Vec<Operand>),
    /// Different from another field of the same row; NULL does not match.
    DiffersFrom(&'static str),
    /// Has no value.
    IsNull,
    /// Has a value.
    IsNotNull,
    /// A map contains this exact pair.
    HasPair(String, String),
    /// A list contains this text.
    HasItem(String),
}

/// A field and what it must satisfy.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Name of the field, as in the resource's allow-list.
    pub field: String,
    /// The test.
    pub test: Test,
}

/// A direction of ordering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first; lists show the newest first unless told otherwise.
    #[default]
    Descending,
}

/// Which rows of a list, in which order.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Conditions, all of which must hold.
    pub filters: Vec<Filter>,
    /// Alternatives, of each group at least one must hold.
    pub any_of: Vec<Vec<Filter>>,
    /// Sort keys, before creation time and id.
    pub sort: Vec<(String, Direction)>,
    /// Direction of the closing sort keys, creation time and id.
    pub order: Direction,
    /// Rows to return; `None` is all of them.
    pub limit: Option<u64>,
    /// Rows to skip.
    pub offset: u64,
}

impl Listing {
    /// Every row, newest first.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Adds a condition.
    #[must_use]
    pub fn with(mut self, field: &str, test: Test) -> Self {
        self.filters.push(Filter {
            field: field.to_owned(),
            test,
        });
        self
    }

    /// Adds equality with a text.
    #[must_use]
    pub fn equal(self, field: &str, operand: impl Into<Operand>) -> Self {
        self.with(field, Test::Equal(operand.into()))
    }

    /// Adds membership in a list of texts.
    #[must_use]
    pub fn within<I: IntoIterator<Item: Into<Operand>>>(self, field: &str, operands: I) -> Self {
        self.with(field, Test::In(operands.into_iter().map(Into::into).collect()))
    }

    /// Oldest first.
    #[must_use]
    pub fn oldest_first(mut self) -> Self {
        self.order = Direction::Ascending;
        self
    }
}

/// The condition in SQL.
///
/// # Errors
/// [`StoreError::UnknownField`] and [`StoreError::Unfit`].
pub(crate) fn to_sql<C: ColumnTrait + IntoColumnRef>(
    fields: &[Field<C>],
    filter: &Filter,
    backend: DbBackend,
) -> Result<SimpleExpr, StoreError> {
    let (name, column, kind) = lookup(fields, &filter.field)?;
    let unfit = |expected| StoreError::Unfit {
        field: (*name).to_owned(),
        expected,
    };
    let value = |operand: &Operand| bind(operand, *kind).ok_or_else(|| unfit(expected_of(*kind)));
    let subject = || comparable(*column, *kind, backend);
    let contained = |needle: &str| match kind {
        FieldKind::Text => Ok(position(*column, needle, backend)),
        _ => Err(unfit("text")),
    };
    Ok(match &filter.test {
        Test::Equal(operand) => subject().eq(value(operand)?),
        Test::NotEqual(operand) => subject().ne(value(operand)?),
        Test::Less(operand) => subject().lt(value(operand)?),
        Test::LessOrEqual(operand) => subject().lte(value(operand)?),
        Test::Greater(operand) => subject().gt(value(operand)?),
        Test::GreaterOrEqual(operand) => subject().gte(value(operand)?),
        Test::Contains(needle) => contained(needle)?.gt(0),
        Test::ContainsExactly(needle) => contains_exactly(*column, needle, backend),
        Test::NotContains(needle) => contained(needle)?.eq(0),
        Test::In(operands) if operands.is_empty() => Expr::value(1).eq(0),
        Test::In(operands) if operands.len() > BOUND_VALUES_MAX => {
            long_list(*column, "IN", texts(operands, *kind, &unfit)?, backend)
        }
        Test::In(operands) => subject().is_in(operands.iter().map(value).collect::<Result<Vec<_>, _>>()?),
        Test::NotIn(operands) if operands.is_empty() => Expr::value(1).eq(1),
        Test::NotIn(operands) if operands.len() > BOUND_VALUES_MAX => {
            long_list(*column, "NOT IN", texts(operands, *kind, &unfit)?, backend)
        }
        Test::NotIn(operands) => subject().is_not_in(operands.iter().map(value).collect::<Result<Vec<_>, _>>()?),
        Test::DiffersFrom(other) => {
            let (_, other, other_kind) = lookup(fields, other)?;
            subject().ne(comparable(*other, *other_kind, backend))
        }
        Test::IsNull => Expr::col(column.as_column_ref()).is_null(),
        Test::IsNotNull => Expr::col(column.as_column_ref()).is_not_null(),
        Test::HasPair(key, expected) if *kind == FieldKind::Map => has_pair(*column, key, expected, backend),
        Test::HasPair(..) => return Err(unfit("a map")),
        Test::HasItem(item) if *kind == FieldKind::List => has_item(*column, item, backend),
        Test::HasItem(_) => return Err(unfit("a list")),
    })
}

/// The allow-list entry of a field.
///
/// # Errors
/// [`StoreError::UnknownField`].
pub(crate) fn lookup<'a, C>(fields: &'a [Field<C>], name: &str) -> Result<&'a Field<C>, StoreError> {
    fields
        .iter()
        .find(|(known, ..)| *known == name)
        .ok_or_else(|| StoreError::UnknownField(name.to_owned()))
}

fn expected_of(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Decimal | FieldKind::Integer => "a number",
        FieldKind::Boolean => "a boolean",
        FieldKind::Time => "a date",
        FieldKind::Map => "a map",
        FieldKind::List => "a list",
    }
}

fn bind(operand: &Operand, kind: FieldKind) -> Option<Value> {
    match (kind, operand) {
        (FieldKind::Text, Operand::Text(text)) => Some(text.clone().into()),
        (FieldKind::Boolean, Operand::Boolean(truth)) => Some((*truth).into()),
        (FieldKind::Time, Operand::Time(instant)) => Some(Time(*instant).into()),
        (FieldKind::Time, Operand::Text(text)) => Some(Time(text.parse().ok()?).into()),
        (FieldKind::Decimal, Operand::Decimal(number)) => Some(Number(number.clone()).into()),
        (FieldKind::Decimal, Operand::Text(text)) => Some(Number(text.parse().ok()?).into()),
        (FieldKind::Integer, Operand::Decimal(number)) => Some(number.to_plain_string().parse::<i64>().ok()?.into()),
        (FieldKind::Integer, Operand::Text(text)) => Some(text.parse::<i64>().ok()?.into()),
        _ => None,
    }
}

/// The column in a form whose comparison is the comparison of values.
fn comparable<C: ColumnTrait>(column: C, kind: FieldKind, backend: DbBackend) -> SimpleExpr {
    let plain = Expr::col(column.as_column_ref());
    match (kind, backend) {
        // SQLite keeps decimals as text; NUMERIC affinity compares them as numbers (to 15 digits, enough for a search).
        (FieldKind::Decimal, DbBackend::Sqlite) => plain.cast_as("NUMERIC"),
        _ => plain,
    }
}

/// Where a text lies in the column, from 1, ignoring letter case; 0 when it is not there.
///
/// SQLite knows the case of ASCII letters only, and PostgreSQL that of its locale. So of the other letters of the text the
/// capitals are replaced, in the text and in the column; letters that the text does not have cannot matter.
fn position<C: ColumnTrait>(column: C, needle: &str, backend: DbBackend) -> SimpleExpr {
    let needle: String = needle.chars().map(folded).collect();
    let (replace, find) = match backend {
        DbBackend::Sqlite => ("replace(?, ?, ?)", "instr(lower(?), lower(?))"),
        _ => ("replace($1, $2, $3)", "strpos(lower($1), lower($2))"),
    };
    let letters: BTreeSet<char> = needle.chars().filter(|letter| !letter.is_ascii()).collect();
    let mut subject = Expr::col(column.as_column_ref());
    for (small, capital) in with_capitals(letters).take(FOLDED_LETTERS_MAX) {
        let arguments = [
            subject,
            Expr::value(capital.to_string()),
            Expr::value(small.to_string()),
        ];
        subject = Expr::cust_with_exprs(replace, arguments);
    }
    Expr::cust_with_exprs(find, [subject, Expr::value(needle)])
}

/// The small letter of a capital; any other letter as it is.
fn folded(letter: char) -> char {
    let small = only(letter.to_lowercase());
    small
        .filter(|small| capital_of(*small) == Some(letter))
        .unwrap_or(letter)
}

fn with_capitals(letters: BTreeSet<char>) -> impl Iterator<Item = (char, char)> {
    let paired = |small: char| capital_of(small).map(|capital| (small, capital));
    letters.into_iter().filter_map(paired)
}

/// The capital of a small letter, if the two belong to each other alone. Those of ß and İ do not.
fn capital_of(small: char) -> Option<char> {
    let capital = only(small.to_uppercase()).filter(|capital| *capital != small)?;
    (only(capital.to_lowercase()) == Some(small)).then_some(capital)
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

/// The texts of a list that is too long to be bound value by value. Other columns than texts have no such lists.
fn texts<'o>(
    operands: &'o [Operand],
    kind: FieldKind,
    unfit: &impl Fn(&'static str) -> StoreError,
) -> Result<Vec<&'o str>, StoreError> {
    if kind != FieldKind::Text {
        return Err(unfit("a list of at most 500 values"));
    }
    let text = |operand: &'o Operand| match operand {
        Operand::Text(text) => Ok(text.as_str()),
        Operand::Decimal(_) | Operand::Boolean(_) | Operand::Time(_) => Err(unfit("text")),
    };
    operands.iter().map(text).collect()
}

/// Membership in a list of any length, which is bound as one document.
fn long_list<C: ColumnTrait>(column: C, operator: &str, texts: Vec<&str>, backend: DbBackend) -> SimpleExpr {
    let list = serde_json::Value::from(texts).to_string();
    let arguments = [Expr::col(column.as_column_ref()), Expr::value(list)];
    let values = match backend {
        DbBackend::Sqlite => format!("? {operator} (SELECT value FROM json_each(?))"),
        _ => format!("$1 {operator} (SELECT jsonb_array_elements_text(CAST($2 AS jsonb)))"),
    };
    Expr::cust_with_exprs(values, arguments)
}

/// `LIKE` ignores letter case on SQLite, so the position of the text is asked for instead.
fn contains_exactly<C: ColumnTrait>(column: C, needle: &str, backend: DbBackend) -> SimpleExpr {
    let arguments = [Expr::col(column.as_column_ref()), Expr::value(needle)];
    match backend {
        DbBackend::Sqlite => Expr::cust_with_exprs("instr(?, ?)", arguments).gt(0),
        _ => Expr::cust_with_exprs("strpos($1, $2)", arguments).gt(0),
    }
}

fn has_item<C: ColumnTrait>(column: C, item: &str, backend: DbBackend) -> SimpleExpr {
    let operands = [Expr::col(column.as_column_ref()), Expr::value(item)];
    match backend {
        DbBackend::Sqlite => Expr::cust_with_exprs("EXISTS (SELECT 1 FROM json_each(?) WHERE value = ?)", operands),
        _ => Expr::cust_with_exprs("jsonb_exists($1, $2)", operands),
    }
}

fn has_pair<C: ColumnTrait>(column: C, key: &str, expected: &str, backend: DbBackend) -> SimpleExpr {
    let document = Expr::col(column.as_column_ref());
    match backend {
        DbBackend::Sqlite => Expr::cust_with_exprs(
            "EXISTS (SELECT 1 FROM json_each(?) WHERE key = ? AND value = ?)",
            [document, Expr::value(key), Expr::value(expected)],
        ),
        _ => Expr::cust_with_exprs("jsonb_extract_path_text($1, $2)", [document, Expr::value(key)]).eq(expected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_folded_when_small_and_capital_belong_to_each_other() {
        for (text, small) in [("ÄßŁΣЩ", "äßłσщ"), ("İıẞ\u{212a}", "İıẞ\u{212a}"), ("ABC", "abc")] {
            assert_eq!(text.chars().map(folded).collect::<String>(), small, "{text}");
        }
        assert_eq!(capital_of('ä'), Some('Ä'));
        for letter in ['ß', 'ı', 'Ä', '日'] {
            assert_eq!(capital_of(letter), None, "{letter}");
        }
    }

    #[test]
    fn a_long_list_is_for_texts_only() {
        let field = |kind| [("field", crate::entity::customers::Column::Name, kind)];
        let filter = |length: usize| Filter {
            field: "field".to_owned(),
            test: Test::In(vec![Operand::from("2024-01-01T00:00:00Z"); length]),
        };
        for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
            for (kind, length, fits) in [
                (FieldKind::Text, BOUND_VALUES_MAX + 1, true),
                (FieldKind::Time, BOUND_VALUES_MAX, true),
                (FieldKind::Time, BOUND_VALUES_MAX + 1, false),
                (FieldKind::Map, BOUND_VALUES_MAX + 1, false),
            ] {
                assert_eq!(to_sql(&field(kind), &filter(length), backend).is_ok(), fits, "{kind:?}");
            }
        }
    }
}
