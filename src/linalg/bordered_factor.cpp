#include "bordered_factor.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

#include "cell_inverse.h"
#include "cell_lanes.h"
#include "cholesky.h"

namespace glmpp {

namespace {

using Eigen::Index;
using RootMap = Eigen::Map<const Eigen::MatrixXd>;

}  // namespace

BorderedFactor::BorderedFactor(const Information& information, const std::vector<bool>& used,
                               double smallest_pivot, unsigned threads)
    : shape_(information.shared_shape()), threads_(threads), solved_(information.rows().size()) {
  weak_ = invert_cells(information, used, smallest_pivot, threads, inverse_);
  solve_rows(information);
  std::vector<double> diagonal;
  for (std::size_t b = 0; b < shape_->border.size(); ++b) {
    if (!used[shape_->border[b]]) continue;
    used_border_.push_back(b);
    diagonal.push_back(information.corner()(b, b));
  }
  factor_complement(complement(information, threads), diagonal, smallest_pivot, threads);
  std::sort(weak_.begin(), weak_.end());
}

BorderedFactor::BorderedFactor(std::shared_ptr<const BorderedShape> shape,
                               std::vector<double> inverse, std::vector<double> solved,
                               std::vector<std::size_t> used_border, Matrix root)
    : shape_(std::move(shape)),
      inverse_(std::move(inverse)),
      solved_(std::move(solved)),
      used_border_(std::move(used_border)),
      root_(std::move(root)) {}

// The rows of a cell have the same entries.
void BorderedFactor::solve_rows(const Information& information) {
  CellLanes(*shape_).each_cell(threads_, [&](std::size_t c, std::size_t) {
    const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
    const double* inverse = inverse_.data() + shape_->block_start[c];
    const std::size_t entries = shape_->row_start[first + 1] - shape_->row_start[first];
    for (std::size_t k = 0; k < width; ++k) {
      double* out = solved_.data() + shape_->row_start[first + k];
      for (std::size_t l = 0; l < width; ++l) {
        const double factor = inverse[k + l * width];
        if (factor == 0.0) continue;
        const double* row = information.rows().data() + shape_->row_start[first + l];
        for (std::size_t e = 0; e < entries; ++e) out[e] += factor * row[e];
      }
    }
  });
}

void BorderedFactor::factor_complement(const Matrix& complement,
                                       const std::vector<double>& diagonal, double smallest_pivot,
                                       unsigned threads) {
  const std::size_t m = used_border_.size();
  std::vector<double> scale(m, 1.0);
  for (std::size_t j = 0; j < m; ++j)
    if (diagonal[j] > 0.0 && std::isfinite(diagonal[j])) scale[j] = std::sqrt(diagonal[j]);
  SymmetricTile scaled(m);
  const auto fill = [&] {
    for (std::size_t j = 0; j < m; ++j)
      for (std::size_t i = 0; i <= j; ++i) scaled(i, j) = complement(i, j) / (scale[i] * scale[j]);
  };
  fill();
  bool is_sure = cholesky_upper(scaled, threads);
  for (std::size_t j = 0; is_sure && j < m; ++j)
    is_sure = scaled(j, j) * scaled(j, j) > smallest_pivot;
  std::vector<std::size_t> kept;
  if (is_sure) {
    for (std::size_t j = 0; j < m; ++j) kept.push_back(j);
  } else {
    // Column by column, weak ones left out.
    fill();
    for (std::size_t j = 0; j < m; ++j) {
      double* column = &scaled(0, j);
      for (std::size_t i : kept) {
        double sum = column[i];
        const double* other = &scaled(0, i);
        for (std::size_t k = 0; k < i; ++k) sum -= other[k] * column[k];
        column[i] = sum / other[i];
      }
      double left = column[j];
      for (std::size_t i : kept) left -= column[i] * column[i];
      if (diagonal[j] > 0.0 && left > smallest_pivot && std::isfinite(left)) {
        column[j] = std::sqrt(left);
        kept.push_back(j);
      } else {
        weak_.push_back(shape_->border[used_border_[j]]);
        // What the columns after it read of its row.
        for (std::size_t l = j; l < m; ++l) scaled(j, l) = 0.0;
      }
    }
  }
  root_.resize_zero(kept.size(), kept.size());
  for (std::size_t j = 0; j < kept.size(); ++j)
    for (std::size_t i = 0; i <= j; ++i) root_(i, j) = scaled(kept[i], kept[j]) * scale[kept[j]];
  std::vector<std::size_t> used;
  for (std::size_t j : kept) used.push_back(used_border_[j]);
  used_border_ = std::move(used);
}

void BorderedFactor::solve(const std::vector<double>& b, std::vector<double>& x) const {
  const std::size_t q = shape_->border.size(), m = used_border_.size();
  const CellLanes lanes(*shape_);
  x.assign(shape_->size, 0.0);
  std::vector<double> of_border(q);
  for (std::size_t k = 0; k < q; ++k) of_border[k] = b[shape_->border[k]];
  lanes.add_up(threads_, of_border, [&](std::size_t c, double* sums) {
    for (std::size_t k = shape_->cell_start[c]; k < shape_->cell_start[c + 1]; ++k) {
      const double value = b[shape_->inner[k]];
      if (value != 0.0) shape_->add_row(solved_, k, -value, sums);
    }
  });
  Eigen::VectorXd right(static_cast<Index>(m));
  for (std::size_t k = 0; k < m; ++k) right[static_cast<Index>(k)] = of_border[used_border_[k]];
  const auto triangle = RootMap(root_.data(), static_cast<Index>(m), static_cast<Index>(m))
                            .triangularView<Eigen::Upper>();
  triangle.transpose().solveInPlace(right);
  triangle.solveInPlace(right);
  std::fill(of_border.begin(), of_border.end(), 0.0);
  for (std::size_t k = 0; k < m; ++k)
    x[shape_->border[used_border_[k]]] = of_border[used_border_[k]] = right[static_cast<Index>(k)];
  lanes.each_cell(threads_, [&](std::size_t c, std::size_t) {
    const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
    const double* inverse = inverse_.data() + shape_->block_start[c];
    for (std::size_t k = first; k < first + width; ++k) {
      double sum = 0.0;
      for (std::size_t l = 0; l < width; ++l)
        sum += inverse[(k - first) + l * width] * b[shape_->inner[first + l]];
      x[shape_->inner[k]] = sum - shape_->row_times(solved_, k, of_border.data());
    }
  });
}

Matrix BorderedFactor::inverse_of_complement(unsigned threads) const {
  const std::size_t m = used_border_.size(), q = shape_->border.size();
  SymmetricTile root(m);
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i) root(i, j) = root_(i, j);
  Matrix small(m, m), full(q, q);
  inverse_of_product(root, threads, small.data());
  if (m == q) return small;
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i < m; ++i) full(used_border_[i], used_border_[j]) = small(i, j);
  return full;
}

