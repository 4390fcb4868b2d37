#include "information_factor.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "cholesky.h"
#include "limited_pivoting.h"

namespace glmpp {

namespace {

using Eigen::Index;
using Eigen::Upper;
using Eigen::VectorXd;
using RootMap = Eigen::Map<const Eigen::MatrixXd>;

// A squared pivot of the scaled information is the share of a column that the columns before it
// leave unexplained; below this its leading digits are rounding error of the Gram matrix.
constexpr double smallest_sure_pivot = 1e-9;

// Standard errors from a Gram matrix lose digits as the square of the condition; at 1e4 half of a
// double's digits are left.
constexpr double largest_sure_condition = 1e4;

constexpr double not_estimated = -1.0;

// An upper bound for the condition of a root with columns of length 1, by its comparison matrix (Higham 2002, ch. 8): one
// back substitution.
double largest_condition(const SymmetricTile& root) {
  const std::size_t m = root.size;
  std::vector<double> sums(m, 1.0);
  double largest = 0.0;
  for (std::size_t j = m; j-- > 0;) {
    const double value = sums[j] / root(j, j);
    largest = std::max(largest, value);
    for (std::size_t i = 0; i < j; ++i) sums[i] += std::fabs(root(i, j)) * value;
  }
  return static_cast<double>(m) * largest;
}

std::vector<std::size_t> complement(const std::vector<std::size_t>& estimable, std::size_t p) {
  std::vector<std::size_t> rest;
  auto next = estimable.begin();
  for (std::size_t j = 0; j < p; ++j) {
    if (next != estimable.end() && *next == j)
      ++next;
    else
      rest.push_back(j);
  }
  return rest;
}

}  // namespace

InformationFactor InformationFactor::from_information(const Information& of_all,
                                                      const std::vector<std::size_t>& estimable,
                                                      unsigned threads, bool judged) {
  if (of_all.is_bordered())
    return from_bordered(of_all, estimable, smallest_sure_pivot, threads, judged);
  const Matrix& information = of_all.matrix();
  InformationFactor factor;
  factor.estimable_ = estimable;
  factor.aliased_ = complement(estimable, information.cols());
  const std::size_t m = estimable.size();

  VectorXd scale(static_cast<Index>(m));
  for (std::size_t j = 0; j < m; ++j) {
    const double diagonal = information(estimable[j], estimable[j]);
    if (!(diagonal > 0.0) || !std::isfinite(diagonal)) {
      factor.doubtful_ = true;
      return factor;
    }
    scale[static_cast<Index>(j)] = std::sqrt(diagonal);
  }

  SymmetricTile scaled(m);
  for (std::size_t j = 0; j < m; ++j) {
    for (std::size_t i = 0; i < j; ++i)
      scaled(i, j) = information(estimable[i], estimable[j]) /
                     (scale[static_cast<Index>(i)] * scale[static_cast<Index>(j)]);
    scaled(j, j) = 1.0;
  }
  bool is_sure = cholesky_upper(scaled, threads);
  for (std::size_t j = 0; j < m; ++j) is_sure &= scaled(j, j) * scaled(j, j) > smallest_sure_pivot;
  if (!is_sure) {
    factor.doubtful_ = true;
    return factor;
  }

  factor.root_.resize_zero(m, information.cols());
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i)
      factor.root_(i, j) = scaled(i, j) * scale[static_cast<Index>(j)];
  factor.append_aliased_columns(information);
  factor.condition_ = not_estimated;
  factor.doubtful_ = largest_condition(scaled) > largest_sure_condition &&
                     factor.condition() > largest_sure_condition;
  return factor;
}

InformationFactor InformationFactor::from_root(const Matrix& root, double rank_tolerance,
                                               const std::vector<std::size_t>& aliased) {
  PivotedRoot pivoted = limited_pivoting(root, rank_tolerance, aliased);
  InformationFactor factor;
  const auto split = pivoted.pivot.begin() + static_cast<std::ptrdiff_t>(pivoted.rank);
  factor.estimable_.assign(pivoted.pivot.begin(), split);
  factor.aliased_.assign(split, pivoted.pivot.end());
  factor.root_ = Matrix(pivoted.rank, root.cols());
  for (std::size_t i = 0; i < pivoted.rank; ++i) {
    const double sign = pivoted.root(i, i) < 0.0 ? -1.0 : 1.0;
    for (std::size_t j = i; j < root.cols(); ++j) factor.root_(i, j) = sign * pivoted.root(i, j);
  }
  factor.condition_ = not_estimated;
  return factor;
}

