"""Expectation types and their parameters, as Great Expectations 1.24 has them for data frames.

A copy, so that a suite can be checked in no time: importing Great Expectations takes seconds. A test compares
it with the installed package.
"""

from __future__ import annotations

from typing import NamedTuple


class Parameters(NamedTuple):
    """The parameters (`kwargs`) an expectation type must have, and those it may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    of_rows: bool = True

    @property
    def allowed(self) -> tuple[str, ...]:
        return (*self.required, *self.optional, *(CONDITION if self.of_rows else ()))


CONDITION = ("row_condition", "condition_parser")
"""Parameters of every type that is about rows: they limit it to some of them."""

EXPECTATION_TYPES: dict[str, Parameters] = {
    "expect_column_distinct_values_to_be_in_set": Parameters(("column", "value_set"), ()),
    "expect_column_distinct_values_to_contain_set": Parameters(("column", "value_set"), ()),
    "expect_column_distinct_values_to_equal_set": Parameters(("column", "value_set"), ()),
    "expect_column_kl_divergence_to_be_less_than": Parameters(
        ("column",),
        (
            "partition_object",
            "threshold",
            "internal_weight_holdout",
            "tail_weight_holdout",
            "bucketize_data",
            "min_value",
            "max_value",
        ),
    ),
    "expect_column_max_to_be_between": Parameters(("column",), ("min_value", "max_value", "strict_min", "strict_max")),
    "expect_column_mean_to_be_between": Parameters(("column",), ("min_value", "max_value", "strict_min", "strict_max")),
    "expect_column_median_to_be_between": Parameters(
        ("column",), ("min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_min_to_be_between": Parameters(("column",), ("min_value", "max_value", "strict_min", "strict_max")),
    "expect_column_most_common_value_to_be_in_set": Parameters(("column", "value_set"), ("ties_okay",)),
    "expect_column_pair_values_a_to_be_greater_than_b": Parameters(
        ("column_A", "column_B"), ("mostly", "or_equal", "ignore_row_if")
    ),
    "expect_column_pair_values_to_be_equal": Parameters(("column_A", "column_B"), ("mostly", "ignore_row_if")),
    "expect_column_pair_values_to_be_in_set": Parameters(
        ("column_A", "column_B", "value_pairs_set"), ("mostly", "ignore_row_if")
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": Parameters(
        ("column",), ("min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_proportion_of_unique_values_to_be_between": Parameters(
        ("column",), ("min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_quantile_values_to_be_between": Parameters(("column", "quantile_ranges"), ("allow_relative_error",)),
    "expect_column_stdev_to_be_between": Parameters(
        ("column",), ("min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_sum_to_be_between": Parameters(("column",), ("min_value", "max_value", "strict_min", "strict_max")),
    "expect_column_to_exist": Parameters(("column",), ("column_index",), of_rows=False),
    "expect_column_type_to_be": Parameters(("column", "type_"), (), of_rows=False),
    "expect_column_unique_value_count_to_be_between": Parameters(
        ("column",), ("min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_value_lengths_to_be_between": Parameters(
        ("column",), ("mostly", "min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_value_lengths_to_equal": Parameters(("column", "value"), ("mostly",)),
    "expect_column_value_z_scores_to_be_less_than": Parameters(("column", "threshold", "double_sided"), ("mostly",)),
    "expect_column_values_to_be_between": Parameters(
        ("column",), ("mostly", "min_value", "max_value", "strict_min", "strict_max")
    ),
    "expect_column_values_to_be_dateutil_parseable": Parameters(("column",), ("mostly",)),
    "expect_column_values_to_be_decreasing": Parameters(("column",), ("mostly", "strictly")),
    "expect_column_values_to_be_in_set": Parameters(("column", "value_set"), ("mostly",)),
    "expect_column_values_to_be_in_type_list": Parameters(("column",), ("mostly", "type_list")),
    "expect_column_values_to_be_increasing": Parameters(("column",), ("mostly", "strictly")),
    "expect_column_values_to_be_json_parseable": Parameters(("column",), ("mostly",)),
    "expect_column_values_to_be_null": Parameters(("column",), ("mostly",)),
    "expect_column_values_to_be_of_type": Parameters(("column", "type_"), ("mostly",)),
    "expect_column_values_to_be_unique": Parameters(("column",), ("mostly",)),
    "expect_column_values_to_match_json_schema": Parameters(("column", "json_schema"), ("mostly",)),
    "expect_column_values_to_match_regex": Parameters(("column",), ("mostly", "regex")),
    "expect_column_values_to_match_regex_list": Parameters(("column", "regex_list"), ("mostly", "match_on")),
    "expect_column_values_to_match_strftime_format": Parameters(("column", "strftime_format"), ("mostly",)),
    "expect_column_values_to_not_be_in_set": Parameters(("column", "value_set"), ("mostly",)),
    "expect_column_values_to_not_be_null": Parameters(("column",), ("mostly",)),
    "expect_column_values_to_not_be_outliers": Parameters(("column",), ("mostly", "method", "multiplier")),
    "expect_column_values_to_not_match_regex": Parameters(("column", "regex"), ("mostly",)),
    "expect_column_values_to_not_match_regex_list": Parameters(("column", "regex_list"), ("mostly",)),
    "expect_compound_columns_to_be_unique": Parameters(("column_list",), ("mostly", "ignore_row_if")),
    "expect_multicolumn_sum_to_equal": Parameters(("column_list", "sum_total"), ("mostly", "ignore_row_if")),
    "expect_multicolumn_values_to_be_equal": Parameters(("column_list",), ("mostly", "ignore_row_if")),
    "expect_select_column_values_to_be_unique_within_record": Parameters(("column_list",), ("mostly", "ignore_row_if")),
    "expect_table_column_count_to_be_between": Parameters((), ("min_value", "max_value"), of_rows=False),
    "expect_table_column_count_to_equal": Parameters(("value",), (), of_rows=False),
    "expect_table_columns_to_match_ordered_list": Parameters((), ("column_list",), of_rows=False),
    "expect_table_columns_to_match_set": Parameters((), ("column_set", "exact_match"), of_rows=False),
    "expect_table_row_count_to_be_between": Parameters((), ("min_value", "max_value", "strict_min", "strict_max")),
    "expect_table_row_count_to_equal": Parameters(("value",), ()),
}

SQL_ONLY = frozenset(
    (
        "expect_column_values_to_match_like_pattern",
        "expect_column_values_to_match_like_pattern_list",
        "expect_column_values_to_not_match_like_pattern",
        "expect_column_values_to_not_match_like_pattern_list",
        "expect_query_results_to_match_comparison",
        "expect_table_row_count_to_equal_other_table",
        "unexpected_rows_expectation",
    )
)
"""Types that work on SQL databases and not on the data frame that a suite is given here."""
