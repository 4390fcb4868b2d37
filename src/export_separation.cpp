#include <Rcpp.h>

#include <algorithm>
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
// 2 where they are not, 0 where there is none. It reads hardly more rows than it takes to rule out every cell.
// [[Rcpp::export(rng = false)]]
Rcpp::IntegerVector one_sided_cells_impl(SEXP y, SEXP weights, double bottom, double top,
                                         List codes, Rcpp::IntegerVector first,
                                         Rcpp::IntegerVector sizes) {
  // What the rows of a cell have been, as bits.
  constexpr unsigned at_bottom = 1, at_top = 2, between = 4;
  const bool has_weights = !Rf_isNull(weights);
  if (!is_numbers(y) || !(!has_weights || is_numbers(weights)))
    Rcpp::stop("responses and weights must be numbers");
  const R_xlen_t rows = Rf_xlength(y);
  R_xlen_t cells = 1;
  struct Factor {
    const int* codes;
    int first, stride;
  };
  std::vector<Factor> factors;
  for (R_xlen_t k = 0; k < codes.size(); ++k) {
    SEXP values = codes[k];
    if ((TYPEOF(values) != INTSXP && TYPEOF(values) != LGLSXP) || Rf_xlength(values) != rows)
      Rcpp::stop("factors must be integer codes, one for each row");
    factors.push_back({TYPEOF(values) == INTSXP ? INTEGER(values) : LOGICAL(values), first[k],
                       static_cast<int>(cells)});
    cells *= sizes[k];
    if (cells > std::numeric_limits<int>::max()) Rcpp::stop("more cells than can be numbered");
  }
  std::vector<unsigned char> seen(static_cast<std::size_t>(cells), 0);
  const Numbers response(y), prior(has_weights ? weights : y);
  constexpr R_xlen_t most = 1024;
  int cell[most];
  unsigned char side[most];
  const auto add_rows = [&](R_xlen_t begin, R_xlen_t count) {
    std::fill_n(cell, count, 0);
    for (const Factor& factor : factors)
      for (R_xlen_t i = 0; i < count; ++i)
        cell[i] += factor.stride * (factor.codes[begin + i] - factor.first);
    for (R_xlen_t i = 0; i < count; ++i) {
      const double value = response[begin + i];
      side[i] = value == top ? at_top : value == bottom ? at_bottom : between;
    }
    if (has_weights)
      for (R_xlen_t i = 0; i < count; ++i)
        if (prior[begin + i] == 0.0) side[i] = 0;
    for (R_xlen_t i = 0; i < count; ++i) seen[static_cast<std::size_t>(cell[i])] |= side[i];
  };
  const auto is_ruled_out = [](unsigned char sides) {
    return sides > at_top || sides == (at_bottom | at_top);
  };
  R_xlen_t done = 0;
  for (R_xlen_t next = std::max(most, cells); done < rows; next *= 2) {
    for (; done < std::min(next, rows); done += most) add_rows(done, std::min(most, rows - done));
    if (std::all_of(seen.begin(), seen.end(), is_ruled_out)) break;
  }
  Rcpp::IntegerVector found(Rcpp::no_init(cells));
  std::transform(seen.begin(), seen.end(), found.begin(), [&](unsigned char sides) {
    constexpr int upwards = 1, downwards = -1, mixed = 2, unseen = 0;
    if (is_ruled_out(sides)) return mixed;
    return sides == at_top ? upwards : sides == at_bottom ? downwards : unseen;
  });
  return found;
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
