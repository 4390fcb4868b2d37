#include <Rcpp.h>

#include <algorithm>
#include <vector>

#include "convert.h"
#include "linalg/cholesky.h"

using namespace glmpp;
using Rcpp::IntegerVector;
using Rcpp::NumericMatrix;

// (R'R)^-1 for R in the first `rank` rows and columns of `root`, whose columns are those of `pivot`: rows and columns in
// the order of the pivots.
// [[Rcpp::export(rng = false)]]
NumericMatrix inverse_of_product_impl(NumericMatrix root, IntegerVector pivot, int rank,
                                      int threads) {
  const std::size_t m = static_cast<std::size_t>(rank);
  SymmetricTile factor(m);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i)
      factor(i, j) = root(static_cast<int>(i), static_cast<int>(j));
  NumericMatrix inverse(rank, rank);
  inverse_of_product(factor, static_cast<unsigned>(threads), inverse.begin());
  std::vector<int> order(m);
  for (std::size_t k = 0; k < m; ++k) order[k] = static_cast<int>(k);
  const auto by_pivot = [&](int a, int b) { return pivot[a] < pivot[b]; };
  if (std::is_sorted(order.begin(), order.end(), by_pivot)) return inverse;
  std::sort(order.begin(), order.end(), by_pivot);
  NumericMatrix sorted(rank, rank);
  for (int j = 0; j < rank; ++j)
    for (int i = 0; i < rank; ++i) sorted(i, j) = inverse(order[i], order[j]);
  return sorted;
}

// B A B for symmetric matrices.
// [[Rcpp::export(rng = false)]]
NumericMatrix symmetric_sandwich_impl(NumericMatrix bread, NumericMatrix meat, int threads) {
  NumericMatrix out(bread.nrow(), bread.ncol());
  symmetric_sandwich(bread.begin(), meat.begin(), static_cast<std::size_t>(bread.nrow()),
                     static_cast<unsigned>(threads), out.begin());
  return out;
}

// X'X of the columns of a matrix.
// [[Rcpp::export(rng = false)]]
NumericMatrix columns_cross_product_impl(NumericMatrix x, int threads) {
  NumericMatrix out(x.ncol(), x.ncol());
  cross_product_of_columns(x.begin(), static_cast<std::size_t>(x.nrow()),
                           static_cast<std::size_t>(x.ncol()), static_cast<unsigned>(threads),
                           out.begin());
  return out;
}
