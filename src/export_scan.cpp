#include <Rcpp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "parallel/lanes.h"

using Rcpp::IntegerVector;
using Rcpp::List;
using Rcpp::LogicalVector;
using Rcpp::NumericVector;

namespace {

struct ColumnScan {
  double missing = 0.0;
  double first_infinite = 0.0;
};

// 0 * x is NaN for NaN and infinite x only: one cheap sum finds most columns clean.
bool is_finite(const double* values, R_xlen_t count) {
  double sums[4] = {0.0, 0.0, 0.0, 0.0};
  R_xlen_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (int k = 0; k < 4; ++k) sums[k] += values[i + k] * 0.0;
  for (; i < count; ++i) sums[0] += values[i] * 0.0;
  return sums[0] + sums[1] + sums[2] + sums[3] == 0.0;
}

template <class IsMissing>
void mark_missing(R_xlen_t count, R_xlen_t rows, std::vector<char>& marks, ColumnScan& scan,
                  IsMissing is_missing) {
  for (R_xlen_t i = 0; i < count; ++i)
    if (is_missing(i)) {
      if (marks.empty()) marks.assign(rows, 0);
      marks[i % rows] = 1;
      ++scan.missing;
    }
}

ColumnScan scan_column(SEXP column, R_xlen_t rows, std::vector<char>& marks) {
  ColumnScan scan;
  const R_xlen_t count = Rf_xlength(column);
  if (rows == 0) return scan;
  switch (TYPEOF(column)) {
    case REALSXP: {
      const double* values = REAL(column);
      mark_missing(count, rows, marks, scan, [&](R_xlen_t i) {
        if (std::isinf(values[i]) && scan.first_infinite == 0.0)
          scan.first_infinite = static_cast<double>(i % rows + 1);
        return std::isnan(values[i]);
      });
      break;
    }
    case INTSXP:
    case LGLSXP: {
      const int* values = TYPEOF(column) == INTSXP ? INTEGER(column) : LOGICAL(column);
      mark_missing(count, rows, marks, scan, [&](R_xlen_t i) { return values[i] == NA_INTEGER; });
      break;
    }
    case STRSXP:
      mark_missing(count, rows, marks, scan,
                   [&](R_xlen_t i) { return STRING_ELT(column, i) == NA_STRING; });
      break;
    default: break;
  }
  return scan;
}

// NA_INTEGER is the least integer.
bool is_complete(const int* values, R_xlen_t count) {
  int least[4] = {0, 0, 0, 0};
  R_xlen_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (int k = 0; k < 4; ++k) least[k] = std::min(least[k], values[i + k]);
  for (; i < count; ++i) least[0] = std::min(least[0], values[i]);
  return std::min({least[0], least[1], least[2], least[3]}) != NA_INTEGER;
}

struct Piece {
  std::size_t column;
  const double* real;
  const int* integer;
  R_xlen_t count;
  bool is_clean() const { return real ? is_finite(real, count) : is_complete(integer, count); }
};

// Columns cut into pieces for several threads, since memory is the limit.
std::vector<Piece> cut_columns(const List& columns) {
  constexpr R_xlen_t length = 1 << 20;
  std::vector<Piece> pieces;
  for (R_xlen_t k = 0; k < columns.size(); ++k) {
    SEXP column = columns[k];
    const double* real = TYPEOF(column) == REALSXP ? REAL(column) : nullptr;
    const int* integer = TYPEOF(column) == INTSXP   ? INTEGER(column)
                         : TYPEOF(column) == LGLSXP ? LOGICAL(column)
                                                    : nullptr;
    if (!real && !integer) continue;
    const R_xlen_t count = Rf_xlength(column);
    for (R_xlen_t begin = 0; begin < count; begin += length)
      pieces.push_back({static_cast<std::size_t>(k), real ? real + begin : nullptr,
                        integer ? integer + begin : nullptr, std::min(length, count - begin)});
  }
  return pieces;
}

// Which columns hold finite numbers only.
std::vector<char> find_clean(const List& columns, int threads) {
  const std::vector<Piece> pieces = cut_columns(columns);
  std::vector<char> is_clean(pieces.size(), 0);
  glmpp::run_lanes(
      pieces.size(), pieces.size() > static_cast<std::size_t>(columns.size()) ? threads : 1,
      [&](std::size_t k, std::size_t) { is_clean[k] = pieces[k].is_clean(); }, nullptr);
  std::vector<char> is_clean_column(columns.size(), 0);
  for (const Piece& piece : pieces) is_clean_column[piece.column] = 1;
  for (std::size_t k = 0; k < pieces.size(); ++k) is_clean_column[pieces[k].column] &= is_clean[k];
  return is_clean_column;
}

}  // namespace

// For each column the number of missing values and the first infinite row (0: none), and the rows,
// from 1, where some column is missing.
// [[Rcpp::export(rng = false)]]
List scan_columns_impl(List columns, double rows, int threads) {
  std::vector<char> marks;
  NumericVector missing(columns.size()), first_infinite(columns.size());
  const std::vector<char> is_clean = find_clean(columns, threads);
  for (R_xlen_t k = 0; k < columns.size(); ++k) {
    if (is_clean[k]) continue;
    const ColumnScan scan = scan_column(columns[k], static_cast<R_xlen_t>(rows), marks);
    missing[k] = scan.missing;
    first_infinite[k] = scan.first_infinite;
  }
  std::vector<int> marked;
  for (std::size_t i = 0; i < marks.size(); ++i)
    if (marks[i]) marked.push_back(static_cast<int>(i) + 1);
  return List::create(Rcpp::Named("missing") = missing,
                      Rcpp::Named("first_infinite") = first_infinite, Rcpp::Named("rows") = marked);
}

// Whether all numbers are finite, and those in the first rows of a matrix zero or large enough for all their digits; of no matrix
// `rows` is 0.
// [[Rcpp::export(rng = false)]]
bool is_plain_impl(SEXP values, double rows, int threads) {
  constexpr R_xlen_t most = 10;
  const R_xlen_t count = Rf_xlength(values);
  if (count == 0) return true;
  if (Rf_isReal(values) && rows > 0.0) {
    const double* numbers = REAL(values);
    const auto stride = static_cast<R_xlen_t>(rows);
    const R_xlen_t head = std::min(stride, most);
    for (R_xlen_t begin = 0; begin < count; begin += stride)
      for (R_xlen_t i = 0; i < head; ++i)
        if (std::fpclassify(numbers[begin + i]) == FP_SUBNORMAL) return false;
  }
  return find_clean(List::create(values), threads)[0];
}

// Which levels of a factor occur.
// [[Rcpp::export(rng = false)]]
LogicalVector used_levels_impl(IntegerVector codes, int levels) {
  LogicalVector used(levels, FALSE);
  int* const is_used = used.begin();
  int left = levels;
  for (const int *code = codes.begin(), *end = codes.end(); code != end && left > 0; ++code) {
    if (*code == NA_INTEGER || is_used[*code - 1]) continue;
    is_used[*code - 1] = TRUE;
    --left;
  }
  return used;
}