// Of an inner coefficient: that of D^-1, and h' S^-1 h with its row h of D^-1 B.
std::vector<double> BorderedFactor::diagonal(unsigned threads) const {
  const Matrix of_border = inverse_of_complement(threads);
  std::vector<double> found(shape_->size);
  for (std::size_t b = 0; b < shape_->border.size(); ++b)
    found[shape_->border[b]] = of_border(b, b);
  CellLanes(*shape_).each_cell(threads, [&](std::size_t c, std::size_t) {
    const std::size_t width = shape_->width(c);
    for (std::size_t at = 0; at < width; ++at) {
      const std::size_t k = shape_->cell_start[c] + at;
      double sum = inverse_[shape_->block_start[c] + at * (width + 1)];
      for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e) {
        const double* column = of_border.column(static_cast<std::size_t>(shape_->column[e]));
        double product = 0.0;
        for (std::size_t f = shape_->row_start[k]; f < shape_->row_start[k + 1]; ++f)
          product += column[shape_->column[f]] * solved_[f];
        sum += solved_[e] * product;
      }
      found[shape_->inner[k]] = sum;
    }
  });
  return found;
}

// With G = [-H; 1] over the border, H = D^-1 B, the inverse is that of D and G S^-1 G': its column of inner coefficient i is
// D^-1 e_i - G S^-1 h_i.
std::vector<double> BorderedFactor::sandwich_diagonal(const Information& middle,
                                                      unsigned threads) const {
  const std::size_t q = shape_->border.size(), inner = shape_->inner.size();
  const auto size = static_cast<Index>(q);
  // M G, by rows over the inner coefficients and as a matrix over the border, and G'MG.
  Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(size, static_cast<Index>(inner));
  Eigen::MatrixXd square = Eigen::Map<const Eigen::MatrixXd>(middle.corner().data(), size, size);
  for (std::size_t k = 0; k < inner; ++k) {
    const std::size_t c = shape_->cell[k], first = shape_->cell_start[c], width = shape_->width(c);
    double* row = rows.data() + k * q;
    shape_->add_row(middle.rows(), k, 1.0, row);
    // What the border's rows of M say of this one: M_bi times -h_i.
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      shape_->add_row(solved_, k, -middle.rows()[e],
                      square.data() + static_cast<std::size_t>(shape_->column[e]) * q);
    const double* block = middle.blocks().data() + shape_->block_start[c];
    for (std::size_t l = 0; l < width; ++l)
      shape_->add_row(solved_, first + l, -block[(k - first) + l * width], row);
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      for (std::size_t b = 0; b < q; ++b)
        square(static_cast<Index>(b), shape_->column[e]) -= solved_[e] * row[b];
  }
  const Matrix inverse = inverse_of_complement(threads);
  const Eigen::Map<const Eigen::MatrixXd> by_border(inverse.data(), size, size);
  square = by_border * square * by_border;
  std::vector<double> found(shape_->size), image(q);
  for (std::size_t b = 0; b < q; ++b)
    found[shape_->border[b]] = square(static_cast<Index>(b), static_cast<Index>(b));
  for (std::size_t k = 0; k < inner; ++k) {
    const std::size_t c = shape_->cell[k], first = shape_->cell_start[c], width = shape_->width(c);
    const double* column = inverse_.data() + shape_->block_start[c] + (k - first) * width;
    const double* block = middle.blocks().data() + shape_->block_start[c];
    double sum = 0.0;
    Eigen::VectorXd along = Eigen::VectorXd::Zero(size);
    for (std::size_t l = 0; l < width; ++l) {
      for (std::size_t i = 0; i < width; ++i) sum += column[i] * block[i + l * width] * column[l];
      along += column[l] * rows.col(static_cast<Index>(first + l));
    }
    along = by_border * along;
    sum -= 2.0 * shape_->row_times(solved_, k, along.data());
    std::fill(image.begin(), image.end(), 0.0);
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      for (std::size_t f = shape_->row_start[k]; f < shape_->row_start[k + 1]; ++f)
        image[static_cast<std::size_t>(shape_->column[f])] +=
            solved_[e] * square(shape_->column[f], shape_->column[e]);
    found[shape_->inner[k]] = std::max(sum + shape_->row_times(solved_, k, image.data()), 0.0);
  }
  return found;
}

