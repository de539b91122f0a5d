//! Lists: the members every list shares, their bounds, and the envelope of the answer (spec 01 A10).

use std::convert::Infallible;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tariff_core::{Status, Timestamp};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::filter::{Condition, FilterCondition, Sort, SortDirection, SortKey};
use crate::time::DateTime;

/// Items of a page when the request names no limit.
pub const LIMIT_DEFAULT: u32 = 50;

/// Most items of a page.
pub const LIMIT_MAX: u32 = 1000;

/// The status that a list asks for. An unknown word is no error; it matches nothing (spec 01 A8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// Records of this status.
    Is(Status),
    /// No record at all.
    Nothing,
}

impl FromStr for StatusFilter {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(word.parse().map_or(Self::Nothing, Self::Is))
    }
}

impl Serialize for StatusFilter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Is(status) => status.serialize(serializer),
            Self::Nothing => serializer.serialize_str("unknown"),
        }
    }
}

/// The members that every list and search shares, as sent.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Items of a page; 0 or absent means 50, at most 1000.
    pub limit: Option<i64>,
    /// Items to skip.
    pub offset: Option<i64>,
    /// Direction of the order; `desc` when absent.
    pub order: Option<SortDirection>,
    /// Status of the records; the default depends on the resource (spec 01 A8).
    pub status: Option<StatusFilter>,
    /// Related records to embed.
    pub expand: Option<String>,
    /// Keys of the order.
    pub sort: Option<Sort>,
    /// Conditions that must all hold.
    pub filters: Option<Vec<FilterCondition>>,
    /// Earliest instant, inclusive.
    pub start_time: Option<DateTime>,
    /// Latest instant, inclusive.
    pub end_time: Option<DateTime>,
}

/// The shared members of a list, checked and with defaults applied.
#[derive(Debug, Clone, PartialEq)]
pub struct ListOptions {
    /// 1 to 1000.
    pub limit: u32,
    /// Items to skip.
    pub offset: u64,
    /// Direction of the last keys of the order, `created_at` and `id`.
    pub order: SortDirection,
    /// `None` leaves the choice to the resource's default (spec 01 A8).
    pub status: Option<StatusFilter>,
    /// Text for [`crate::expand::Expand::parse`]; empty when absent.
    pub expand: String,
    /// Keys that precede `created_at` and `id`.
    pub sort: Vec<SortKey>,
    /// Conditions that must all hold.
    pub filters: Vec<Condition>,
    /// Earliest instant, inclusive.
    pub start_time: Option<Timestamp>,
    /// Latest instant, inclusive.
    pub end_time: Option<Timestamp>,
}

impl ListQuery {
    /// Checks the bounds and applies the defaults.
    ///
    /// # Errors
    /// `validation_error` on a limit outside 0 to 1000, a negative offset, an `end_time` before `start_time`, or an
    /// incomplete condition.
    pub fn resolve(&self) -> Result<ListOptions, ApiError> {
        let (start_time, end_time) = (self.start_time.map(|time| time.0), self.end_time.map(|time| time.0));
        if start_time.zip(end_time).is_some_and(|(start, end)| end < start) {
            return Err(ApiError::validation("end_time must not be before start_time")
                .detail("end_time", "is before start_time"));
        }
        let order = self.order.unwrap_or(SortDirection::Desc);
        Ok(ListOptions {
            limit: resolve_limit(self.limit)?,
            offset: resolve_offset(self.offset)?,
            order,
            status: self.status,
            expand: self.expand.clone().unwrap_or_default(),
            sort: self.sort.as_ref().map_or(Ok(Vec::new()), |sort| sort.resolve(order))?,
            filters: self
                .filters
                .iter()
                .flatten()
                .map(FilterCondition::resolve)
                .collect::<Result<_, _>>()?,
            start_time,
            end_time,
        })
    }
}

/// The page size to use for a sent limit.
///
/// # Errors
/// `validation_error` outside 0 to 1000.
pub fn resolve_limit(limit: Option<i64>) -> Result<u32, ApiError> {
    match limit.unwrap_or(0) {
        0 => Ok(LIMIT_DEFAULT),
        limit => u32::try_from(limit)
            .ok()
            .filter(|limit| *limit <= LIMIT_MAX)
            .ok_or_else(|| {
                ApiError::validation("limit must be between 1 and 1000").detail("limit", "must be between 1 and 1000")
            }),
    }
}

/// The number of items to skip for a sent offset.
///
/// # Errors
/// `validation_error` when negative.
pub fn resolve_offset(offset: Option<i64>) -> Result<u64, ApiError> {
    u64::try_from(offset.unwrap_or(0))
        .map_err(|_| ApiError::validation("offset must not be negative").detail("offset", "must not be negative"))
}

/// Where a page stands among all matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = types::PaginationResponse)]
pub struct Pagination {
    /// Number of all matches.
    #[schema(value_type = i64)]
    pub total: u64,
    /// Items of a page; 0 when the list is not paged.
    #[schema(value_type = i64)]
    pub limit: u32,
    /// On most lists the offset of the **next** page, for historic reasons (spec 01 Q10).
    #[schema(value_type = i64)]
    pub offset: u64,
}

impl Pagination {
    /// For most lists: the offset is the one to send for the next page.
    #[must_use]
    pub fn next(total: u64, limit: u32, offset: u64) -> Self {
        Self::at(total, limit, offset.saturating_add(u64::from(limit)))
    }

