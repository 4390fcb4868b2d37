# A smooth penalty that is no ridge: the pseudo-Huber function, quadratic near zero and linear far from it. For each
# coefficient b of strength s it is s (sqrt(1 + b^2) - 1).

pseudo_huber_code <- '
#include <Rcpp.h>

#include <cmath>
#include <memory>

#include "objective/penalty.h"

// [[Rcpp::plugins(cpp17)]]

using namespace glmpp;

class PseudoHuber : public Penalty {
 public:
  explicit PseudoHuber(std::vector<double> strength) : strength_(std::move(strength)) {}

  double value(const std::vector<double>& b) const override {
    double sum = 0.0;
    for (std::size_t j = 0; j < b.size(); ++j) sum += strength_[j] * (length(b[j]) - 1.0);
    return sum;
  }
  void add_score(const std::vector<double>& b, std::vector<double>& score) const override {
    for (std::size_t j = 0; j < b.size(); ++j) score[j] -= strength_[j] * b[j] / length(b[j]);
  }
  void add_curvature(const std::vector<double>& b, Matrix& information) const override {
    for (std::size_t j = 0; j < b.size(); ++j) information(j, j) += curvature(j, b[j]);
  }
  Matrix curvature_rows(const std::vector<double>& b) const override {
    Matrix rows(b.size(), b.size());
    for (std::size_t j = 0; j < b.size(); ++j) rows(j, j) = std::sqrt(curvature(j, b[j]));
    return rows;
  }
  bool has_constant_curvature() const override { return false; }

 private:
  static double length(double b) { return std::sqrt(1.0 + b * b); }
  double curvature(std::size_t j, double b) const { return strength_[j] / std::pow(length(b), 3); }

  std::vector<double> strength_;
};

std::unique_ptr<Penalty> make_pseudo_huber(const std::vector<double>& strength) {
  return std::make_unique<PseudoHuber>(strength);
}

// [[Rcpp::export]]
SEXP pseudo_huber_maker() { return Rcpp::XPtr<PenaltyMaker>(new PenaltyMaker(make_pseudo_huber)); }
'

compiled <- NULL
pseudo_huber <- function(lambda) {
  if (is.null(compiled)) compiled <<- compile_against_core(pseudo_huber_code)
  structure(list(name = "pseudo_huber", lambda = lambda, intercept = FALSE, maker = compiled$pseudo_huber_maker()),
            class = c("pseudo_huber", "glmpp_penalty"))
}

for (claim in names(penalty_properties)) {
  test_that(paste("a penalty from outside:", claim), {
    penalty_properties[[claim]](pseudo_huber(2), function(b) 2 * sum(sqrt(1 + b[-1]^2) - 1))
  })
}

test_that("a penalty from outside says its name", {
  fit <- glmpp(am ~ wt, binomial, mtcars, penalty = pseudo_huber(2))
  expect_output(print(summary(fit)), "Penalty: pseudo_huber\\(lambda = 2")
})

test_that("a surface under a penalty from outside is that of likelihood and penalty", {
  value <- function(b) 2 * (sqrt(1 + b[[2]]^2) - 1)
  objective <- function(b) nll(am ~ wt, binomial, mtcars, coefficients = b)$value + value(b)
  fit <- glmpp(am ~ wt, binomial, mtcars, penalty = pseudo_huber(2))
  for (profile in c(FALSE, TRUE)) {
    surface <- likelihood_surface(fit, size = 5, profile = profile)
    expected <- apply(surface$data[c("x", "y")], 1, function(b) objective(coef(fit)) - objective(b))
    expect_equal(surface$data$log_likelihood, expected, tolerance = 1e-5, ignore_attr = TRUE)
  }
})

test_that("a penalty from outside has its curvature in the standard errors of an ordinal model", {
  data <- transform(mtcars, gear = ordered(gear))
  fit <- glmpp(gear ~ wt + qsec, ordinal(), data, penalty = pseudo_huber(2))
  estimate <- c(coef(fit), fit$thresholds)
  information <- nll(gear ~ wt + qsec, ordinal(), data, coefficients = estimate)$observed_information
  slopes <- names(coef(fit))
  diag(information)[slopes] <- diag(information)[slopes] + 2 / (1 + coef(fit)^2)^1.5
  expect_equal(solve(information), vcov(fit), tolerance = 1e-6)
})