InformationFactor InformationFactor::from_bordered(const Information& information,
                                                   const std::vector<std::size_t>& estimable,
                                                   double smallest_pivot, unsigned threads,
                                                   bool judged) {
  InformationFactor factor;
  factor.estimable_ = estimable;
  factor.aliased_ = complement(estimable, information.size());
  std::vector<bool> used(information.size(), false);
  for (std::size_t j : estimable) used[j] = true;
  auto made = std::make_shared<BorderedFactor>(information, used, smallest_pivot, threads);
  factor.doubtful_ = !made->weak().empty();
  if (factor.doubtful_ && smallest_pivot >= smallest_sure_pivot) return factor;
  factor.bordered_ = std::move(made);
  factor.is_judged_ = false;
  if (judged) factor.judge(information, threads);
  return factor;
}

void InformationFactor::judge(const Information& information, unsigned threads) {
  estimate_condition_of(information, threads);
  doubtful_ |= condition_ > largest_sure_condition;
  is_judged_ = true;
}

InformationFactor InformationFactor::from_ranked(const Information& information,
                                                 const std::vector<std::size_t>& estimable,
                                                 std::vector<Combination> combinations,
                                                 unsigned threads) {
  constexpr double rounding = 1e-14;
  InformationFactor factor = from_bordered(information, estimable, rounding, threads, true);
  factor.combinations_ = std::move(combinations);
  if (!factor.bordered_->weak().empty())
    factor.condition_ = std::numeric_limits<double>::infinity();
  return factor;
}

void InformationFactor::append_aliased_columns(const Matrix& information) {
  const Index m = static_cast<Index>(rank());
  const auto triangle = RootMap(root_.data(), m, m).triangularView<Upper>();
  for (std::size_t k = 0; k < aliased_.size(); ++k) {
    VectorXd column(m);
    for (Index i = 0; i < m; ++i)
      column[i] = information(estimable_[static_cast<std::size_t>(i)], aliased_[k]);
    const VectorXd solved = triangle.transpose().solve(column);
    std::copy_n(solved.data(), rank(), root_.column(rank() + k));
  }
}

double InformationFactor::condition() const {
  if (condition_ == not_estimated) condition_ = estimated_condition();
  return condition_;
}

void InformationFactor::leave_out(const std::vector<std::size_t>& held) {
  std::vector<bool> marked;
  for (std::size_t j : held) {
    if (j >= marked.size()) marked.resize(j + 1, false);
    marked[j] = true;
  }
  const auto is_held = [&](std::size_t j) { return j < marked.size() && marked[j]; };
  std::vector<std::size_t> rows, columns, estimable, aliased;
  for (std::size_t k = 0; k < estimable_.size(); ++k) {
    if (is_held(estimable_[k])) continue;
    rows.push_back(k);
    columns.push_back(k);
    estimable.push_back(estimable_[k]);
  }
  std::vector<Combination> combinations;
  for (std::size_t k = 0; k < aliased_.size(); ++k) {
    if (is_held(aliased_[k])) continue;
    columns.push_back(estimable_.size() + k);
    aliased.push_back(aliased_[k]);
    if (!combinations_.empty()) combinations.push_back(std::move(combinations_[k]));
  }
  combinations_ = std::move(combinations);
  if (bordered_ && !held.empty()) {
    bordered_ = std::make_shared<BorderedFactor>(*bordered_);
    bordered_->leave_out(held);
  }
  if (!root_.empty()) {
    Matrix root(rows.size(), columns.size());
    for (std::size_t j = 0; j < columns.size(); ++j)
      for (std::size_t i = 0; i < rows.size(); ++i) root(i, j) = root_(rows[i], columns[j]);
    root_ = std::move(root);
  }
  estimable_ = std::move(estimable);
  aliased_ = std::move(aliased);
}