    /// For invoices, tasks, coupons, cost sheets, checkout sessions and price units: the offset is the request's.
    #[must_use]
    pub fn at(total: u64, limit: u32, offset: u64) -> Self {
        Self { total, limit, offset }
    }

    /// For lists that are not paged.
    #[must_use]
    pub fn unlimited(total: u64) -> Self {
        Self::at(total, 0, 0)
    }
}

/// Declares the envelope of a list under the contract's name.
macro_rules! list_response {
    ($(#[$doc:meta])* $name:ident of $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema)]
        pub struct $name {
            /// The page's records; empty, never null.
            pub items: Vec<$item>,
            /// Where the page stands among all matches.
            pub pagination: $crate::list::Pagination,
        }
    };
}
pub(crate) use list_response;

/// Declares a filter: the members given, and those that every list shares. `sort as text` documents the member `sort` as
/// a field name, as three filters of the contract do; on the wire both forms are read everywhere.
macro_rules! list_filter {
    ($(#[$doc:meta])* $name:ident as $schema:path, sort as text { $($members:tt)* }) => {
        $crate::list::list_filter! { @declare ($(#[$doc])*) $name, $schema, Option<String>, { $($members)* } }
    };
    ($(#[$doc:meta])* $name:ident as $schema:path { $($members:tt)* }) => {
        $crate::list::list_filter! {
            @declare ($(#[$doc])*) $name, $schema, Option<Vec<$crate::filter::SortCondition>>, { $($members)* }
        }
    };
    (@declare ($(#[$doc:meta])*) $name:ident, $schema:path, $sort:ty, { $($members:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema)]
        #[serde(default)]
        #[schema(as = $schema)]
        pub struct $name {
            $($members)*
            /// Items of a page; 0 or absent means 50.
            #[schema(minimum = 1, maximum = 1000)]
            pub limit: Option<i64>,
            /// Items to skip.
            #[schema(minimum = 0)]
            pub offset: Option<i64>,
            /// Direction of the order; `desc` when absent.
            #[schema(inline)]
            #[serde(deserialize_with = "crate::wire::blank_as_none")]
            pub order: Option<$crate::filter::SortDirection>,
            /// Status of the records; the default depends on the resource.
            #[schema(value_type = Option<::tariff_core::Status>)]
            #[serde(deserialize_with = "crate::wire::blank_as_none")]
            pub status: Option<$crate::list::StatusFilter>,
            /// Related records to embed, separated by commas.
            pub expand: Option<String>,
            /// Keys of the order.
            #[schema(value_type = $sort)]
            pub sort: Option<$crate::filter::Sort>,
            /// Conditions that must all hold.
            pub filters: Option<Vec<$crate::filter::FilterCondition>>,
            /// Earliest instant, inclusive.
            pub start_time: Option<$crate::time::DateTime>,
            /// Latest instant, inclusive.
            pub end_time: Option<$crate::time::DateTime>,
        }

        impl $name {
            /// The members that every list shares, checked and with defaults applied.
            ///
            /// # Errors
            /// `validation_error` when one is out of bounds (spec 01 A10, A11).
            pub fn list_options(&self) -> Result<$crate::list::ListOptions, $crate::error::ApiError> {
                $crate::list::ListQuery {
                    limit: self.limit,
                    offset: self.offset,
                    order: self.order,
                    status: self.status,
                    expand: self.expand.clone(),
                    sort: self.sort.clone(),
                    filters: self.filters.clone(),
                    start_time: self.start_time,
                    end_time: self.end_time,
                }
                .resolve()
            }
        }
    };
}
pub(crate) use list_filter;

list_filter! {
    /// The shared members alone, for lists that have no filters of their own.
    PlainFilter as types::PlainFilter {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(json: &str) -> Result<ListOptions, ApiError> {
        serde_json::from_str::<PlainFilter>(json).unwrap().list_options()
    }

    #[test]
    fn defaults() {
        let options = options(r#"{"limit":0,"status":"","order":""}"#).unwrap();
        assert_eq!((options.limit, options.offset), (50, 0));
        assert_eq!(options.order, SortDirection::Desc);
        assert_eq!(options.status, None);
    }

    #[test]
    fn bounds() {
        for (json, field) in [
            (r#"{"limit":1001}"#, "limit"),
            (r#"{"limit":-1}"#, "limit"),
            (r#"{"offset":-1}"#, "offset"),
            (
                r#"{"start_time":"2024-01-02T00:00:00Z","end_time":"2024-01-01T00:00:00Z"}"#,
                "end_time",
            ),
        ] {
            let error = options(json).unwrap_err();
            assert_eq!(error.http_status(), 400, "{json}");
            assert!(error.details.contains_key(field), "{json}");
        }
        assert_eq!(options(r#"{"limit":1000,"offset":7}"#).unwrap().limit, 1000);
        assert!(options(r#"{"start_time":"2024-01-01T00:00:00Z","end_time":"2024-01-01T00:00:00Z"}"#).is_ok());
    }

    #[test]
    fn an_unknown_status_matches_nothing() {
        assert_eq!(
            options(r#"{"status":"gone"}"#).unwrap().status,
            Some(StatusFilter::Nothing)
        );
        assert_eq!(
            options(r#"{"status":"archived"}"#).unwrap().status,
            Some(StatusFilter::Is(Status::Archived))
        );
    }
}
