#include "dense_root.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

#include "cholesky.h"

namespace glmpp {

namespace {

using Eigen::Index;

class DenseInverse : public ComplementInverse {
 public:
  explicit DenseInverse(Matrix values) : values_(std::move(values)) {}
  double diagonal(std::size_t b) const override { return values_(b, b); }
  double form(const int* column, const double* value, std::size_t count) const override {
    double sum = 0.0;
    for (std::size_t e = 0; e < count; ++e) {
      const double* own = values_.column(static_cast<std::size_t>(column[e]));
      double product = 0.0;
      for (std::size_t f = 0; f < count; ++f) product += own[column[f]] * value[f];
      sum += value[e] * product;
    }
    return sum;
  }

 private:
  Matrix values_;
};

Eigen::Map<const Eigen::MatrixXd> map_of(const Matrix& root) {
  const auto m = static_cast<Index>(root.cols());
  return {root.data(), m, m};
}

}  // namespace

DenseRoot::DenseRoot(std::size_t border, std::vector<std::size_t> used, Matrix root)
    : border_(border), used_(std::move(used)), root_(std::move(root)) {}

DenseRoot::DenseRoot(std::size_t border, std::vector<std::size_t> used_of_border,
                     const Matrix& complement, const std::vector<double>& diagonal,
                     double smallest_pivot, unsigned threads, std::vector<std::size_t>& weak)
    : border_(border), used_(std::move(used_of_border)) {
  const std::size_t m = used_.size();
  std::vector<double> scale(m, 1.0);
  for (std::size_t j = 0; j < m; ++j)
    if (diagonal[j] > 0.0 && std::isfinite(diagonal[j])) scale[j] = std::sqrt(diagonal[j]);
  SymmetricTile scaled(m);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i) scaled(i, j) = complement(i, j) / (scale[i] * scale[j]);
  const std::vector<std::size_t> left_out = cholesky_of_strong(scaled, smallest_pivot, threads);
  std::vector<std::size_t> kept;
  auto next = left_out.begin();
  for (std::size_t j = 0; j < m; ++j) {
    if (next == left_out.end() || *next != j) {
      kept.push_back(j);
      continue;
    }
    weak.push_back(used_[j]);
    ++next;
  }
  root_.resize_zero(kept.size(), kept.size());
  for (std::size_t j = 0; j < kept.size(); ++j)
    for (std::size_t i = 0; i <= j; ++i) root_(i, j) = scaled(kept[i], kept[j]) * scale[kept[j]];
  std::vector<std::size_t> used;
  for (std::size_t j : kept) used.push_back(used_[j]);
  used_ = std::move(used);
}

void DenseRoot::reduce(const std::vector<double>& border, std::vector<double>& reduced) const {
  reduced.resize(used_.size());
  for (std::size_t k = 0; k < used_.size(); ++k) reduced[k] = border[used_[k]];
  const auto triangle = map_of(root_).triangularView<Eigen::Upper>();
  Eigen::Map<Eigen::VectorXd> right(reduced.data(), static_cast<Index>(reduced.size()));
  triangle.transpose().solveInPlace(right);
}

void DenseRoot::expand(std::vector<double>& reduced, std::vector<double>& border) const {
  const auto triangle = map_of(root_).triangularView<Eigen::Upper>();
  Eigen::Map<Eigen::VectorXd> right(reduced.data(), static_cast<Index>(reduced.size()));
  triangle.solveInPlace(right);
  for (std::size_t k = 0; k < used_.size(); ++k) border[used_[k]] = reduced[k];
}

double DenseRoot::cost() const {
  const double m = static_cast<double>(used_.size());
  return m * m / 2.0;
}

double DenseRoot::log_determinant() const {
  double sum = 0.0;
  for (std::size_t k = 0; k < root_.cols(); ++k) sum += 2.0 * std::log(root_(k, k));
  return sum;
}

Matrix DenseRoot::full_inverse(unsigned threads) const {
  const std::size_t m = used_.size();
  SymmetricTile root(m);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i) root(i, j) = root_(i, j);
  Matrix small(m, m);
  inverse_of_product(root, threads, small.data());
  if (m == border_) return small;
  Matrix full(border_, border_);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i < m; ++i) full(used_[i], used_[j]) = small(i, j);
  return full;
}

std::unique_ptr<ComplementInverse> DenseRoot::inverse(unsigned threads) const {
  return std::make_unique<DenseInverse>(full_inverse(threads));
}

void DenseRoot::leave_out(const std::vector<bool>& marked) {
  std::vector<std::size_t> kept, used;
  for (std::size_t k = 0; k < used_.size(); ++k) {
    if (marked[used_[k]]) continue;
    kept.push_back(k);
    used.push_back(used_[k]);
  }
  Matrix root(kept.size(), kept.size());
  for (std::size_t j = 0; j < kept.size(); ++j)
    for (std::size_t i = 0; i <= j; ++i) root(i, j) = root_(kept[i], kept[j]);
  root_ = std::move(root);
  used_ = std::move(used);
}

void DenseRoot::scale(double root_factor) {
  for (std::size_t k = 0; k < root_.rows() * root_.cols(); ++k) root_.data()[k] *= root_factor;
}

void DenseRoot::add_product(Information& information) const {
  for (std::size_t j = 0; j < used_.size(); ++j)
    for (std::size_t i = 0; i <= j; ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k <= i; ++k) sum += root_(k, i) * root_(k, j);
      information.add_to_corner(used_[i], used_[j], sum);
    }
}

}  // namespace glmpp
