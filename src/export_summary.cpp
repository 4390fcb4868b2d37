#include <Rcpp.h>

#include <cmath>
#include <limits>
#include <thread>

using Rcpp::List;

namespace {

struct NumericSummary {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double first_bad = 0.0;
  bool all_integer = true;
  bool only_zero_one = true;
};

template <class Value>
NumericSummary summarise(R_xlen_t count, Value value) {
  NumericSummary summary;
  for (R_xlen_t i = 0; i < count; ++i) {
    const double v = value(i);
    if (!std::isfinite(v)) {
      if (summary.first_bad == 0.0) summary.first_bad = static_cast<double>(i + 1);
      continue;
    }
    if (v < summary.min) summary.min = v;
    if (v > summary.max) summary.max = v;
    if (v == 0.0 || v == 1.0) continue;
    summary.only_zero_one = false;
    if (summary.all_integer && v != std::floor(v)) summary.all_integer = false;
  }
  return summary;
}

}  // namespace

// Range, first value that is missing or infinite (0: none), and whether values are whole or 0/1.
// [[Rcpp::export(rng = false)]]
List summarise_numeric_impl(SEXP values) {
  const R_xlen_t count = Rf_xlength(values);
  NumericSummary summary;
  if (TYPEOF(values) == REALSXP) {
    const double* real = REAL(values);
    summary = summarise(count, [&](R_xlen_t i) { return real[i]; });
  } else {
    const int* integer = TYPEOF(values) == LGLSXP ? LOGICAL(values) : INTEGER(values);
    summary = summarise(count, [&](R_xlen_t i) {
      return integer[i] == NA_INTEGER ? NA_REAL : static_cast<double>(integer[i]);
    });
  }
  return List::create(Rcpp::Named("min") = summary.min, Rcpp::Named("max") = summary.max,
                      Rcpp::Named("first_bad") = summary.first_bad,
                      Rcpp::Named("all_integer") = summary.all_integer,
                      Rcpp::Named("only_zero_one") = summary.first_bad == 0.0 && summary.only_zero_one);
}

// [[Rcpp::export(rng = false)]]
int available_threads_impl() {
  const unsigned threads = std::thread::hardware_concurrency();
  return threads == 0 ? 1 : static_cast<int>(threads);
}
