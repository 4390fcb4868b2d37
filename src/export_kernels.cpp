#include <Rcpp.h>

#include <string>

#include "family/vector_math.h"
#include "parallel/instruction_set.h"

using namespace glmpp;
using Rcpp::NumericVector;

// One vectorised function on x, for tests of its last digits.
// [[Rcpp::export(rng = false)]]
NumericVector vector_math_impl(std::string name, NumericVector x) {
  const std::size_t n = static_cast<std::size_t>(x.size());
  NumericVector out(x.size()), second(x.size()), third(x.size());
  if (name == "exp")
    exp_each(x.begin(), n, out.begin());
  else if (name == "expm1")
    expm1_each(x.begin(), n, out.begin());
  else if (name == "log")
    log_each(x.begin(), n, out.begin());
  else if (name == "log1p")
    log1p_each(x.begin(), n, out.begin());
  else if (name == "logistic")
    logistic_each(x.begin(), n, out.begin(), second.begin(), third.begin());
  else
    Rcpp::stop("known: exp, expm1, log, log1p, logistic");
  return out;
}

// Kernels go no further than this instruction set (0 baseline, 1 AVX2, 2 AVX-512) from now on.
// [[Rcpp::export(rng = false)]]
void limit_instruction_set_impl(int widest) {
  limit_instruction_set(static_cast<InstructionSet>(widest));
}
