#include "complement_iteration.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "cell_inverse.h"
#include "cell_lanes.h"

namespace glmpp {

namespace {

using Eigen::Index;

constexpr double smallest_sure_pivot = 1e-9;
constexpr std::size_t most_broad = 64;

}  // namespace

std::size_t ComplementIteration::most_iterations(const BorderedShape& shape) {
  // Kernels for dense matrices do some ten products in the time of one that gathers.
  constexpr double gain = 10.0, share = 0.3, fewest = 15.0, most = 200.0;
  const double border = static_cast<double>(shape.border.size());
  const double products =
      std::min(static_cast<double>(shape.inner.size()) * border * border, gain * shape.squares);
  const double factor = shape.sparse ? shape.squares + 2.0 * shape.sparse->products()
                                     : (products + border * border * border / 3.0) / gain;
  const double iteration =
      2.0 * static_cast<double>(shape.column.size() + shape.block_start.back()) + 10.0 * border;
  const double worth = share * factor / iteration;
  return worth < fewest ? 0 : static_cast<std::size_t>(std::min(worth, most));
}

ComplementIteration::ComplementIteration(const Information& information,
                                         const std::vector<std::size_t>& estimable,
                                         unsigned threads)
    : shape_(information.shared_shape()), threads_(threads), rows_(information.rows()) {
  std::vector<bool> used(shape_->size, false);
  for (std::size_t j : estimable) used[j] = true;
  is_sure_ = invert_cells(information, used, smallest_sure_pivot, threads, inverse_).empty();
  read_corner(information, used);
  is_sure_ &= broad_.size() <= most_broad;
  if (is_sure_) find_preconditioner(information);
}

void ComplementIteration::read_corner(const Information& information,
                                      const std::vector<bool>& used) {
  const std::size_t q = shape_->border.size();
  corner_.resize(q);
  among_broad_.assign(q, -1);
  for (std::size_t j = 0; j < q; ++j) is_used_.push_back(used[shape_->border[j]]);
  information.each_of_corner([&](std::size_t i, std::size_t j, double value) {
    if (!is_used_[i] || !is_used_[j]) return;
    corner_[j].push_back({i, value});
    if (i != j) corner_[i].push_back({j, value});
  });
  for (std::size_t j = 0; j < q; ++j) {
    if (2 * corner_[j].size() <= q) continue;
    among_broad_[j] = static_cast<int>(broad_.size());
    broad_.push_back(j);
  }
}

// The rows of a cell have the same entries: with them as B_c, what is taken off is B_c' D_c^-1 B_c.
void ComplementIteration::add_cell(std::size_t c, double* diagonal, double* among_broad) const {
  const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
  const std::size_t entries = shape_->row_start[first + 1] - shape_->row_start[first];
  const int* column = shape_->column.data() + shape_->row_start[first];
  const double* inverse = inverse_.data() + shape_->block_start[c];
  std::vector<std::size_t> of_broad;
  for (std::size_t e = 0; e < entries; ++e)
    if (among_broad_[static_cast<std::size_t>(column[e])] >= 0) of_broad.push_back(e);
  for (std::size_t k = 0; k < width; ++k)
    for (std::size_t l = 0; l < width; ++l) {
      const double factor = inverse[k + l * width];
      if (factor == 0.0) continue;
      const double* a = rows_.data() + shape_->row_start[first + k];
      const double* b = rows_.data() + shape_->row_start[first + l];
      for (std::size_t e = 0; e < entries; ++e) diagonal[column[e]] -= factor * a[e] * b[e];
      for (std::size_t f : of_broad) {
        double* out = among_broad +
                      static_cast<std::size_t>(among_broad_[static_cast<std::size_t>(column[f])]) *
                          broad_.size();
        for (std::size_t e : of_broad)
          out[among_broad_[static_cast<std::size_t>(column[e])]] -= factor * a[e] * b[f];
      }
    }
}

void ComplementIteration::find_preconditioner(const Information& information) {
  const std::size_t q = shape_->border.size(), m = broad_.size();
  std::vector<double> sums(q + m * m);
  for (std::size_t j = 0; j < q; ++j) sums[j] = is_used_[j] ? information.corner(j, j) : 1.0;
  for (std::size_t f = 0; f < m; ++f)
    for (std::size_t e = 0; e < m; ++e)
      sums[q + e + f * m] = information.corner(broad_[e], broad_[f]);
  CellLanes(*shape_).add_up(
      threads_, sums, [&](std::size_t c, double* of_lane) { add_cell(c, of_lane, of_lane + q); });
  diagonal_ = Eigen::Map<const Vector>(sums.data(), static_cast<Index>(q));
  for (std::size_t j = 0; j < q; ++j) {
    double& left = diagonal_[static_cast<Index>(j)];
    if (!is_used_[j]) left = 1.0;
    is_sure_ &= std::isfinite(left) &&
                left > smallest_sure_pivot * (is_used_[j] ? information.corner(j, j) : 1.0);
  }
  if (!is_sure_ || m == 0) return;
  const auto size = static_cast<Index>(m);
  Eigen::MatrixXd scaled = Eigen::Map<const Eigen::MatrixXd>(sums.data() + q, size, size);
  Vector scale(size);
  for (std::size_t e = 0; e < m; ++e)
    scale[static_cast<Index>(e)] = std::sqrt(diagonal_[static_cast<Index>(broad_[e])]);
  scaled = (scale.cwiseInverse().asDiagonal() * scaled * scale.cwiseInverse().asDiagonal()).eval();
  const Eigen::LLT<Eigen::MatrixXd> root(scaled);
  is_sure_ = root.info() == Eigen::Success &&
             root.matrixLLT().diagonal().cwiseAbs2().minCoeff() > smallest_sure_pivot;
  broad_root_ = scale.asDiagonal() * Eigen::MatrixXd(root.matrixL());
}

void ComplementIteration::apply_complement(const Vector& p, Vector& out) const {
  const std::size_t q = shape_->border.size();
  std::vector<double> sums(q);
  for (std::size_t j = 0; j < q; ++j)
    for (const auto& [i, value] : corner_[j]) sums[j] += value * p[static_cast<Index>(i)];
  CellLanes(*shape_).add_up(threads_, sums, [&](std::size_t c, double* of_lane) {
    const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
    const double* inverse = inverse_.data() + shape_->block_start[c];
    for (std::size_t l = 0; l < width; ++l) {
      const double product = shape_->row_times(rows_.data(), first + l, p.data());
      for (std::size_t k = 0; k < width; ++k) {
        const double factor = inverse[k + l * width] * product;
        if (factor != 0.0) shape_->add_row(rows_.data(), first + k, -factor, of_lane);
      }
    }
  });
  for (std::size_t j = 0; j < q; ++j) out[static_cast<Index>(j)] = is_used_[j] ? sums[j] : 0.0;
}

void ComplementIteration::precondition(const Vector& r, Vector& z) const {
  z = r.cwiseQuotient(diagonal_);
  if (broad_.empty()) return;
  Vector part(static_cast<Index>(broad_.size()));
  for (std::size_t e = 0; e < broad_.size(); ++e)
    part[static_cast<Index>(e)] = r[static_cast<Index>(broad_[e])];
  const auto root = broad_root_.triangularView<Eigen::Lower>();
  root.solveInPlace(part);
  root.transpose().solveInPlace(part);
  for (std::size_t e = 0; e < broad_.size(); ++e)
    z[static_cast<Index>(broad_[e])] = part[static_cast<Index>(e)];
}

bool ComplementIteration::iterate(const Vector& right, Vector& y) const {
  constexpr double digits = 1e-6;
  const std::size_t most = most_iterations(*shape_);
  Vector r = right, z(r.size()), image(r.size());
  y.setZero(r.size());
  precondition(r, z);
  Vector p = z;
  double size = r.dot(z);
  const double enough = digits * digits * size;
  if (size == 0.0) return true;
  for (std::size_t done = 0; done < most; ++done) {
    apply_complement(p, image);
    const double curvature = p.dot(image);
    if (!(curvature > 0.0)) return false;
    y += size / curvature * p;
    r -= size / curvature * image;
    precondition(r, z);
    const double next = r.dot(z);
    if (next <= enough) return true;
    if (!std::isfinite(next)) return false;
    p = z + next / size * p;
    size = next;
  }
  return false;
}

bool ComplementIteration::solve(const std::vector<double>& b, std::vector<double>& x) const {
  const std::size_t q = shape_->border.size();
  // D^-1 of the inner part, which what the border takes comes off.
  const CellLanes lanes(*shape_);
  x.assign(shape_->size, 0.0);
  const auto times_inverse = [&](std::size_t c, const std::vector<double>& inner) {
    const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
    const double* inverse = inverse_.data() + shape_->block_start[c];
    for (std::size_t k = 0; k < width; ++k) {
      double sum = 0.0;
      for (std::size_t l = 0; l < width; ++l) sum += inverse[k + l * width] * inner[first + l];
      x[shape_->inner[first + k]] = sum;
    }
  };
  std::vector<double> inner(shape_->inner.size()), sums(q);
  for (std::size_t k = 0; k < inner.size(); ++k) inner[k] = b[shape_->inner[k]];
  for (std::size_t j = 0; j < q; ++j) sums[j] = b[shape_->border[j]];
  lanes.add_up(threads_, sums, [&](std::size_t c, double* of_lane) {
    times_inverse(c, inner);
    for (std::size_t k = shape_->cell_start[c]; k < shape_->cell_start[c + 1]; ++k)
      if (const double value = x[shape_->inner[k]]; value != 0.0)
        shape_->add_row(rows_.data(), k, -value, of_lane);
  });
  Vector right(static_cast<Index>(q)), y;
  for (std::size_t j = 0; j < q; ++j) right[static_cast<Index>(j)] = is_used_[j] ? sums[j] : 0.0;
  if (!iterate(right, y)) return false;
  for (std::size_t j = 0; j < q; ++j) x[shape_->border[j]] = y[static_cast<Index>(j)];
  lanes.each_cell(threads_, [&](std::size_t c, std::size_t) {
    for (std::size_t k = shape_->cell_start[c]; k < shape_->cell_start[c + 1]; ++k)
      inner[k] -= shape_->row_times(rows_.data(), k, y.data());
    times_inverse(c, inner);
  });
  return true;
}

}  // namespace glmpp
