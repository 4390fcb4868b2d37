# A solver of its own: Newton steps by the expected information, solved for by conjugate gradients with a diagonal
# preconditioner (Nocedal and Wright 2006, algorithm 7.1), so that no factor is ever made.

conjugate_code <- '
#include <Rcpp.h>

#include <cmath>
#include <memory>

#include "solver/solve.h"

// [[Rcpp::plugins(cpp17)]]

using namespace glmpp;

class ConjugateGradients : public Direction {
 public:
  unsigned need() const override { return need_score | need_information; }

  Step propose(Objective&, Point& point) override {
    const Matrix& information = point.sums.information;
    Step step;
    step.change.assign(information.cols(), 0.0);
    std::vector<double> rest = point.sums.score, scaled = precondition(information, rest), search = scaled;
    double product = inner_product(rest, scaled);
    const double enough = 1e-24 * product;
    for (std::size_t k = 0; k < 4 * rest.size() && product > enough; ++k) {
      const std::vector<double> image = multiply(information, search);
      const double curvature = inner_product(search, image);
      if (!(curvature > 0.0)) break;
      const double length = product / curvature;
      for (std::size_t j = 0; j < rest.size(); ++j) {
        step.change[j] += length * search[j];
        rest[j] -= length * image[j];
      }
      scaled = precondition(information, rest);
      const double next = inner_product(rest, scaled);
      for (std::size_t j = 0; j < rest.size(); ++j) search[j] = scaled[j] + next / product * search[j];
      product = next;
    }
    step.slope = step.decrement = inner_product(step.change, point.sums.score);
    return step;
  }

 private:
  static std::vector<double> precondition(const Matrix& information, std::vector<double> vector) {
    for (std::size_t j = 0; j < vector.size(); ++j)
      if (information(j, j) > 0.0) vector[j] /= information(j, j);
    return vector;
  }
  static std::vector<double> multiply(const Matrix& information, const std::vector<double>& vector) {
    std::vector<double> image(vector.size(), 0.0);
    for (std::size_t j = 0; j < vector.size(); ++j)
      for (std::size_t i = 0; i < vector.size(); ++i) image[i] += information(i, j) * vector[j];
    return image;
  }
};

std::unique_ptr<Direction> make_conjugate(const Objective&, const SolverOptions&, const Control&) {
  return std::make_unique<ConjugateGradients>();
}

// [[Rcpp::export]]
SEXP conjugate_maker() { return Rcpp::XPtr<DirectionMaker>(new DirectionMaker(make_conjugate)); }
'

made <- NULL
conjugate <- function() {
  if (is.null(made)) made <<- glmpp:::add_solver("conjugate_gradients", compile_against_core(conjugate_code)$conjugate_maker())
  made()
}

for (claim in names(solver_properties)) {
  test_that(paste("a solver from outside:", claim), {
    solver_properties[[claim]](conjugate)
  })
}

for (problem in solver_problems()) {
  test_that(paste("a solver from outside reaches the optimum:", problem$name), {
    expect_optimum(conjugate, problem)
  })
}

test_that("a solver from outside fits every home, penalty and several categories", {
  data <- logit_data()
  fit <- glmpp(y ~ x1, binomial, chunks_of(data, 90), solver = conjugate(), penalty = ridge(1))
  expect_equal(coef(fit), coef(glmpp(y ~ x1, binomial, data, penalty = ridge(1))), tolerance = 1e-6)
  classes <- glmpp(gear ~ wt, multinomial(), transform(mtcars, gear = factor(gear)), solver = conjugate(), penalty = ridge(1))
  expected <- glmpp(gear ~ wt, multinomial(), transform(mtcars, gear = factor(gear)), penalty = ridge(1))
  expect_equal(coef(classes), coef(expected), tolerance = 1e-5)
  expect_output(print(conjugate()), "conjugate_gradients\\(iterations")
})

test_that("a constructor of a solver from outside serves as `solver` itself, as the package's own do", {
  invisible(conjugate())
  expect_equal(glmpp(am ~ wt, binomial, mtcars, solver = made)$solver$name, "conjugate_gradients")
  expect_equal(glmpp(am ~ wt, binomial, mtcars, solver = "conjugate_gradients")$solver$name, "conjugate_gradients")
})
