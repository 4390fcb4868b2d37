#include <Rcpp.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "convert.h"
#include "objective/bordered_rows.h"

using namespace glmpp;
using Rcpp::List;
using Rcpp::NumericMatrix;
using Rcpp::NumericVector;

namespace {

// Positions from 1, of coefficients that the factor has.
std::vector<std::size_t> chosen_of(const BorderedFactor& factor,
                                   const Rcpp::IntegerVector& positions) {
  for (int position : positions)
    if (position < 1 || static_cast<std::size_t>(position) > factor.shape().size)
      Rcpp::stop("there is no coefficient %d", position);
  return as_positions(positions);
}

void check_length(const BorderedFactor& factor, R_xlen_t length) {
  if (static_cast<std::size_t>(length) != factor.shape().size)
    Rcpp::stop("values must be as many as the coefficients");
}

std::unique_ptr<Design> design_beside(const List& design, const BorderedFactor& factor) {
  auto made = as_design(design);
  check_length(factor, static_cast<R_xlen_t>(made->coefficient_count()));
  return made;
}

}  // namespace

// What R asks of the factor of a bordered information; see src/convert_bordered.cpp for the list.

// The diagonal of the inverse; 0 for coefficients that are not there.
// [[Rcpp::export(rng = false)]]
NumericVector bordered_diagonal_impl(List factor, int threads) {
  return Rcpp::wrap(as_bordered(factor).diagonal(static_cast<unsigned>(threads)));
}

// The inverse times each column of b.
// [[Rcpp::export(rng = false)]]
NumericMatrix bordered_solve_impl(List factor, NumericMatrix b) {
  const BorderedFactor bordered = as_bordered(factor);
  check_length(bordered, b.nrow());
  NumericMatrix solved(b.nrow(), b.ncol());
  std::vector<double> right(static_cast<std::size_t>(b.nrow())), solution;
  for (int j = 0; j < b.ncol(); ++j) {
    std::copy_n(&b(0, j), right.size(), right.begin());
    bordered.solve(right, solution);
    std::copy(solution.begin(), solution.end(), &solved(0, j));
  }
  return solved;
}

// The inverse between some coefficients, from 1.
// [[Rcpp::export(rng = false)]]
NumericMatrix bordered_inverse_impl(List factor, Rcpp::IntegerVector which) {
  const BorderedFactor bordered = as_bordered(factor);
  const std::vector<std::size_t> chosen = chosen_of(bordered, which);
  NumericMatrix inverse(which.size(), which.size());
  std::vector<double> unit(bordered.shape().size), column;
  for (std::size_t j = 0; j < chosen.size(); ++j) {
    unit[chosen[j]] = 1.0;
    bordered.solve(unit, column);
    unit[chosen[j]] = 0.0;
    for (std::size_t i = 0; i < chosen.size(); ++i)
      inverse(static_cast<int>(i), static_cast<int>(j)) = column[chosen[i]];
  }
  return inverse;
}

// The information between all coefficients.
// [[Rcpp::export(rng = false)]]
NumericMatrix bordered_information_impl(List factor) {
  return from_matrix(as_bordered(factor).information().dense());
}

// [[Rcpp::export(rng = false)]]
double bordered_log_determinant_impl(List factor) { return as_bordered(factor).log_determinant(); }

// x' (the inverse) x of each row of a design.
// [[Rcpp::export(rng = false)]]
NumericVector bordered_forms_impl(List design, List factor, int threads) {
  const BorderedFactor bordered = as_bordered(factor);
  const auto columns = design_beside(design, bordered);
  NumericVector forms(Rcpp::no_init(static_cast<R_xlen_t>(columns->rows())));
  quadratic_forms(*columns, bordered, as_sweep(threads), forms.begin());
  return forms;
}

// The diagonal of the sandwich whose middle is the sum of the squares of the scores r x of rows, or of their sums by group; groups count
// from 1, NULL: each row is one.
// [[Rcpp::export(rng = false)]]
NumericVector bordered_sandwich_impl(List design, List factor, NumericVector r,
                                     Rcpp::Nullable<Rcpp::IntegerVector> group, double groups,
                                     int threads) {
  const BorderedFactor bordered = as_bordered(factor);
  const auto columns = design_beside(design, bordered);
  if (static_cast<std::size_t>(r.size()) != columns->rows() ||
      (group.isNull() && groups != static_cast<double>(columns->rows())))
    Rcpp::stop("scores must be as many as the rows");
  std::vector<int> from_zero;
  if (group.isNotNull()) {
    const Rcpp::IntegerVector given(group);
    if (given.size() != r.size()) Rcpp::stop("groups must be as many as the rows");
    for (int g : given) {
      if (g < 1 || g > groups) Rcpp::stop("there is no group %d", g);
      from_zero.push_back(g - 1);
    }
  }
  return Rcpp::wrap(sandwich_diagonal(*columns, bordered, r.begin(),
                                      group.isNull() ? nullptr : from_zero.data(),
                                      static_cast<std::size_t>(groups), as_sweep(threads)));
}