void InformationFactor::place(const std::vector<std::size_t>& columns) {
  if (bordered_) throw std::logic_error("a bordered factor is over all columns of its design");
  for (std::size_t& j : estimable_) j = columns[j];
  for (std::size_t& j : aliased_) j = columns[j];
}

InformationFactor InformationFactor::scaled(double factor) const {
  InformationFactor result = *this;
  if (bordered_) {
    result.bordered_ = std::make_shared<BorderedFactor>(*bordered_);
    result.bordered_->scale(factor);
  }
  const double root_factor = std::sqrt(factor);
  double* values = result.root_.data();
  for (std::size_t k = 0; k < root_.rows() * root_.cols(); ++k) values[k] *= root_factor;
  return result;
}

void InformationFactor::solve(const std::vector<double>& score, std::vector<double>& step) const {
  if (bordered_) return bordered_->solve(score, step);
  const Index m = static_cast<Index>(rank());
  VectorXd right(m);
  for (Index i = 0; i < m; ++i) right[i] = score[estimable_[static_cast<std::size_t>(i)]];
  const auto triangle = RootMap(root_.data(), m, m).triangularView<Upper>();
  triangle.transpose().solveInPlace(right);
  triangle.solveInPlace(right);
  step.assign(score.size(), 0.0);
  for (Index i = 0; i < m; ++i) step[estimable_[static_cast<std::size_t>(i)]] = right[i];
}

void InformationFactor::drop_aliased(std::vector<double>& coefficients) const {
  if (estimable_.empty())
    for (std::size_t j : aliased_) coefficients[j] = 0.0;
  for (std::size_t k = 0; k < combinations_.size(); ++k) {
    for (const auto& [j, factor] : combinations_[k])
      coefficients[j] += factor * coefficients[aliased_[k]];
    coefficients[aliased_[k]] = 0.0;
  }
  if (aliased_.empty() || root_.empty()) return;
  const Index m = static_cast<Index>(rank());
  VectorXd moved = VectorXd::Zero(m);
  for (std::size_t k = 0; k < aliased_.size(); ++k) {
    const double* column = root_.column(rank() + k);
    moved += coefficients[aliased_[k]] * Eigen::Map<const VectorXd>(column, m);
    coefficients[aliased_[k]] = 0.0;
  }
  RootMap(root_.data(), m, m).triangularView<Upper>().solveInPlace(moved);
  for (Index i = 0; i < m; ++i) coefficients[estimable_[static_cast<std::size_t>(i)]] += moved[i];
}

// Power iteration on the inverse of the scaled information: a lower bound that a few steps bring
// within a small factor (Higham 2002, Accuracy and Stability of Numerical Algorithms, ch. 15).
void InformationFactor::estimate_condition_of(const Information& information, unsigned threads) {
  const std::size_t p = information.size();
  // Of columns that are left out both are zero.
  std::vector<double> scale(p, 0.0), inverse_scale(p, 0.0), probe(p, 0.0), image;
  for (std::size_t k = 0; k < estimable_.size(); ++k) {
    const std::size_t j = estimable_[k];
    const double size = 1.0 + static_cast<double>(k) / static_cast<double>(estimable_.size());
    scale[j] = std::sqrt(information.diagonal(j));
    if (scale[j] > 0.0) inverse_scale[j] = 1.0 / scale[j];
    probe[j] = k % 2 == 0 ? size : -size;
  }
  const auto length = static_cast<Index>(p);
  const auto array = [&](std::vector<double>& values) {
    return Eigen::Map<Eigen::ArrayXd>(values.data(), length);
  };
  // probe = S operation(S probe), for the scale S or its inverse.
  const auto iterate = [&](bool inverse) {
    std::vector<double>& by = inverse ? scale : inverse_scale;
    array(probe) *= array(by) / array(probe).matrix().norm();
    if (inverse)
      bordered_->solve(probe, image);
    else
      information.multiply(probe, image, threads);
    array(image) *= array(by);
    probe.swap(image);
    return array(probe).matrix().norm();
  };
  constexpr std::size_t many = 100000;
  const int sweeps = p + information.rows().size() > many ? 2 : 5;
  double inverse_norm = 1.0, norm = 1.0;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    inverse_norm = iterate(true);
    if (std::isfinite(inverse_norm)) continue;
    condition_ = std::numeric_limits<double>::infinity();
    return;
  }
  for (std::size_t j = 0; j < p; ++j) probe[j] = scale[j] > 0.0 ? 1.0 : 0.0;
  for (int sweep = 0; sweep < sweeps; ++sweep) norm = iterate(false);
  condition_ = std::sqrt(inverse_norm * std::max(norm, 1.0));
}

