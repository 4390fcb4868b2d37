# A family that the core does not have, with a parameter: Tweedie's, of variance mu^power, 1 < power < 2, under the log link.
# Everything that glmpp needs to know of it is in this file.

tweedie_code <- '
#include <Rcpp.h>

#include <cmath>
#include <memory>
#include <stdexcept>

#include "family/row_model.h"

// [[Rcpp::plugins(cpp17)]]

using namespace glmpp;

class TweedieLog : public RowModel {
 public:
  explicit TweedieLog(double power) : power_(power) {}

  RowSums evaluate(const Rows& rows, WorkingRows& out) const override {
    RowSums sums;
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double mu = std::exp(rows.eta[i]), w = rows.prior_weights[i];
      sums.valid = sums.valid && std::isfinite(mu) && mu > 0.0;
      const double leverage = w > 0.0 ? w * std::pow(mu, 1.0 - power_) : 0.0;
      if (w > 0.0) sums.deviance += w * unit_deviance(rows.y[i], mu);
      out.mean[i] = mu;
      out.working_weight[i] = leverage * mu;
      out.residual[i] = w > 0.0 ? leverage * (rows.y[i] - mu) : 0.0;
      out.working_residual[i] = (rows.y[i] - mu) / mu;
    }
    return sums;
  }
  void start(const Rows& rows, double* eta) const override {
    for (std::size_t i = 0; i < rows.count; ++i) eta[i] = std::log(rows.y[i] + (rows.y[i] == 0.0 ? 0.1 : 0.0));
  }
  double deviance_at(const Rows& rows, double mean) const override {
    double sum = 0.0;
    for (std::size_t i = 0; i < rows.count; ++i)
      if (rows.prior_weights[i] > 0.0) sum += rows.prior_weights[i] * unit_deviance(rows.y[i], mean);
    return sum;
  }
  bool has_observed_weights() const override { return true; }
  void observed_weights(const Rows& rows, double* weight) const override {
    for (std::size_t i = 0; i < rows.count; ++i) {
      const double mu = std::exp(rows.eta[i]);
      const double bend = (2.0 - power_) * mu + (power_ - 1.0) * rows.y[i];
      weight[i] = rows.prior_weights[i] > 0.0 ? rows.prior_weights[i] * std::pow(mu, 1.0 - power_) * bend : 0.0;
    }
  }

 private:
  double unit_deviance(double y, double mu) const {
    const double a = 1.0 - power_, b = 2.0 - power_;
    return 2.0 * (std::pow(y, b) / (a * b) - y * std::pow(mu, a) / a + std::pow(mu, b) / b);
  }

  double power_;
};

std::unique_ptr<RowModel> make_tweedie(const std::vector<double>& parameters) {
  if (parameters.size() != 1 || !(parameters[0] > 1.0 && parameters[0] < 2.0))
    throw std::invalid_argument("Tweedie needs one power between 1 and 2");
  return std::make_unique<TweedieLog>(parameters[0]);
}

// [[Rcpp::export]]
SEXP tweedie_maker() { return Rcpp::XPtr<RowModelMaker>(new RowModelMaker(make_tweedie)); }
'

# An ordinary family, which stats::glm() fits too; by `row_model` and `parameters` the core runs it.
tweedie <- function(power, row_model = NULL) {
  log_link <- make.link("log")
  structure(list(
    family = "Tweedie", link = "log", linkfun = log_link$linkfun, linkinv = log_link$linkinv, mu.eta = log_link$mu.eta,
    valideta = log_link$valideta, validmu = function(mu) all(is.finite(mu)) && all(mu > 0), variance = function(mu) mu^power,
    dev.resids = function(y, mu, wt) {
      2 * wt * (y^(2 - power) / ((1 - power) * (2 - power)) - y * mu^(1 - power) / (1 - power) + mu^(2 - power) / (2 - power))
    },
    aic = function(y, n, mu, wt, dev) NA_real_,
    initialize = expression({
      if (any(y < 0)) stop("negative values not allowed for the Tweedie family")
      n <- rep.int(1, nobs)
      mustart <- y + 0.1 * (y == 0)
    }),
    row_model = row_model, parameters = power
  ), class = "family")
}

# A sum of Gamma variables, as many as a Poisson variable says.
draw_tweedie <- function(data) {
  count <- rpois(nrow(data), 2 * exp(data$eta / 2))
  ifelse(count > 0, rgamma(nrow(data), shape = pmax(count, 1), scale = exp(data$eta / 2) / 2), 0)
}

compiled <- NULL
native_tweedie <- function(power) {
  if (is.null(compiled)) compiled <<- compile_against_core(tweedie_code)
  tweedie(power, compiled$tweedie_maker())
}

for (claim in names(family_properties)) {
  test_that(paste("a family from outside:", claim), {
    for (power in c(1.2, 1.7)) family_properties[[claim]](native_tweedie(power), draw_tweedie)
  })
}

test_that("a family from outside has R's rows", {
  expect_rows_of_family(native_tweedie(1.5), c(0.3, 0.5, 2, 7), c(0, 1, 2.5, 4), c(1, 2, 0.5, 3), "Tweedie")
})

test_that("a family from outside runs natively, by its parameter", {
  data <- random_data(1)
  data$response <- with_local_seed(1, draw_tweedie(data))
  fits <- lapply(c(1.2, 1.7), function(power) glmpp(response ~ x, native_tweedie(power), data))
  expect_false(isTRUE(all.equal(coef(fits[[1]]), coef(fits[[2]]), tolerance = 1e-4)))
  for (solver in list(newton(), lbfgs(), sgd(epochs = 50))) {
    fit <- glmpp(response ~ x, native_tweedie(1.7), data, solver = solver)
    expect_equal(coef(fit), coef(fits[[2]]), tolerance = if (solver$name == "sgd") 0.05 else 1e-6)
  }
  expect_error(glmpp(response ~ x, native_tweedie(3), data), "between 1 and 2")
  data$response[5] <- -1
  expect_error(glmpp(response ~ x, native_tweedie(1.5), data), "negative values", class = "glmpp_error_response")
})

test_that("summaries, intervals and predictions of a family from outside are those of the family called back", {
  data <- random_data(2)
  data$response <- with_local_seed(2, draw_tweedie(data))
  native <- glmpp(response ~ x + g, native_tweedie(1.5), data, epsilon = 1e-13)
  called_back <- glmpp(response ~ x + g, tweedie(1.5), data, epsilon = 1e-13)
  expect_equal(coef(summary(native)), coef(summary(called_back)), tolerance = 1e-7)
  expect_equal(confint(native, method = "profile"), confint(called_back, method = "profile"), tolerance = 1e-4, ignore_attr = TRUE)
  expect_equal(predict(native, data[1:5, ], se.fit = TRUE), predict(called_back, data[1:5, ], se.fit = TRUE), tolerance = 1e-7)
})