// The triangular root of the information between the estimable coefficients (from 1).
// [[Rcpp::export(rng = false)]]
NumericMatrix bordered_root_impl(List factor, Rcpp::IntegerVector estimable, int threads) {
  const BorderedFactor bordered = as_bordered(factor);
  const Matrix information = bordered.information().dense();
  const std::vector<std::size_t> chosen = chosen_of(bordered, estimable);
  Matrix own(chosen.size(), chosen.size());
  std::vector<std::size_t> all(chosen.size());
  for (std::size_t j = 0; j < chosen.size(); ++j) {
    all[j] = j;
    for (std::size_t i = 0; i < chosen.size(); ++i) own(i, j) = information(chosen[i], chosen[j]);
  }
  return from_matrix(
      InformationFactor::from_information(std::move(own), all, static_cast<unsigned>(threads))
          .root());
}

// How many coefficients of a design can be eliminated, how many are left, and the entries between them at most.
// [[Rcpp::export(rng = false)]]
NumericVector eliminable_impl(List design) {
  const Design::Size size = as_design(design)->elimination_size();
  return NumericVector::create(Rcpp::Named("inner") = size.inner,
                               Rcpp::Named("border") = size.border,
                               Rcpp::Named("entries") = size.entries);
}

// How many elements the root of the complement has that a design leaves.
// [[Rcpp::export(rng = false)]]
double complement_elements_impl(List design) {
  const auto columns = as_design(design);
  if (!columns->elimination()) Rcpp::stop("nothing of this design is eliminated");
  const BorderedShape& shape = *columns->elimination()->shape();
  const double border = static_cast<double>(shape.border.size());
  return shape.sparse ? static_cast<double>(shape.sparse->row.size()) : border * border;
}

// x' (the information) x.
// [[Rcpp::export(rng = false)]]
double bordered_square_impl(List factor, NumericVector x) {
  const BorderedFactor bordered = as_bordered(factor);
  check_length(bordered, x.size());
  const std::vector<double> values(x.begin(), x.end());
  std::vector<double> image;
  bordered.information().multiply(values, image);
  double sum = 0.0;
  for (std::size_t j = 0; j < values.size(); ++j) sum += values[j] * image[j];
  return sum;
}

// The sandwich with a middle that comes as the vector of a bordered information (from_information()): between some coefficients, or
// with `which` NULL its diagonal.
// [[Rcpp::export(rng = false)]]
SEXP bordered_between_impl(List factor, NumericVector middle,
                           Rcpp::Nullable<Rcpp::IntegerVector> which, int threads) {
  const BorderedFactor bordered = as_bordered(factor);
  const Information meat = as_bordered_information(middle, bordered.shared_shape(), "middle");
  if (which.isNull())
    return Rcpp::wrap(
        bordered.sandwich_diagonal(meat, static_cast<unsigned>(threads), check_interrupt));
  const std::vector<std::size_t> chosen = chosen_of(bordered, Rcpp::IntegerVector(which));
  const int count = static_cast<int>(chosen.size());
  NumericMatrix between(count, count);
  std::vector<double> unit(bordered.shape().size), column, image;
  std::vector<std::vector<double>> columns;
  for (std::size_t j : chosen) {
    unit[j] = 1.0;
    bordered.solve(unit, column);
    unit[j] = 0.0;
    columns.push_back(column);
  }
  for (int j = 0; j < count; ++j) {
    meat.multiply(columns[static_cast<std::size_t>(j)], image);
    for (int i = 0; i < count; ++i) {
      const std::vector<double>& other = columns[static_cast<std::size_t>(i)];
      between(i, j) = std::inner_product(other.begin(), other.end(), image.begin(), 0.0);
    }
  }
  return between;
}

// A dense information as the vector of a bordered one, of the shape that a design of no rows has.
// [[Rcpp::export(rng = false)]]
NumericVector bordered_vector_impl(List design, NumericMatrix information) {
  const auto columns = as_design(design);
  if (!columns->elimination()) Rcpp::stop("nothing of this design is eliminated");
  const int count = static_cast<int>(columns->coefficient_count());
  if (information.nrow() != count || information.ncol() != count)
    Rcpp::stop("the information must have a row and a column for each coefficient");
  Information made(columns->elimination()->shape());
  made.take(as_matrix(information));
  return from_information(made);
}
