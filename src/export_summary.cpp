#include <Rcpp.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <thread>
#include <vector>

#include "convert.h"
#include "parallel/huge_pages.h"
#include "parallel/lanes.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericVector;

namespace {

struct NumericSummary {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double first_bad = 0.0;
  bool all_integer = true;
  bool only_zero_one = true;
};

constexpr R_xlen_t lane_length = 1 << 18;

// visit(begin, end, lane) over pieces of a long vector.
template <class Visit>
void each_piece(R_xlen_t count, int threads, Visit visit) {
  const std::size_t lanes = static_cast<std::size_t>((count + lane_length - 1) / lane_length);
  run_lanes(
      lanes, threads,
      [&](std::size_t k, std::size_t) {
        const R_xlen_t begin = static_cast<R_xlen_t>(k) * lane_length;
        visit(begin, std::min(count, begin + lane_length), k);
      },
      nullptr);
}

// Of a number that is finite; std::floor() is a call.
bool is_whole(double v) {
  constexpr double no_fraction = 4503599627370496.0;  // 2^52
  return std::fabs(v) >= no_fraction || v == static_cast<double>(static_cast<long long>(v));
}

template <class Value>
NumericSummary summarise_piece(R_xlen_t begin, R_xlen_t end, Value value) {
  NumericSummary summary;
  for (R_xlen_t i = begin; i < end; ++i) {
    const double v = value(i);
    if (!std::isfinite(v)) {
      if (summary.first_bad == 0.0) summary.first_bad = static_cast<double>(i + 1);
      continue;
    }
    if (v < summary.min) summary.min = v;
    if (v > summary.max) summary.max = v;
    if (v == 0.0 || v == 1.0) continue;
    summary.only_zero_one = false;
    if (summary.all_integer && !is_whole(v)) summary.all_integer = false;
  }
  return summary;
}

template <class Value>
NumericSummary summarise(R_xlen_t count, int threads, Value value) {
  std::vector<NumericSummary> pieces((count + lane_length - 1) / lane_length);
  each_piece(count, threads, [&](R_xlen_t begin, R_xlen_t end, std::size_t k) {
    pieces[k] = summarise_piece(begin, end, value);
  });
  NumericSummary total;
  for (const NumericSummary& piece : pieces) {
    total.min = std::min(total.min, piece.min);
    total.max = std::max(total.max, piece.max);
    if (total.first_bad == 0.0) total.first_bad = piece.first_bad;
    total.all_integer &= piece.all_integer;
    total.only_zero_one &= piece.only_zero_one;
  }
  return total;
}

}  // namespace

// Range, first value that is missing or infinite (0: none), and whether values are whole or 0/1.
// [[Rcpp::export(rng = false)]]
List summarise_numeric_impl(SEXP values, int threads = 1) {
  const R_xlen_t count = Rf_xlength(values);
  NumericSummary summary;
  if (TYPEOF(values) == REALSXP) {
    const double* real = REAL(values);
    summary = summarise(count, threads, [&](R_xlen_t i) { return real[i]; });
  } else {
    const int* integer = TYPEOF(values) == LGLSXP ? LOGICAL(values) : INTEGER(values);
    summary = summarise(count, threads, [&](R_xlen_t i) {
      return integer[i] == NA_INTEGER ? NA_REAL : static_cast<double>(integer[i]);
    });
  }
  return ListBuilder(5)
      .add("only_zero_one", summary.first_bad == 0.0 && summary.only_zero_one)
      .add("first_bad", summary.first_bad)
      .add("min", summary.min)
      .add("max", summary.max)
      .add("all_integer", summary.all_integer)
      .finish();
}

// as.double(), by several threads.
// [[Rcpp::export(rng = false)]]
NumericVector as_double_impl(SEXP values, int threads) {
  const R_xlen_t count = Rf_xlength(values);
  NumericVector made(Rcpp::no_init(count));
  double* out = made.begin();
  advise_huge_pages(out, static_cast<std::size_t>(count) * sizeof(double));
  const int* integer = TYPEOF(values) == LGLSXP ? LOGICAL(values) : INTEGER(values);
  each_piece(count, threads, [&](R_xlen_t begin, R_xlen_t end, std::size_t) {
    for (R_xlen_t i = begin; i < end; ++i)
      out[i] = integer[i] == NA_INTEGER ? NA_REAL : static_cast<double>(integer[i]);
  });
  return made;
}

// rep.int(value, count), by several threads.
// [[Rcpp::export(rng = false)]]
NumericVector repeat_impl(double value, double count, int threads) {
  NumericVector made(Rcpp::no_init(static_cast<R_xlen_t>(count)));
  double* out = made.begin();
  advise_huge_pages(out, static_cast<std::size_t>(count) * sizeof(double));
  each_piece(made.size(), threads, [&](R_xlen_t begin, R_xlen_t end, std::size_t) {
    std::fill(out + begin, out + end, value);
  });
  return made;
}

// Whether one of these variables of the environment is set, and not empty: Sys.getenv() takes as long as a small step of a fit.
// [[Rcpp::export(rng = false)]]
bool is_any_set_impl(SEXP names) {
  for (R_xlen_t k = 0; k < Rf_xlength(names); ++k) {
    const char* value = std::getenv(CHAR(STRING_ELT(names, k)));
    if (value && *value) return true;
  }
  return false;
}

// [[Rcpp::export(rng = false)]]
int available_threads_impl() {
  const unsigned threads = std::thread::hardware_concurrency();
  return threads == 0 ? 1 : static_cast<int>(threads);
}