double BorderedFactor::log_determinant() const {
  double sum = 0.0;
  std::vector<double> root;
  std::vector<char> kept;
  for (std::size_t c = 0; c < shape_->cells(); ++c) {
    const std::size_t width = shape_->width(c);
    kept.assign(width, 1);
    small_root(inverse_.data() + shape_->block_start[c], width, 0.0, root, kept);
    for (std::size_t k = 0; k < width; ++k)
      if (kept[k]) sum -= 2.0 * std::log(root[k * (width + 1)]);
  }
  for (std::size_t k = 0; k < root_.cols(); ++k) sum += 2.0 * std::log(root_(k, k));
  return sum;
}

void BorderedFactor::leave_out(const std::vector<std::size_t>& coefficients) {
  std::vector<bool> is_out(shape_->border.size(), false);
  for (std::size_t j : coefficients) {
    const std::size_t k = shape_->place[j];
    if (k >= shape_->inner.size()) {
      is_out[k - shape_->inner.size()] = true;
      continue;
    }
    const std::size_t c = shape_->cell[k], first = shape_->cell_start[c], width = shape_->width(c);
    double* inverse = inverse_.data() + shape_->block_start[c];
    for (std::size_t i = 0; i < width; ++i)
      inverse[i + (k - first) * width] = inverse[(k - first) + i * width] = 0.0;
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e) solved_[e] = 0.0;
  }
  std::vector<std::size_t> kept, used;
  for (std::size_t k = 0; k < used_border_.size(); ++k) {
    if (is_out[used_border_[k]]) continue;
    kept.push_back(k);
    used.push_back(used_border_[k]);
  }
  Matrix root(kept.size(), kept.size());
  for (std::size_t j = 0; j < kept.size(); ++j)
    for (std::size_t i = 0; i <= j; ++i) root(i, j) = root_(kept[i], kept[j]);
  root_ = std::move(root);
  used_border_ = std::move(used);
}

void BorderedFactor::scale(double factor) {
  for (double& value : inverse_) value /= factor;
  const double root_factor = std::sqrt(factor);
  for (std::size_t k = 0; k < root_.rows() * root_.cols(); ++k) root_.data()[k] *= root_factor;
}

Information BorderedFactor::information() const {
  Information made(shape_);
  std::vector<double> root;
  std::vector<char> kept;
  for (std::size_t c = 0; c < shape_->cells(); ++c) {
    const std::size_t first = shape_->cell_start[c], width = shape_->width(c);
    double* block = made.blocks().data() + shape_->block_start[c];
    kept.assign(width, 1);
    small_root(inverse_.data() + shape_->block_start[c], width, 0.0, root, kept);
    small_inverse(root, width, kept, block);
    const std::size_t entries = shape_->row_start[first + 1] - shape_->row_start[first];
    for (std::size_t k = 0; k < width; ++k)
      for (std::size_t l = 0; l < width; ++l)
        for (std::size_t e = 0; e < entries; ++e)
          made.rows()[shape_->row_start[first + k] + e] +=
              block[k + l * width] * solved_[shape_->row_start[first + l] + e];
  }
  Matrix& corner = made.corner();
  const std::size_t m = used_border_.size();
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t i = 0; i <= j; ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k <= i; ++k) sum += root_(k, i) * root_(k, j);
      corner(used_border_[i], used_border_[j]) = sum;
    }
  for (std::size_t k = 0; k < shape_->inner.size(); ++k)
    for (std::size_t e = shape_->row_start[k]; e < shape_->row_start[k + 1]; ++e)
      for (std::size_t f = shape_->row_start[k]; f <= e; ++f)
        corner(static_cast<std::size_t>(shape_->column[f]),
               static_cast<std::size_t>(shape_->column[e])) += made.rows()[f] * solved_[e];
  for (std::size_t j = 0; j < corner.cols(); ++j)
    for (std::size_t i = 0; i < j; ++i) corner(j, i) = corner(i, j);
  return made;
}

}  // namespace glmpp
