#include <Rcpp.h>

#include <cmath>
#include <limits>
#include <vector>

#include "linalg/active_rows.h"

using Rcpp::List;
using Rcpp::NumericVector;

// Where the likelihood of each row rises for ever: 1 upwards, -1 downwards, 0 nowhere; NA for rows without
// weight. `bottom` and `top`: the means that are reached at the ends of the linear predictor only, NaN where there is none.
// [[Rcpp::export(rng = false)]]
NumericVector open_sides_impl(NumericVector y, Rcpp::Nullable<NumericVector> weights, double bottom,
                              double top) {
  NumericVector sides(Rcpp::no_init(y.size()));
  for (R_xlen_t i = 0; i < y.size(); ++i)
    sides[i] = y[i] == top ? 1.0 : y[i] == bottom ? -1.0 : 0.0;
  if (weights.isNull()) return sides;
  const NumericVector prior(weights);
  for (R_xlen_t i = 0; i < y.size(); ++i)
    if (prior[i] == 0.0) sides[i] = NA_REAL;
  return sides;
}

namespace {

// The values of a vector of numbers, whichever type R keeps them in.
class Numbers {
 public:
  explicit Numbers(SEXP values)
      : reals_(TYPEOF(values) == REALSXP ? REAL(values) : nullptr),
        integers_(reals_                     ? nullptr
                  : TYPEOF(values) == INTSXP ? INTEGER(values)
                                             : LOGICAL(values)) {}
  double operator[](R_xlen_t i) const {
    return reals_ ? reals_[i] : static_cast<double>(integers_[i]);
  }

 private:
  const double* reals_;
  const int* integers_;
};

bool is_numbers(SEXP values) {
  return TYPEOF(values) == REALSXP || TYPEOF(values) == INTSXP || TYPEOF(values) == LGLSXP;
}

}  // namespace

// Of each cell of some factors, the first fastest, -1 or 1 where all its rows with weight are on that side (see open_sides_impl()),
// 2 where they are not, 0 where there is none. It reads no more rows than it takes to rule out every cell.
// [[Rcpp::export(rng = false)]]
Rcpp::IntegerVector one_sided_cells_impl(SEXP y, SEXP weights, double bottom, double top,
                                         List codes, Rcpp::IntegerVector first,
                                         Rcpp::IntegerVector sizes) {
  constexpr int unseen = 0, mixed = 2;
  if (!is_numbers(y) || !(Rf_isNull(weights) || is_numbers(weights)))
    Rcpp::stop("responses and weights must be numbers");
  const R_xlen_t rows = Rf_xlength(y);
  R_xlen_t cells = 1;
  std::vector<const int*> factors;
  std::vector<R_xlen_t> strides;
  for (R_xlen_t k = 0; k < codes.size(); ++k) {
    SEXP values = codes[k];
    if ((TYPEOF(values) != INTSXP && TYPEOF(values) != LGLSXP) || Rf_xlength(values) != rows)
      Rcpp::stop("factors must be integer codes, one for each row");
    factors.push_back(TYPEOF(values) == INTSXP ? INTEGER(values) : LOGICAL(values));
    strides.push_back(cells);
    cells *= sizes[k];
  }
  std::vector<signed char> state(static_cast<std::size_t>(cells), unseen);
  const Numbers response(y), prior(Rf_isNull(weights) ? y : weights);
  R_xlen_t left = cells;
  for (R_xlen_t i = 0; i < rows && left > 0; ++i) {
    if (!Rf_isNull(weights) && prior[i] == 0.0) continue;
    R_xlen_t cell = 0;
    for (std::size_t k = 0; k < factors.size(); ++k)
      cell += strides[k] * (factors[k][i] - first[static_cast<R_xlen_t>(k)]);
    signed char& seen = state[static_cast<std::size_t>(cell)];
    if (seen == mixed) continue;
    const double value = response[i];
    const int side = value == top ? 1 : value == bottom ? -1 : 0;
    if (side != 0 && (seen == unseen || seen == side)) {
      seen = static_cast<signed char>(side);
    } else {
      seen = mixed;
      --left;
    }
  }
  return Rcpp::IntegerVector(state.begin(), state.end());
}

// Over the one-sided rows the least w z^2 and the least |w z| of the working weights w and residuals z,
// whether every z has the sign of its side, and the number of such rows; over all rows the largest |w z|.
// [[Rcpp::export(rng = false)]]
List residual_margins_impl(NumericVector sides, NumericVector weights, NumericVector residuals) {
  double least_square = std::numeric_limits<double>::infinity(), least = least_square;
  double largest = 0.0, count = 0.0;
  bool signs_agree = true;
  for (R_xlen_t i = 0; i < sides.size(); ++i) {
    if (std::isnan(sides[i])) continue;
    const double score = std::fabs(weights[i] * residuals[i]);
    largest = std::fmax(largest, score);
    if (sides[i] == 0.0) continue;
    ++count;
    signs_agree &= sides[i] * residuals[i] > 0.0 && std::isfinite(score);
    least = std::fmin(least, score);
    least_square = std::fmin(least_square, score * std::fabs(residuals[i]));
  }
  return List::create(Rcpp::Named("least_square") = least_square, Rcpp::Named("least") = least,
                      Rcpp::Named("largest") = largest, Rcpp::Named("signs_agree") = signs_agree,
                      Rcpp::Named("one_sided") = count);
}

// Of rows to hold, none yet; see hold_row_impl().
// [[Rcpp::export(rng = false)]]
SEXP active_rows_impl(NumericVector total) {
  return Rcpp::XPtr<glmpp::ActiveRows>(new glmpp::ActiveRows(Rcpp::as<std::vector<double>>(total)));
}

// Holds a row with a number: which are held then, and the point closest to zero.
// [[Rcpp::export(rng = false)]]
List hold_row_impl(SEXP active, int id, NumericVector row, bool is_free) {
  glmpp::ActiveRows& rows = *Rcpp::XPtr<glmpp::ActiveRows>(active);
  rows.hold(static_cast<std::size_t>(id), Rcpp::as<std::vector<double>>(row), is_free);
  return List::create(Rcpp::Named("ids") = rows.ids(), Rcpp::Named("point") = rows.point());
}
