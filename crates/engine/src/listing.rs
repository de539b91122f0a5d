//! From the wire's list options to a store listing (spec 01 A10, A11).

use tariff_contract::filter::{Condition, FilterOperator, Operand as WireOperand, SortDirection};
use tariff_contract::list::{ListOptions, StatusFilter};
use tariff_core::Status;
use tariff_store::{Direction, Filter, Listing, Operand, Test};

/// Which statuses a list shows when the request names none (spec 01 A8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefaultStatus {
    /// `published` only.
    Published,
    /// `published` and `archived`.
    NotDeleted,
    /// No condition.
    Any,
}

/// Whether a time range of the request applies, and to which field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeRange {
    /// Both bounds on this field, inclusive.
    On(&'static str),
    /// From `start` of one field to `end` of another, inclusive.
    Spanning(&'static str, &'static str),
}

/// The listing of a request.
pub(crate) fn of(options: &ListOptions, default_status: DefaultStatus, range: TimeRange) -> Listing {
    let mut listing = Listing {
        filters: options.filters.iter().map(filter).collect(),
        sort: options
            .sort
            .iter()
            .map(|key| (key.field.clone(), direction(key.direction)))
            .collect(),
        order: direction(options.order),
        limit: Some(u64::from(options.limit)),
        offset: options.offset,
        ..Listing::default()
    };
    listing = match (options.status, default_status) {
        (Some(StatusFilter::Is(status)), _) => listing.equal("status", status.as_str()),
        (Some(StatusFilter::Nothing), _) => listing.with("status", Test::In(Vec::new())),
        (None, DefaultStatus::Published) => listing.equal("status", Status::Published.as_str()),
        (None, DefaultStatus::NotDeleted) => {
            listing.within("status", [Status::Published.as_str(), Status::Archived.as_str()])
        }
        (None, DefaultStatus::Any) => listing,
    };
    let (from, to) = match range {
        TimeRange::On(field) => (field, field),
        TimeRange::Spanning(from, to) => (from, to),
    };
    if let Some(start) = options.start_time {
        listing = listing.with(from, Test::GreaterOrEqual(start.into()));
    }
    if let Some(end) = options.end_time {
        listing = listing.with(to, Test::LessOrEqual(end.into()));
    }
    listing
}

fn direction(direction: SortDirection) -> Direction {
    match direction {
        SortDirection::Asc => Direction::Ascending,
        SortDirection::Desc => Direction::Descending,
    }
}

fn filter(condition: &Condition) -> Filter {
    Filter {
        field: condition.field.clone(),
        test: test(condition),
    }
}

fn test(condition: &Condition) -> Test {
    let operand = &condition.operand;
    match (condition.operator, operand) {
        // Equality with a list is membership.
        (FilterOperator::Eq | FilterOperator::In, WireOperand::List(texts)) => Test::In(operands(texts)),
        (FilterOperator::NotIn, WireOperand::List(texts)) => Test::NotIn(operands(texts)),
        (FilterOperator::Contains, WireOperand::Text(text)) => Test::Contains(text.clone()),
        (FilterOperator::NotContains, WireOperand::Text(text)) => Test::NotContains(text.clone()),
        (FilterOperator::Gt | FilterOperator::After, _) => Test::Greater(single(operand)),
        (FilterOperator::Lt | FilterOperator::Before, _) => Test::Less(single(operand)),
        (FilterOperator::Gte, _) => Test::GreaterOrEqual(single(operand)),
        (
            FilterOperator::Eq
            | FilterOperator::In
            | FilterOperator::NotIn
            | FilterOperator::Contains
            | FilterOperator::NotContains,
            _,
        ) => Test::Equal(single(operand)),
    }
}

fn operands(texts: &[String]) -> Vec<Operand> {
    texts.iter().cloned().map(Operand::Text).collect()
}

fn single(operand: &WireOperand) -> Operand {
    match operand {
        WireOperand::Text(text) => Operand::Text(text.clone()),
        WireOperand::Number(number) => Operand::Decimal(number.clone()),
        WireOperand::Boolean(truth) => Operand::Boolean(*truth),
        WireOperand::Instant(instant) => Operand::Time(instant.0),
        WireOperand::List(texts) => Operand::Text(texts.join(",")),
    }
}
