#include "r_family.h"

#include <cmath>
#include <string>

namespace glmpp {

using Rcpp::Function;
using Rcpp::NumericVector;

namespace {

NumericVector copy_of(const double* values, std::size_t count) {
  return NumericVector(values, values + count);
}

}  // namespace

CallbackFamily::CallbackFamily(Rcpp::List functions) : functions_(std::move(functions)) {}

NumericVector CallbackFamily::call(const char* name, const NumericVector& argument) const {
  const Function function = functions_[name];
  NumericVector values = function(argument);
  if (values.size() == argument.size()) return values;
  if (values.size() == 1) return NumericVector(argument.size(), values[0]);
  Rcpp::stop("family$%s() must return one value per row", name);
}

bool CallbackFamily::is_valid(const char* name, const NumericVector& argument) const {
  SEXP found = functions_[name];
  if (Rf_isNull(found)) return true;
  const Rcpp::LogicalVector answer = Function(found)(argument);
  return answer.size() > 0 && answer[0] == TRUE;
}

double CallbackFamily::deviance(const NumericVector& y, const NumericVector& mean,
                                const NumericVector& weights) const {
  const Function function = functions_["dev.resids"];
  const NumericVector units = function(y, mean, weights);
  double sum = 0.0;
  for (double unit : units) sum += unit;
  return sum;
}

RowSums CallbackFamily::evaluate(const Rows& rows, WorkingRows& out) const {
  RowSums sums;
  const NumericVector eta = copy_of(rows.eta, rows.count);
  const NumericVector mean = call("linkinv", eta);
  sums.valid = is_valid("valideta", eta) && is_valid("validmu", mean);
  std::copy(mean.begin(), mean.end(), out.mean);
  if (!sums.valid) return sums;

  const NumericVector slope = call("mu.eta", eta), variance = call("variance", mean);
  const NumericVector y = copy_of(rows.y, rows.count);
  const NumericVector weights = copy_of(rows.prior_weights, rows.count);
  sums.deviance = deviance(y, mean, weights);
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double difference = rows.y[i] - mean[i];
    const bool counts = rows.prior_weights[i] > 0.0 && slope[i] != 0.0;
    const double leverage = counts ? rows.prior_weights[i] * slope[i] / variance[i] : 0.0;
    out.working_weight[i] = leverage * slope[i];
    out.residual[i] = leverage * difference;
    out.working_residual[i] = difference / slope[i];
    sums.valid = sums.valid && std::isfinite(out.working_weight[i]);
  }
  return sums;
}

void CallbackFamily::start(const Rows&, double*) const {
  throw std::logic_error("a callback family starts from its own initialize expression");
}

double CallbackFamily::deviance_at(const Rows& rows, double mean) const {
  return deviance(copy_of(rows.y, rows.count), NumericVector(rows.count, mean),
                  copy_of(rows.prior_weights, rows.count));
}

}  // namespace glmpp
