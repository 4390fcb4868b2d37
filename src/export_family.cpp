#include <Rcpp.h>

#include <algorithm>
#include <cmath>

#include "convert.h"
#include "family/link.h"
#include "family/model_factory.h"
#include "family/negative_binomial.h"
#include "family/tweedie.h"
#include "family/zero_truncated.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericVector;

// [[Rcpp::export(rng = false)]]
List known_models_impl() {
  return List::create(Rcpp::Named("variances") = known_variances(),
                      Rcpp::Named("links") = known_links());
}

// What a row model makes of some rows: for tests of the tails.
// [[Rcpp::export(rng = false)]]
List row_model_impl(List family, NumericVector eta, NumericVector y, NumericVector weights) {
  const auto model = as_row_model(family);
  const R_xlen_t n = eta.size();
  NumericVector mean(n), weight(n), residual(n), working_residual(n);
  WorkingRows out{mean.begin(), weight.begin(), residual.begin(), working_residual.begin()};
  const RowSums sums =
      model->evaluate({static_cast<std::size_t>(n), eta.begin(), y.begin(), weights.begin()}, out);
  return List::create(Rcpp::Named("mean") = mean, Rcpp::Named("weight") = weight,
                      Rcpp::Named("residual") = residual,
                      Rcpp::Named("working_residual") = working_residual,
                      Rcpp::Named("deviance") = sums.deviance, Rcpp::Named("valid") = sums.valid);
}

// True when the mean is valid for some linear predictors only.
// [[Rcpp::export(rng = false)]]
bool has_bounded_predictor_impl(List family) {
  return as_row_model(family)->valid_range().is_bounded();
}

// True when the model knows what the bias of its estimates is made of.
// [[Rcpp::export(rng = false)]]
bool has_log_slopes_impl(List family) { return as_row_model(family)->has_log_slopes(); }

// How each sum of a pass merges with that of other rows: the names of the rules by those of the fields.
// [[Rcpp::export(rng = false)]]
List sum_fields_impl() {
  const std::vector<SumField>& fields = sum_fields();
  ListBuilder rules(static_cast<R_xlen_t>(fields.size()));
  for (const SumField& field : fields) rules.add(field.name, name_of(field.merge));
  return rules.finish();
}

// Of Tweedie variables, 1 < power < 2, with a dispersion for each row. Dunn and Smyth (2005), Series evaluation of Tweedie exponential
// dispersion model densities.
// [[Rcpp::export(rng = false)]]
NumericVector tweedie_log_density_impl(NumericVector y, NumericVector mean,
                                       NumericVector dispersion, double power) {
  if (mean.size() != y.size() || dispersion.size() != y.size())
    Rcpp::stop("responses, means and dispersions must be as many");
  NumericVector out(Rcpp::no_init(y.size()));
  for (R_xlen_t i = 0; i < y.size(); ++i) {
    if (i % 4096 == 0) Rcpp::checkUserInterrupt();
    out[i] = tweedie_terms(y[i], mean[i], dispersion[i], power).log_density;
  }
  return out;
}

// What the likelihood of negative binomial counts has of the counts alone, see NegativeBinomialModel.
// [[Rcpp::export(rng = false)]]
List theta_terms_impl(NumericVector y, double theta) {
  const NegativeBinomialModel model(theta, make_link("log", 1.0));
  NumericVector log_density(y.size()), score(y.size()), information(y.size());
  for (R_xlen_t i = 0; i < y.size(); ++i) {
    const NegativeBinomialModel::CountTerms terms = model.terms_of(y[i]);
    log_density[i] = terms.log_density;
    score[i] = terms.score;
    information[i] = terms.information;
  }
  return List::create(Rcpp::Named("log_likelihood") = log_density,
                      Rcpp::Named("parameter_score") = score,
                      Rcpp::Named("parameter_information") = information);
}

// Zero-truncated counts of given linear predictors, or, with `from_means`, of given means; theta infinite: Poisson.
// [[Rcpp::export(rng = false)]]
List zero_truncated_impl(NumericVector values, double theta, bool from_means) {
  const ZeroTruncatedCount count(theta);
  const R_xlen_t n = values.size();
  NumericVector eta(n), mean(n), slope(n), variance(n);
  for (R_xlen_t i = 0; i < n; ++i) {
    double mu = from_means ? count.untruncated(values[i]) : std::exp(values[i]);
    if (from_means && values[i] < 1.0) mu = R_NaN;
    const ZeroTruncatedCount::Values at = count.at(mu);
    const bool is_least = mu == 0.0;
    eta[i] = from_means ? std::log(mu) : values[i];
    mean[i] = from_means ? values[i] : is_least ? 1.0 : at.mean();
    slope[i] = is_least ? 0.0 : at.slope();
    variance[i] = is_least ? 0.0 : at.variance();
  }
  return List::create(Rcpp::Named("eta") = eta, Rcpp::Named("mean") = mean,
                      Rcpp::Named("slope") = slope, Rcpp::Named("variance") = variance);
}

// Unit deviances of such counts.
// [[Rcpp::export(rng = false)]]
NumericVector zero_truncated_deviance_impl(NumericVector y, NumericVector mean, double theta) {
  if (mean.size() != y.size()) Rcpp::stop("responses and means must be as many");
  constexpr double least = 1e-300;
  const ZeroTruncatedCount count(theta);
  NumericVector deviance(Rcpp::no_init(y.size()));
  for (R_xlen_t i = 0; i < y.size(); ++i) {
    const double mu = std::max(count.untruncated(mean[i]), least);
    deviance[i] = count.unit_deviance(y[i], count.saturated(y[i]), mu, count.at(mu));
  }
  return deviance;
}

// Whether two are one object.
// [[Rcpp::export(rng = false)]]
bool is_same_impl(SEXP one, SEXP other) { return one == other; }