namespace {

// The upper triangle of few columns, where Eigen's blocks, and the way to dot(), take longer than the numbers in them.
class SmallTriangle {
 public:
  SmallTriangle(const double* root, Index size) : root_(root), size_(size) {}

  // values = R'^-1 values.
  void solve_transposed(VectorXd& values) const {
    for (Index j = 0; j < size_; ++j) {
      const double* column = root_ + j * size_;
      values[j] = (values[j] - product(column, values, j)) / column[j];
    }
  }
  // values = R^-1 values.
  void solve(VectorXd& values) const {
    for (Index j = size_; j-- > 0;) {
      const double* column = root_ + j * size_;
      values[j] /= column[j];
      add(column, -values[j], values, j);
    }
  }
  // values = R'R values.
  void multiply(VectorXd& values) const {
    for (Index j = 0; j < size_; ++j) {
      const double* column = root_ + j * size_;
      add(column, values[j], values, j);
      values[j] *= column[j];
    }
    for (Index j = size_; j-- > 0;) {
      const double* column = root_ + j * size_;
      values[j] = product(column, values, j) + column[j] * values[j];
    }
  }

 private:
  static double product(const double* column, const VectorXd& values, Index count) {
    double sum = 0.0;
    for (Index i = 0; i < count; ++i) sum += column[i] * values[i];
    return sum;
  }
  static void add(const double* column, double factor, VectorXd& values, Index count) {
    for (Index i = 0; i < count; ++i) values[i] += factor * column[i];
  }

  const double* root_;
  Index size_;
};

}  // namespace

double InformationFactor::estimated_condition() const {
  const Index m = static_cast<Index>(rank());
  if (m == 0) return 1.0;
  const RootMap root(root_.data(), m, m);
  const auto triangle = root.triangularView<Upper>();
  // That of the root with columns of length 1, which is not made.
  VectorXd length(m), probe(m);
  for (Index j = 0; j < m; ++j) length[j] = root.col(j).head(j + 1).stableNorm();
  for (Index i = 0; i < m; ++i) {
    const double size = 1.0 + static_cast<double>(i) / static_cast<double>(m);
    probe[i] = i % 2 == 0 ? size : -size;
  }
  constexpr Index few = 32;
  const bool is_small = m <= few;
  const SmallTriangle small(root_.data(), m);
  double inverse_norm = 1.0;
  for (int sweep = 0; sweep < 5; ++sweep) {
    probe.array() *= length.array() / probe.norm();
    if (is_small) {
      small.solve_transposed(probe);
      small.solve(probe);
    } else {
      triangle.transpose().solveInPlace(probe);
      triangle.solveInPlace(probe);
    }
    probe.array() *= length.array();
    inverse_norm = probe.norm();
    if (!std::isfinite(inverse_norm)) return std::numeric_limits<double>::infinity();
  }
  VectorXd largest = VectorXd::Ones(m);
  double norm = 1.0;
  for (int sweep = 0; sweep < 5; ++sweep) {
    largest.array() /= length.array() * largest.norm();
    if (is_small)
      small.multiply(largest);
    else
      largest = triangle.transpose() * (triangle * largest);
    largest.array() /= length.array();
    norm = largest.norm();
  }
  return std::sqrt(inverse_norm * std::max(norm, 1.0));
}

}  // namespace glmpp
