#include "reduced_curvature.h"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "linalg/vectors.h"

namespace glmpp {

namespace {

// Of a free column that is a combination of the others so much is left, by rounding.
constexpr double collinear = 1e-10;

// The root of `matrix` over the columns that are no combinations of those before, without pivoting.
Matrix root_of(const Matrix& matrix, std::vector<std::size_t>& usable) {
  const std::size_t count = matrix.cols();
  Matrix root(count, count);
  for (std::size_t j = 0; j < count; ++j) {
    const std::size_t rank = usable.size();
    double left = matrix(j, j);
    for (std::size_t k = 0; k < rank; ++k) {
      double sum = matrix(usable[k], j);
      for (std::size_t l = 0; l < k; ++l) sum -= root(k, l) * root(rank, l);
      root(rank, k) = sum / root(k, k);
      left -= root(rank, k) * root(rank, k);
    }
    if (!(left > collinear * matrix(j, j))) continue;
    root(rank, rank) = std::sqrt(left);
    usable.push_back(j);
  }
  return root;
}

}  // namespace

ReducedCurvature::ReducedCurvature(const Matrix& information, double weight,
                                   const SeparablePenalty& penalty)
    : penalty_(penalty), axes_(penalty.groups().size()) {
  const std::vector<std::size_t>& free = penalty.free();
  const std::size_t count = penalty.size(), p = penalty.coefficients();
  const double scale = 1.0 / weight;

  // H in the coordinates of theta, on its right side.
  Matrix half(p, count);
  for (std::size_t g = 0; g < penalty.groups().size(); ++g) {
    const PenaltyGroup& group = penalty.groups()[g];
    for (std::size_t k = 0; k < group.size(); ++k) {
      double* out = half.column(penalty.offset(g) + k);
      for (std::size_t i = 0; i < group.columns.size(); ++i)
        add_scaled(information.column(group.columns[i]), scale * group.coding(i, k), p, out);
    }
  }
  schur_.resize_zero(count, count);
  std::vector<double> rows(p);
  for (std::size_t j = 0; j < count; ++j)
    for (std::size_t g = 0; g < penalty.groups().size(); ++g) {
      const PenaltyGroup& group = penalty.groups()[g];
      const std::size_t width = group.columns.size();
      for (std::size_t i = 0; i < width; ++i) rows[i] = half(group.columns[i], j);
      for (std::size_t k = 0; k < group.size(); ++k)
        schur_(penalty.offset(g) + k, j) = width == 1
                                               ? group.coding(0, 0) * rows[0]
                                               : dot(group.coding.column(k), rows.data(), width);
    }

  Matrix of_free(free.size(), free.size());
  for (std::size_t j = 0; j < free.size(); ++j)
    for (std::size_t i = 0; i < free.size(); ++i)
      of_free(i, j) = scale * information(free[i], free[j]);
  root_ = root_of(of_free, usable_);
  follows_.resize_zero(free.size(), count);
  for (std::size_t j = 0; j < count; ++j) {
    for (std::size_t i = 0; i < free.size(); ++i) follows_(i, j) = half(free[i], j);
    solve_free(follows_.column(j));
  }
  for (std::size_t j = 0; j < count; ++j)
    for (std::size_t i = 0; i < count; ++i) {
      double sum = 0.0;
      for (std::size_t f : usable_) sum += half(free[f], i) * follows_(f, j);
      schur_(i, j) -= sum;
    }
  // Rounding made the halves differ.
  for (std::size_t j = 0; j < count; ++j)
    for (std::size_t i = 0; i < j; ++i)
      schur_(i, j) = schur_(j, i) = 0.5 * (schur_(i, j) + schur_(j, i));
}

// column = H_ff^-1 column; 0 for columns that are combinations of others.
void ReducedCurvature::solve_free(double* column) const {
  const std::size_t rank = usable_.size();
  std::vector<double> x(rank);
  for (std::size_t k = 0; k < rank; ++k) {
    x[k] = column[usable_[k]];
    for (std::size_t l = 0; l < k; ++l) x[k] -= root_(k, l) * x[l];
    x[k] /= root_(k, k);
  }
  for (std::size_t k = rank; k-- > 0;) {
    for (std::size_t l = k + 1; l < rank; ++l) x[k] -= root_(l, k) * x[l];
    x[k] /= root_(k, k);
  }
  std::fill_n(column, follows_.rows(), 0.0);
  for (std::size_t k = 0; k < rank; ++k) column[usable_[k]] = x[k];
}

std::vector<double> ReducedCurvature::reduce(const std::vector<double>& in_theta,
                                             const std::vector<double>& in_free) const {
  std::vector<double> reduced = in_theta;
  for (std::size_t j = 0; j < reduced.size(); ++j)
    for (std::size_t f : usable_) reduced[j] -= follows_(f, j) * in_free[f];
  return reduced;
}

std::vector<double> ReducedCurvature::follow(const std::vector<double>& step_of_theta,
                                             const std::vector<double>& in_free) const {
  std::vector<double> step = in_free;
  solve_free(step.data());
  for (double& value : step) value = -value;
  for (std::size_t j = 0; j < step_of_theta.size(); ++j)
    if (step_of_theta[j] != 0.0)
      for (std::size_t f : usable_) step[f] -= follows_(f, j) * step_of_theta[j];
  return step;
}

const ReducedCurvature::Axes& ReducedCurvature::axes(std::size_t group) {
  if (axes_[group]) return *axes_[group];
  const std::size_t count = penalty_.groups()[group].size(), first = penalty_.offset(group);
  const auto size = static_cast<Eigen::Index>(count);
  Eigen::MatrixXd block(size, size);
  for (Eigen::Index j = 0; j < size; ++j)
    for (Eigen::Index i = 0; i < size; ++i)
      block(i, j) =
          schur_(first + static_cast<std::size_t>(i), first + static_cast<std::size_t>(j));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(block);
  axes_[group] = std::make_unique<Axes>();
  axes_[group]->vectors.resize_zero(count, count);
  for (Eigen::Index j = 0; j < size; ++j) {
    axes_[group]->values.push_back(std::max(0.0, solver.eigenvalues()[j]));
    for (Eigen::Index i = 0; i < size; ++i)
      axes_[group]->vectors(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) =
          solver.eigenvectors()(i, j);
  }
  return *axes_[group];
}

}  // namespace glmpp
