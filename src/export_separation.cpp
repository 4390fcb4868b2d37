#include <Rcpp.h>

#include <cmath>
#include <limits>

using Rcpp::List;
using Rcpp::NumericVector;

// Where the likelihood of each row rises for ever: 1 upwards, -1 downwards, 0 nowhere; NA for rows without
// weight. `bottom` and `top`: whether the mean reaches 0 and 1 at the ends of the linear predictor only.
// [[Rcpp::export(rng = false)]]
NumericVector open_sides_impl(NumericVector y, Rcpp::Nullable<NumericVector> weights, bool bottom,
                              bool top) {
  NumericVector sides(Rcpp::no_init(y.size()));
  for (R_xlen_t i = 0; i < y.size(); ++i)
    sides[i] = top && y[i] == 1.0 ? 1.0 : bottom && y[i] == 0.0 ? -1.0 : 0.0;
  if (weights.isNull()) return sides;
  const NumericVector prior(weights);
  for (R_xlen_t i = 0; i < y.size(); ++i)
    if (prior[i] == 0.0) sides[i] = NA_REAL;
  return sides;
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
