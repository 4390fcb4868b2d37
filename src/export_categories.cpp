#include <Rcpp.h>

#include <algorithm>
#include <string>
#include <vector>

#include "family/cumulative_model.h"
#include "family/softmax.h"

using namespace glmpp;
using Rcpp::NumericMatrix;
using Rcpp::NumericVector;

// The class probabilities of rows of linear predictors, one column for each class.
// [[Rcpp::export(rng = false)]]
NumericMatrix softmax_impl(NumericMatrix eta) {
  constexpr std::size_t step = 512;
  const std::size_t classes = eta.ncol(), rows = eta.nrow();
  NumericMatrix probabilities(eta.nrow(), eta.ncol());
  SoftmaxRows softmax(classes, step);
  for (std::size_t begin = 0; begin < rows; begin += step) {
    const std::size_t count = std::min(step, rows - begin);
    for (std::size_t k = 0; k < classes; ++k)
      std::copy_n(eta.begin() + k * rows + begin, count, softmax.eta(k));
    softmax.evaluate(count);
    for (std::size_t k = 0; k < classes; ++k)
      std::copy_n(softmax.probabilities(k), count, probabilities.begin() + k * rows + begin);
  }
  return probabilities;
}

// The class probabilities of a cumulative link model.
// [[Rcpp::export(rng = false)]]
NumericMatrix cumulative_impl(NumericVector eta, NumericVector thresholds, std::string link) {
  constexpr std::size_t step = 512;
  const std::size_t classes = thresholds.size() + 1, rows = eta.size();
  const std::vector<double> limits(thresholds.begin(), thresholds.end());
  const CumulativeLink cumulative(link);
  CumulativeRows model(cumulative, limits.size(), step);
  NumericMatrix probabilities(static_cast<int>(rows), static_cast<int>(classes));
  for (std::size_t begin = 0; begin < rows; begin += step) {
    const std::size_t count = std::min(step, rows - begin);
    model.evaluate(limits, eta.begin() + begin, count, false);
    for (std::size_t k = 0; k < classes; ++k)
      for (std::size_t i = 0; i < count; ++i)
        probabilities[k * rows + begin + i] = model.probability(k, i);
  }
  return probabilities;
}

// The thresholds whose cumulative probabilities are given, at a linear predictor of zero.
// [[Rcpp::export(rng = false)]]
NumericVector thresholds_impl(NumericVector cumulative, std::string link) {
  const CumulativeLink quantiles(link);
  NumericVector thresholds(cumulative.size());
  for (R_xlen_t k = 0; k < cumulative.size(); ++k)
    thresholds[k] = quantiles.quantile(cumulative[k]);
  return thresholds;
}
